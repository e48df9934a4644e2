"""Rows on the grid that their stamps make."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skinformer.model_selection.rows import PanelRows, common_steps, foresight_of


def test_stamps_of_many_series_count_once():
    index = pd.to_datetime(["2024-01-04", "2024-01-01", "2024-01-02", "2024-01-04"])
    rows = PanelRows.read(pd.DataFrame({"store": [1, 1, 2, 2]}, index), np.zeros(4))
    assert_array_equal(rows.codes, [2, 0, 1, 2])
    assert_array_equal(rows.positions, [0, 1, 3])
    assert (len(rows), rows.given(0, 3)) == (4, slice(0, 2))
    assert_array_equal(rows.rows(slice(1, 3)), [0, 2, 3])
    assert list(rows.instants.day) == [1, 2, 3, 4]


@pytest.mark.parametrize("minutes", [[0, 1, 60, 1000], [0]])
def test_stamps_on_no_grid_are_the_steps(minutes):
    index = pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes, "min")
    steps, positions = common_steps(index, "h" if len(minutes) > 1 else None)
    assert steps.equals(index)
    assert_array_equal(positions, np.arange(len(minutes)))


class Panel:
    series, past_covariates = "store", ["sales", "footfall"]


@pytest.mark.parametrize(
    ("columns", "foresight"),
    [
        (["store", "hour", "sales"], "not needed"),
        (["store"], "not needed"),
        (["store", "price"], "perfect"),
    ],
)
def test_columns_of_which_no_row_ahead_is_seen(columns, foresight):
    X = pd.DataFrame(columns=columns)
    assert foresight_of(X, None, Panel()) == foresight
    assert foresight_of(X, None) == "perfect"
    assert foresight_of(X, len, Panel()) == "as known"
