"""Files that are read, and what is said of those that cannot be.

Nothing heavy is imported: a name that was mistyped is to be told at once.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

__all__ = [
    "MODEL_FILES",
    "STANDARD_INPUT",
    "TABLES",
    "read_bytes",
    "require_model",
    "require_table",
]

STANDARD_INPUT = "-"
TABLES, MODEL_FILES = (".csv", ".csv.gz", ".parquet"), (".skinf",)


def require_table(path: str | None) -> None:
    """Refuse a table that cannot be read, if one is given.

    Raises
    ------
    OSError
        If there is none, or it cannot be read.
    """
    if path not in (None, STANDARD_INPUT) and not is_pipe(path):
        read_bytes(path, 0)


def is_pipe(path: str) -> bool:
    """Tell a pipe: what it holds is there once, and whoever opens it has to read it."""
    try:
        return Path(path).is_fifo()
    except OSError:  # it cannot be looked at, and to read it says why
        return False


def require_model(path: Path | None) -> None:
    """Refuse a model that is not there, and name those that are.

    Raises
    ------
    OSError
        If it is not, or nobody can tell.
    """
    if path is not None and not os.path.exists(path):
        with suppress(FileNotFoundError, NotADirectoryError):
            read_bytes(str(path), 0)  # which says what else is wrong
        beside = nearby(str(path), MODEL_FILES)
        raise FileNotFoundError(
            f"There is no model {path}; {beside} skinformer fit makes one."
        )


def read_bytes(path: str, n: int = -1) -> bytes:
    """Read all of a file, or n bytes, and say in a sentence why it cannot be."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(n)
    try:
        with Path(path).open("rb") as file:
            return file.read(n)
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {path}; {nearby(path)}") from None
    except IsADirectoryError:
        raise IsADirectoryError(f"{path} is a folder; name a file in it.") from None
    except PermissionError:
        raise PermissionError(f"{path} may not be read by this user.") from None
    except OSError as error:
        raise OSError(
            f"{path} cannot be read ({error.strerror}); give another file."
        ) from None


def nearby(path: str, kinds: tuple[str, ...] = TABLES) -> str:
    """Name the files that lie in the folder where one was looked for."""
    folder = Path(path).parent
    if not os.path.isdir(folder):
        return f"there is no folder {folder} either."
    found: list[str] = []
    with suppress(PermissionError):  # to list it
        beside = [p for p in folder.iterdir() if p.name.endswith(kinds)]
        found = sorted(p.name for p in beside if os.path.isfile(p))[:5]
    return f"beside it lie {', '.join(found)}." if found else "look at its name."
