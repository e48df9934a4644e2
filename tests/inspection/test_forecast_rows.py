"""Rows of a forecast on the grid of its history."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer import RidgeForecaster
from skinformer.forecasting.blocks import Ask
from skinformer.inspection.forecast_rows import forecast_rows, lay_out
from skinformer.series.covariates import Covariates
from skinformer.series.history import Observed
from skinformer.series.layout import lay_out as lay_out_history
from skinformer.series.layout import place_rows

N_KNOWN = 13


def history_of(index):
    """Return a history of 13 hours with two targets, the first 0, 1, 2, ..."""
    values = np.column_stack([np.arange(13.0), -np.arange(13.0)])
    observed = Observed(values, np.zeros((13, 0), dtype=np.int64))
    [history] = lay_out_history(
        [place_rows(index)], observed, Covariates.none_of(13), n_targets=2
    )
    return history


INDEX = pd.date_range(
    "2024-10-26 20:00", periods=40, freq="h", tz="Europe/Berlin"
).as_unit("ns")
HISTORY = history_of(INDEX[:N_KNOWN])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 39), min_size=1, max_size=7, unique=True),
    st.integers(0, 17),
    st.booleans(),
)
def test_each_row_is_at_its_stamp(positions, history, has_truth):
    positions = np.array(positions)
    ask = Ask(HISTORY, positions, Covariates.none_of(len(positions)))
    forecast = 100.0 + positions
    truth = 200.0 + positions if has_truth else None
    ends = np.column_stack([forecast - 1, forecast + 1])
    rows = lay_out(ask, 1, history, forecast, ends, truth)
    stop = positions.max() + 1
    first_shown = max(min(positions.min(), N_KNOWN) - history, 0)
    assert rows.y_true.index.equals(INDEX[first_shown:stop])
    assert rows.forecast.index.equals(INDEX[positions.min() : stop])
    for position in range(first_shown, stop):
        asked, known = position in positions, position < N_KNOWN
        expected = -float(position) if known else np.nan
        expected = 200.0 + position if asked and has_truth else expected
        assert_array_equal(rows.y_true[INDEX[position]], expected)
        if position >= positions.min():
            told = 100.0 + position if asked else np.nan
            assert_array_equal(rows.forecast[INDEX[position]], told)
            assert_array_equal(rows.interval.loc[INDEX[position]], [told - 1, told + 1])


def test_history_of_which_the_context_is_kept():
    index = pd.date_range("2024-01-01", periods=650, freq="h")
    X, y = pd.DataFrame(index=index), pd.Series(np.arange(650.0) % 7, index)
    model = RidgeForecaster(pred_len=5, seq_len=11, history_size="context")
    model.fit(X[:630], y[:630]).update(X[630:643], y[630:643])
    assert model._history.offset > 0
    rows = forecast_rows(
        model, X[643:], None, target=None, series=None, history=3, coverage=None
    )
    assert_array_equal(rows.y_true.index, index[640:])
    assert_array_equal(rows.y_true, [*y[640:643], *[np.nan] * 7])
