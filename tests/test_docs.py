"""The documentation: its examples run, its links lead somewhere, no name is absent."""

import doctest
import re
import textwrap
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import skinformer

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


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
)
def test_links_to_files_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (ROOT / target).exists()] == []


def test_the_table_of_the_guide_has_its_pages_in_their_order():
    text = (ROOT / "docs" / "guide.rst").read_text("utf-8")
    trees, _, table = text.partition(".. list-table::")
    pages = re.findall(r"^   (?:.*<)?(\w+)>?$", trees, re.M)
    assert pages == re.findall(r"^   \* - :doc:`(\w+)`$", table, re.M)
    assert set(pages) <= {path.stem for path in PAGES}
    assert len(pages) > 10


def our_side():
    """Return the code below each heading "skinformer" of the page on migration."""
    text = (ROOT / "docs" / "migration.rst").read_text("utf-8")
    blocks = text.split("**skinformer**\n\n      .. code-block:: python\n\n")[1:]
    inside = [re.match(r"(?: {9}.*\n|\n)+", block)[0] for block in blocks]
    return [textwrap.dedent(block) for block in inside]


@pytest.mark.parametrize("code", our_side(), ids=[f"block {n}" for n in range(4)])
def test_our_side_runs_as_it_stands(code, monkeypatch):
    sizes = {"d_model": 8, "n_heads": 2, "d_ff": 16, "max_epochs": 1}
    tiny = partial(skinformer.InformerRegressor, **sizes, windows_per_epoch=32)
    monkeypatch.setattr(skinformer, "InformerRegressor", tiny)
    monkeypatch.setattr(skinformer, "PAPER_SETTING", {"highway": None, "seq_len": 48})
    X, y = skinformer.make_load_series(24 * 40, random_state=0)
    seven = pd.DataFrame({name: y + place for place, name in enumerate("abcdefg")})
    monkeypatch.setattr(skinformer, "fetch_ett", lambda *_, **__: (X[[]], seven))
    for long, short in {"11520": "720", "14400": "768", "8640": "480"}.items():
        code = code.replace(long, short)
    names = {"X_past": X[:-48], "y_past": y[:-48], "X_ahead": X[-48:-24]}
    names |= {"X_new": X[-48:-24], "y_new": y[-48:-24], "X": X[:-48], "y": y[:-48]}
    if "series=" in code:
        names["X"] = names["X"].assign(store="north")
        names["X_ahead"] = names["X_ahead"].assign(store="north")
    exec(code.replace("2880", "120"), names)
