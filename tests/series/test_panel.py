"""The histories of one or many series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer.exceptions import FilledRowsWarning
from skinformer.series.covariates import Covariates
from skinformer.series.panel import Given, groups, name_of, naming, start_panel
from skinformer.series.rows import Rows

from ..histories import observed_of

NAN = np.nan


def hours(rows):
    rows = pd.to_timedelta(np.asarray(rows) * 3600, unit="s")
    return pd.Timestamp("2024-01-01") + rows


def given_rows(rows, labels=None):
    """Rows whose target is their number, and whose covariate is ten times that."""
    rows = np.asarray(rows)
    n = len(rows)
    numbers = np.arange(n, dtype=float)[:, None]
    covariates = Covariates(10 * numbers, np.empty((n, 0), dtype=np.int64))
    labels = None if labels is None else pd.Index(list(labels))
    return Given(hours(rows), labels, observed_of(numbers), covariates)


def targets_of(panel):
    return [history.targets[:, 0].tolist() for history in panel]


def test_groups_keep_the_order_of_their_rows():
    found = [(k, rows.tolist()) for k, rows in groups(np.array([5, 2, 5, -1, 2]))]
    assert found == [(-1, [3]), (2, [1, 4]), (5, [0, 2])]


def test_one_series_without_a_name():
    panel = start_panel(given_rows(range(5)), 1)
    assert (len(panel), panel.keys, panel.name(0)) == (1, None, "")
    assert targets_of(panel) == [[0, 1, 2, 3, 4]]
    ((series, rows),) = panel.split(given_rows(range(5, 8)))
    assert (series, rows.tolist()) == (0, [0, 1, 2])


@pytest.fixture
def panel():
    """Two series whose rows stand among one another: a has rows 3 4 5, b 0 1 2."""
    return start_panel(given_rows([0, 3, 1, 4, 2, 5], "bababa"), 1)


def test_rows_go_to_their_series(panel):
    assert list(panel.keys) == ["a", "b"]
    assert targets_of(panel) == [[1, 3, 5], [0, 2, 4]]
    assert_array_equal(panel[1].covariates.numeric[:, 0], [0, 20, 40])
    assert [history.series for history in panel] == [0, 1]
    assert panel.name(1) == "Series 'b': "
    # each has a grid of its own
    first = [history.grid.stamps(0, 1)[0].hour for history in panel]
    assert first == [3, 0]


def test_series_have_no_order_of_rows_among_one_another(panel):
    whole = start_panel(given_rows([3, 4, 5, 0, 1, 2], "aaabbb"), 1)
    assert list(whole.keys) == list(panel.keys)
    assert targets_of(whole) == [[0, 1, 2], [3, 4, 5]]


def test_histories_lie_one_after_another_in_one_array(panel):
    rows = Rows.of(panel.stretches)
    assert np.shares_memory(rows.values, panel[1].observed.values)
    assert_array_equal(rows.values[:, 0], [1, 3, 5, 0, 2, 4])


def test_later_rows_are_split_by_series(panel):
    parts = panel.split(given_rows([3, 3, 6, 4], "bcab"))
    assert [(k, rows.tolist()) for k, rows in parts] == [
        (-1, [1]),  # a series that the panel has not
        (0, [2]),
        (1, [0, 3]),
    ]


def test_some_histories_are_replaced(panel):
    shorter = panel[1].since(1)
    other = panel.put({1: shorter})
    assert other[1] is shorter
    assert other[0] is panel[0]
    assert other.keys is panel.keys
    assert targets_of(panel)[1] == [0, 2, 4]  # as it was


def test_new_series_come_after_the_known_ones(panel):
    later = start_panel(given_rows([0, 1, 0, 1], "0099"), 1)
    both = panel.then(later)
    assert list(both.keys) == ["a", "b", "0", "9"]
    assert [history.series for history in both] == [0, 1, 2, 3]
    assert targets_of(both)[2:] == [[0, 1], [2, 3]]


def test_categories_of_names_leave_room_for_other_names():
    def named(*names):
        labels = pd.CategoricalIndex(names, categories=["z", *dict.fromkeys(names)])
        return given_rows([0, 1] * (len(names) // 2))._replace(labels=labels)

    panel = start_panel(named("b", "b", "a", "a"), 1)
    assert list(panel.keys) == ["b", "a"]  # in the order of the categories
    both = panel.then(start_panel(named("c", "c"), 1))
    assert not isinstance(both.keys, pd.CategoricalIndex)
    assert [series for series, _ in both.split(named("c", "a"))] == [1, 2]


def test_the_season_is_that_of_most_series():
    rows = [*range(5), *range(5), *(24 * day for day in range(5))]
    panel = start_panel(given_rows(rows, "aaaaabbbbbccccc"), 1)
    assert [history.grid.season for history in panel] == [24, 24, 7]
    assert panel.season == 24


def test_errors_say_which_series():
    with pytest.raises(
        ValueError, match=r"^Series 'b': .* follows 2024-01-01 05:00:00"
    ):
        start_panel(given_rows([0, 1, 5, 4], "aabb"), 1)
    is_named = pytest.raises(ValueError, match=r"^Series 7: too few\.")
    with is_named, naming(name_of(1, pd.Index([5, 7]))):
        raise ValueError("too few.")
    with pytest.raises(ValueError, match=r"^The rows are not in time order"):
        start_panel(given_rows([0, 5, 4]), 1)


def test_absent_rows_of_all_series_make_one_warning():
    rows = given_rows([0, 1, 4, 2, 3, 5], "aaabbb")
    with pytest.warns(FilledRowsWarning, match="^3 of 9 rows .* 02:00:00") as caught:
        panel = start_panel(rows, 1, "h")
    assert len(caught) == 1
    assert_array_equal(panel[0].targets[:, 0], [0, 1, NAN, NAN, 2])
    assert_array_equal(panel[1].targets[:, 0], [3, 4, NAN, 5])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=41))
def test_how_series_stand_among_one_another_changes_nothing(labels):
    """Each series has the rows that it has alone."""
    order = sorted(range(len(labels)), key=lambda i: (labels[i], i))
    position = {row: labels[:row].count(labels[row]) for row in order}
    rows = given_rows([position[i] for i in range(len(labels))], labels)
    panel = start_panel(rows, 1, "h")
    for key, history in zip(panel.keys, panel, strict=True):
        own = [i for i, label in enumerate(labels) if label == key]
        assert history.targets[:, 0].tolist() == own
        assert history.covariates.numeric[:, 0].tolist() == [10 * i for i in own]
