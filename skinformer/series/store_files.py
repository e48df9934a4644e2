"""The folder of a panel store: plain arrays, and a manifest that says what they are.

A folder without a manifest is no store: its writing was broken off.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from .store_manifest import check_manifest, size_of

__all__ = [
    "append_rows",
    "damaged",
    "load_array",
    "map_array",
    "read_manifest",
    "write_manifest",
]

MANIFEST = "manifest.json"
FORMAT, VERSION = "skinformer panel store", 1


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest, after all arrays."""
    text = json.dumps({"format": FORMAT, "version": VERSION, **manifest})
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest, and hold the sizes of the files against it.

    Raises
    ------
    FileNotFoundError
        If there is no store, or its writing was broken off.
    ValueError
        If it is of another version, contradicts itself, or a file has another size.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        what = "is no folder" if not folder.is_dir() else f"has no {MANIFEST}"
        raise FileNotFoundError(
            f"{folder} {what}: there is no panel store, or its writing was broken off. "
            "Write it with PanelStore.write."
        ) from None
    try:
        manifest = json.loads(text)
        name, version = manifest["format"], manifest["version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        name, version = None, None
    if name != FORMAT:
        raise ValueError(f"{folder / MANIFEST} is not that of a panel store.")
    if version != VERSION:
        raise ValueError(
            f"{folder} is a panel store of version {version}, and this skinformer "
            f"reads version {VERSION}. Write it again, or install the skinformer that "
            "wrote it."
        )
    try:
        check_manifest(manifest)
    except ValueError as error:
        raise damaged(f"{folder / MANIFEST}: {error}") from None
    for name, (dtype, shape) in manifest["arrays"].items():
        check_size(folder / name, size_of(dtype, shape))
    return manifest


def damaged(what: str) -> ValueError:
    """Return the error of a store that is not as it was written."""
    return ValueError(
        f"{what}: the store is damaged. Write it again with PanelStore.write."
    )


def check_size(file: Path, size: int) -> None:
    """Refuse a file that was cut off, or changed."""
    found = file.stat().st_size if file.is_file() else None
    if found != size:
        has = "is absent" if found is None else f"has {found} bytes"
        raise damaged(f"{file} {has}, and the manifest says {size}")


def append_rows(file: Any, rows: np.ndarray) -> None:
    """Write rows at the end of an open file."""
    file.write(np.ascontiguousarray(rows).data)


def map_array(folder: Path, name: str, manifest: dict[str, Any]) -> np.ndarray:
    """Return an array of the store as a view of its file, read-only."""
    dtype, shape = manifest["arrays"][name]
    if 0 in shape:  # there is nothing to map
        return np.empty(shape, dtype)
    mapped = np.memmap(folder / name, dtype=dtype, mode="r", shape=tuple(shape))
    return mapped.view(np.ndarray)


def load_array(folder: Path, name: str, manifest: dict[str, Any]) -> np.ndarray:
    """Read an array of the store into memory."""
    dtype, shape = manifest["arrays"][name]
    return np.fromfile(folder / name, dtype).reshape(shape)
