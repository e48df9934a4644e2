"""Sphinx settings. The build reads nothing from the network."""

from skinformer import __version__

project = "skinformer"
author = "The skinformer developers"
copyright = "2026, The skinformer developers"
version = release = __version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
default_role = "literal"

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings name types in words
autodoc_default_options = {
    # methods of our own bases are shown, those of scikit-learn and torch are not
    "inherited-members": (
        "RegressorMixin, TransformerMixin, OneToOneFeatureMixin, BaseEstimator, "
        "Module, Exception, tuple"
    ),
    "exclude-members": "set_score_request, set_output",
}
numpydoc_show_class_members = False  # the class template lists them itself

html_theme = "pydata_sphinx_theme"
html_title = f"skinformer {__version__}"
html_static_path = ["_static"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_end": ["theme-switcher", "navbar-icon-links"],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": [],
}
