"""The highway: the closed-form paths of a forecast, beside which a network learns.

First a regressor says what a row's covariates tell of its targets; then a linear map
carries what is left of the last rows over to the horizon. A network learns what both
leave over. Either part may be absent.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import numpy as np

from skinformer._powers import root_mean_square
from skinformer.series.chunks import is_mapped, let_go
from skinformer.series.covariates import Columns
from skinformer.series.history import Stretch
from skinformer.series.windows import Scale, Windows

from .covariate_path import CovariatePath
from .jobs import Jobs, series_of
from .lazy_arrays import Arrays, LazyArrays
from .residual_windows import ResidualWindows
from .ridge_map import RidgeMap
from .windowing import LARGEST, WindowScaler

__all__ = ["Highway"]

# rows of all windows that are mapped together
MAPPED_ROWS = 2**18


def not_finer_than_rounding(scaler: WindowScaler, targets: np.ndarray) -> None:
    """Give what a regressor leaves of targets (n, n_targets) a unit it can be seen in.

    Of a target that it explains to the last digit only rounding is left.
    """
    # without a copy of all rows; (n_targets,)
    largest = np.fmax(np.fmax.reduce(targets), -np.fmin.reduce(targets))
    least = 100 * np.finfo(np.float64).eps * np.nan_to_num(largest.astype(np.float64))
    scaler.raise_scale(least)


def once_each(
    jobs: Sequence[tuple[Stretch, Any]], tell: Callable[[Stretch, Any], np.ndarray]
) -> Iterator[np.ndarray]:
    """Tell what covariates say, once for all jobs on the same rows: paths of a series.

    Rows are the same where they lie in the same memory.
    """
    told: dict[tuple, np.ndarray] = {}
    for stretch, starts in jobs:
        parts = stretch.covariates.numeric, stretch.covariates.codes
        memory = [(array.ctypes.data, array.shape, array.strides) for array in parts]
        rows = None if starts is None else starts.tobytes()
        key = (*memory, stretch.offset, stretch.n_known, rows)
        if key not in told:
            told[key] = tell(stretch, starts)
        yield told[key]


def weights_of(
    histories: Sequence[Stretch], n_train: Sequence[int]
) -> list[np.ndarray] | None:
    """Return how much the rows that train count, None where all count the same."""
    weights: list[Any] = [h.observed.weights for h in histories]
    if weights[0] is None:
        return None
    return [w[:n] for w, n in zip(weights, n_train, strict=True)]


class Highway:
    """What is forecast without a network.

    Parameters
    ----------
    regressor : scikit-learn regressor or None
        From covariates to a target; None leaves covariates aside.
    columns : Columns
    seq_len, pred_len : int
        Rows of context and of horizon.
    selective : bool, default=False
        Whether the regressor has to earn its place, target by target.
    per_series : bool, default=False
        Whether each series is standardised by its own statistics.

    Attributes
    ----------
    path_ : CovariatePath or None
        None where there is no regressor or column, or where it helps no target.
    kept_ : ndarray of shape (n_targets,), bool, or None
        Which targets it helps; None if it need not.
    scaler_ : WindowScaler
        Of what the covariates leave over.
    ridge_ : RidgeMap
    """

    def __init__(
        self,
        regressor: Any,
        columns: Columns,
        seq_len: int,
        pred_len: int,
        selective: bool = False,
        per_series: bool = False,
    ):
        self.regressor, self.columns = regressor, columns
        self.seq_len, self.pred_len = seq_len, pred_len
        self.selective = selective
        self.kept_: np.ndarray | None = None
        self.per_series = per_series

    def fit(
        self,
        histories: Sequence[Stretch],
        n_train: Sequence[int],
        scaler: WindowScaler | None = None,
        honest: bool = True,
    ) -> Self:
        """Learn from the rows of each history that train; keep a scaler that is given.

        If not ``honest``, what only :meth:`residuals` of training needs is left out.
        """
        rest = self._fit_path(histories, n_train)
        if scaler is None:
            scaler = WindowScaler(self.seq_len, self.pred_len, self.per_series)
            scaler.fit(rest, n_train)
            if self.path_ is not None:
                not_finer_than_rounding(scaler, histories[0].targets[: n_train[0]])
        self.scaler_ = scaler
        self.ridge_ = self._new_map(histories[0]).fit(
            *self._columns_of(rest, n_train),
            by_block=honest,
            weights=weights_of(histories, n_train),
        )
        return self

    def refit(self, histories: Sequence[Stretch]) -> "Highway":
        """Return the highway that all rows give, in the same units."""
        other = copy.copy(self)  # keeps what the network has learned to correct
        n_known = [history.n_known for history in histories]
        return other.fit(histories, n_known, self.scaler_, honest=False)

    def with_scaler(self, scaler: WindowScaler) -> "Highway":
        """Return the highway in units that hold for more series."""
        other = copy.copy(self)
        other.scaler_ = scaler
        return other

    def forget(self) -> Self:
        """Drop what only training needs."""
        self.ridge_.block_coef_ = None
        if self.path_ is not None:
            self.path_.honest_ = None
        return self

    def rest(self, jobs: Jobs) -> Jobs:
        """Return the stretches with what their covariates tell taken off."""
        path = self.path_
        if path is None:
            return jobs
        told = once_each([(s, None) for s, _ in jobs], lambda s, _: path.told(s))
        return [(s.less(t), starts) for (s, starts), t in zip(jobs, told, strict=True)]

    def honest_rest(self, jobs: Sequence[tuple[Stretch, Any]]) -> Jobs:
        """Return the same as training sees it: told by what has not seen a row."""
        if self.path_ is None:
            return jobs
        return [(s.less(self.path_.honest_), starts) for s, starts in jobs]

    def windows(self, rest: Jobs) -> Windows:
        """Cut windows, as long as the linear map's context, out of what is left."""
        return self.scaler_.windows(rest, self.seq_len)

    def residuals(self, jobs: Jobs, seq_len: int, honest: bool) -> ResidualWindows:
        """Cut windows of ``seq_len`` rows, with what is left of their targets.

        If ``honest``, by parts of the highway that have not seen them; else by the
        highway as it will forecast.
        """
        rest = self.honest_rest(jobs) if honest else self.rest(jobs)
        windows = self.scaler_.windows(rest, seq_len)
        return ResidualWindows(windows, self.windows(rest), self.ridge_, honest)

    def carry(self, windows: Windows) -> np.ndarray:
        """Map windows to their horizons, (n_windows, pred_len, n_targets)."""
        size = max(MAPPED_ROWS // (self.seq_len + self.pred_len), 1)
        return np.concatenate(
            [
                self.ridge_.forecast(windows.context(slice(first, first + size)))
                for first in range(0, len(windows), size)
            ]
        )

    def restore(self, carried: np.ndarray, jobs: Jobs) -> np.ndarray:
        """Return standardised forecasts of what is left in the unit of the targets."""
        # a target that never moved while training has the unit 1 here, and may move now
        scaler = self.scaler_.target_scaler_.of(series_of(jobs))
        forecast = carried.astype(np.float64) * scaler.scale_ + scaler.mean_
        path = self.path_
        if path is None:
            return forecast
        told = once_each(jobs, lambda s, at: path.blocks(s, at, self.pred_len))
        return forecast + np.concatenate(list(told))

    def forecast(self, jobs: Jobs) -> np.ndarray:
        """Forecast blocks, (n_blocks, pred_len, n_targets)."""
        return self.restore(self.carry(self.windows(self.rest(jobs))), jobs)

    def _fit_path(
        self, histories: Sequence[Stretch], n_train: Sequence[int]
    ) -> list[Stretch]:
        """Fit the regressors, and return what they leave over for training."""
        self.path_: CovariatePath | None = None
        if self.regressor is None or not self.columns.names:
            return list(histories)
        history, n_rows = histories[0], n_train[0]
        path = CovariatePath(self.regressor, self.columns).fit(history, n_rows)
        if self.selective and self.kept_ is None:
            self.kept_ = self._helped(history, n_rows, path)
        if self.kept_ is not None:
            path.keep(self.kept_)
        self.path_ = path if path.kept_.any() else None
        return [s for s, _ in self.honest_rest([(h, None) for h in histories])]

    def _helped(self, history: Stretch, n_rows: int, path: CovariatePath) -> np.ndarray:
        """Say which targets a map forecasts better with a regressor than without.

        Both by blocks of time left out. A regressor of the calendar may take a trend
        for an effect of the weekday, which a map alone carries on.
        """
        targets = history.filled_targets[:n_rows].astype(np.float64)
        rest = history.less(path.honest_).filled_targets
        size = root_mean_square(targets - targets.mean(axis=0), np.array(n_rows))
        size[size == 0] = 1.0
        error = self._new_map(history).error_left_out
        pairs = zip((rest / size).T, (targets / size).T, strict=True)
        return np.array([error([left]) <= error([whole]) for left, whole in pairs])

    def _new_map(self, history: Stretch) -> RidgeMap:
        return RidgeMap(self.seq_len, self.pred_len, history.grid.season)

    def _columns_of(
        self, rest: Sequence[Stretch], n_train: Sequence[int]
    ) -> tuple[Callable[[int], Arrays], int]:
        """Return a reader of standardised columns, gaps filled, and their number."""
        stored = is_mapped(rest[0].observed.values)

        def column(c: int) -> Arrays:
            made = LazyArrays(
                lambda i: self._standardised(rest[i], n_train[i], c), n_train
            )
            return made if stored else list(made)

        return column, rest[0].n_targets

    def _standardised(self, stretch: Stretch, n: int, c: int) -> np.ndarray:
        """Return the first rows of a target, gaps filled, (n,)."""
        scaler = self.scaler_.target_scaler_
        at = (stretch.series, c) if scaler.mean_.ndim == 2 else c
        scale = Scale(scaler.mean_[at], scaler.scale_[at], LARGEST)
        values = scale.standardise(stretch.filled_targets[:n, c])
        let_go(stretch.filled.between[:n])
        return values
