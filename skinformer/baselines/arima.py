"""ARIMA, with the season as waves beside it."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar, NamedTuple

import numpy as np

from skinformer._validation import Interval, StrOptions
from skinformer.exceptions import NotConvergedWarning, warn
from skinformer.forecasting.base import BaseForecaster
from skinformer.series.history import Stretch

from .harmonics import fit_heights, most_pairs, season_phase, wave_columns
from .state_space import FittedOrder, Order, filter_states, fit_order, forecast_states

__all__ = ["ARIMAForecaster"]

# pairs of waves that "auto" takes, where the season is long enough
USUAL_PAIRS = 4


def check_order(name: str, order: Any, n_parts: int) -> Any:
    """Return an order as a tuple of ``n_parts`` whole numbers from 0 on."""
    parts = tuple(order)
    is_int = [isinstance(p, Integral) and not isinstance(p, bool) for p in parts]
    if len(parts) != n_parts or not all(is_int) or min(parts) < 0:
        shape = "(p, d, q)" if n_parts == 3 else "(P, D, Q, rows in a season)"
        raise ValueError(
            f"{name}={order!r} must be {n_parts} whole numbers {shape} of at least 0."
        )
    return tuple(int(p) for p in parts)


class Fitted(NamedTuple):
    """What ARIMA has learned of one target."""

    heights: np.ndarray  # of the waves, (1 + 2 * n_pairs,)
    mean: float  # of what the waves leave over
    deviation: float
    found: FittedOrder  # the ARIMA of that, standardised


class ARIMAForecaster(BaseForecaster):
    """ARIMA with a season of waves, fitted by statsmodels.

    The season is a sum of sines and cosines (dynamic harmonic regression), which costs
    a long season no more than a short one; ARIMA describes what is left over. Each
    target has a model of its own. Parameters are found once, in ``fit``; a forecast
    runs the Kalman filter over all rows before it with these. Covariates are ignored.
    Needs the extra ``baselines``.

    Parameters
    ----------
    order : sequence of three int, default=(2, 1, 1)
        Autoregressive terms, differences, moving averages.
    pred_len : int, default=24
        Rows in a block; longer forecasts run block after block.
    seasonal_order : sequence of four int, default=(0, 0, 0, 0)
        The same for whole seasons, and the rows in a season. A season of more than
        about a dozen rows takes very long; leave it to the waves.
    season : "auto" or int, default="auto"
        Rows in the season of the waves. "auto" is that of the time index, as in
        :class:`SeasonalNaive`.
    n_fourier : "auto" or int, default="auto"
        Pairs of sine and cosine. "auto" is four, or as many as the season has rows
        for; none with a ``seasonal_order``, or for a history of less than two seasons.
    max_train_rows : int or None, default=20000
        Parameters are fitted to so many rows at the end of the history; None is all.
    max_iter : int, default=200
        Steps of each search for the highest likelihood.
    freq : str, offset or None, default=None
        Step of the time index; None reads it off the index.
    time : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        As in :class:`~skinformer.InformerRegressor`; only checked.

    Attributes
    ----------
    params_ : ndarray of shape (n_targets, n_params)
        Of the targets less their waves, standardised: autoregressive terms, moving
        averages, seasonal ones in the same order, variance.
    n_iter_ : ndarray of shape (n_targets,)
        Steps of the search that found them.
    n_fourier_ : int
        Pairs of sine and cosine.
    n_targets_ : int
        Number of targets.
    target_names_ : list
        Their names.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if ``X`` has any.

    Notes
    -----
    The heights of the waves are fitted by least squares on the differenced series
    before the ARIMA is, which for waves is as good as fitting both at once, in the long
    run (Grenander, 1954), and leaves a search over a few parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from skinformer import ARIMAForecaster
    >>> y = np.cumsum(np.random.default_rng(0).normal(size=200))
    >>> model = ARIMAForecaster((0, 1, 0), pred_len=2).fit(np.zeros((200, 1)), y)
    >>> bool(np.allclose(model.predict(np.zeros((2, 1))), y[-1]))  # a random walk
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseForecaster._parameter_constraints,
        "order": ["array-like"],
        "seasonal_order": ["array-like"],
        "season": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "n_fourier": [StrOptions({"auto"}), Interval(Integral, 0, None, closed="left")],
        "max_train_rows": [Interval(Integral, 1, None, closed="left"), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
    }
    _or_lower = ", or lower order, seasonal_order or n_fourier"

    def __init__(
        self,
        order: Sequence[int] = (2, 1, 1),
        *,
        pred_len: int = 24,
        seasonal_order: Sequence[int] = (0, 0, 0, 0),
        season: str | int = "auto",
        n_fourier: str | int = "auto",
        max_train_rows: int | None = 20_000,
        max_iter: int = 200,
        freq: Any = None,
        time: Any = None,
        categorical_features: Any = "from_dtype",
    ):
        self.order = order
        self.pred_len = pred_len
        self.seasonal_order = seasonal_order
        self.season = season
        self.n_fourier = n_fourier
        self.max_train_rows = max_train_rows
        self.max_iter = max_iter
        self.freq = freq
        self.time = time
        self.categorical_features = categorical_features

    def _given_order(self) -> Order:
        return Order(
            check_order("order", self.order, 3),
            check_order("seasonal_order", self.seasonal_order, 4),
        )

    def _check_settings(self) -> None:
        *parts, season = self._given_order().seasonal
        if any(parts) and season < 2:
            raise ValueError(
                f"seasonal_order={self.seasonal_order!r} has a season of {season} rows;"
                " give its last number as at least 2."
            )
        needed, limit = self._least_rows(), self.max_train_rows
        if limit is not None and limit < needed:
            raise ValueError(
                f"max_train_rows={limit} is too few: order={self.order!r} and "
                f"seasonal_order={self.seasonal_order!r} need at least {needed}."
            )

    def _least_rows(self) -> int:
        order, n_pairs = self._given_order(), self.n_fourier
        waves = 0 if isinstance(n_pairs, str) else 2 * n_pairs
        return order.n_lost + order.n_params + waves + 1

    def _fit(self, history: Stretch) -> None:
        self._order = self._given_order()
        self._season = None if isinstance(self.season, str) else self.season
        self.n_fourier_ = self._choose_pairs(history)
        self._models = [
            self._fit_target(history, target) for target in range(self.n_targets_)
        ]
        self.params_ = np.array([model.found.params for model in self._models])
        self.n_iter_ = np.array([model.found.n_iter for model in self._models])

    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        stop = int(starts.max())
        waves = self._waves(stretch, 0, stop + self._pred_len)
        rows = starts[:, None] + np.arange(self._pred_len)  # (n_blocks, pred_len)
        forecast = np.empty((*rows.shape, self.n_targets_))
        for target, model in enumerate(self._models):
            season = waves @ model.heights
            known = stretch.targets[:stop, target] - season[:stop]
            rest = (known - model.mean) / model.deviation
            ahead = self._ahead(rest, starts, model.found.params)
            forecast[:, :, target] = ahead * model.deviation + model.mean + season[rows]
        return forecast

    def _ahead(
        self, rest: np.ndarray, starts: np.ndarray, params: np.ndarray
    ) -> np.ndarray:
        """Forecast what the waves leave over, (n_blocks, pred_len)."""
        if len(rest) == 0:  # nothing is known before the first row
            return np.zeros((len(starts), self._pred_len))
        states, transition, design = filter_states(rest, self._order, params)
        return forecast_states(states[:, starts], transition, design, self._pred_len)

    def _choose_pairs(self, history: Stretch) -> int:
        """Return the number of pairs of waves, none that the season has no rows for."""
        season = self._season or history.grid.season
        most = most_pairs(season)
        if isinstance(self.n_fourier, str):
            is_short = history.n_known < 2 * season
            has_other = any(self._order.seasonal[:3])
            return 0 if is_short or has_other else min(USUAL_PAIRS, most)
        if self.n_fourier > most:
            raise ValueError(
                f"n_fourier={self.n_fourier} is more than a season of {season} rows "
                f"has, which is {most}. Give fewer, or the season= of the series."
            )
        return self.n_fourier

    def _waves(self, stretch: Stretch, start: int, stop: int) -> np.ndarray:
        """Return the columns of the waves, (stop - start, 1 + 2 * n_pairs)."""
        first = stretch.offset
        phase = season_phase(stretch.grid, first + start, first + stop, self._season)
        return wave_columns(phase, self.n_fourier_)

    def _fit_target(self, history: Stretch, target: int) -> Fitted:
        """Fit waves, and ARIMA to what they leave over."""
        n = history.n_known
        start = 0 if self.max_train_rows is None else max(n - self.max_train_rows, 0)
        values = history.targets[start:, target].astype(np.float64)
        waves = self._waves(history, start, n)
        heights = fit_heights(values, waves, self._order.plain[1])
        rest = values - waves @ heights
        # the search wants numbers near 1; a constant leaves nothing to divide by
        mean, deviation = np.nanmean(rest), np.nanstd(rest) or 1.0
        found = fit_order((rest - mean) / deviation, self._order, self.max_iter)
        if not found.converged:
            warn(
                "The search for the parameters of target "
                f"{self.target_names_[target]!r} did not end within max_iter="
                f"{self.max_iter} steps; the best so far are used. Raise max_iter, or "
                "give a lower order.",
                NotConvergedWarning,
            )
        return Fitted(heights, mean, deviation, found)
