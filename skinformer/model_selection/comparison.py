"""Whether one forecaster is better than another: a paired block bootstrap."""

from dataclasses import dataclass
from math import ceil
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from skinformer.forecasting.origins import check_whole

from .metrics import check_metric, sums
from .results import BacktestResult

__all__ = ["Comparison", "compare_backtests"]


def block_sums(values: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Sum values (n,) over blocks, (n_bootstrap, n_blocks), and over these.

    >>> starts, sizes = np.array([[0, 2], [1, 1]]), np.array([2, 1])
    >>> block_sums(np.array([1.0, 10.0, 100.0]), starts, sizes)
    array([111., 120.])
    """
    total = np.concatenate([[0.0], np.cumsum(values)])
    return (total[starts + sizes] - total[starts]).sum(axis=1)


def draw_blocks(
    n: int, length: int, n_bootstrap: int, random: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Draw blocks that make up n windows: starts (n_bootstrap, n_blocks), and sizes.

    The last block is cut so that each sample has n windows.
    """
    n_blocks = -(-n // length)
    starts = random.randint(0, n - length + 1, size=(n_bootstrap, n_blocks))
    sizes = np.full(n_blocks, length)
    sizes[-1] = n - length * (n_blocks - 1)
    return starts, sizes


# blocks; of no more than these an interval is too narrow
FEW = 10


@dataclass(frozen=True, repr=False)
class Comparison:
    """The difference in error of two backtests over the same windows.

    Attributes
    ----------
    metric : str
        The error that is compared.
    difference : float
        Error of the first minus that of the second: negative where the first is better.
    interval : tuple of two floats
        Where the difference may lie, by a paired block bootstrap over windows.
    confidence : float
        Share of such intervals that hold the true difference, about.
    n_windows, block_length : int
        Windows, and how many origins in a row a sample takes at once.
    n_origins : int
        Different origins: as many as windows, but where there are many series.
    """

    metric: str
    difference: float
    interval: tuple[float, float]
    confidence: float
    n_windows: int
    block_length: int
    n_origins: int

    @property
    def tie(self) -> bool:
        """Whether the interval holds zero: neither is shown to be better."""
        low, high = self.interval
        return not (low > 0 or high < 0)

    def __repr__(self) -> str:
        low, high = self.interval
        better = "the first" if self.difference < 0 else "the second"
        verdict = "a tie" if self.tie else f"{better} is better"
        if self.n_origins <= FEW * self.block_length:
            verdict += " (few blocks: the interval is too narrow)"
        origins = f" of {self.n_origins} origins" * (self.n_origins < self.n_windows)
        return (
            f"{self.metric}: difference {self.difference:.4g}, {self.confidence:.0%} "
            f"interval [{low:.4g}, {high:.4g}] over {self.n_windows} windows{origins} "
            f"in blocks of {self.block_length}: {verdict}"
        )


def compare_backtests(
    a: BacktestResult,
    b: BacktestResult,
    *,
    metric: str = "mae",
    standardized: bool = False,
    block_length: int | None = None,
    n_bootstrap: int = 2000,
    confidence: float = 0.95,
    random_state: Any = None,
) -> Comparison:
    """Compare the errors of two forecasters over the same windows.

    Windows are resampled in blocks of neighbours, the same for both: neighbouring
    windows share rows, and their errors are alike. An interval that holds zero is a
    tie.

    Of many series, origins are resampled: a block holds the windows of all series from
    some origins in a row. Series err together, on a holiday or in a frost, so that
    their windows of one day are not as many proofs; more series do not stand in for
    more days. Without time, series count as in step, row by row after their histories.

    Parameters
    ----------
    a, b : BacktestResult
        Of the same rows, horizon, stride and gap.
    metric : str, default="mae"
        "mse", "mae", "rmse", "wape", "mase" or "rmsse".
    standardized : bool, default=False
        Whether errors are divided by the standard deviation of the training rows.
    block_length : int or None, default=None
        Origins in a block, at least as many as have windows that share a row. None
        takes that many, or the cube root of the number of origins if it is more.
    n_bootstrap : int, default=2000
        Samples drawn, at least ``2 / (1 - confidence)``.
    confidence : float, default=0.95
        Of the interval, between 0 and 1.
    random_state : int, RandomState instance or None, default=None
        Of the samples.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If windows, truths or, where they count, training rows differ, if blocks are
        shorter than the overlap, if the origins do not make two blocks, if samples are
        too few for the interval, or if one has no truth.

    Notes
    -----
    With few blocks (two to ten) the interval is too narrow; with more rows, or a
    longer stride, it is to be trusted.

    Examples
    --------
    >>> from skinformer import SeasonalNaive, backtest, compare_backtests
    >>> from skinformer import make_load_series
    >>> X, y = make_load_series(24 * 60, random_state=0)
    >>> rows = {"train_size": 720, "stride": 24}
    >>> day = backtest(SeasonalNaive(pred_len=24), X, y, **rows)
    >>> week = backtest(SeasonalNaive(pred_len=24, season=168), X, y, **rows)
    >>> result = compare_backtests(day, week, random_state=0)
    >>> result.n_windows, result.block_length
    (30, 3)
    """
    check_comparable(metric, n_bootstrap, confidence)
    check_same_windows(a, b)
    values = [r.metric(metric, standardized=standardized) for r in (a, b)]
    check_known(metric, values)
    if standardized or check_metric(metric).scaled:
        check_same_scale(a, b)
    turns, n = turns_of(a)
    length = choose_length(block_length, n, overlap_of(a, turns))
    blocks = draw_blocks(n, length, n_bootstrap, check_random_state(random_state))
    drawn = np.subtract(
        *(resampled(r, metric, standardized, turns, *blocks) for r in (a, b))
    )
    check_samples(metric, drawn)
    difference = values[0] - values[1]
    # blocks take windows at either end less often: the samples are moved to the middle
    drawn += difference - drawn.mean()
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    interval = float(low), float(high)
    n_windows = len(a.starts)
    return Comparison(
        metric, difference, interval, float(confidence), n_windows, length, n
    )


def resampled(
    result: BacktestResult,
    metric: str,
    standardized: bool,
    turns: np.ndarray,
    starts: np.ndarray,
    sizes: np.ndarray,
) -> np.ndarray:
    """Compute the metric of every sample, (n_bootstrap,)."""
    unit = result.scale.std if standardized and result.scale is not None else 1.0
    known, told = check_metric(metric), (result.y_true, result.y_pred)
    power = known.power(*told, unit)
    terms = sums(metric, *told, (1, 2), result.scale, np.multiply(unit, power))
    above, below = (
        block_sums(np.bincount(turns, term), starts, sizes) for term in terms
    )
    return known.finish(above, below, power)


def turns_of(result: BacktestResult) -> tuple[np.ndarray, int]:
    """Return the number of the origin of each window, in time, and how many there are.

    Windows of many series have origins in common.
    """
    if result.series is None:
        return np.arange(len(result.starts)), len(result.starts)
    turns, different = pd.factorize(result.origins, sort=True)
    return turns, len(different)


def overlap_of(result: BacktestResult, turns: np.ndarray) -> int:
    """Return how many origins in a row have windows that share a row with the first's.

    Windows of a series stand in order, and the timeline keeps series apart.
    """
    starts, horizon = result.starts, result.y_true.shape[1]
    last = np.searchsorted(starts, starts + horizon) - 1
    return int((turns[last] - turns).max()) + 1


def choose_length(block_length: int | None, n: int, overlap: int) -> int:
    """Return the windows in a block."""
    if block_length is None:
        block_length = max(overlap, round(n ** (1 / 3)))
    check_whole("block_length", block_length)
    if block_length < overlap:
        raise ValueError(
            f"block_length={block_length} is less than the {overlap} origins whose "
            "windows share rows with one another; give at least as many."
        )
    if n < 2 * block_length:
        raise ValueError(
            f"{n} origins do not make two blocks of {block_length}. Backtest over more "
            "rows: neighbouring windows that share rows count as one block."
        )
    return block_length


def check_comparable(metric: str, n_bootstrap: int, confidence: float) -> None:
    """Hold the settings of a comparison against what is allowed."""
    check_metric(metric)
    if metric == "bias":
        raise ValueError(
            "metric='bias' has no better and worse by its sign; compare by another "
            "metric, such as 'mae'."
        )
    check_whole("n_bootstrap", n_bootstrap)
    if not isinstance(confidence, Real) or not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence!r} must lie between 0 and 1.")
    least = ceil(2 / (1 - confidence) - 1e-9)  # one sample beyond either end
    if n_bootstrap < least:
        raise ValueError(
            f"n_bootstrap={n_bootstrap} samples have no {confidence:.4g} interval; "
            f"give at least {least}, better a thousand, or lower confidence."
        )


def check_known(metric: str, values: list[float]) -> None:
    """Refuse errors that are unknown: of them no interval says anything."""
    if np.isnan(values).any():
        raise ValueError(
            f"The {metric} of a is {values[0]:.4g}, that of b {values[1]:.4g}: there "
            "is no truth to compare with, a forecast is absent, or a scale is zero. "
            "Take another metric, or look at scores(by='target')."
        )


def check_samples(metric: str, drawn: np.ndarray) -> None:
    """Refuse samples without an error: of the others alone no interval is honest."""
    unknown = int(np.isnan(drawn).sum())
    if unknown:
        raise ValueError(
            f"In {unknown} of {len(drawn)} samples of the windows the {metric} is "
            "unknown: they hold no truth, or truths of zero alone. Backtest over rows "
            "with more of them, or take another metric."
        )


def check_same_scale(a: BacktestResult, b: BacktestResult) -> None:
    """Refuse errors in different units."""
    pairs = zip(vars(a.scale).items(), vars(b.scale).values(), strict=True)
    for (name, ours), theirs in pairs:
        if np.array_equal(ours, theirs, equal_nan=True):
            continue
        if np.ndim(ours) == np.ndim(theirs) == 3:  # by windows: the first to differ
            same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
            window = int((~same).any(axis=(1, 2)).argmax())
            series: Any = a.series
            name = f"{name}, in series {series[window]!r},"
            ours, theirs = ours[window, 0], theirs[window, 0]
        raise ValueError(
            f"a and b are scaled by different training rows: their {name} are "
            f"{ours} and {theirs}. Give both the same, by with_training."
        )


def check_same_windows(a: BacktestResult, b: BacktestResult) -> None:
    """Refuse results of different windows or truths, and say how they differ."""
    for name, result in (("a", a), ("b", b)):
        if not isinstance(result, BacktestResult):
            raise TypeError(
                f"{name} must be a BacktestResult; got {type(result).__name__}."
            )
    if a.y_true.shape != b.y_true.shape:
        raise ValueError(
            "a and b must be of the same windows; they have (windows, rows, targets) "
            f"{a.y_true.shape} and {b.y_true.shape}. Give backtest the same rows, "
            "horizon and stride."
        )
    for name in ("origins", "timestamps", "series"):
        check_same_rows(name, getattr(a, name), getattr(b, name))
    differs = ~((a.y_true == b.y_true) | (np.isnan(a.y_true) & np.isnan(b.y_true)))
    if differs.any():
        window, step, target = np.argwhere(differs)[0]
        raise ValueError(
            f"a and b have different truths: {a.y_true[window, step, target]} and "
            f"{b.y_true[window, step, target]} at step {step + 1} of the window with "
            f"origin {a.origins[window]}, target {a.target_names[target]!r}."
        )


def check_same_rows(name: str, ours: Any, theirs: Any) -> None:
    """Refuse the first stamp, or row number, in which two results differ."""
    if ours is theirs or (ours is not None and ours.equals(theirs)):
        return
    if ours is None or theirs is None:
        raise ValueError(
            "One of a and b is of many series, the other of one. Backtest both by "
            "forecasters with the same series=."
        )
    i = next(i for i, (x, y) in enumerate(zip(ours, theirs, strict=True)) if x != y)
    raise ValueError(
        f"a and b have different {name}: the first to differ are {ours[i]} and "
        f"{theirs[i]}. Give backtest the same rows, horizon, stride and gap."
    )
