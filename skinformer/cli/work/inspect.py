"""What a model file holds, without building the model."""

from pathlib import Path
from typing import Any

from skinformer.persistence import describe

from ..output import print_json, size_of
from ..talk import show_found
from .fit import NOTES

__all__ = ["inspect_file"]


def inspect_file(path: Path, as_json: bool) -> None:
    """Print what a file says of itself."""
    told = describe(path)
    if as_json:
        return print_json(told)
    show_found(lines_of(told, path))
    return None


def lines_of(told: dict[str, Any], path: Path) -> dict[str, str]:
    """Return what is shown, in the order in which one asks for it."""
    notes = (told.get("notes") or {}).get(NOTES, {})
    roles = notes.get("roles", {})
    steps = told.get("steps") or {"": told["class"]}
    lines = {
        "file": f"{path}, {size_of(path)}, format {told['schema_version']}, made "
        f"{told['created']}",
        "model": ", then ".join(steps.values()),
        "horizon": listed(horizon_of(told["parameters"])),
        "target": listed(told.get("targets")),
        "known ahead": listed(roles.get("known")) or "the calendar",
        "past only": listed(roles.get("past")),
        "series": listed(told.get("series")),
        "step": listed(told.get("frequency")),
        "rows": rows_of(told),
        "fitted on": str(notes.get("table", "rows given in Python")),
        "versions": ", ".join(f"{k} {v}" for k, v in told["versions"].items()),
    }
    return {name: text for name, text in lines.items() if text}


def horizon_of(parameters: dict[str, Any]) -> Any:
    """Return the rows that are forecast at a time; steps stand before a parameter."""
    values = [v for k, v in parameters.items() if k.split("__")[-1] == "pred_len"]
    return values[0] if values else None


def rows_of(told: dict[str, Any]) -> str:
    """Say how many rows the history has, and from when to when."""
    if told.get("rows") is None:
        return "not fitted"
    return f"{told['rows']:,}, {told['first']} to {told['last']}"


def listed(value: Any) -> str:
    """Write out a list, or a single value; nothing for None."""
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
