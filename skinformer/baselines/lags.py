"""Lags and rolling means in the columns of an ordinary regressor."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils import get_tags

from skinformer._filters import predicted
from skinformer._validation import HasMethods, Interval, StrOptions
from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.seeds import seed_all
from skinformer.forecasting.windowing import extent
from skinformer.series.history import Stretch

from .lag_features import (
    auto_lags,
    auto_windows,
    covariate_matrix,
    direct_offsets,
    known_mean,
    lag_matrix,
    trailing_means,
)

__all__ = ["LagForecaster"]

# windows that are forecast in step, so that their rows take some tens of megabytes
WINDOWS_AT_ONCE = 4096
# ranges of the target, beyond its own, that a forecast fed on forecasts may go
MOST_RANGES = 100.0
# lags from 1 on, one by one; of more, the list alone would fill the memory
MOST_LAGS = 1_000_000


def check_rows(name: str, rows: Any, least: int) -> None:
    """Refuse lags or windows that are no whole numbers from ``least`` on."""
    for row in rows:
        if isinstance(row, bool) or not isinstance(row, Integral) or row < least:
            raise ValueError(
                f"{name}={rows!r} holds {row!r}; give whole numbers of at least "
                f"{least}, or 'auto'."
            )


def takes_categories(regressor: Any) -> bool:
    """Tell whether a regressor takes categories as codes."""
    return isinstance(regressor, HistGradientBoostingRegressor)


class LagForecaster(BaseForecaster):
    """Forecast by a regressor on lags, rolling means and known covariates.

    A row of its table holds the target some rows before (the lags), means of the target
    over the last rows (the windows), and the covariates of the row to be forecast.
    There is one regressor for each target.

    Parameters
    ----------
    regressor : scikit-learn regressor or None, default=None
        It is cloned, never fitted itself. None is ``HistGradientBoostingRegressor``
        without early stopping, which would validate on rows among those it trains on.
        It takes categories as such; any other regressor gets a column of 0 and 1 for
        each value. Absent lags are NaN for a regressor that takes NaN, the training
        mean for any other.
    pred_len : int, default=24
        Rows in a block; longer forecasts run block after block.
    lags : "auto", int or sequence of int, default="auto"
        Rows back; an int stands for all from 1 up to it. "auto" is 1, 2 and 3 rows,
        one season and the rows beside it, two and seven seasons, of these the ones
        that leave at least half of the history to train on.
    windows : "auto", None or sequence of int, default="auto"
        Rows of each rolling mean, the last one being the row before. "auto" is one
        season and seven, None is no mean.
    strategy : {"recursive", "direct"}, default="recursive"
        "recursive" has one regressor for one row ahead, fed with its own forecasts,
        which are kept within a hundred ranges of the target beyond its own.
        "direct" has one for each row of ``pred_len``, all of which see known rows only:
        a lag shorter than a season counts from the origin then, a longer one from the
        row itself, put back by whole seasons until it is known.
    n_jobs : int or None, default=None
        Processes that fit regressors at the same time, as in scikit-learn.
    random_state : int, RandomState instance or None, default=None
        Seed of regressors that have no seed of their own.
    freq : str, offset or None, default=None
        Step of the time index; None reads it off the index.
    time : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        As in :class:`~skinformer.InformerRegressor`.

    Attributes
    ----------
    regressors_ : list of list
        For each target the fitted regressors: one, or one for each row of a block.
    lags_ : ndarray of int
        The lags used.
    windows_ : ndarray of int
        The windows used.
    n_targets_ : int
        Number of targets.
    target_names_ : list
        Their names.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if ``X`` has any.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from skinformer import LagForecaster
    >>> y = 2.0 ** np.arange(10)
    >>> model = LagForecaster(LinearRegression(), pred_len=3, lags=1, windows=None)
    >>> model.fit(np.zeros((10, 1)), y).predict(np.zeros((3, 1)))
    array([1024., 2048., 4096.])
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseForecaster._parameter_constraints,
        "regressor": [HasMethods(["fit", "predict", "get_params"]), None],
        "lags": [StrOptions({"auto"}), Integral, "array-like"],
        "windows": [StrOptions({"auto"}), "array-like", None],
        "strategy": [StrOptions({"recursive", "direct"})],
        "n_jobs": [
            Interval(Integral, None, -1, closed="right"),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "random_state": ["random_state"],
    }
    _or_lower = ", or lower lags, windows or pred_len"

    def __init__(
        self,
        regressor: Any = None,
        *,
        pred_len: int = 24,
        lags: str | int | Sequence[int] = "auto",
        windows: str | Sequence[int] | None = "auto",
        strategy: str = "recursive",
        n_jobs: int | None = None,
        random_state: Any = None,
        freq: Any = None,
        time: Any = None,
        categorical_features: Any = "from_dtype",
    ):
        self.regressor = regressor
        self.pred_len = pred_len
        self.lags = lags
        self.windows = windows
        self.strategy = strategy
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.freq = freq
        self.time = time
        self.categorical_features = categorical_features

    # What the base class asks

    def _check_settings(self) -> None:
        lags, windows = self._given_lags(), self._given_windows()
        if lags is not None:
            check_rows("lags", lags, least=1)
        if windows is not None:
            check_rows("windows", windows, least=2)
        if lags is not None and len(lags) == 0:
            raise ValueError("lags is empty; give at least one, or 'auto'.")

    def _least_rows(self) -> int:
        longest = max([1, *(self._given_lags() or []), *(self._given_windows() or [])])
        return longest + self._n_steps()

    def _context_rows(self) -> int:
        return int(max([*self.lags_, *self.windows_]))

    def _fit(self, history: Stretch) -> None:
        self._choose_rows(history)
        self._season, self._steps = history.grid.season, self._n_steps()
        template = self._make_regressor()
        self._allows_nan = get_tags(template).input_tags.allow_nan
        self._as_codes = takes_categories(template)
        self._mean: Any = np.nanmean(history.targets, axis=0, dtype=np.float64)
        self._reach = np.array(extent(history.targets), dtype=np.float64)
        known = self._covariates(history)
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(clone(template).fit)(*self._table(history, known, target, step))
            for target in range(self.n_targets_)
            for step in range(self._steps)
        )
        size = self._steps
        self.regressors_ = [fitted[i : i + size] for i in range(0, len(fitted), size)]

    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        known = self._covariates(stretch)
        walk = self._walk if self._steps == 1 else self._leap
        forecast = np.empty((len(starts), self._pred_len, self.n_targets_))
        for target in range(self.n_targets_):
            values = stretch.targets[:, target].astype(np.float64)
            for first in range(0, len(starts), WINDOWS_AT_ONCE):
                part = slice(first, first + WINDOWS_AT_ONCE)
                forecast[part, :, target] = walk(values, known, starts[part], target)
        return forecast

    # Lags, windows and the regressor

    def _given_lags(self) -> list[int] | None:
        """Return the lags as a list, None for "auto"."""
        if isinstance(self.lags, str):
            return None
        if isinstance(self.lags, int | Integral):
            check_rows("lags", [int(self.lags)], least=1)
            if self.lags > MOST_LAGS:
                raise ValueError(
                    f"lags={self.lags} is more than {MOST_LAGS}; give fewer, or a list "
                    "of those that count."
                )
            return list(range(1, int(self.lags) + 1))
        return list(self.lags)

    def _given_windows(self) -> list[int] | None:
        """Return the windows as a list, None for "auto"."""
        if isinstance(self.windows, str):
            return None
        return list([] if self.windows is None else self.windows)

    def _n_steps(self) -> int:
        """Count the regressors for one target."""
        return 1 if self.strategy == "recursive" else self.pred_len

    def _choose_rows(self, history: Stretch) -> None:
        """Set ``lags_`` and ``windows_``."""
        season, n = history.grid.season, history.n_known
        longest = max(1, (n - self._n_steps() + 1) // 2)
        lags: Any = self._given_lags()
        if lags is None:
            lags = auto_lags(season, longest)
        windows: Any = self._given_windows()
        if windows is None:
            windows = auto_windows(season, longest)
        self.lags_ = np.unique(np.asarray(lags, dtype=np.int64))
        self.windows_ = np.unique(np.asarray(windows, dtype=np.int64))

    def _make_regressor(self) -> Any:
        """Return an unfitted regressor, with a seed, that knows its categories."""
        if self.regressor is None:
            regressor = HistGradientBoostingRegressor(early_stopping=False)
        else:
            regressor = clone(self.regressor)
        seed_all(regressor, self.random_state)
        if takes_categories(regressor):
            regressor.set_params(categorical_features=self._categories(regressor))
        return regressor

    def _categories(self, regressor: Any) -> np.ndarray:
        """Return a mask of the columns of the table that hold codes."""
        n_numbers = len(self.lags_) + len(self.windows_) + self._columns.n_numeric
        sizes = np.array(self._columns.cardinalities, dtype=np.int64)
        # it refuses more categories than it has bins: those count as numbers
        return np.r_[np.zeros(n_numbers, dtype=bool), sizes <= regressor.max_bins]

    # Tables

    def _covariates(self, stretch: Stretch) -> np.ndarray:
        """Return the columns of covariates of all rows, (n_rows, n_columns)."""
        return covariate_matrix(
            stretch.covariates, self._columns.cardinalities, self._as_codes
        )

    def _table(
        self, history: Stretch, known: np.ndarray, target: int, step: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what the regressor of one target and step is trained on."""
        values = history.targets[:, target].astype(np.float64)
        rows = np.arange(self._context_rows() + step, len(values))
        rows = rows[~np.isnan(values[rows])]
        offsets = direct_offsets(self.lags_, step, self._season)
        means = trailing_means(values, self.windows_)[rows - step]
        lags = lag_matrix(values, rows - step, offsets)
        return self._join(lags, means, known[rows], target), values[rows]

    def _join(
        self, lags: np.ndarray, means: np.ndarray, known: np.ndarray, target: int
    ) -> np.ndarray:
        """Put the columns side by side, with what is absent as the regressor takes it.

        Of shape (n_rows, n_lags + n_windows + n_covariates).
        """
        table = np.concatenate([lags, means, known], axis=1)
        if not self._allows_nan:
            table[np.isnan(table)] = self._mean[target]
        return table

    # Blocks of one target

    def _walk(
        self, values: np.ndarray, known: np.ndarray, starts: np.ndarray, target: int
    ) -> np.ndarray:
        """Forecast all blocks row after row from their own forecasts, (n, pred_len)."""
        regressor, context = self.regressors_[target][0], self._context_rows()
        rows = np.full((len(starts), context + self._pred_len), np.nan)
        rows[:, :context] = lag_matrix(values, starts, np.arange(context, 0, -1))
        low, high = self._band(rows[:, :context], target)
        for step in range(self._pred_len):
            now = context + step
            each = [known_mean(rows[:, now - w : now]) for w in self.windows_]
            means = np.array(each).reshape(-1, len(starts)).T
            lags = rows[:, now - self.lags_]
            table = self._join(lags, means, known[starts + step], target)
            rows[:, now] = np.clip(predicted(regressor, table), low, high)
        return rows[:, context:]

    def _band(self, rows: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Return how low and how high forecasts after rows (n, n_rows) may go, (n,).

        What feeds on its own forecasts can grow without end.
        """
        low, high = self._reach[:, target]
        room = MOST_RANGES * (high - low)
        return (
            np.fmin.reduce(rows, axis=1, initial=low) - room,
            np.fmax.reduce(rows, axis=1, initial=high) + room,
        )

    def _leap(
        self, values: np.ndarray, known: np.ndarray, starts: np.ndarray, target: int
    ) -> np.ndarray:
        """Forecast each row of all blocks by its own regressor, (n, pred_len)."""
        forecast = np.empty((len(starts), self._pred_len))
        means = trailing_means(values, self.windows_)[starts]
        for step, regressor in enumerate(self.regressors_[target]):
            offsets = direct_offsets(self.lags_, step, self._season)
            lags = lag_matrix(values, starts, offsets)
            table = self._join(lags, means, known[starts + step], target)
            forecast[:, step] = predicted(regressor, table)
        return forecast
