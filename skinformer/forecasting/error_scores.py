"""Errors in units of what is usual for their step and slot, and of late."""

from typing import NamedTuple, Self

import numpy as np

from .error_scale import SlotScale, recent_levels

__all__ = ["Scores"]

# Errors that were twice as large lately will be so by this power of 2. Chosen on ETTh1
# and bike sharing, rows before their tests
PERSISTENCE = 0.8
NARROWEST = 0.01  # of the mean width, where quantile heads lie on one another


class Scores(NamedTuple):
    """Signed scores of windows, and what makes errors of new ones of them."""

    values: np.ndarray  # (n, H, K), NaN where not known
    slot_scale: SlotScale
    levels: np.ndarray  # (G, K): at the end of each series
    names: np.ndarray  # (G,): numbers of the series, sorted
    least_width: np.ndarray | float  # (K,)
    series: np.ndarray  # (n,): of each window the place of its series in names
    ages: np.ndarray  # (n,): rows from the start of each to that of its series' last

    @classmethod
    def of(
        cls,
        residuals: np.ndarray,
        origins: np.ndarray,
        slots: np.ndarray,
        series: np.ndarray,
        season: int,
        widths: np.ndarray | None = None,
    ) -> Self:
        """Divide residuals by their scale; arguments are as a residual log has them."""
        least = 0.0 if widths is None else NARROWEST * widths.mean(axis=(0, 1))
        if widths is not None:
            residuals = residuals / at_least(widths, least)
        sizes = np.abs(residuals)
        slot_scale = SlotScale.of(sizes, slots, season)
        scale = slot_scale.of_learned(sizes, slots)
        names, codes = np.unique(series, return_inverse=True)
        levels = recent_levels(sizes / scale, origins, codes)
        # (n, K) -> (n, 1, K): the same at every step
        values = residuals / (scale * levels.before[:, None] ** PERSISTENCE)
        last = np.zeros(len(names), dtype=np.int64)
        np.maximum.at(last, codes, origins)
        ages = last[codes] - origins
        return cls(values, slot_scale, levels.now, names, least, codes, ages)

    def scale_ahead(
        self, slots: np.ndarray, series: np.ndarray, widths: np.ndarray | None
    ) -> np.ndarray:
        """Return the scale of m windows to come, (m, H, K)."""
        scale = self.slot_scale.ahead(slots) * self._levels_of(series) ** PERSISTENCE
        return scale if widths is None else scale * at_least(widths, self.least_width)

    def _levels_of(self, series: np.ndarray) -> np.ndarray:
        """Return the levels of series, (m, 1, K); 1 of those that are not known."""
        at = np.minimum(np.searchsorted(self.names, series), len(self.names) - 1)
        known = self.names[at] == series
        return np.where(known[:, None], self.levels[at], 1.0)[:, None]

    def draw(self, n: int, rng: np.random.Generator, series: int = 0) -> np.ndarray:
        """Draw n windows' scores, (n, H, K), none of them NaN.

        By generators of one seed, those of several series are of the same times: what
        series missed together stays together.
        """
        blocks = self.values[self._draw_windows(n, rng, series)]
        for h, k in zip(*np.nonzero(np.isnan(blocks).any(axis=0)), strict=True):
            missing = np.isnan(blocks[:, h, k])
            known = self.values[~np.isnan(self.values[:, h, k]), h, k]
            blocks[missing, h, k] = rng.choice(known, int(missing.sum()))
        return blocks

    def _draw_windows(
        self, n: int, rng: np.random.Generator, series: int
    ) -> np.ndarray:
        """Draw windows of a series, (n,), by their age; of any where it has none."""
        fullest = self._fullest()
        ages = self.ages[fullest]
        wanted = rng.integers(ages.min(), ages.max() + 1, n)
        own = self.names[self.series[fullest]] == series
        at = np.full(ages.max() + 1, -1)
        at[ages[own]] = fullest[own]
        found = at[wanted]
        return np.where(found < 0, rng.choice(fullest, n), found)

    def _fullest(self) -> np.ndarray:
        """Return the windows of which most is known, at least half of them.

        With few holes those are whole; those that are still to end are left out.
        """
        missing = np.isnan(self.values).sum(axis=(1, 2))
        return np.flatnonzero(missing <= np.median(missing))


def at_least(widths: np.ndarray, least: np.ndarray | float) -> np.ndarray:
    """Return widths (..., K) that can be divided by; of targets without any, 1."""
    return np.where(np.asarray(least) > 0, np.maximum(widths, least), 1.0)
