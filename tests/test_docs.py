"""The documentation: its examples run, its links lead somewhere, no name is absent."""

import doctest
import re
from pathlib import Path

import pytest

from .test_docstrings import public_modules

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.rst"))
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_code_on_the_page_gives_what_it_shows(path):
    done = doctest.testfile(str(path), module_relative=False, optionflags=FLAGS)
    assert done.failed == 0


def test_the_reference_lists_every_public_name():
    listed = re.findall(r"[\w.]+", (ROOT / "docs" / "api.rst").read_text("utf-8"))
    listed = {name.rpartition(".")[2] for name in listed}
    public = {n for module in public_modules() for n in getattr(module, "__all__", ())}
    assert public - listed - {"__version__"} == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_files_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (ROOT / target).exists()] == []
