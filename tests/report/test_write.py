"""The file: checked before the work, written all at once."""

import os
import stat
import subprocess
import sys

import pytest

from skinformer import SeasonalNaive, write_report
from skinformer.report import write

from .conftest import days


def test_a_report_is_written(tmp_path):
    X, y = days(100)
    path = write_report(
        str(tmp_path / "sales.html"), SeasonalNaive(pred_len=7), X, y, title="Sales"
    )
    assert path == tmp_path / "sales.html"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "<h1>Sales</h1>" in text
    assert [p.name for p in tmp_path.iterdir()] == ["sales.html"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("report.pdf", "must end in .html"),
        ("report", "must end in .html"),
        ("absent/report.html", "is no folder"),
        ("folder.html", "is a folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(
    tmp_path, monkeypatch, name, message
):
    (tmp_path / "folder.html").mkdir()
    monkeypatch.setattr(write, "make_report", None)  # it would fail to be called
    with pytest.raises(ValueError, match=message):
        write_report(tmp_path / name, SeasonalNaive(), *days(100))


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
def test_a_folder_without_permission_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ValueError, match="may not be written to"):
        write.checked_path(tmp_path / "report.html")


def test_a_file_that_is_there_is_replaced_at_the_end_or_not_at_all(
    tmp_path, monkeypatch
):
    path = tmp_path / "report.html"
    path.write_text("old")
    write.write_whole(path, "new")
    assert path.read_text() == "new"

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write.write_whole(path, "newer")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
def test_others_may_read_it_as_any_new_file(tmp_path):
    write.write_whole(tmp_path / "report.html", "text")
    (tmp_path / "plain").write_text("text")
    modes = [stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()]
    assert modes[0] == modes[1]


def test_the_package_is_imported_without_what_draws():
    code = (
        "import sys, skinformer, skinformer.report; "
        "print(sorted({'plotly', 'jinja2', 'matplotlib'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]", ran.stderr
