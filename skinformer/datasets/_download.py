"""Find a data file on this machine, or download it once, and prove what it is.

A file counts only with the right checksum: the loaders never return numbers that
differ from those that their documentation and tests describe.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from skinformer._files import replaced
from skinformer.exceptions import DatasetUnavailableError

__all__ = ["RemoteFile", "find_or_fetch", "get_data_home"]

DATA_VARIABLE = "SKINFORMER_DATA"
CACHE_VARIABLE = "SKINFORMER_CACHE"
DEFAULT_CACHE = "~/.cache/skinformer"
# Seconds without a single byte, not the time of the whole download.
TIMEOUT = 30.0


def _unchanged(content: bytes) -> bytes:
    return content


@dataclass(frozen=True)
class RemoteFile:
    """A file that can be had from the network, and how to know it.

    Parameters
    ----------
    name : str
        Its name in a folder of this machine.
    url : str
        Where it comes from.
    checksum : str
        ``"sha256:..."`` or ``"md5:..."`` (any algorithm of :mod:`hashlib`), of the
        file as it is kept.
    convert : callable, default=identity
        Makes the content to keep from the bytes that the URL gives. A ``ValueError``
        says that they are not what they should be.
    """

    name: str
    url: str
    checksum: str
    convert: Callable[[bytes], bytes] = _unchanged


def get_data_home(data_home: str | os.PathLike | None = None) -> Path:
    """Return the folder in which downloaded data sets are kept.

    The folder need not exist; the first download creates it.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder itself; ``~`` is expanded. If None, the folder that the environment
        variable ``SKINFORMER_CACHE`` names, else ``~/.cache/skinformer``.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    TypeError
        ``data_home`` is neither a string nor path-like.
    ValueError
        ``~`` names a user without a home directory.

    Examples
    --------
    >>> from skinformer.datasets import get_data_home
    >>> get_data_home("some/folder").name
    'folder'
    """
    if data_home:
        return _expanded(data_home, "data_home")
    return _expanded(os.environ.get(CACHE_VARIABLE) or DEFAULT_CACHE, CACHE_VARIABLE)


def _expanded(folder: str | os.PathLike, source: str) -> Path:
    """Return the folder that ``source`` names, with ``~`` expanded."""
    if not isinstance(folder, str | os.PathLike):
        raise TypeError(
            f"{source} must be a str or path-like, the folder of the files; got "
            f"{folder!r}."
        )
    try:
        return Path(folder).expanduser()
    except RuntimeError as error:
        raise ValueError(
            f"{source}={str(folder)!r} starts in a home directory that is not known. "
            "Give the whole path."
        ) from error


def find_or_fetch(
    file: RemoteFile,
    data_home: str | os.PathLike | None = None,
    download_if_missing: bool = True,
) -> Path:
    """Return the path of a verified copy of ``file``, downloading it if need be.

    Looked in, in this order: the folder that ``SKINFORMER_DATA`` names, the folder
    :func:`get_data_home`; then the URL, whose content is kept in the latter.

    Parameters
    ----------
    file : RemoteFile
        What to find.
    data_home : str or path-like, default=None
        See :func:`get_data_home`.
    download_if_missing : bool, default=True
        If False, a file that is in neither folder is an error.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DatasetUnavailableError
        The file is nowhere to be had, or has the wrong checksum, or cannot be kept.
    """
    for folder in _folders(data_home):
        path = folder / file.name
        if path.is_file():
            _check_copy(file, path)
            return path
    if not download_if_missing:
        raise _unavailable(file, data_home, "download_if_missing=False")
    path = get_data_home(data_home) / file.name
    _keep(_download(file, data_home), path)
    return path


def _folders(data_home: str | os.PathLike | None) -> list[Path]:
    """List the folders in which a copy may lie, the first to be looked in first."""
    given = os.environ.get(DATA_VARIABLE)
    own = [_expanded(given, DATA_VARIABLE)] if given else []
    return [*own, get_data_home(data_home)]


def _digest(content: bytes, checksum: str) -> str:
    """Return the checksum of ``content`` by the algorithm that ``checksum`` names."""
    algorithm = checksum.partition(":")[0]
    # A file's identity, not a secret: md5 stays usable where policy bans it for those.
    hashed = hashlib.new(algorithm, content, usedforsecurity=False)
    return f"{algorithm}:{hashed.hexdigest()}"


def _check_copy(file: RemoteFile, path: Path) -> None:
    """Refuse a copy that is not the file; it may be the user's, so it stays."""
    found = _digest(path.read_bytes(), file.checksum)
    if found != file.checksum:
        raise DatasetUnavailableError(
            f"{path} is not the {file.name} that this loader knows: its checksum is "
            f"{found}, expected {file.checksum}. The file was left as it is: move it "
            "away to have it downloaded anew, or put the right one in its place."
        )


def _download(file: RemoteFile, data_home: str | os.PathLike | None) -> bytes:
    """Return the verified content; nothing has touched the disk before that."""
    try:
        with urlopen(file.url, timeout=TIMEOUT) as response:
            received = response.read()
    except (OSError, HTTPException) as error:
        raise _unavailable(
            file, data_home, f"the download failed: {error!r}"
        ) from error
    try:
        content = file.convert(received)
    except ValueError as error:
        raise DatasetUnavailableError(
            f"{file.url} gave {len(received):,} bytes that are not the expected file "
            f"({error}). Nothing was kept."
        ) from error
    found = _digest(content, file.checksum)
    if found != file.checksum:
        raise DatasetUnavailableError(
            f"The content of {file.url} has the checksum {found}, expected "
            f"{file.checksum} ({len(received):,} bytes were received). "
            "Nothing was kept."
        )
    return content


def _keep(content: bytes, path: Path) -> None:
    """Write ``path`` so that it exists whole or not at all, whatever interrupts."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as beside:
            beside.write_bytes(content)
    except OSError as error:
        raise DatasetUnavailableError(
            f"{path} cannot be written: {error!r}. Name a folder that can, as "
            f"data_home or in the environment variable {CACHE_VARIABLE}."
        ) from error


def _unavailable(
    file: RemoteFile, data_home: str | os.PathLike | None, reason: str
) -> DatasetUnavailableError:
    """Say where the file was looked for, and what would help."""
    folders = " and ".join(str(folder) for folder in _folders(data_home))
    unset = "" if os.environ.get(DATA_VARIABLE) else ", which is not set"
    return DatasetUnavailableError(
        f"{file.name} is not in {folders}, and was not downloaded from {file.url} "
        f"({reason}). Without a connection: make the same call where there is one, "
        f"copy {file.name} out of the folder that skinformer.datasets.get_data_home() "
        "names there, and name the folder that you copy it to in the environment "
        f"variable {DATA_VARIABLE}{unset}."
    )
