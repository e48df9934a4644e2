"""What a stored training and another fit must have in common, and how they differ."""

import re

import numpy as np
import pandas as pd
import pytest

from skinformer.forecasting.resuming.facts import (
    columns_of,
    device_told,
    differences,
    facts_of,
    pieces,
    short,
)

from ...small import small


def facts(X, y, sample_weight=None, **settings):
    """The facts of a fit on some rows."""
    model = small(**settings)
    panel = model._learn_rows(X, y, sample_weight)
    return facts_of(model, panel, "cpu")


def said(before, now):
    return differences(before, now)


def test_the_same_rows_are_the_same(series):
    X, y = series
    before = facts(X, y)
    assert said(before, facts(X.copy(), y.copy())) == ""
    # however they lie in memory
    columns = pd.DataFrame({name: X[name].copy() for name in X}, X.index)
    assert said(before, facts(columns, y)) == ""


def change(frame, row, column):
    frame = frame.copy()
    frame.iloc[row, column] += 1
    return frame


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        # 150 rows make 50 pieces of 3
        (lambda X, y: (change(X, 100, 0), y), "column 'temp' of X has other values, "),
        (lambda X, y: (change(X, 100, 0), y), "first in rows 99 to 101"),
        (lambda X, y: (X, change(y, 149, 1)), "target 'price' of y .* rows 147 to 149"),
        (
            lambda X, y: (X.rename(columns={"temp": "wind"}), y),
            r"columns of X was \['temp', 'hour'\], is \['wind', 'hour'\]",
        ),
        (lambda X, y: (X, y.rename(columns={"load": "kW"})), r"the targets of y was"),
        (
            lambda X, y: (X.assign(hour=X["hour"].cat.remove_categories([23])), y),
            "the categories of 'hour' differs",
        ),
        (lambda X, y: (X[:-1], y[:-1]), "number of rows was 150, is 149; the last row"),
        (
            lambda X, y: (X.set_axis(X.index.shift(1)), y.set_axis(X.index.shift(1))),
            "the first row was 2024-01-01 00:00:00, is 2024-01-01 01:00:00; the last ",
        ),
        (
            lambda X, y: (X.reset_index(drop=True), y.reset_index(drop=True)),
            "the step of the rows was h, is one row",
        ),
    ],
)
def test_other_data_are_told_by_name(other, expected, series):
    X, y = series
    before = facts(X, y)
    text = said(before, facts(*other(X, y)))
    assert re.search(expected, text), text


@pytest.mark.parametrize(
    ("asked", "device", "expected"),
    [
        ("auto", "cuda:1", "cuda:1"),
        ("cpu", "cpu", "cpu"),
        # windows are shuffled by a generator of their own; each process has its device
        ("accelerate", "cpu", "accelerate on cpu"),
        ("accelerate", "cuda:1", "accelerate on cuda"),
    ],
)
def test_devices(asked, device, expected):
    assert device_told(asked, device) == expected


def test_other_lengths_are_not_told_of_each_column(series):
    X, y = series
    assert "other values" not in said(facts(X, y), facts(X[:-1], y[:-1]))


def test_weights_count(series):
    X, y = series
    ones = np.ones(150)
    other = ones.copy()
    other[149] = 2
    assert said(facts(X, y), facts(X, y, ones)) == "sample_weight is new"
    # which are made to have a mean of 1
    text = said(facts(X, y, ones), facts(X, y, other))
    assert text == "sample_weight has other values, first in rows 0 to 2"


@pytest.mark.filterwarnings("ignore::skinformer.exceptions.FilledRowsWarning")
def test_absent_rows_count(series):
    X, y = series
    kept = np.arange(150) != 75
    before = facts(X[kept], y[kept])
    kept[75], kept[90] = True, False
    assert "the presence of rows has other values" in said(
        before, facts(X[kept], y[kept])
    )


def test_each_column_of_many_series_is_there_once(series):
    X, y = series
    both = pd.concat([X.assign(key="a"), X.assign(key="b")])
    targets = pd.concat([y, y])
    model = small(series="key", past_covariates=["temp"])
    panel = model._learn_rows(both, targets, None)
    found = dict(columns_of(model, panel))
    assert list(found) == [
        "target 'load' of y",
        "target 'price' of y",
        "column 'temp' of X",
        "column 'hour' of X",
        "the presence of rows",
    ]
    assert all(column.shape == (300,) for column in found.values())
    np.testing.assert_array_equal(found["column 'temp' of X"][:150], X["temp"])
    before = facts(both, targets, series="key")
    other = both.assign(key=["a"] * 150 + ["c"] * 150)
    told = said(before, facts(other, targets, series="key"))
    assert told == "the labels of the series was ['a', 'b'], is ['a', 'c']"
    assert said(before, facts(both.copy(), targets, series="key")) == ""
    index = both.index + pd.Timedelta(hours=1)
    later = both.set_axis(index), targets.set_axis(index)
    assert "the time of the rows differs" in said(before, facts(*later, series="key"))


def test_no_value_of_the_data_is_among_them(series):
    X, y = series
    text = repr(facts(X, y))
    assert repr(float(y["load"].iloc[0]))[:8] not in text


def test_parameters_are_told_by_name_and_few_of_them(series):
    X, y = series
    before = facts(X, y)
    assert said(before, facts(X, y, lr=0.5)) == "lr was 0.001, is 0.5"
    assert said(before, facts(X, y, verbose=1, warm_start=True)) == ""
    many = {"lr": 0.5, "d_ff": 8, "patience": 7, "factor": 3, "n_heads": 1, "mix": True}
    assert said(before, facts(X, y, **many)).endswith("; and 2 more")


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 127, 128, 1000])
def test_a_column_has_few_pieces(n):
    n_pieces = len(pieces(np.arange(n))) - 1
    assert min(n, 32) <= n_pieces <= 64


def test_every_row_is_in_a_piece():
    column = np.arange(1000.0)
    before = pieces(column)
    for row in (0, 15, 16, 500, 999):
        other = column.copy()
        other[row] = -1
        first, last = row // 16 * 16, min(row // 16 * 16 + 15, 999)
        text = differences({"x": before}, {"x": pieces(other)})
        assert text == f"x has other values, first in rows {first} to {last}"


def test_long_values_are_cut():
    assert short("a" * 60) == "a" * 60
    assert short("a" * 61) == "a" * 56 + " ..."
