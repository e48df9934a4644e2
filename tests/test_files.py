"""Files that are there whole or not at all."""

import os
import subprocess
import sys
from functools import partial

import pytest

from skinformer._files import check_target, new_folder, replaced

SUFFIXES = ".csv", ".csv.gz"


def test_a_file_is_there_when_it_is_whole(tmp_path):
    path = tmp_path / "t.csv"
    with replaced(path) as beside:
        beside.write_text("new")
        assert not path.exists()
        assert beside.name == "t.csv"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_ends_early_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "t.csv"
    path.write_text("old")

    def write_half():
        with replaced(path) as beside:
            beside.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_and_links_stay(tmp_path):
    path, link = tmp_path / "t.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with replaced(link) as beside:
        beside.write_text("new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_usual_permissions(tmp_path):
    mask = os.umask(0o027)
    try:
        with replaced(tmp_path / "t.csv") as beside:
            beside.write_text("")
    finally:
        os.umask(mask)
    assert (tmp_path / "t.csv").stat().st_mode & 0o777 == 0o640


def test_a_name_may_be_as_long_as_names_can_be(tmp_path):
    path = tmp_path / ("t" * 251 + ".csv")
    with replaced(path) as beside:
        beside.write_text("new")
    assert path.read_text() == "new"


def test_a_file_is_on_the_disk_before_it_is_there(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"

    def fails(*_):
        raise OSError("no space left")

    def write():
        with replaced(path) as beside:
            beside.write_text("new")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="no space left"):
        write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("nowhere/t.csv", FileNotFoundError, r"there is no folder .*nowhere\. Make it"),
        ("folder", IsADirectoryError, "is a folder"),
        ("t.xls", ValueError, r"must end in \.csv or \.csv\.gz\."),
        ("link.CSV.GZ", FileNotFoundError, r"there is no folder .*nowhere\. Make it"),
    ],
)
def test_what_cannot_be_written_is_refused_before(tmp_path, name, error, message):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.CSV.GZ").symlink_to(tmp_path / "nowhere" / "t")
    with pytest.raises(error, match=f"^--here .*{message}"):
        check_target(tmp_path / name, f"--here {name}", SUFFIXES)


def test_a_disk_that_takes_nothing(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(OSError, match=r"No space left on device\); give another place"):
        check_target(tmp_path / "t.csv")


def test_a_folder_is_there_when_it_is_whole(tmp_path):
    with new_folder(tmp_path / "new") as folder:
        (folder / "part").write_bytes(b"abc")
        assert not (tmp_path / "new").exists()
    assert [path.name for path in tmp_path.rglob("*")] == ["new", "part"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_folder_that_ends_early_leaves_nothing(tmp_path, error):
    def write_half():
        with new_folder(tmp_path / "new") as folder:
            (folder / "part").write_bytes(b"abc")
            raise error

    with pytest.raises(error):
        write_half()
    assert list(tmp_path.iterdir()) == []


def write_twice(path):
    """Write a folder while another writes it, and is done first."""
    with new_folder(path):
        path.mkdir()
        (path / "part").write_bytes(b"first")


def test_of_two_that_write_a_folder_the_later_is_told(tmp_path):
    with pytest.raises(FileExistsError, match="come to be while it was written"):
        write_twice(tmp_path / "new")
    assert [path.name for path in tmp_path.rglob("*")] == ["new", "part"]
    assert (tmp_path / "new" / "part").read_bytes() == b"first"


@pytest.fixture
def on_disk(monkeypatch):
    """Return the inodes that are forced to the disk, and a "named" at each rename."""
    names, seen = ("fsync", "rename", "replace"), []
    real = {name: getattr(os, name) for name in names}

    def fsync(number):
        seen.append(os.fstat(number).st_ino)
        real["fsync"](number)

    def name_it(how, *paths):
        seen.append("named")
        real[how](*paths)

    monkeypatch.setattr(os, "fsync", fsync)
    for how in names[1:]:
        monkeypatch.setattr(os, how, partial(name_it, how))
    return seen


@pytest.mark.skipif(os.name == "nt", reason="Windows opens no folders")
def test_all_is_on_the_disk_before_it_has_its_name_and_the_name_after(
    tmp_path, on_disk
):
    file, folder, around = (tmp_path / name for name in ("t.csv", "new", "."))
    with replaced(file) as beside:
        beside.touch()
    assert on_disk == [inode(file), "named", inode(around)]
    on_disk.clear()
    with new_folder(folder) as filled:
        (filled / "part").touch()
    parts = [inode(folder / "part"), inode(folder)]
    assert on_disk == [*parts, "named", inode(around)]


def inode(path):
    """Return the number by which the disk knows a file or a folder."""
    return path.stat().st_ino


WRITER = """
import pathlib, sys
from skinformer._files import new_folder
with new_folder(pathlib.Path(sys.argv[1])) as folder:
    (folder / "part").touch()
    print("writes", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def start_writer():
    """Return what starts a process that writes a folder until it is ended."""
    started = []

    def start(path):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(writer)
        assert writer.stdout.readline().strip() == b"writes"
        return writer

    yield start
    for writer in started:
        writer.kill()
        writer.communicate()


def test_what_a_killed_writer_left_goes_with_the_next_one(tmp_path, start_writer):
    killed, lives, other = map(start_writer, [tmp_path / "new"] * 2 + [tmp_path / "x"])
    for writer in (killed, other):
        writer.kill()
        writer.wait()
    (tmp_path / "elsewhere" / "new").mkdir(parents=True)
    (tmp_path / "elsewhere" / "lock").touch()
    (tmp_path / ".partial-link").symlink_to(tmp_path / "elsewhere")
    with new_folder(tmp_path / "new") as folder:
        (folder / "ours").touch()
        left = sorted(folder.name for folder in tmp_path.glob(".partial-*/*"))
        assert left == ["lock"] * 4 + ["new"] * 3 + ["x"]  # of two, the link, the other
    lives.communicate()  # its input ends, and the place is taken by now
    assert lives.returncode != 0
    assert [f.name for f in tmp_path.glob(".partial-*/*")].count("new") == 1
    assert (tmp_path / "elsewhere" / "new").is_dir()
    assert [f.name for f in (tmp_path / "new").iterdir()] == ["ours"]


def test_where_nothing_can_be_locked_nothing_is_removed(tmp_path, monkeypatch):
    (tmp_path / ".partial-1" / "new").mkdir(parents=True)
    with new_folder(tmp_path / "new"):  # written by one that takes no locks
        pass
    (tmp_path / ".partial-1" / "lock").touch()
    monkeypatch.setattr("skinformer._files.take_lock", lambda number: False)
    with new_folder(tmp_path / "other"):
        pass
    (tmp_path / "new").rmdir()
    with new_folder(tmp_path / "new"):
        assert (tmp_path / ".partial-1" / "new").is_dir()
