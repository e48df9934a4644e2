"""Files and folders that are there whole or not at all."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ._locks import take_lock

__all__ = ["check_target", "new_folder", "replaced", "sync_folder"]

PARTIAL, LOCK = ".partial-", "lock"


def check_target(
    path: Path, named: str | None = None, suffixes: Sequence[str] = ("",)
) -> None:
    """Refuse, before any work, a file that could not be written after it.

    ``named`` is what messages call it, its path if not given.

    Raises
    ------
    ValueError
        If its name has none of the suffixes, or what is there is no regular file.
    OSError
        If the place cannot be written to.
    """
    named = named or str(path)
    place = place_of(path, named)
    folder = place.parent
    if place.is_dir():
        raise IsADirectoryError(f"{named} is a folder; name a file in it.")
    if not path.name.lower().endswith(tuple(suffixes)):
        raise ValueError(f"{named} must end in {' or '.join(suffixes)}.")
    if place.exists() and not place.is_file():
        raise ValueError(f"{named} is no regular file; give another name.")
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{named} cannot be written: there is no folder {folder}. Make it, or give "
            "another place."
        )
    try:  # permissions do not tell of a full or read-only disk
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise type(error)(
            f"{named} cannot be written ({error.strerror}); give another place."
        ) from None


def place_of(path: Path, named: str) -> Path:
    """Return where a file would lie, behind links."""
    try:
        place = path.resolve()
        with suppress(FileNotFoundError, NotADirectoryError):
            place.lstat()
        return place
    except (OSError, RuntimeError) as error:  # a name too long; links in a circle
        reason = getattr(error, "strerror", None) or "its links lead in a circle"
        raise OSError(
            f"{named} cannot be written ({reason}); give another name."
        ) from None


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield a file to write, of the same name, which takes the place of ``path``.

    It does once it is whole and on the disk. Whatever ends the block early, Ctrl-C too,
    leaves what was there before. Permissions stay, and a link stays one.
    """
    path = path.resolve()
    # beside it, because only a rename within one file system is all or nothing
    with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=path.parent) as folder:
        beside = Path(folder) / path.name
        yield beside
        sync(beside)
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
        sync_folder(path.parent)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a folder to fill with files, which is at ``path`` once all are on the disk.

    Whatever ends the block early leaves nothing, but for a process that is killed: what
    it has left is removed here by the next one.
    """
    remove_left(path)
    with (
        tempfile.TemporaryDirectory(prefix=PARTIAL, dir=path.parent) as around,
        open(Path(around) / LOCK, "wb") as lock,
    ):
        take_lock(lock.fileno())
        folder = Path(around) / path.name  # once it is there, the lock is held
        folder.mkdir()
        yield folder
        for file in folder.iterdir():
            sync(file)
        sync_folder(folder)
        put_in_place(folder, path)
        sync_folder(path.parent)


def put_in_place(folder: Path, path: Path) -> None:
    """Give a folder its name; another may have taken that in the meantime."""
    try:
        os.rename(folder, path)
    except OSError as error:
        if not os.path.lexists(path):
            raise
        raise FileExistsError(
            f"{path} has come to be while it was written here. Take what is there, or "
            "write to another path."
        ) from error


def remove_left(path: Path) -> None:
    """Remove what killed processes have left of a folder, never what another writes."""
    for around in path.parent.glob(f"{PARTIAL}*"):
        folder = around / path.name
        if not around.is_symlink() and folder.is_dir() and is_free(around / LOCK):
            shutil.rmtree(folder, ignore_errors=True)  # the lock stays to the last
            shutil.rmtree(around, ignore_errors=True)


def is_free(lock: Path) -> bool:
    """Tell whether a file can be locked, and nobody holds it."""
    try:
        with lock.open("rb+") as file:
            return take_lock(file.fileno())
    except OSError:  # it is held, another user's, or not there
        return False


def sync(path: Path) -> None:
    """Have a file on the disk."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, so that a cut of power keeps them."""
    if os.name == "nt":  # which opens no folders
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):
            raise  # some file systems of networks cannot, and need not
    finally:
        os.close(number)
