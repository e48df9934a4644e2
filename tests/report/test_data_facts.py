"""What a report says of its rows."""

import numpy as np
import pandas as pd
import pytest

from skinformer import SeasonalNaive
from skinformer.report.data_facts import data_facts, units_of

from .conftest import days


def facts_of(X, y, units=None, **settings):
    with np.errstate(all="ignore"):
        reader = SeasonalNaive(**settings).fit(X, y)
    return data_facts(reader, units or {})


def test_range_step_zone_and_values():
    index = pd.date_range("2024-03-30", periods=5, freq="h", tz="Europe/Berlin")
    y = pd.DataFrame({"a": [1.0, 2, np.nan, 4, 5], "b": [0.0, 0, 0, 0, 3]}, index)
    X = pd.DataFrame({"price": 1.0, "wind": 2.0}, index)
    facts = facts_of(X, y, {"a": "MW"}, past_covariates=["wind"])
    assert (facts.n_rows, facts.n_absent) == (5, 0)
    assert (facts.first, facts.last) == (index[0], index[-1])
    assert (facts.step, facts.zone) == ("h", "Europe/Berlin")
    assert (facts.known, facts.past, facts.series) == (["price"], ["wind"], [])
    a, b = facts.targets
    assert (a.name, a.unit, a.n_known, a.n_missing) == ("a", "MW", 4, 1)
    assert (a.minimum, a.mean, a.maximum) == (1.0, 3.0, 5.0)
    assert (b.unit, b.mean) == ("", 0.6)


def test_holes_are_found_and_the_longest_stands_first():
    X, y = days(20)
    y = y.copy()
    y.iloc[2:4] = np.nan
    rows = np.r_[0:7, 10:15, 16:20]  # days 7 to 9, and 15, are absent
    with pytest.warns(match="absent"):
        facts = facts_of(X.iloc[rows], y.iloc[rows])
    assert facts.n_absent == 4
    assert [(h.what, h.n_rows) for h in facts.holes] == [
        ("all", 3),
        ("sales", 2),
        ("all", 1),
    ]
    assert (facts.holes[0].first, facts.holes[0].last) == (X.index[7], X.index[9])
    assert (facts.holes[1].first, facts.holes[1].last) == (X.index[2], X.index[3])


def test_holes_of_many_series_say_whose_they_are():
    X, y = days(9)
    X = pd.concat([X.assign(store="a"), X.drop(X.index[4]).assign(store="b")])
    y = pd.concat([y, y.drop(y.index[4])])
    with pytest.warns(match="absent"):
        facts = facts_of(X, y, series="store")
    assert facts.series == ["a", "b"]
    assert [(h.series, h.n_rows) for h in facts.holes] == [("b", 1)]


def test_rows_without_time_have_numbers():
    facts = facts_of(np.zeros((4, 1)), [1.0, 2.0, 3.0, 4.0])
    assert (facts.first, facts.last, facts.step, facts.zone) == (0, 3, "", "")


def test_units_are_read_off_the_targets_or_given():
    y = pd.Series([1.0], name="a")
    assert units_of(None, y, ["a"]) == {}
    y.attrs["units"] = "kWh"
    assert units_of(None, y, ["a"]) == {"a": "kWh"}
    assert units_of({"a": "MW"}, y, ["a"]) == {"a": "MW"}


def test_wrong_units_are_refused():
    with pytest.raises(ValueError, match="units names 'c'"):
        units_of({"c": "MW"}, None, ["a", "b"])
    with pytest.raises(TypeError, match="units must be"):
        units_of(["MW"], None, ["a"])
