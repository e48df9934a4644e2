"""Histories of single series, as short as a test can name them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from skinformer.series import extension
from skinformer.series.covariates import Covariates
from skinformer.series.filling import fill
from skinformer.series.grid import RowGrid
from skinformer.series.history import Observed, Stretch
from skinformer.series.layout import lay_out, place_rows
from skinformer.series.rows import Rows


def observed_of(values):
    """Values beside which nothing else was observed."""
    return Observed(values, np.empty((len(values), 0), dtype=np.int64))


def start_history(index, observed, covariates, n_targets, freq=None):
    """The history of a series that is alone."""
    place = place_rows(index, freq)
    return lay_out([place], observed, covariates, n_targets)[0]


def stretch_of(targets, given, covariates, grid):
    """Rows that lie on the grid already."""
    filled = fill(targets, grid.season)
    n_targets = targets.shape[1]
    return Stretch(observed_of(targets), given, covariates, grid, n_targets, filled)


def rows_of(values, numeric, codes):
    """The rows of one series, all of whose values are targets."""
    values = np.ascontiguousarray(values)  # as histories store them
    given = np.ones(len(values), dtype=bool)
    return Rows.of([stretch_of(values, given, Covariates(numeric, codes), RowGrid())])


def hours(rows):
    """Stamps of those rows of an hourly grid, which starts on a Monday."""
    rows = pd.to_timedelta(np.asarray(rows) * 3600, unit="s")
    return pd.Timestamp("2024-01-01") + rows


def covariates(values, dtype=np.float64):
    """One number per row, and a category that goes with it."""
    values = np.array(values, dtype=dtype)
    return Covariates(values[:, None], values[:, None].astype(np.int64) % 5)


def targets(values):
    """Two targets per row."""
    return np.column_stack([values, -np.array(values, dtype=float)])


def plain_history(index, values, covariates, freq=None):
    """The history of a series of which nothing but the targets was observed."""
    return start_history(index, observed_of(values), covariates, values.shape[1], freq)


def history_of(rows):
    """A history in which every row's numbers are its position."""
    rows = list(rows)
    return plain_history(
        hours(rows), targets(np.array(rows, float)), covariates(rows), "h"
    )


def append_rows(history, index, values, covariates):
    return extension.append_rows(history, index, observed_of(values), covariates)


def timeless(targets, numeric=None, given=None, weights=None, series=0, n_targets=None):
    """Rows without time; those without a target were not given."""
    targets = np.asarray(targets, dtype=np.float64)
    n, k = targets.shape
    numeric = np.empty((n, 0)) if numeric is None else np.asarray(numeric)
    covariates = Covariates(numeric, np.empty((n, 0), int))
    observed = replace(observed_of(targets), weights=weights)
    return Stretch(
        observed,
        ~np.isnan(targets).all(axis=1) if given is None else np.asarray(given),
        covariates,
        RowGrid(),
        k if n_targets is None else n_targets,
        fill(targets),
        series=series,
    )
