"""The origins of each series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer import SeasonalNaive, backtest
from skinformer.forecasting.origins import Reach
from skinformer.model_selection.tracks import Track, origins_at, timeline_of_trails
from skinformer.series.covariates import Covariates
from skinformer.series.grid import ClockGrid, RowGrid

from ..histories import stretch_of
from .panels import DAYS, stacked

HOUR = 3_600_000_000_000


def history(n, first="2024-01-01", targets=None):
    grid = ClockGrid(pd.Timestamp(first), HOUR)
    targets = np.zeros((n, 1)) if targets is None else np.asarray(targets)
    given = np.ones(len(targets), dtype=bool)
    return stretch_of(targets, given, Covariates.none_of(len(targets)), grid)


def at(*hours):
    return pd.Timestamp("2024-01-01") + pd.to_timedelta(hours, "h")


def test_an_origin_knows_the_rows_before_its_instant():
    reach = Reach(horizon=2)
    assert_array_equal(origins_at(history(11), 5, at(5, 7, 9, 10), reach), [5, 7, 9])
    # half past is after the hour, and five rows are no origin once more
    halves = at(4.5, 5.5, 5.7)
    assert_array_equal(origins_at(history(11), 5, halves, reach), [5, 6])
    assert_array_equal(origins_at(history(11), 5, at(3, 4), reach), [])


def test_rows_are_counted_from_where_the_history_begins():
    rest = history(11).since(3)
    assert rest.offset == 3
    assert_array_equal(origins_at(rest, 2, at(5, 7), Reach(horizon=2)), [2, 4])


def test_a_new_series_needs_a_value_of_each_target():
    nan = np.nan
    late = history(0, targets=[[1, nan], [2, nan], [3, 5], [4, nan], [5, 7], [6, 8]])
    assert_array_equal(origins_at(late, 0, at(0, 1, 2, 3, 4), Reach(horizon=1)), [3, 4])


def test_tracks_of_one_series_share_its_end():
    long, short, other = history(11), history(7, "2024-01-01 04:00"), history(5)
    tracks = [
        Track(long, 3, at(), np.array([5, 7]), "a"),
        Track(other, 2, at(), np.array([2]), "b"),
        Track(short, 3, at(), np.array([5]), "a"),  # hour 9
    ]
    timeline, origins = timeline_of_trails([track.trail() for track in tracks])
    assert list(timeline.hour) == [4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4]
    assert [each.tolist() for each in origins] == [[0, 2], [7], [4]]
    # the last known row of each
    assert list(timeline[np.concatenate(origins)].hour) == [4, 6, 1, 8]


def test_rows_without_time_are_numbered():
    n = 5
    rows = stretch_of(
        np.zeros((n, 1)), np.ones(n, dtype=bool), Covariates.none_of(n), RowGrid()
    )
    tracks = [Track(rows, 3, at(), np.array([3, 4]), name) for name in "ab"]
    timeline, origins = timeline_of_trails([track.trail() for track in tracks])
    assert list(timeline) == [-1, 0, 1, -1, 0, 1]
    assert [each.tolist() for each in origins] == [[0, 1], [3, 4]]


def windows_by_hand(values, start, cut, horizon, gap, stride):
    """Return (series, last known day, truths) of every window."""
    found = []
    begin = min(max(start[name], cut) for name in values)
    for name in sorted(values):
        n = len(values[name])
        for day in range(begin, 12, stride):
            origin = day - start[name]
            if origin > 0 and day >= cut and origin + gap + horizon <= n:
                first = origin + gap
                truth = values[name][first : first + horizon]
                found.append((name, day, values[name][origin - 1], truth))
    return found


@settings(max_examples=30, deadline=None)
@given(
    begins=st.lists(st.integers(0, 3), min_size=1, max_size=3),
    lengths=st.lists(st.integers(7, 9), min_size=3, max_size=3),
    horizon=st.integers(1, 3),
    gap=st.integers(0, 2),
    stride=st.integers(1, 3),
)
def test_windows_are_those_counted_by_hand(begins, lengths, horizon, gap, stride):
    rng = np.random.default_rng(0)
    names = [f"s{i}" for i in range(len(begins))]
    start = dict(zip(names, begins, strict=True))
    values = {k: rng.normal(size=n) for k, n in zip(names, lengths, strict=False)}
    X, y = stacked(values, start)
    known, cut = X.index < DAYS[5], 5
    model = SeasonalNaive(pred_len=2, season=1, series="store", freq="D")
    model.fit(X[known], y[known])
    expected = windows_by_hand(values, start, cut, horizon, gap, stride)
    asked = {"horizon": horizon, "gap": gap, "stride": stride}
    if not expected:
        with pytest.raises(ValueError, match="hold no window"):
            backtest(model, X[~known], y[~known], **asked)
        return
    result = backtest(model, X[~known], y[~known], **asked)
    labels, days, last, truths = zip(*expected, strict=True)
    assert list(result.series) == list(labels)
    assert list(result.origins.day) == list(days)
    assert_array_equal(result.y_true[:, :, 0], truths)
    assert_array_equal(result.y_pred[:, -1, 0], last)
    first = result.timestamps.day.to_numpy().reshape(-1, horizon)[:, 0]
    assert list(first) == [day + 1 + gap for day in days]
