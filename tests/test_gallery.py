"""The gallery: its order names every example, and those without data are not run."""

import re
import runpy
from pathlib import Path

import pytest

pytest.importorskip("sphinx_gallery")

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("plot_*.py"))


@pytest.fixture(scope="module")
def gallery():
    return runpy.run_path(str(ROOT / "docs" / "gallery.py"))


def test_the_order_names_every_example(gallery):
    assert sorted(gallery["ORDER"]) == EXAMPLES


def test_pages_stand_in_that_order_and_others_after_them(gallery):
    key = gallery["ReadingOrder"]("examples")
    names = [*reversed(EXAMPLES), "plot_b.py", "plot_a.py"]
    assert sorted(names, key=key) == [*gallery["ORDER"], "plot_a.py", "plot_b.py"]


def test_what_has_no_data_does_not_run(gallery):
    pattern = gallery["runs"](["plot_etth1"])
    running = [name for name in EXAMPLES if re.search(pattern, f"/examples/{name}")]
    assert running == [name for name in EXAMPLES if name != "plot_etth1.py"]
    everything = gallery["runs"]([])
    assert all(re.search(everything, f"/examples/{name}") for name in EXAMPLES)


def test_data_are_looked_for_where_the_loaders_look(gallery, tmp_path, monkeypatch):
    monkeypatch.setenv("SKINFORMER_DATA", str(tmp_path))
    monkeypatch.setenv("SKINFORMER_CACHE", str(tmp_path))
    assert gallery["without_data"]() == ["plot_bike_sharing", "plot_etth1"]


def test_the_page_of_what_did_not_run_says_so_below_its_title(gallery):
    put_note = gallery["say_not_run"](["plot_etth1"])
    source = ["\n.. _target:\n\nETT\n===\n\nSeven columns.\n"]
    untouched = source.copy()
    put_note(None, "auto_examples/plot_intervals", untouched)
    assert untouched == source
    put_note(None, "auto_examples/plot_etth1", source)
    head, note, rest = source[0].partition(".. note::")
    assert head.strip().endswith("===")
    assert note
    assert rest.strip().endswith("Seven columns.")
