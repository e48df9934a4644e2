"""A season as a sum of waves: its columns, and their heights by least squares."""

import numpy as np

from skinformer.series.grid import ClockGrid, Grid
from skinformer.series.offsets import DAY

__all__ = ["fit_heights", "most_pairs", "season_phase", "wave_columns"]


def most_pairs(season: int) -> int:
    """Return how many pairs of sine and cosine differ over a season of so many rows.

    >>> [most_pairs(season) for season in (1, 2, 7, 24)]
    [0, 0, 3, 11]
    """
    return (season - 1) // 2


def season_phase(grid: Grid, start: int, stop: int, season: int | None) -> np.ndarray:
    """Return the part of the season that has passed at each row, from 0 to 1, (n,).

    The season of the grid for None: a day is read on the local clock, so that its waves
    follow the clock when daylight saving changes.
    """
    own = grid.season if season is None else season
    if season is None and isinstance(grid, ClockGrid) and own * grid.step == DAY:
        return grid.slots(start, stop)[1] / DAY
    return np.arange(start, stop) % own / own


def wave_columns(phase: np.ndarray, n_pairs: int) -> np.ndarray:
    """Return a constant and pairs of sine and cosine, (n, 1 + 2 * n_pairs).

    >>> wave_columns(np.array([0.0, 0.25]), n_pairs=1).round(6)
    array([[1., 0., 1.],
           [1., 1., 0.]])
    """
    angle = 2 * np.pi * phase[:, None] * np.arange(1, n_pairs + 1)  # (n, n_pairs)
    return np.concatenate(
        [np.ones((len(phase), 1)), np.sin(angle), np.cos(angle)], axis=1
    )


def fit_heights(values: np.ndarray, columns: np.ndarray, n_diff: int) -> np.ndarray:
    """Return the height of each column by least squares, (n_columns,).

    Values and columns are differenced ``n_diff`` times first, as the errors are that
    wander; a constant vanishes then, and its height is 0. Rows whose value is NaN, or
    was in a row that is differenced with it, do not count.
    """
    for _ in range(n_diff):
        values, columns = np.diff(values), np.diff(columns, axis=0)
    known = ~np.isnan(values)
    return np.linalg.lstsq(columns[known], values[known], rcond=None)[0]
