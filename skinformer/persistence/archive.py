"""The container of a model file: a zip whose entries are stored as they are.

Nothing in it is compressed, so that a file is as large as what it holds and no small
one can blow up. A manifest has the size and the SHA-256 of every other entry; all are
checked before anything is made of them.
"""

import hashlib
import io
import json
import os
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from skinformer._files import replaced
from skinformer.exceptions import ModelFileError

__all__ = [
    "ARRAYS",
    "MODEL",
    "SCHEMA_VERSION",
    "STEPS",
    "is_stored_zip",
    "parse_json",
    "read_archive",
    "write_archive",
]

# raised when files change in a way that older releases cannot read
SCHEMA_VERSION = 1
FORMAT = "skinformer model"
MANIFEST, MODEL = "manifest.json", "model.json"
ARRAYS, STEPS = "arrays.safetensors", "steps.skops"
ENTRIES = {MANIFEST, MODEL, ARRAYS, STEPS}
NEEDED = {MANIFEST, MODEL, ARRAYS}

MOST_JSON = 2**26  # what is parsed; arrays are not
MOST_MANIFEST = 2**12
# the end of a zip without a comment, as we write it: signature ... size and place of
# the directory, length of the comment
END = struct.Struct("<4s4H2LH")
MOST_DIRECTORY = 2**10
MOST_INNER = 2**20  # of the zip of skops, which has an entry for each array
LOCATOR = 20  # bytes that lead to another directory, of a zip beyond 4 GiB
BEGINNING = (1980, 1, 1, 0, 0, 0)  # the same model makes the same entries
AGAIN = "Copy it again from where it came, or save the model again."


def bad(path: Path, what: str, remedy: str = AGAIN) -> ModelFileError:
    """Return the error that says what is wrong with a file, and what to do."""
    return ModelFileError(f"{path} {what}. {remedy}")


# Writing


def write_archive(path: Path, entries: Mapping[str, bytes]) -> None:
    """Write the entries and their manifest; on any error nothing is left of them."""
    try:
        with replaced(path) as beside:
            fill(beside, {MANIFEST: manifest_of(entries), **entries})
    except zipfile.LargeZipFile:
        raise ModelFileError(
            f"{path} would hold more than 4 GiB. Keep less of the history, for example "
            "with history_size='context'."
        ) from None


def fill(path: Path, entries: Mapping[str, bytes]) -> None:
    """Write a zip of entries, stored."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, BEGINNING), data)


def manifest_of(entries: Mapping[str, bytes]) -> bytes:
    """List the entries, with what they are recognised by."""
    listed = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in entries.items()
    }
    manifest = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "entries": listed,
    }
    return json.dumps(manifest, indent=1).encode()


# Reading


def read_archive(path: Path, max_bytes: int) -> dict[str, bytes]:
    """Return the entries of a file, all of them as they were written.

    Raises
    ------
    ModelFileError
        If it is damaged, too large, of a newer release, or another kind of file.
    OSError
        If there is no such file, or it may not be read.
    """
    data = read_bytes(path, max_bytes)
    refuse_other_files(path, data)
    entries = unzip(path, data)
    listed = read_manifest(path, entries.pop(MANIFEST))
    if listed.keys() != entries.keys():
        raise bad(path, "is damaged: its manifest lists other entries than it holds")
    for name, entry in entries.items():
        if not matches(entry, listed[name]):
            raise bad(path, f"is damaged: the checksum of {name} is wrong")
    return entries


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """Read a whole file, no more than is allowed."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the path of a model file.")
    if not path.exists():
        raise FileNotFoundError(
            f"There is no file {path}; give the path that save was given."
        )
    if not stat.S_ISREG(path.stat().st_mode):
        raise bad(path, "is no regular file", "Give the path that save was given.")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise bad(
                path,
                f"is of {size} bytes, more than max_bytes={max_bytes}",
                "If you trust where it is from, load it with a larger max_bytes.",
            )
        return file.read(size)


def refuse_other_files(path: Path, data: bytes) -> None:
    """Say of what kind a file is, if it is no zip."""
    if not data:
        raise bad(path, "is empty")
    if data[:1] == b"\x80":
        raise bad(
            path,
            "is a pickle, as joblib.dump writes it, and to open it would run whatever "
            "code it holds",
            "If you trust where it is from, open it with joblib.load, and save it anew "
            "with skinformer.save.",
        )
    if data[:2] != b"PK":
        raise bad(
            path,
            "is no model file of skinformer",
            "Give a file that skinformer.save wrote.",
        )


def unzip(path: Path, data: bytes) -> dict[str, bytes]:
    """Return the entries of a zip, each once, none compressed."""
    if not has_small_directory(data):
        raise bad(path, "is damaged or cut short")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            check_infos(path, infos, len(data))
            return {info.filename: archive.read(info) for info in infos}
    except ModelFileError:
        raise
    except Exception as error:  # zipfile raises many kinds for a damaged file
        raise bad(path, f"is damaged or cut short ({first_line(error)})") from error


def has_small_directory(data: bytes, most: int = MOST_DIRECTORY) -> bool:
    """Say whether a zip ends in a directory that is read in no time."""
    if len(data) < END.size:
        return False
    signature, *_, size, _, comment = END.unpack(data[-END.size :])
    if data[-END.size - LOCATOR :].startswith(b"PK\6\7"):
        return False
    return signature == b"PK\5\6" and size <= most and comment == 0


def check_infos(path: Path, infos: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse entries of other names, or that would be larger than the file."""
    names = [info.filename for info in infos]
    if len(set(names)) < len(names) or not NEEDED <= set(names) <= ENTRIES:
        raise bad(
            path,
            "is a zip, but no model file of skinformer",
            "Give a file that skinformer.save wrote.",
        )
    if not are_stored(infos, size):
        raise bad(path, "is damaged: its entries claim to be larger than they are")
    limits = {MODEL: MOST_JSON, MANIFEST: MOST_MANIFEST}
    for info in infos:
        if info.file_size > limits.get(info.filename, size):
            raise bad(path, f"is damaged: its {info.filename} is too large")


def are_stored(infos: list[zipfile.ZipInfo], size: int) -> bool:
    """Say whether entries are uncompressed, and no larger than the file together."""
    stored = all(
        info.compress_type == zipfile.ZIP_STORED
        and info.compress_size == info.file_size
        and not info.flag_bits & 0x1  # encrypted
        for info in infos
    )
    return stored and sum(info.file_size for info in infos) <= size


def is_stored_zip(data: bytes) -> bool:
    """Say whether a zip in memory is as large as what it holds."""
    if not has_small_directory(data, MOST_INNER):
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return are_stored(archive.infolist(), len(data))


def read_manifest(path: Path, data: bytes) -> dict:
    """Return what the manifest lists, if this release can read the file."""
    try:
        manifest = parse_json(data)
        version, is_ours = manifest["schema_version"], manifest["format"] == FORMAT
        well_formed = is_ours and type(version) is int and version >= 1
    except Exception as error:
        raise bad(path, "is damaged: its manifest cannot be read") from error
    if not well_formed:
        raise bad(path, "is damaged: its manifest is not as save writes it")
    if version > SCHEMA_VERSION:
        raise bad(
            path,
            f"is of schema version {version}, and this release of skinformer reads "
            f"versions up to {SCHEMA_VERSION}",
            "Upgrade skinformer.",
        )
    listed = manifest.get("entries")
    if type(listed) is not dict:
        raise bad(path, "is damaged: its manifest lists no entries")
    return listed


def matches(data: bytes, listed: Any) -> bool:
    """Say whether an entry is the one that the manifest lists."""
    digest = hashlib.sha256(data).hexdigest()
    return listed == {"size": len(data), "sha256": digest}


def parse_json(data: bytes) -> Any:
    """Parse JSON without the constants that it does not have.

    >>> parse_json(b'{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    >>> parse_json(b"NaN")
    Traceback (most recent call last):
    ValueError: JSON has no NaN
    """
    return json.loads(data.decode("utf-8"), parse_constant=refuse_constant)


def refuse_constant(name: str) -> NoReturn:
    """Raise for what Python would read, and no one else writes."""
    raise ValueError(f"JSON has no {name}")


def first_line(error: Exception) -> str:
    """Return the beginning of what an error says, or its kind."""
    lines = str(error).splitlines()
    return lines[0][:100] if lines else type(error).__name__
