"""The file of a checkpoint: there whole or not at all, and used by one fit at a time.

A line that names the format, a line with the SHA-256 of the rest, and what
``torch.save`` makes of tensors, numbers and text. It is read with ``weights_only``: no
code in it is run.
"""

import hashlib
import io
import logging
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch

from skinformer._files import check_target, sync_folder
from skinformer._locks import take_lock
from skinformer.exceptions import CheckpointError

__all__ = [
    "check_folder",
    "locked",
    "parsed",
    "path_in",
    "read_checkpoint",
    "read_data",
    "remove_checkpoint",
    "write_checkpoint",
]

logger = logging.getLogger("skinformer")

NAME, LOCK = "skinformer.checkpoint", "skinformer.lock"
FORMAT = b"skinformer checkpoint 1"
AGAIN = "Delete it to train from the beginning."


def path_in(folder: str | os.PathLike) -> Path:
    """Return where the checkpoint of a folder lies."""
    return Path(folder) / NAME


def partial_of(path: Path) -> Path:
    """Return where a checkpoint lies while it is written."""
    return path.with_name(f"{path.name}.partial")


def check_folder(folder: str | os.PathLike | None) -> None:
    """Refuse, before any work, a folder that no checkpoint could be written to.

    Raises
    ------
    OSError
        If it is absent, a file, full or read-only.
    """
    if folder is None:
        return
    named = f"checkpoint_dir={str(folder)!r}"
    if not Path(folder).exists():
        raise FileNotFoundError(f"{named} is not there; make the folder first.")
    if not Path(folder).is_dir():
        raise NotADirectoryError(f"{named} is no folder; give the path of one.")
    check_target(path_in(folder), f"The checkpoint in {named}")


# One fit at a time


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a folder from other fits in the block.

    The operating system lets go of the lock when a process ends, be it killed.

    Raises
    ------
    CheckpointError
        If another fit has it.
    """
    path = folder / LOCK
    file = open_locked(path, folder)
    try:
        with suppress(OSError):  # a full disk has no room for it
            os.write(file.fileno(), str(os.getpid()).encode())
        yield
    finally:
        with suppress(OSError):  # Windows keeps a file that is open
            path.unlink()
        file.close()


def open_locked(path: Path, folder: Path) -> Any:
    """Open a file and lock it, the one that lies there when it is locked."""
    while True:
        file = open(path, "a+", encoding="ascii")  # noqa: SIM115
        try:
            if not take_lock(file.fileno()):
                logger.info("checkpoint_dir=%r cannot be locked here", str(folder))
        except BlockingIOError:
            file.seek(0)
            holder = file.read() or "unknown"
            file.close()
            raise CheckpointError(
                f"checkpoint_dir={str(folder)!r} is in use by another fit, of process "
                f"{holder}. Give each fit a folder of its own, or wait for that one."
            ) from None
        if is_same(path, file.fileno()):
            file.truncate(0)  # what a killed process wrote
            return file
        file.close()  # the fit before has removed it meanwhile


def is_same(path: Path, number: int) -> bool:
    """Say whether an open file is the one that a path leads to."""
    try:
        return os.path.samestat(path.stat(), os.fstat(number))
    except FileNotFoundError:
        return False


# Writing and reading


def write_checkpoint(path: Path, content: dict) -> None:
    """Write a checkpoint in place of the one before.

    Raises
    ------
    OSError
        If it cannot be; then the one before is as it was.
    """
    data = io.BytesIO()
    torch.save(content, data)
    # Of one name, which the lock keeps from others: a process that is killed leaves one
    # such file, and the next one writes over it.
    beside = partial_of(path)
    try:
        with open(beside, "wb") as file:
            file.write(b"%s\n%s\n" % (FORMAT, digest_of(data.getbuffer())))
            file.write(data.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        sync_folder(path.parent)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def digest_of(data: Any) -> bytes:
    """Return the SHA-256 of bytes, written out."""
    return hashlib.sha256(data).hexdigest().encode()


def read_checkpoint(path: Path) -> dict[str, Any] | None:
    """Return what a checkpoint holds; None if there is none.

    Raises
    ------
    CheckpointError
        If it is damaged, or no checkpoint of this release.
    """
    return parsed(read_data(path), path)


def read_data(path: Path) -> bytes:
    """Return the bytes of a checkpoint; none if there is none.

    Raises
    ------
    CheckpointError
        If it cannot be read.
    """
    try:
        return path.read_bytes() or b"\n"  # an empty file is no checkpoint
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be read ({error.strerror}). Let this process read it, or "
            "remove it to train from the beginning."
        ) from error


def parsed(data: bytes, path: Path) -> dict[str, Any] | None:
    """Return what the bytes of a checkpoint hold; None if there are none.

    Raises
    ------
    CheckpointError
        If they are damaged, or no checkpoint of this release.
    """
    if not data:
        return None
    kind, _, rest = data.partition(b"\n")
    digest, _, body = rest.partition(b"\n")
    if kind == FORMAT and digest != digest_of(body):
        raise CheckpointError(f"{path} is damaged: its checksum is wrong. {AGAIN}")
    content = unpacked(body) if kind == FORMAT else None
    if content is None:
        raise CheckpointError(
            f"{path} is no checkpoint that this release of skinformer can read. {AGAIN}"
        )
    return content


def unpacked(body: bytes) -> dict[str, Any] | None:
    """Return what ``torch.save`` has made bytes of; None if it was something else."""
    try:
        content = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, KeyError):
        return None
    return content if isinstance(content, dict) else None


def remove_checkpoint(path: Path) -> None:
    """Remove a checkpoint, and what a killed process left of another."""
    for each in (path, partial_of(path)):
        each.unlink(missing_ok=True)
    with suppress(FileNotFoundError):  # the folder has gone, and the file with it
        sync_folder(path.parent)
