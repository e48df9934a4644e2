"""Histories that are learned from and gone on with."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skinformer.exceptions import FilledRowsWarning
from skinformer.forecasting.panels import (
    add_series,
    before_last,
    check_enough_rows,
    keep_last,
    refuse_empty_targets,
)
from skinformer.series.panel import Given, Panel, start_panel

from ..histories import covariates, hours, observed_of, targets, timeless

NAN = np.nan


def given_rows(rows, labels, values=None):
    values = targets(np.array(rows, float)) if values is None else np.array(values)
    labels = None if labels is None else pd.Index(list(labels))
    return Given(hours(rows), labels, observed_of(values), covariates(rows))


def panel_of(*lengths):
    rows = [row for n in lengths for row in range(n)]
    labels = [name for name, n in zip("abc", lengths, strict=False) for _ in range(n)]
    return start_panel(given_rows(rows, labels), 2)


def test_the_longest_series_has_enough_rows():
    check_enough_rows(panel_of(3, 7), 7, "Mine", "")
    message = (
        "^Mine needs at least 8 rows, and was given n_samples = 7 in its longest "
        "series. Give more rows, or wait.$"
    )
    with pytest.raises(ValueError, match=message):
        check_enough_rows(panel_of(3, 7), 8, "Mine", ", or wait")


def test_only_rows_that_were_given_count():
    with pytest.warns(FilledRowsWarning):
        panel = start_panel(given_rows([0, 1, 2, 6], None), 2)
    assert panel[0].n_known == 7
    with pytest.raises(ValueError, match=r"n_samples = 4\. Give more rows\.$"):
        check_enough_rows(panel, 5, "Mine", "")


@pytest.mark.parametrize(("fraction", "left"), [(2, [3, 9]), (0.25, [3, 8])])
def test_the_last_rows_of_each_series_are_left_out(fraction, left):
    panel = before_last(panel_of(5, 11), fraction)
    assert [history.n_known for history in panel] == left


def test_something_must_be_left_to_train_on():
    # a series that has no other rows keeps them
    panel = before_last(panel_of(5, 11), 5)
    assert [history.n_known for history in panel] == [5, 6]
    with pytest.raises(ValueError, match="calibration_fraction=11 leaves no row"):
        before_last(panel_of(5, 11), 11)


def test_the_last_rows_are_kept():
    """Hours: beside the last seven, those of twice seven days, for holes to come."""
    panel = keep_last(panel_of(5, 7 + 14 * 24 + 4), 7)
    assert [history.n_known for history in panel] == [5, 7 + 14 * 24]
    assert [history.offset for history in panel] == [0, 4]
    assert_array_equal(panel[1].targets[:, 0], np.arange(4, 7 + 14 * 24 + 4))


def test_a_series_more_has_the_step_of_the_others():
    later = given_rows([0, 2, 4], "xxx")
    with pytest.warns(FilledRowsWarning, match="2 of 5 rows"):
        panel = add_series(panel_of(5), later, ["load", "less"], None)
    assert list(panel.keys) == ["a", "x"]
    assert_array_equal(panel[1].targets[:, 0], [0, NAN, 2, NAN, 4])
    assert panel[1].series == 1


def test_a_target_that_is_nowhere_known_is_named():
    values = [[1.0, 2], [3, 4], [5, NAN], [7, NAN]]
    rows = given_rows([0, 1, 0, 1], "aabb", values)
    panel = start_panel(rows, 2)
    refuse_empty_targets(panel_of(3, 5), ["load", "less"])
    with pytest.raises(ValueError, match=r"^Series 'b': Target 'less' is missing"):
        refuse_empty_targets(panel, ["load", "less"])


def test_what_is_missing_in_a_later_series_is_said_once():
    weights = np.array([1.0, 0.0])
    one, other = timeless([[3.0], [5.0]], weights=weights), [[NAN], [7.0]]
    panel = Panel((one, timeless(other, weights=weights)), pd.Index(["a", "b"]))
    message = "^Series 'b': Target 'load' is missing in every row, or has the weight 0 "
    with pytest.raises(ValueError, match=message + "there, so that"):
        refuse_empty_targets(panel, ["load"])
