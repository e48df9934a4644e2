"""The file of a checkpoint, its lock, and disks that take nothing."""

import errno
import os
import resource
import shutil
import subprocess
from contextlib import contextmanager

import pytest
import torch
from skorch.callbacks import Callback

from skinformer.exceptions import CheckpointError
from skinformer.forecasting.resuming import files
from skinformer.forecasting.resuming.files import (
    check_folder,
    locked,
    path_in,
    read_checkpoint,
    remove_checkpoint,
    write_checkpoint,
)

from ...small import small
from .broken_off import Break, assert_same_fit, batches_of, break_off

CONTENT = {"weights": torch.arange(7.0), "epochs": [{"loss": 0.1}], "over": False}


def same(content):
    rest = {k: v for k, v in content.items() if k != "weights"}
    return torch.equal(content["weights"], CONTENT["weights"]) and rest == {
        "epochs": [{"loss": 0.1}],
        "over": False,
    }


# The file


def test_what_is_written_is_read(tmp_path):
    path = path_in(tmp_path)
    assert read_checkpoint(path) is None
    write_checkpoint(path, {"weights": torch.zeros(3)})
    write_checkpoint(path, CONTENT)
    assert same(read_checkpoint(path))
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "skinformer.checkpoint.partial").write_bytes(b"half")
    remove_checkpoint(path)
    assert list(tmp_path.iterdir()) == []


def test_every_byte_is_checked(tmp_path):
    path = path_in(tmp_path)
    write_checkpoint(path, CONTENT)
    whole = path.read_bytes()
    told = f"{path} is .*Delete it to train from the beginning"
    for at in [*range(0, len(whole), 37), len(whole) - 1]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(CheckpointError, match=told):
            read_checkpoint(path)
    for n in [0, 1, 24, 90, len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:n])
        with pytest.raises(CheckpointError, match=told):
            read_checkpoint(path)
    path.write_bytes(whole + b"\n")
    with pytest.raises(CheckpointError, match="is damaged: its checksum is wrong"):
        read_checkpoint(path)


def test_no_code_in_it_is_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    path = path_in(tmp_path)
    write_checkpoint(path, {"weights": Evil()})
    with pytest.raises(CheckpointError, match="no checkpoint that this release"):
        read_checkpoint(path)
    assert not (tmp_path / "made").exists()


def test_a_write_that_fails_leaves_the_one_before(tmp_path, monkeypatch):
    path = path_in(tmp_path)
    write_checkpoint(path, CONTENT)

    def fail(*args):
        raise OSError(errno.EIO, "Input/output error")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(files.os, name, fail)
            with pytest.raises(OSError, match="Input/output"):
                write_checkpoint(path, {"weights": torch.zeros(3)})
        assert same(read_checkpoint(path))
        assert list(tmp_path.iterdir()) == [path]


def test_it_is_on_the_disk_before_it_takes_the_place(tmp_path, monkeypatch):
    """A cut of power leaves what was on the disk: no test can cut it."""
    calls = []
    real = {name: getattr(os, name) for name in ("fsync", "replace")}

    def noting(name):
        def call(*args):
            at = os.readlink(f"/proc/self/fd/{args[0]}") if name == "fsync" else args[0]
            calls.append((name, os.path.basename(at)))
            return real[name](*args)

        return call

    for name in real:
        monkeypatch.setattr(os, name, noting(name))
    write_checkpoint(path_in(tmp_path), CONTENT)
    partial = f"{files.NAME}.partial"
    folder = tmp_path.name
    assert calls == [("fsync", partial), ("replace", partial), ("fsync", folder)]


# The lock


def test_a_folder_is_locked_once(tmp_path):
    told = rf"checkpoint_dir='{tmp_path}' is in use by another fit, of process "
    with locked(tmp_path):
        with pytest.raises(CheckpointError, match=f"{told}{os.getpid()}"):
            locked(tmp_path).__enter__()
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path):
        pass


def test_what_a_killed_process_leaves_locks_nothing(tmp_path):
    (tmp_path / files.LOCK).write_text("123456789")
    with locked(tmp_path):
        assert (tmp_path / files.LOCK).read_text() == str(os.getpid())
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_was_removed_meanwhile_is_taken_anew(tmp_path, monkeypatch):
    real, opened = files.take_lock, []

    def slow(number):
        opened.append(number)
        if len(opened) == 1:  # the fit before ends between open and lock
            (tmp_path / files.LOCK).unlink()
        real(number)

    monkeypatch.setattr(files, "take_lock", slow)
    with locked(tmp_path):
        assert len(opened) == 2
        assert (tmp_path / files.LOCK).exists()


def test_where_files_cannot_be_locked_the_fit_goes_on(tmp_path, monkeypatch):
    import fcntl

    def refuse(*args):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with locked(tmp_path):
        assert (tmp_path / files.LOCK).exists()


# Folders that take nothing, before any work


def test_a_folder_has_to_be_there(tmp_path):
    check_folder(None)
    check_folder(tmp_path)
    check_folder(str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"checkpoint_dir='.*/no' is not there"):
        check_folder(tmp_path / "no")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="/file' is no folder; give the path"):
        check_folder(tmp_path / "file")
    path_in(tmp_path).mkdir()
    with pytest.raises(IsADirectoryError, match=r"The checkpoint in checkpoint_dir="):
        check_folder(tmp_path)


def test_it_is_noticed_before_training(series, tmp_path):
    X, y = series
    Break.n_batches = 0
    model = small(checkpoint_dir=tmp_path / "no", callbacks=[Break()])
    with pytest.raises(FileNotFoundError, match="make the folder first"):
        model.fit(X, y)
    assert Break.n_batches == 0
    assert not hasattr(model, "n_features_in_")


@contextmanager
def disk(folder, options):
    """A file system of its own, where we may mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if (
        shutil.which("mount") is None
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("mounts a file system, which is for root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_disk(series, tmp_path):
    X, y = series
    with disk(tmp_path / "ro", "ro") as folder:
        Break.n_batches = 0
        told = r"The checkpoint in checkpoint_dir='.*/ro' cannot be written \(Read-only"
        with pytest.raises(OSError, match=told):
            small(checkpoint_dir=folder, callbacks=[Break()]).fit(X, y)
        assert Break.n_batches == 0


def test_a_disk_that_is_full_from_the_beginning(series, tmp_path):
    X, y = series
    with disk(tmp_path / "full", "size=8k") as folder:
        Break.n_batches = 0
        told = r"checkpoint could not be written \(No space left.*give another checkp"
        with pytest.raises(OSError, match=told) as error:
            small(checkpoint_dir=folder, callbacks=[Break()]).fit(X, y)
        assert error.value.errno == errno.ENOSPC
        assert Break.n_batches == 0
        assert list(folder.iterdir()) == []


class Fill(Callback):
    """Do something before an epoch; what it does is the class's."""

    act, at = None, 0

    def on_epoch_begin(self, net, **kwargs):
        if Fill.act is not None and len(net.history) == Fill.at:
            Fill.act()


def full_on_the_way(model, X, y, act):
    """Fit, until the disk is full before the third epoch."""
    Fill.act, Fill.at = act, 3  # the epoch that begins is in the history
    told = (
        "checkpoint could not be written .* after epoch 3; the checkpoint before it is "
        "whole. Make room, and call fit again with the same data and parameters"
    )
    try:
        with pytest.raises(OSError, match=told) as error:
            model.fit(X, y)
    finally:
        Fill.act = None
    return error.value


def check_it_goes_on(model, folder, X, y):
    """Hold what is left after a full disk, and let the fit go on."""
    stored = read_checkpoint(path_in(folder))
    assert [epoch["epoch"] for epoch in stored["state"]["epochs"]] == [1, 2]
    assert [path.name for path in folder.iterdir()] == [path_in(folder).name]
    assert not hasattr(model, "net_")
    whole = small(max_epochs=4, callbacks=[Break(), Fill()]).fit(X, y)
    n = Break.n_batches
    assert batches_of(model, X, y) < n
    assert_same_fit(model, whole, X)
    assert list(folder.iterdir()) == []


def test_a_disk_that_fills_on_the_way(series, tmp_path):
    X, y = series
    with disk(tmp_path / "small", "size=2m") as folder:
        model = small(checkpoint_dir=folder, max_epochs=4, callbacks=[Break(), Fill()])

        def fill():
            with open(folder / "filler", "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass

        error = full_on_the_way(model, X, y, fill)
        assert error.errno == errno.ENOSPC
        (folder / "filler").unlink()
        check_it_goes_on(model, folder, X, y)


def test_a_file_that_may_not_grow(series, tmp_path):
    X, y = series
    model = small(checkpoint_dir=tmp_path, max_epochs=4, callbacks=[Break(), Fill()])
    limit, most = resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        error = full_on_the_way(
            model, X, y, lambda: resource.setrlimit(limit, (9000, most[1]))
        )
    finally:
        resource.setrlimit(limit, most)
    assert error.errno == errno.EFBIG
    check_it_goes_on(model, tmp_path, X, y)


def test_a_damaged_checkpoint_ends_the_fit(series, tmp_path):
    X, y = series
    model = small(checkpoint_dir=tmp_path, callbacks=[Break()], batch_size=40)
    break_off(model, X, y, after=4)
    whole = path_in(tmp_path).read_bytes()
    path_in(tmp_path).write_bytes(whole[: len(whole) // 2])
    told = f"{path_in(tmp_path)} is damaged: its checksum is wrong. Delete it to train"
    with pytest.raises(CheckpointError, match=told):
        model.fit(X, y)
    assert [path.name for path in tmp_path.iterdir()] == [path_in(tmp_path).name]
    path_in(tmp_path).unlink()
    model.fit(X, y)
