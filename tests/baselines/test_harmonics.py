"""A season as waves."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from skinformer.baselines.harmonics import (
    fit_heights,
    most_pairs,
    season_phase,
    wave_columns,
)
from skinformer.series.frequency import make_grid
from skinformer.series.grid import RowGrid


def test_waves_of_a_season_are_independent():
    for season in (3, 4, 7, 12):
        columns = wave_columns(np.arange(season) / season, most_pairs(season))
        assert np.linalg.matrix_rank(columns) == columns.shape[1]


def test_a_day_follows_the_local_clock():
    # the clock goes forward in the night of 2024-03-31
    index = pd.date_range("2024-03-30", periods=72, freq="h", tz="Europe/Berlin")
    phase = season_phase(make_grid(index), 0, 72, None)
    assert_allclose(phase, index.hour / 24)
    by_rows = season_phase(make_grid(index), 5, 72, 24)
    assert_allclose(by_rows, np.arange(5, 72) % 24 / 24)


def test_other_seasons_count_rows():
    months = pd.date_range("2024-01-01", periods=5, freq="MS")
    assert_allclose(season_phase(make_grid(months), 11, 14, None), [11 / 12, 0, 1 / 12])
    assert_allclose(season_phase(RowGrid(), 0, 3, None), 0)


@pytest.mark.parametrize("n_diff", [0, 1, 2])
def test_heights_are_recovered_beside_absent_rows(n_diff):
    columns = wave_columns(np.arange(40) / 7, 2)
    heights = np.array([0.0, 1.0, -2.0, 0.5, 3.0])
    values = columns @ heights
    values[[3, 20]] = np.nan
    assert_allclose(fit_heights(values, columns, n_diff), heights, atol=1e-10)


def test_differences_take_the_level_out():
    columns = wave_columns(np.arange(40) / 5, 1)
    values = columns @ [100.0, 2.0, 3.0]
    assert_allclose(fit_heights(values, columns, 1), [0, 2, 3], atol=1e-10)
    assert_allclose(fit_heights(values, columns, 0), [100, 2, 3], atol=1e-10)
