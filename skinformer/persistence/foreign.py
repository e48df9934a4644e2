"""Steps of scikit-learn, which skops writes, and reads if it trusts every type."""

from typing import Any

from skinformer._validation import lists_of_columns
from skinformer.exceptions import ModelFileError

from .archive import is_stored_zip
from .foreign_checks import check_made, check_nodes, nodes_of, strange_in
from .kinds import need, register

__all__ = ["STEP", "check_trusted", "pack", "unpack"]


def check_trusted(value: Any, path: str) -> None:
    """Refuse, by name, what skops cannot write, or would not read again.

    Raises
    ------
    ModelFileError
    """
    import skops.io

    try:
        data = skops.io.dumps(value)
        strange = strange_types(data) + strange_in(nodes_of(data))
    except Exception as error:  # of many kinds, for what it has no way to write
        strange = [str(error)]
    if strange:
        raise ModelFileError(
            f"{path or 'the model'} is a {type(value).__name__}, and holds what skops "
            f"does not trust ({', '.join(strange)}): no model file can hold it. Put a "
            "step of scikit-learn in its place, or keep the model with joblib.dump."
        )


def strange_types(data: bytes) -> list[str]:
    """Return the types that are not trusted: skops knows no list but Python's."""
    import skops.io

    strange = skops.io.get_untrusted_types(data=data)
    return [name for name in strange if name not in lists_of_columns()]


def pack(steps: list) -> bytes:
    """Return estimators as skops writes them, uncompressed."""
    import skops.io

    return skops.io.dumps(steps)


def unpack(data: bytes) -> list:
    """Return estimators, made of types that are trusted."""
    import skops.io

    need(is_stored_zip(data), "steps that are not compressed")
    check_nodes(data)
    strange = strange_types(data) + strange_in(nodes_of(data))
    need(not strange, f"steps of types that are trusted, not {', '.join(strange)}")
    steps = skops.io.loads(data, trusted=sorted(lists_of_columns()))
    check_made(steps)
    need(type(steps) is list, "a list of steps")
    return steps


# a step by its number
STEP = register("step", lambda v, p, w: w.add_step(v, p), lambda n, r: r.step(n))
