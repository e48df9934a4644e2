"""The columns of a panel store: their categories come to light as rows are written."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from .covariates import Columns

__all__ = ["grown", "read_columns", "told_missing", "with_missing", "write_columns"]


def with_missing(columns: Columns) -> Columns:
    """Return the columns with a code for a missing value in each of categories."""
    return replace(columns, missing=tuple(c is not None for c in columns.categories))


def grown(columns: Columns, frame: pd.DataFrame) -> Columns:
    """Return the columns with the categories that a frame has besides, after theirs.

    Raises
    ------
    ValueError
        If a column of categories is one no more.
    """
    pairs = zip(columns.names, columns.categories, strict=True)
    return replace(columns, categories=tuple(extended(c, frame[n]) for n, c in pairs))


def extended(categories: pd.Index | None, column: pd.Series) -> pd.Index | None:
    """Return categories and, after them, those of a column that are not among them."""
    if categories is None:
        return None
    if not isinstance(column.dtype, pd.CategoricalDtype):
        raise ValueError(
            f"Column {column.name!r} holds categories in the first rows, and "
            f"{column.dtype} values later. Give it one type."
        )
    theirs = column.cat.categories
    strange = categories.get_indexer(theirs) < 0
    return categories.append(theirs[strange]) if strange.any() else categories


def told_missing(codes: np.ndarray, columns: Columns) -> np.ndarray:
    """Return codes (n, k) in which a missing value is -1: more categories may come."""
    return np.where(codes == columns.missing_codes, -1, codes)


def write_columns(columns: Columns) -> list[dict[str, Any]]:
    """Return what a manifest says of columns.

    Raises
    ------
    ValueError
        If categories are neither text nor numbers nor booleans.
    """
    each = zip(columns.names, columns.categories, columns.missing, strict=True)
    return [
        {"name": name, "categories": listed(categories, name), "missing": missing}
        for name, categories, missing in each
    ]


def listed(categories: pd.Index | None, name: str) -> list | None:
    """Return categories as JSON can hold them."""
    if categories is None:
        return None
    values = categories.tolist()
    if not all(isinstance(value, str | bool | int | float) for value in values):
        raise ValueError(
            f"Column {name!r} has {categories.dtype} categories such as {values[0]!r}; "
            "a store holds text, numbers and booleans. Make text of them."
        )
    return values


def read_columns(written: list[dict[str, Any]], allow_missing: bool) -> Columns:
    """Return the columns that a manifest tells of."""
    return Columns(
        tuple(column["name"] for column in written),
        tuple(
            None if column["categories"] is None else pd.Index(column["categories"])
            for column in written
        ),
        tuple(column["missing"] for column in written),
        allow_missing,
    )
