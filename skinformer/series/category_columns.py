"""A column of categories as codes: its domain, and where values stand in it."""

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["domain", "read_codes"]


def domain(column: pd.Series) -> pd.Index:
    """List the categories of a column: those it declares, or else those it shows."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories
    try:
        shown = pd.Index(column.dropna().unique())
    except TypeError as error:
        raise ValueError(
            f"Column {column.name!r} of X holds values that can be no categories "
            f"({error}). Leave it out of categorical_features, or make text of it with "
            f"X[{column.name!r}].astype(str)."
        ) from error
    try:
        return shown.sort_values()
    except TypeError as error:
        raise ValueError(
            f"The categories of column {column.name!r} of X have no order ({error}). "
            f"Make them of one type, or use X[{column.name!r}].astype('category')."
        ) from error


def read_codes(
    column: pd.Series, categories: pd.Index, has_missing: bool, name: Any
) -> np.ndarray:
    """Number the categories, shape (n,), then the missing ones, then the unknown."""
    missing = column.isna().to_numpy()
    # looked up as they are: to convert them first would make 1.5 the category 1
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = np.append(categories.get_indexer(column.cat.categories), -1)
        codes = known[column.cat.codes]
    else:
        codes = look_up_plain(column, categories, name)
    if (codes < 0).all() and not missing.all():
        refuse_other_kind(pd.Index(column.dropna().unique()), categories, name)
    codes = np.where(codes < 0, len(categories) + has_missing, codes)
    codes[missing] = len(categories)
    return codes.astype(np.int64)


def look_up_plain(column: pd.Series, categories: pd.Index, name: Any) -> np.ndarray:
    """Return where each value stands among the categories, -1 for nowhere."""
    try:
        return categories.get_indexer(pd.Index(column))
    except TypeError as error:
        raise ValueError(
            f"Column {name!r} of X holds values that can be no categories ({error}). "
            f"Those seen in fit are {some_of(categories)}: give values of that type."
        ) from error


def refuse_other_kind(shown: pd.Index, categories: pd.Index, name: Any) -> None:
    """Refuse a column in which no category is known because its type is another."""
    kinds = {kind_of(shown), kind_of(categories)}
    if len(kinds) == 1 or kinds & {"empty", "mixed", "mixed-integer"}:
        return
    raise ValueError(
        f"No category of column {name!r} of X is known: fit saw {some_of(categories)}, "
        f"and {some_of(shown)} came. Convert X[{name!r}] to the type that it had in "
        "fit."
    )


def kind_of(values: pd.Index) -> str:
    """Name the type of categories: numbers of any type are one, and so are times."""
    values = getattr(values, "categories", values)
    kind = pd.api.types.infer_dtype(values)
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return "number"
    return "datetime" if kind in ("datetime64", "date") else kind


def some_of(values: pd.Index) -> str:
    """Write out the first few values."""
    shown = ", ".join(map(repr, values[:5].tolist()))
    return f"{shown}, ... ({len(values)} in all)" if len(values) > 5 else shown
