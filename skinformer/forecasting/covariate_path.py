"""The path from covariates: what a row's calendar and weather say of its targets.

A scikit-learn regressor for each target. The rest of a model trains on what the
regressor leaves over, and must not see it as small as it is on rows that the regressor
was fitted on: rows are cut into blocks of time, and each block is told by a regressor
that was fitted without it. To forecast, one regressor speaks of context and horizon
alike: of two, each with a level of its own, the difference would count as news.
"""

from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from skinformer._filters import predicted
from skinformer.series.chunks import chunks
from skinformer.series.covariates import Columns, Covariates
from skinformer.series.history import Stretch

__all__ = ["CovariatePath", "covariate_frame"]

N_BLOCKS = 5
# rows that a regressor is fitted on at the most, drawn from all: enough for calendar
# and weather, and as much as fits into memory as a table of indicators
MOST_ROWS = 50_000


def covariate_frame(
    columns: Columns, covariates: Covariates, first: int
) -> pd.DataFrame:
    """Return covariates as a frame, indexed by the position on the grid.

    Categories that ``fit`` did not see are missing values.
    """
    numeric, codes = iter(covariates.numeric.T), iter(covariates.codes.T)
    data = {}
    for name, categories in zip(columns.names, columns.categories, strict=True):
        if categories is None:
            data[str(name)] = next(numeric)
            continue
        code = next(codes)
        known = np.where(code < len(categories), code, -1)
        data[str(name)] = pd.Categorical.from_codes(known, categories=categories)
    # a RangeIndex would only count rows, and say nothing of time
    index = pd.Index(np.arange(first, first + len(covariates)))
    return pd.DataFrame(data, index=index)


def some_rows(rows: np.ndarray) -> np.ndarray:
    """Draw, in order, as many rows as a regressor is fitted on; not every k-th, which
    would leave hours of the day out.
    """
    if len(rows) <= MOST_ROWS:
        return rows
    drawn = np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False)
    return np.sort(drawn)


def time_blocks(n: int) -> list[np.ndarray]:
    """Cut n rows into blocks of consecutive ones, as many as the path has.

    >>> [block.tolist() for block in time_blocks(6)]
    [[0, 1], [2], [3], [4], [5]]
    """
    return [block for block in np.array_split(np.arange(n), N_BLOCKS) if len(block)]


class CovariatePath:
    """A regressor from covariates to each target, cross-fitted in time.

    Parameters
    ----------
    regressor : scikit-learn regressor
        Cloned; never fitted itself.
    columns : Columns

    Attributes
    ----------
    regressors_ : list of n_targets regressors
        Fitted on all rows that train.
    kept_ : ndarray of shape (n_targets,), bool
        Which targets are told anything; the others are told nothing, 0.
    honest_ : ndarray of shape (n_rows, n_targets) or None
        What each of these rows is told by a regressor that has not seen its block; None
        once nothing trains on it any more.
    """

    def __init__(self, regressor: Any, columns: Columns):
        self.regressor, self.columns = regressor, columns

    def fit(self, history: Stretch, n_rows: int) -> Self:
        """Learn from the rows before row ``n_rows`` whose targets are known."""
        self._typical = typical_numbers(self.regressor, history, n_rows)
        frame = self._frame(history, 0, n_rows)
        targets = history.targets[:n_rows].astype(np.float64)
        weights = history.observed.weights
        weights = None if weights is None else weights[:n_rows]
        fitted = partial(self._fitted, frame, targets, weights)
        self.regressors_ = fitted(np.ones(n_rows, dtype=bool))
        self.kept_ = np.ones(targets.shape[1], dtype=bool)
        self.honest_: np.ndarray | Any = np.empty_like(targets)  # Any is None here
        for block in time_blocks(n_rows):
            others = np.ones(n_rows, dtype=bool)
            others[block] = False
            self.honest_[block] = tell(fitted(others), frame.iloc[block])
        return self

    def keep(self, which: np.ndarray) -> Self:
        """Tell only these targets, (n_targets,) of bool, anything."""
        self.kept_ = which
        self.honest_[:, ~which] = 0.0
        return self

    def told(self, stretch: Stretch) -> np.ndarray:
        """Say the rows whose targets are known, (n_known, n_targets)."""
        return self.predict(stretch, 0, stretch.n_known)

    def predict(self, stretch: Stretch, first: int, stop: int) -> np.ndarray:
        """Say rows ``first`` to ``stop - 1`` of a stretch, (n, n_targets)."""
        told = np.empty((stop - first, len(self.regressors_)))
        for part in chunks(stop - first):
            frame = self._frame(stretch, first + part.start, first + part.stop)
            told[part] = tell(self.regressors_, frame)
        told[:, ~self.kept_] = 0.0
        return told

    def blocks(self, stretch: Stretch, starts: np.ndarray, pred_len: int) -> np.ndarray:
        """Say the rows of blocks, (n_blocks, pred_len, n_targets)."""
        rows = starts[:, None] + np.arange(pred_len)  # (n_blocks, pred_len)
        first, stop = int(rows.min()), int(rows.max()) + 1
        if len(starts) * pred_len >= stop - first:  # blocks that touch or overlap
            return self.predict(stretch, first, stop)[rows - first]
        return np.stack([self.predict(stretch, s, s + pred_len) for s in starts])

    def _frame(self, stretch: Stretch, first: int, stop: int) -> pd.DataFrame:
        rows = stretch.covariates.take(slice(first, stop))
        if self._typical is not None:
            missing = np.isnan(rows.numeric)
            if missing.any():
                numeric = np.where(missing, self._typical, rows.numeric)
                rows = Covariates(numeric, rows.codes)
        return covariate_frame(self.columns, rows, stretch.offset + first)

    def _fitted(
        self,
        frame: pd.DataFrame,
        targets: np.ndarray,
        weights: np.ndarray | None,
        chosen: np.ndarray,
    ) -> list:
        """Fit a clone for each target, on those chosen rows in which it is known.

        Where none is left, on all rows in which it is.
        """
        known = ~np.isnan(targets)  # (n_rows, n_targets)
        if weights is not None:
            known &= (weights > 0)[:, None]
        regressors = []
        for y, is_known in zip(targets.T, known.T, strict=True):
            if not is_known.any():  # nothing is told of it
                regressors.append(nothing_told(frame, y))
                continue
            some = is_known & chosen
            rows = some_rows(np.flatnonzero(some if some.any() else is_known))
            weight = None if weights is None else weights[rows]
            regressors.append(
                fit_clone(self.regressor, frame.iloc[rows], y[rows], weight)
            )
        return regressors


def nothing_told(frame: pd.DataFrame, y: np.ndarray) -> Any:
    """Return a regressor that says zero."""
    silent = DummyRegressor(strategy="constant", constant=0.0)
    return silent.fit(np.zeros((len(frame), 1)), np.zeros(len(y)))


def typical_numbers(regressor: Any, history: Stretch, n_rows: int) -> np.ndarray | None:
    """Return what stands in place of missing numbers, (n_numeric,): training means.

    None for a regressor that takes missing numbers as they are.
    """
    if get_tags(regressor).input_tags.allow_nan:
        return None
    numeric = history.covariates.numeric[:n_rows]
    known = ~np.isnan(numeric)
    total = np.where(known, numeric, 0.0).sum(axis=0, dtype=np.float64)
    return total / np.maximum(known.sum(axis=0), 1)


def fit_clone(
    regressor: Any, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray | None
) -> Any:
    """Fit a copy, weighted if it takes weights; say whose error it is if that fails."""
    copied = clone(regressor)
    weighed = weight is not None and has_fit_parameter(copied, "sample_weight")
    try:
        copied.fit(X, y, **({"sample_weight": weight} if weighed else {}))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"highway={regressor!r} could not be fitted on {len(X)} rows of the "
            f"covariates: {error} Columns of dtype category reach it as such: put an "
            "encoder in a pipeline with it, or give highway='auto' or 'ridge'."
        ) from error
    return copied


def tell(regressors: list, frame: pd.DataFrame) -> np.ndarray:
    """Predict every target, (n_rows, n_targets).

    Raises
    ------
    ValueError
        If a regressor returns anything but one finite number for each row.
    """
    told = [np.asarray(predicted(r, frame), dtype=np.float64) for r in regressors]
    for regressor, values in zip(regressors, told, strict=True):
        if values.size != len(frame) or not np.isfinite(values).all():
            raise ValueError(
                f"highway={regressor!r} returned values of shape {values.shape} for "
                f"{len(frame)} rows, or some that are not finite; it must return one "
                "finite number for each row."
            )
    return np.stack([values.reshape(-1) for values in told], axis=1)
