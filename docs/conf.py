"""Sphinx settings. The build reads nothing from the network."""

import re
import sys
from pathlib import Path

from skinformer import __version__

sys.path.insert(0, str(Path(__file__).parent))
import gallery

project = "skinformer"
author = "The skinformer developers"
copyright = "2026, The skinformer developers"
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
default_role = "literal"

# Every reference has to lead somewhere, but for those that other sites document, and
# for bases of ours that have no page.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(numpy|pandas|sklearn|skorch|torch)\..*"),
    (r"py:class", r"skinformer\.(forecasting|inspection|_docs_link)\..*"),
    (r"py:meth", r"_\w+"),
]

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings name types in words
toc_object_entries_show_parents = "hide"  # methods by their bare names, on the right
autodoc_default_options = {
    # methods of our own bases are shown, those of scikit-learn and torch are not
    "inherited-members": (
        "RegressorMixin, TransformerMixin, OneToOneFeatureMixin, BaseEstimator, "
        "Pipeline, Module, Exception, tuple"
    ),
    "exclude-members": "get_metadata_routing, set_output, set_fit_request, "
    "set_partial_fit_request, set_score_request, set_callbacks",
}
numpydoc_show_class_members = False  # the class template lists them itself

absent = gallery.without_data()
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": gallery.runs(absent),
    "within_subsection_order": "gallery.ReadingOrder",
    # "used in" below each name of the reference
    "doc_module": ("skinformer",),
    "backreferences_dir": "generated/backreferences",
    "exclude_implicit_doc": {r"skinformer\.__version__"},
    "capture_repr": (),
    "download_all_examples": False,
    "write_computation_times": False,
    "show_signature": False,
    "matplotlib_animations": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"skinformer {__version__}"
html_static_path = ["_static"]
html_show_sourcelink = False
html_css_files = ["site.css"]
html_sidebars = {"index": []}
html_theme_options = {
    "navbar_end": ["theme-switcher", "navbar-icon-links"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


# In reStructuredText a bare word that ends in "_" is a link; in scikit-learn's manner
# it is a fitted attribute.
FITTED = re.compile(r"(?<![`\w.])(\w*[a-z]_)(?![`\w])")


def quote_fitted_names(app, what, name, obj, options, lines):
    """Set fitted attributes as code, but where a line begins with their entry."""
    for i, line in enumerate(lines):
        entry, colon, kind = line.partition(" : ")
        if colon and not entry.startswith(" "):
            lines[i] = entry + colon + FITTED.sub(r"``\1``", kind)
        elif ">>>" not in line:
            lines[i] = FITTED.sub(r"``\1``", line)


def setup(app):
    """Run before numpydoc, which has the priority 500."""
    app.connect("autodoc-process-docstring", quote_fitted_names, priority=400)
    app.connect("source-read", gallery.say_not_run(absent))
