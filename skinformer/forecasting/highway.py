"""The highway: the closed-form paths of a forecast, beside which a network learns.

First a regressor says what a row's covariates tell of its targets; then a linear map
carries what is left of the last rows over to the horizon. A network learns what both
leave over. Either part may be absent.
"""

from typing import Any, Self

import numpy as np
from sklearn.base import clone, is_regressor

from skinformer.series.covariates import Columns
from skinformer.series.history import Stretch
from skinformer.series.windows import Windows, fill_gaps

from .covariate_path import CovariatePath
from .covariate_regressor import CovariateRegressor
from .ridge_map import RidgeMap
from .seeds import seed_all
from .windowing import WindowScaler

__all__ = ["Highway", "ResidualWindows", "check_highway", "choose_regressor"]

# rows of all windows that are mapped together
MAPPED_ROWS = 2**18


def check_highway(highway: Any) -> None:
    """Refuse what is no regressor from a row's covariates to its target.

    Raises
    ------
    ValueError
        For classes, classifiers, forecasters.
    """
    if highway is None or isinstance(highway, str):
        return
    is_class = isinstance(highway, type)
    if is_class or not is_regressor(highway) or hasattr(highway, "pred_len"):
        raise ValueError(
            f"highway={highway!r} must be 'auto', 'ridge', or an instance of a "
            "scikit-learn regressor of covariates, such as "
            "HistGradientBoostingRegressor(); no class, classifier or forecaster."
        )


def choose_regressor(highway: Any, random_state: Any = 0) -> Any:
    """Return the regressor that a parameter ``highway`` puts in front, or None.

    It is a copy, whose generators are seeded.
    """
    if isinstance(highway, str):
        return CovariateRegressor() if highway == "auto" else None
    regressor = clone(highway)
    seed_all(regressor, random_state)
    return regressor


def not_finer_than_rounding(scaler: WindowScaler, targets: np.ndarray) -> None:
    """Give what a regressor leaves of targets (n, n_targets) a unit it can be seen in.

    Of a target that it explains to the last digit only rounding is left.
    """
    # without a copy of all rows; (n_targets,)
    largest = np.fmax(np.fmax.reduce(targets), -np.fmin.reduce(targets))
    least = 100 * np.finfo(np.float64).eps * np.nan_to_num(largest.astype(np.float64))
    scale = scaler.target_scaler_.scale_
    scaler.target_scaler_.scale_ = np.maximum(scale, least)


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
    ):
        self.regressor, self.columns = regressor, columns
        self.seq_len, self.pred_len = seq_len, pred_len
        self.selective, self.kept_ = selective, None

    def fit(
        self,
        history: Stretch,
        n_rows: int,
        scaler: WindowScaler | None = None,
        honest: bool = True,
    ) -> Self:
        """Learn from rows before row ``n_rows``; keep a scaler that is given.

        If not ``honest``, what only :meth:`residuals` of training needs is left out.
        """
        rest = self._fit_path(history, n_rows)
        if scaler is None:
            scaler = WindowScaler(self.seq_len, self.pred_len).fit(rest, n_rows)
            not_finer_than_rounding(scaler, history.targets[:n_rows])
        self.scaler_ = scaler
        self.ridge_ = self._new_map(history).fit(
            *self._columns_of(rest, n_rows), by_block=honest
        )
        return self

    def refit(self, history: Stretch) -> "Highway":
        """Return the highway that all rows give, in the same units."""
        lengths = self.seq_len, self.pred_len
        other = Highway(self.regressor, self.columns, *lengths, self.selective)
        other.kept_ = self.kept_  # what the network has learned to correct
        return other.fit(history, history.n_known, self.scaler_, honest=False)

    def forget(self) -> Self:
        """Drop what only training needs."""
        self.ridge_.block_coef_ = None
        if self.path_ is not None:
            self.path_.honest_ = None
        return self

    def rest(self, stretch: Stretch) -> Stretch:
        """Return the stretch with what its covariates tell taken off its targets."""
        if self.path_ is None:
            return stretch
        return stretch.with_targets(self.path_.rest(stretch))

    def honest_rest(self, history: Stretch) -> Stretch:
        """Return the same as training sees it: told by what has not seen a row."""
        if self.path_ is None:
            return history
        return history.with_targets(self.path_.honest_rest(history))

    def windows(self, rest: Stretch, starts: np.ndarray) -> Windows:
        """Cut windows, as long as the linear map's context, out of what is left."""
        return self.scaler_.windows(rest, starts, self.seq_len)

    def residuals(
        self, history: Stretch, starts: np.ndarray, seq_len: int, honest: bool
    ) -> "ResidualWindows":
        """Cut windows of ``seq_len`` rows, with what is left of their targets.

        If ``honest``, by parts of the highway that have not seen them; else by the
        highway as it will forecast.
        """
        rest = self.honest_rest(history) if honest else self.rest(history)
        windows = self.scaler_.windows(rest, starts, seq_len)
        return ResidualWindows(windows, self.windows(rest, starts), self.ridge_, honest)

    def carry(self, windows: Windows) -> np.ndarray:
        """Map windows to their horizons, (n_windows, pred_len, n_targets)."""
        size = max(MAPPED_ROWS // (self.seq_len + self.pred_len), 1)
        return np.concatenate(
            [
                self.ridge_.forecast(windows.context(slice(first, first + size)))
                for first in range(0, len(windows), size)
            ]
        )

    def restore(
        self, carried: np.ndarray, stretch: Stretch, starts: np.ndarray
    ) -> np.ndarray:
        """Return standardised forecasts of what is left in the unit of the targets."""
        # a target that never moved while training has the unit 1 here, and may move now
        scaler = self.scaler_.target_scaler_
        forecast = carried.astype(np.float64) * scaler.scale_ + scaler.mean_
        if self.path_ is None:
            return forecast
        return forecast + self.path_.blocks(stretch, starts, self.pred_len)

    def forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        """Forecast blocks, (n_blocks, pred_len, n_targets)."""
        windows = self.windows(self.rest(stretch), starts)
        return self.restore(self.carry(windows), stretch, starts)

    def _fit_path(self, history: Stretch, n_rows: int) -> Stretch:
        """Fit the regressors, and return what they leave over for training."""
        self.path_ = None
        if self.regressor is not None and self.columns.names:
            path = CovariatePath(self.regressor, self.columns).fit(history, n_rows)
            if self.selective and self.kept_ is None:
                self.kept_ = self._helped(history, n_rows, path)
            if self.kept_ is not None:
                path.keep(self.kept_)
            self.path_ = path if path.kept_.any() else None
        return self.honest_rest(history)

    def _helped(self, history: Stretch, n_rows: int, path: CovariatePath) -> np.ndarray:
        """Say which targets a map forecasts better with a regressor than without.

        Both by blocks of time left out. A regressor of the calendar may take a trend
        for an effect of the weekday, which a map alone carries on.
        """
        targets = fill_gaps(history.targets[:n_rows]).astype(np.float64)
        rest = fill_gaps(path.honest_rest(history))
        size = targets.std(axis=0)
        size[size == 0] = 1.0
        error = self._new_map(history).error_left_out
        pairs = zip((rest / size).T, (targets / size).T, strict=True)
        return np.array([error([left]) <= error([whole]) for left, whole in pairs])

    def _new_map(self, history: Stretch) -> RidgeMap:
        return RidgeMap(self.seq_len, self.pred_len, history.grid.season)

    def _columns_of(self, rest: Stretch, n_rows: int) -> tuple:
        """Return a reader of standardised columns, gaps filled, and their number."""
        filled, scaler = fill_gaps(rest.targets[:n_rows]), self.scaler_.target_scaler_

        def column(c: int) -> list[np.ndarray]:
            values = filled[:, c].astype(np.float64)
            return [(values - scaler.mean_[c]) / scaler.scale_[c]]

        return column, filled.shape[1]


class ResidualWindows(Windows):
    """Windows whose targets are what the linear map leaves over.

    Parameters
    ----------
    windows : Windows
        As the network reads them.
    long : Windows
        The same, as long as the map's context.
    ridge : RidgeMap
    honest : bool
        Whether each window is mapped without what its own block of time has taught.
    """

    def __init__(self, windows: Windows, long: Windows, ridge: RidgeMap, honest: bool):
        vars(self).update(vars(windows))
        self.long, self.ridge, self.honest = long, ridge, honest

    def at(self, starts: np.ndarray) -> "ResidualWindows":
        """Return windows of the same rows at other starts."""
        other = super().at(starts)
        other.long = self.long.at(starts)
        return other

    def batch(self, which: Any) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Copy a batch of windows; see :meth:`Windows.batch`."""
        inputs, targets = super().batch(which)
        return inputs, targets - self._carried(which)

    def _carried(self, which: Any) -> np.ndarray:
        """Map the windows' contexts, (B, pred_len, n_targets)."""
        context = self.long.context(which)
        if not self.honest:
            return self.ridge.forecast(context)
        block = self.ridge.blocks_of(self.starts[which])
        carried = np.empty(
            (len(context), self.pred_len, context.shape[2]), dtype=context.dtype
        )
        for k in np.unique(block):
            carried[block == k] = self.ridge.forecast(context[block == k], k)
        return carried
