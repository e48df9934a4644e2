"""What a model file holds, without building the model."""

from pathlib import Path
from typing import Any

from skinformer.persistence import describe

from ..output import print_json
from ..reading.tables import nearby
from ..talk import show_found
from .fit import NOTES

__all__ = ["inspect_file"]


def inspect_file(path: Path, as_json: bool) -> None:
    """Print what a file says of itself."""
    if not path.exists():
        raise FileNotFoundError(f"There is no model {path}; {nearby(str(path))}")
    told = describe(path)
    if as_json:
        return print_json(told)
    show_found(lines_of(told, path))
    return None


def lines_of(told: dict[str, Any], path: Path) -> dict[str, str]:
    """Return what is shown, in the order in which one asks for it."""
    notes = (told.get("notes") or {}).get(NOTES, {})
    roles = notes.get("roles", {})
    lines = {
        "file": f"{path}, {path.stat().st_size / 1e6:.1f} MB, format "
        f"{told['schema_version']}, made {told['created']}",
        "model": " + ".join(str(told["class"]).split()),
    }
    lines |= {name: listed(told.get(key)) for name, key in KEYS.items()}
    lines |= {
        "known ahead": listed(roles.get("known")),
        "past only": listed(roles.get("past")),
        "fitted on": str(notes.get("table", "rows given in Python")),
        "versions": ", ".join(f"{k} {v}" for k, v in told["versions"].items()),
    }
    return {name: text for name, text in lines.items() if text}


KEYS = {
    "target": "targets",
    "step": "frequency",
    "rows": "rows",
    "first": "first",
    "last": "last",
}


def listed(value: Any) -> str:
    """Write out a list, or a single value; nothing for None."""
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
