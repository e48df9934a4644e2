"""The report: what is handed to it."""

import json
import sys
from types import ModuleType

import pytest

from ..helpers import run


@pytest.fixture
def written(monkeypatch):
    """A stand-in that keeps what it is given, for a report takes long."""
    kept = {}

    def write_report(forecaster, X, y, path, **options):
        kept.update(path=path, forecaster=forecaster, X=X, y=y, **options)
        path.write_text("report")

    module = ModuleType("skinformer.report")
    module.write_report = write_report
    monkeypatch.setitem(sys.modules, "skinformer.report", module)
    return kept


def test_what_is_handed_on(table, tmp_path, written, capsys):
    path = tmp_path / "report.html"
    line = "report --model naive --target load --horizon 5 --coverage 0.8 --title T -o"
    done = run(capsys, line, path, table)
    assert done.code == 0, done.err
    assert written["path"] == path
    assert (written["test_size"], written["coverage"], written["title"]) == (
        48,
        0.8,
        "T",
    )
    assert written["forecaster"][-1].pred_len == 5
    assert (list(written["X"]), list(written["y"])) == (["temp"], ["load"])
    told = json.loads(run(capsys, f"{line} {path} --json", table).out)
    assert told["output"] == str(path)


def test_a_file_that_is_no_page(table, tmp_path, written, capsys):
    done = run(capsys, "report --target load -o", tmp_path / "report.txt", table)
    assert done.code == 1
    assert "must end in .html" in done.err
    assert written == {}
