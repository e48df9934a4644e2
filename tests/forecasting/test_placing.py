"""Rows that are asked for, placed in their series."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skinformer.exceptions import GapWarning
from skinformer.forecasting.blocks import Ask
from skinformer.forecasting.placing import place, warn_of_gap
from skinformer.series.panel import Given, start_panel

from ..histories import covariates, history_of, hours, observed_of, targets


def given_rows(rows, labels=None, seen=False):
    labels = None if labels is None else pd.Index(list(labels))
    observed = observed_of(targets(np.array(rows, float))) if seen else None
    return Given(hours(rows), labels, observed, covariates(rows))


@pytest.fixture
def panel():
    """Series a has the hours 0 to 4, series b those from 2 to 8."""
    return start_panel(given_rows([*range(5), *range(2, 9)], "aaaaabbbbbbb", True), 2)


def test_rows_are_counted_from_the_first_one_of_their_series(panel):
    _, asks, which = place(panel, given_rows([9, 6, 4, 3], "babb"), "all", "no")
    assert [rows.tolist() for rows in which] == [[1], [0, 2, 3]]
    assert [ask.positions.tolist() for ask in asks] == [[6], [7, 2, 1]]
    assert [ask.history.series for ask in asks] == [0, 1]
    assert_array_equal(asks[1].given.numeric[:, 0], [9, 4, 3])


def test_rows_of_which_the_first_are_kept_no_more(panel):
    cut = panel.put({1: panel[1].since(3)})
    _, [ask], _ = place(cut, given_rows([9], "b"), "all", "no")
    assert ask.positions.tolist() == [4]


def test_a_series_that_is_unknown(panel):
    message = r"^1 series of X are unknown: 'c'\. Known are 2: 'a', 'b'; ask others\.$"
    with pytest.raises(ValueError, match=message):
        place(panel, given_rows([9, 9], "bc"), "all", "ask others")


def test_errors_say_which_series(panel):
    with pytest.raises(ValueError, match=r"^Series 'b': 2024-01-01 01:00:00 is before"):
        place(panel, given_rows([9, 1], "ab"), "all", "no")


def test_fitted_values_of_a_history_that_is_not_kept(panel):
    message = "^Series 'b': 2024-01-01 08:00:00 is inside the history, of which"
    with pytest.raises(ValueError, match=message):
        place(panel, given_rows([9, 8], "bb"), "context", "no")
    assert len(place(panel, given_rows([9], "b"), "context", "no").asks) == 1


def test_a_row_that_is_too_far_ahead(panel):
    # 20 times 50 rows, or the rows of the history where these are more
    place(panel, given_rows([5 + 999], "a"), "all", "no")
    with pytest.raises(ValueError, match="is 1001 rows after the history, which has 5"):
        place(panel, given_rows([5 + 1000], "a"), "all", "no")


def test_rows_between_are_counted_once_for_all_series():
    def ask(n, *positions):
        positions = np.array(positions)
        return Ask(history_of(range(n)), positions, covariates(positions))

    warn_of_gap([ask(5, 6, 5), ask(7, 2)])  # warnings are errors in tests
    with pytest.warns(GapWarning, match="^5 rows after the history were not asked"):
        warn_of_gap([ask(5, 7, 5), ask(7, 11, 2)])
