"""Histories of many series as views of one array, the same as each by itself."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.exceptions import FilledRowsWarning
from skinformer.series import panel as module
from skinformer.series.covariates import Covariates
from skinformer.series.frequency import infer_freq, make_grid, shows
from skinformer.series.history import Observed
from skinformer.series.offsets import HOUR
from skinformer.series.panel import Given, start_panel
from skinformer.series.rows import Rows

from ..histories import start_history

START = pd.Timestamp("2024-01-01")


def given_rows(positions, labels, freq="h", tz=None):
    """Rows of which every number says where it stands among those given."""
    stamps = pd.date_range(START, periods=max(positions) + 1, freq=freq, tz=tz)
    n = len(positions)
    values = np.column_stack([np.arange(n), -np.arange(n)]).astype(float)
    # copies: no views of arrays of another shape
    numbers = np.arange(3.0 * n).reshape(n, 3).copy()
    observed = Observed(values, np.arange(5 * n).reshape(n, 5), np.arange(1.0, n + 1))
    return Given(
        stamps[positions],
        pd.Index(labels),
        observed,
        Covariates(numbers, np.arange(n)[:, None].copy()),
    )


def arrays_of(stretch):
    observed, known, filled = stretch.observed, stretch.covariates, stretch.filled
    return [
        observed.values,
        observed.codes,
        observed.weights,
        stretch.given,
        known.numeric,
        known.codes,
        filled.between,
    ]


def assert_each_is_as_alone(rows):
    panel = start_panel(rows, 1)
    for number, label in enumerate(panel.keys):
        part = rows.take(np.flatnonzero(rows.labels == label))
        alone = start_history(part.index, part.observed, part.covariates, 1)
        ours = panel[number]
        assert ours.series == number
        assert ours.grid == alone.grid
        for a, b in zip(arrays_of(ours), arrays_of(alone), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore::skinformer.exceptions.FilledRowsWarning")
@settings(max_examples=40, deadline=None)
@given(
    absent=st.lists(st.sets(st.integers(2, 15)), min_size=1, max_size=5),
    freq=st.sampled_from(["h", "D", "W", "36h"]),
    tz=st.sampled_from([None, "Europe/Berlin"]),
    mixed=st.booleans(),
)
def test_a_series_of_many_is_what_it_is_alone(absent, freq, tz, mixed):
    each = [sorted(set(range(17)) - gone) for gone in absent]
    labels = np.repeat(np.arange(len(each)), [len(rows) for rows in each])
    positions = np.concatenate(each)
    if mixed:
        order = np.argsort(positions, kind="stable")
        positions, labels = positions[order], labels[order]
    assert_each_is_as_alone(given_rows(positions, labels, freq, tz))


def test_steps_that_differ_from_series_to_series():
    rows = given_rows([*range(7), *range(0, 14, 2), 3, 4, 6], [*"aaaaaaabbbbbbbccc"])
    with pytest.warns(FilledRowsWarning):
        panel = start_panel(rows, 1)
    assert [history.grid.step for history in panel] == [HOUR, 2 * HOUR, HOUR]
    assert [history.n_known for history in panel] == [7, 7, 4]


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("gap", [False, True])
def test_windows_of_all_series_need_no_copy(mixed, gap):
    positions = [0, 1, 2, 4, 5, 0, 1, 2, 3, 4, 5] if gap else [*range(5), *range(6)]
    labels = np.repeat(["a", "b"], [5, 6])
    order = np.argsort(positions, kind="stable") if mixed else np.arange(11)
    rows = given_rows(np.array(positions)[order], labels[order])
    with pytest.warns(FilledRowsWarning) if gap else np.errstate():
        panel = start_panel(rows, 1)
    together = Rows.of(panel.stretches)
    for array, one in (
        (together.values, panel[1].observed.values),
        (together.past_codes, panel[1].observed.codes),
        (together.weights, panel[1].observed.weights),
        (together.numeric, panel[1].covariates.numeric),
        (together.codes, panel[1].covariates.codes),
    ):
        assert np.shares_memory(array, one)


def test_what_was_given_may_change_later():
    rows = given_rows([0, 1, 2, 0, 1], [*"aaabb"])
    panel = start_panel(rows, 1)
    rows.observed.values[:] = 99.0
    assert panel[1].observed.values[:, 0].tolist() == [3.0, 4.0]


def test_shared_stamps_are_placed_once(monkeypatch):
    placed = []

    def place_rows(index, *args):
        placed.append(len(index))
        return real(index, *args)

    real = module.place_rows
    monkeypatch.setattr(module, "place_rows", place_rows)
    labels = np.repeat([*"abcd"], [5, 5, 5, 7])
    panel = start_panel(given_rows([*range(5)] * 3 + [*range(7)], labels), 1)
    assert placed == [5, 7]
    assert [history.n_known for history in panel] == [5, 5, 5, 7]


@settings(max_examples=80, deadline=None)
@given(
    steps=st.lists(st.sampled_from([1, 1, 1, 2, 3, 12, 24]), min_size=1, max_size=11),
    hours=st.sampled_from([1, 2, 3, 24]),
)
def test_a_step_that_is_shown_is_the_one_that_would_be_read_off(steps, hours):
    index = START + pd.to_timedelta(np.cumsum([0, *steps]), unit="h")
    like = make_grid(pd.date_range(START, periods=3, freq=f"{hours}h"), f"{hours}h")
    if hours < 23 and shows(index, like.step):
        assert infer_freq(index) == like.freq
        assert make_grid(index, like=like) == make_grid(index)


def test_the_freq_of_an_index_counts_more_than_its_steps():
    index = pd.date_range(START, periods=5, freq="2h")
    assert not shows(index, 2 * HOUR)
    bare = pd.DatetimeIndex(index, freq=None)
    assert shows(bare, 2 * HOUR)
    # the commonest step decides, and all have to fit
    assert not shows(bare[[0, 2, 4]], 2 * HOUR)
    assert not shows(bare.union(bare[-1:] + pd.Timedelta("3h")), 2 * HOUR)
