"""What forecasts missed by, kept to say how sure the next ones are."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .conformal import check_coverage, two_sided, windows_needed
from .error_scores import Scores
from .residual_checks import (
    check_residuals,
    check_slots,
    check_widths,
    numbers_of,
    refuse_repeated,
)

__all__ = ["ResidualLog"]

# How many windows of a series are kept: older ones say less of the next than they hide
SEASONS, HORIZONS, LEAST_WINDOWS = 30, 15, 720
LEAST_WHOLE = 200  # whole windows, however many values that makes
MOST_VALUES = 2**22  # of all series, 32 MiB


@dataclass(frozen=True, eq=False)
class ResidualLog:
    """Residuals of forecast windows, and intervals and paths made of them.

    A residual is divided by a scale: the mean size of residuals at that step from that
    season slot, times a power of how large the series' residuals were lately. The
    quantiles of these scores, of each step and target, times the scale of a new window
    are its offsets. Residuals that were large lately so widen all intervals, whatever
    their coverage, and a higher coverage never gives a narrower one.

    In a panel scores and slots are those of all series, how large residuals were
    lately is each series' own; of a series that has few, what is usual.

    Attributes
    ----------
    season : int
        Number of season slots; 1 for none.
    residuals : ndarray of shape (n, H, K)
        Truth less forecast, NaN where the truth is not known. Sorted by series, then
        by origin. Of each series the latest windows are kept: 720, or 30 seasons, or
        15 horizons if that is more, and of all no more than 2**22 values.
    origins, slots, series : ndarray of shape (n,)
        Of each window: its first row, counted in its series; the season slot of that
        row; the number of its series.
    widths : ndarray of shape (n, H, K) or None
        What the forecaster itself said of how sure it was, for example by quantile
        heads, in any unit; residuals count in units of it.

    Notes
    -----
    Nothing is changed in place; :meth:`add` returns another log.

    The ranks are those of conformal prediction. Its guarantee is for scores that are
    exchangeable. Those of windows that overlap, of a series that changes, scaled by
    what they were lately, are not: coverage is measured, not guaranteed.

    Examples
    --------
    >>> import numpy as np
    >>> from skinformer.forecasting.residual_log import ResidualLog
    >>> residuals = np.resize([-1.0, 1.0, -1.0, 3.0], (40, 2, 1))
    >>> log = ResidualLog.empty(horizon=2, n_targets=1)
    >>> log = log.add(residuals, origins=np.arange(40))
    >>> lower, upper = log.offsets(0.9)
    >>> lower.shape
    (1, 2, 1)
    >>> log.draw(5, random_state=0).shape
    (5, 2, 1)
    """

    season: int
    residuals: np.ndarray
    origins: np.ndarray
    slots: np.ndarray
    series: np.ndarray
    widths: np.ndarray | None = None

    @classmethod
    def empty(cls, horizon: int, n_targets: int, season: int = 1) -> "ResidualLog":
        """Return a log without windows."""
        none = np.empty(0, dtype=np.int64)
        return cls(season, np.empty((0, horizon, n_targets)), none, none, none)

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.residuals)

    def __getstate__(self) -> dict:
        """Leave the scores out, which are made of the rest and as large."""
        return {name: value for name, value in vars(self).items() if name != "_scores"}

    # What is kept

    def add(
        self,
        residuals: np.ndarray,
        origins: np.ndarray,
        slots: np.ndarray | None = None,
        series: np.ndarray | None = None,
        widths: np.ndarray | None = None,
    ) -> "ResidualLog":
        """Return a log with more windows, or others in place of those it has.

        A window of the same series and origin gives way whole: give all of its steps
        that are known.

        Parameters
        ----------
        residuals : ndarray of shape (m, H, K)
        origins : ndarray of shape (m,)
        slots, series : ndarray of shape (m,), default=None
            None is 0 for all.
        widths : ndarray of shape (m, H, K) or None, default=None
            Needed if the log has them.
        """
        new = self._read(residuals, origins, slots, series, widths)
        if len(new) == 0:
            return self
        whole = self._joined(new) if len(self) else new
        order = np.lexsort((whole.origins, whole.series))  # stable: new after old
        return whole._take(order)._merged()._latest()

    def _read(
        self, residuals: Any, origins: Any, slots: Any, series: Any, widths: Any
    ) -> "ResidualLog":
        """Return the windows given as a log of their own, checked."""
        shape = self.residuals.shape[1:]
        residuals = check_residuals(residuals, shape)
        n = len(residuals)
        origins = numbers_of("origins", origins, n)
        series = numbers_of("series", series, n)
        refuse_repeated(origins, series)
        slots, widths = self._read_ahead(slots, widths, n)
        return ResidualLog(self.season, residuals, origins, slots, series, widths)

    def _read_ahead(
        self, slots: np.ndarray | None, widths: np.ndarray | None, n: int
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Check what is known of n windows before they come."""
        slots = check_slots(slots, self.season, n)
        if len(self) and (widths is None) != (self.widths is None):
            has = "no widths" if self.widths is None else "widths"
            raise ValueError(f"The windows of this log have {has}; give the same.")
        shape = (n, *self.residuals.shape[1:])
        return slots, None if widths is None else check_widths(widths, shape)

    def _joined(self, new: "ResidualLog") -> "ResidualLog":
        """Return both logs' windows, the new ones last."""
        pairs = [
            (getattr(self, name), getattr(new, name))
            for name in ("residuals", "origins", "slots", "series")
        ]
        joined = [np.concatenate(pair) for pair in pairs]
        if self.widths is None or new.widths is None:
            return ResidualLog(self.season, *joined)
        joined.append(np.concatenate([self.widths, new.widths]))
        return ResidualLog(self.season, *joined)

    def _take(self, which: np.ndarray) -> "ResidualLog":
        """Return some windows, in that order."""
        return replace(
            self,
            residuals=self.residuals[which],
            origins=self.origins[which],
            slots=self.slots[which],
            series=self.series[which],
            widths=None if self.widths is None else self.widths[which],
        )

    def _merged(self) -> "ResidualLog":
        """Keep the later of each two windows of one series and origin, in order."""
        same = (np.diff(self.origins) == 0) & (np.diff(self.series) == 0)
        return self._take(~np.append(same, False))

    def _latest(self) -> "ResidualLog":
        """Keep the latest windows of each series, in sorted order."""
        _, first, counts = np.unique(self.series, return_index=True, return_counts=True)
        later = np.repeat(first + counts, counts) - np.arange(len(self)) - 1
        return self._take(later < self._most(len(first)))

    def _most(self, n_series: int) -> int:
        """Return how many windows of each series are kept."""
        _, horizon, n_targets = self.residuals.shape
        wanted = max(SEASONS * self.season, HORIZONS * horizon, LEAST_WINDOWS)
        # the latest ones are not whole yet, and some have to be
        least = horizon + LEAST_WHOLE
        return max(min(wanted, MOST_VALUES // (n_series * horizon * n_targets)), least)

    # What it says of windows to come

    @property
    def n_known(self) -> int:
        """How many windows are known at the step and target where they are fewest."""
        known = np.count_nonzero(~np.isnan(self.residuals), axis=0)
        return int(known.min(initial=len(self)))

    def offsets(
        self,
        coverage: float,
        slots: np.ndarray | None = None,
        series: np.ndarray | None = None,
        widths: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what to add to forecasts to have the ends of their intervals.

        The forecasts are those from the end of each series; its residuals count up to
        the last one known.

        Parameters
        ----------
        coverage : float
            Share of values that the intervals are to hold, half of the others on each
            side.
        slots, series : ndarray of shape (m,), default=None
            Of each window to come. None is 0, of one window. A series of which nothing
            is known gets what is usual.
        widths : ndarray of shape (m, H, K) or None, default=None
            As in :meth:`add`.

        Returns
        -------
        lower, upper : ndarray of shape (m, H, K)

        Raises
        ------
        ValueError
            If a step or target has too few windows for that coverage.
        """
        check_coverage(coverage)
        self.check_enough(coverage)
        scale = self._scale_ahead(slots, series, widths)
        lower, upper = two_sided(self._scores.values, coverage)
        return lower * scale, upper * scale

    def draw(
        self,
        n: int,
        slot: int = 0,
        series: int = 0,
        widths: np.ndarray | None = None,
        random_state: int | np.random.Generator | None = None,
    ) -> np.ndarray:
        """Draw blocks of residuals of one window to come.

        A block is what one origin's forecasts missed by, at all steps and targets
        together, brought to the scale of the new window. Scores that are not known
        are drawn from those of the same step and target. With the same seed, blocks of
        several series are of the same times.

        Parameters
        ----------
        n : int
            Number of blocks.
        slot, series : int, default=0
            Of the window.
        widths : ndarray of shape (H, K) or None, default=None
            As in :meth:`add`.
        random_state : int, Generator or None, default=None
            None draws fresh entropy.

        Returns
        -------
        ndarray of shape (n, H, K)

        Raises
        ------
        ValueError
            If at a step or target no window is known.
        """
        if self.n_known == 0:
            raise ValueError(
                "Paths are drawn from residuals, and there is a step or target of "
                "which none is known. Calibrate on more rows."
            )
        widths = None if widths is None else np.asarray(widths)[None]
        scale = self._scale_ahead(np.array([slot]), np.array([series]), widths)
        return self._scores.draw(n, np.random.default_rng(random_state), series) * scale

    @cached_property
    def _scores(self) -> Scores:
        return Scores.of(
            self.residuals,
            self.origins,
            self.slots,
            self.series,
            self.season,
            self.widths,
        )

    def _scale_ahead(
        self,
        slots: np.ndarray | None,
        series: np.ndarray | None,
        widths: np.ndarray | None,
    ) -> np.ndarray:
        """Return the scale of windows to come, (m, H, K)."""
        given = [array for array in (slots, series, widths) if array is not None]
        m = len(given[0]) if given else 1
        slots, widths = self._read_ahead(slots, widths, m)
        series = numbers_of("series", series, m)
        return self._scores.scale_ahead(slots, series, widths)

    def check_enough(self, coverage: float) -> None:
        """Refuse a coverage for which too few windows are known."""
        needed, known = windows_needed(coverage), self.n_known
        if known >= needed:
            return
        most = self._most(max(len(np.unique(self.series)), 1))
        kept = f" Of a series no more than {most} are kept." if needed > most else ""
        raise ValueError(
            f"coverage={coverage} needs at least {needed} windows for every step and "
            f"target; {known} are known. Calibrate on more rows, or ask for a lower "
            f"coverage.{kept}"
        )
