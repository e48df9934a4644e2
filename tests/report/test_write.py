"""The file: checked before the work, written all at once."""

import subprocess
import sys

import pytest

from skinformer import SeasonalNaive, write_report
from skinformer.report import write

from .conftest import days


def test_a_report_is_written(tmp_path):
    X, y = days(100)
    path = write_report(
        SeasonalNaive(pred_len=7), X, y, str(tmp_path / "sales.html"), title="Sales"
    )
    assert path == tmp_path / "sales.html"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "<h1>Sales</h1>" in text
    assert [p.name for p in tmp_path.iterdir()] == ["sales.html"]


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("report.pdf", ValueError, "must end in .html"),
        ("report", ValueError, "must end in .html"),
        ("absent/report.html", FileNotFoundError, "path='.*' .* there is no folder"),
        ("folder.html", IsADirectoryError, "path='.*' is a folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(
    tmp_path, monkeypatch, name, error, message
):
    (tmp_path / "folder.html").mkdir()
    monkeypatch.setattr(write, "make_report", None)  # it would fail to be called
    with pytest.raises(error, match=message):
        write_report(SeasonalNaive(), *days(100), tmp_path / name)


def test_a_package_that_is_absent_is_named_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"'jinja2'.* pip install 'skinformer\[report\]'"
    ):
        write_report(SeasonalNaive(), *days(100), tmp_path / "report.html")


def test_the_package_is_imported_without_what_draws():
    code = (
        "import sys, skinformer, skinformer.report; "
        "print(sorted({'plotly', 'jinja2', 'matplotlib'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]", ran.stderr
