"""Which series each row of a frame belongs to, as a column says it."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .._validation import check_frame, did_you_mean

__all__ = [
    "SeriesRows",
    "list_some",
    "position_by_name",
    "read_series",
    "series_position",
]


class SeriesRows(NamedTuple):
    """The series of some rows.

    Attributes
    ----------
    codes : ndarray of int of shape (n_rows,)
        Position in ``names`` of the series of each row.
    names : Index of shape (n_series,)
        Each series once, in order of first appearance.
    """

    codes: np.ndarray
    names: pd.Index


def read_series(X: Any, series: Any) -> SeriesRows:
    """Return the series of the rows of ``X``, which its column ``series`` names.

    Raises
    ------
    ValueError
        If ``X`` is no frame, has no such column or several, or a row names no series.

    Examples
    --------
    >>> X = pd.DataFrame({"store": ["b", "a", "b"], "load": [1.0, 2.0, 3.0]})
    >>> read_series(X, "store").codes.tolist()
    [0, 1, 0]
    """
    position = series_position(X, series)
    codes, names = pd.factorize(X.iloc[:, position])
    if (codes < 0).any():
        row = int((codes < 0).argmax())
        raise ValueError(
            f"series={series!r}: the column is missing a value in row {row}"
            f" (index {X.index[row]}), so that nothing says which series that row "
            "belongs to. Fill it in, or drop the row."
        )
    names = pd.Index(names)
    # text is text, whether a frame holds it as categories or not
    if isinstance(names.dtype, pd.CategoricalDtype):
        names = names.astype(names.dtype.categories.dtype)
    return SeriesRows(codes, names)


def series_position(X: Any, series: Any) -> int:
    """Return the position of the column ``series``."""
    check_frame(X, series, "series")
    return position_by_name(X.columns, series, "series")


def position_by_name(columns: pd.Index, name: Any, parameter: str) -> int:
    """Return the position of the one column of that name, which ``parameter`` gives."""
    if not pd.api.types.is_hashable(name):
        raise ValueError(
            f"{parameter}={name!r} must be the name of one column of X; X has the "
            f"columns {list(columns)}."
        )
    if name not in columns:
        raise ValueError(
            f"{parameter}={name!r} is not a column of X."
            f"{did_you_mean(name, map(str, columns))} X has the columns "
            f"{list(columns)}."
        )
    position = columns.get_loc(name)
    if not isinstance(position, int):
        raise ValueError(f"X has more than one column named {name!r}.")
    return position


def list_some(names: pd.Index, most: int = 5) -> str:
    """Return the first names as text, and how many more there are.

    Examples
    --------
    >>> list_some(pd.Index(["a", "b", "c"]), most=2)
    "'a', 'b' and 1 more"
    """
    shown = ", ".join(map(repr, names[:most].tolist()))
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
