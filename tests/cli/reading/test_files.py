"""Files that cannot be read, and what is said of them."""

import os
from pathlib import Path

import pytest

from skinformer.cli.reading.files import nearby, require_model, require_table

LONG = "x" * 300


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a table, a model, and what only has their names."""
    for name in ("a.csv", "m.skinf"):
        (tmp_path / name).touch()
    for name in ("b.csv", "n.skinf"):
        (tmp_path / name).mkdir()
    for name in ("c.csv", "o.skinf"):
        (tmp_path / name).symlink_to("nowhere")
    return tmp_path


@pytest.mark.parametrize("name", ["c.csv", "d.csv"])
def test_files_that_lie_beside_a_table_that_is_not_there(folder, name):
    with pytest.raises(FileNotFoundError, match=rf"{name}; beside it lie a\.csv\.$"):
        require_table(str(folder / name))


@pytest.mark.parametrize("name", ["o.skinf", "p.skinf"])
def test_files_that_lie_beside_a_model_that_is_not_there(folder, name):
    match = rf"no model .*{name}; beside it lie m\.skinf\. skinformer fit makes one\.$"
    with pytest.raises(FileNotFoundError, match=match):
        require_model(folder / name)


def test_what_is_there_is_not_refused(folder):
    require_table(str(folder / "a.csv"))
    require_model(folder / "m.skinf")
    for nothing in (None, "-"):
        require_table(nothing)
    require_model(None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes have names here")
def test_a_pipe_is_not_opened(folder):
    os.mkfifo(folder / "pipe")
    require_table(str(folder / "pipe"))  # nobody writes: to open it would wait


@pytest.mark.skipif(os.name == "nt", reason="other messages there")
def test_a_name_that_no_file_can_have(folder):
    for require, path in ((require_table, str), (require_model, Path)):
        with pytest.raises(OSError, match=r"x cannot be read \(File name too long\);"):
            require(path(folder / LONG))


def refuse(*args, **kwargs):
    """As permissions do, which do not hold for root."""
    raise PermissionError(13, "Permission denied")


def test_a_folder_that_may_not_be_listed(folder, monkeypatch):
    monkeypatch.setattr(Path, "iterdir", refuse)
    assert nearby(str(folder / "d.csv")) == "look at its name."


def test_a_folder_that_may_not_be_looked_into(folder, monkeypatch):
    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError, match=r"a\.csv may not be read by this user"):
        require_table(str(folder / "a.csv"))
    monkeypatch.setattr(os.path, "exists", lambda path: False)
    with pytest.raises(PermissionError, match=r"m\.skinf may not be read by this user"):
        require_model(folder / "m.skinf")
