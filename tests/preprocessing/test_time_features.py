"""TimeFeatures as an estimator: outputs, names, life, refusals."""

import datetime
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skinformer.preprocessing import SeriesScaler, TimeFeatures


@parametrize_with_checks([TimeFeatures(unit="D")])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


HOURS = pd.date_range("2024-07-03 22:00", periods=3, freq="h", name="when")
EXPECTED = [22 / 23 - 0.5, 0.5, -0.5]


HOLIDAYS = ["holiday", "day_before_holiday", "day_after_holiday", "days_to_holiday"]


# Outputs


def test_frame_with_a_datetime_index():
    X = pd.DataFrame(
        {"price": [40, 38, 37], "kind": pd.Categorical(["a", "b", "a"])}, index=HOURS
    )
    before = X.copy()
    made = TimeFeatures(["hour"]).fit_transform(X)
    assert list(made) == ["price", "kind", "hour"]
    assert_frame_equal(made[["price", "kind"]], X)
    assert made.index.equals(HOURS)
    assert made.index.name == "when"
    assert_allclose(made["hour"], EXPECTED)
    assert_frame_equal(X, before)


def test_codes_in_an_array_count_from_zero():
    time = TimeFeatures(["month"], encoding="ordinal")
    stamps = np.array(["2024-01-01", "2024-12-01"], dtype="datetime64[s]")
    assert_array_equal(time.fit_transform(stamps), [[0.0], [11.0]])


def test_set_output_makes_categories_of_an_array():
    time = TimeFeatures(["hour", "weekend"], encoding="ordinal", unit="D")
    made = time.set_output(transform="pandas").fit_transform([[0.25, 5.0]])
    assert list(made) == ["x1", "hour", "weekend"]
    assert made["hour"].cat.categories.tolist() == list(range(24))
    assert made["hour"].tolist() == [6]
    assert made["x1"].tolist() == [5.0]


def test_set_output_keeps_a_frame():
    X = pd.DataFrame({"load": [1.0, 2.0, 3.0]}, index=HOURS)
    plain = TimeFeatures(["hour"], encoding="ordinal").fit_transform(X)
    time = TimeFeatures(["hour"], encoding="ordinal").set_output(transform="pandas")
    assert_frame_equal(time.fit_transform(X), plain)


def test_column_names_that_are_not_strings():
    X = pd.DataFrame({0: [1.0, 2.0, 3.0]}, index=HOURS)
    time = TimeFeatures(["hour"])
    assert list(time.fit_transform(X)) == ["x0", "hour"]
    assert time.get_feature_names_out().tolist() == ["x0", "hour"]


def test_get_feature_names_out():
    X = pd.DataFrame({"date": HOURS, "load": [1, 2, 3]})
    time = TimeFeatures(["hour", "weekend"], encoding="cyclic", column="date").fit(X)
    names = ["load", "hour_sin", "hour_cos", "weekend"]
    assert time.get_feature_names_out().tolist() == names
    assert time.get_feature_names_out(["date", "load"]).tolist() == names
    with pytest.raises(ValueError, match="not equal to feature_names_in_"):
        time.get_feature_names_out(["when", "load"])


def test_an_empty_frame_at_transform():
    X = pd.DataFrame({"load": [1.0, 2.0, 3.0]}, index=HOURS)
    time = TimeFeatures(country="US", encoding="ordinal").fit(X)
    made = time.transform(X[:0])
    assert made.shape == (0, len(time.get_feature_names_out()))


# Many series in one frame


def panel(hours):
    """Return three series that share their stamps, rows mixed, with holes in wind."""
    stores = np.repeat(["a", "b", "c"], len(hours))
    X = pd.DataFrame(
        {
            "store": stores.astype(object),
            "kind": pd.Categorical(stores),
            "wind": np.arange(len(stores), dtype=float),
        },
        index=hours.append([hours, hours]),
    )
    X.iloc[[2, 7, 11], 2] = np.nan
    return X.iloc[np.random.default_rng(0).permutation(len(X))]


@pytest.mark.parametrize(
    "hours",
    [
        pd.date_range("2024-03-01", periods=53, freq="h", name="when"),
        # the clock is put back: 02:00 is there twice
        pd.date_range("2024-10-26 12:00", periods=53, freq="h", tz="Europe/Berlin"),
        pd.date_range("2024-03-30 12:00", periods=53, freq="h", tz="Europe/Berlin"),
        pd.period_range("2024-03-01", periods=53, freq="h"),
    ],
)
def test_many_series_share_their_stamps(hours):
    X = panel(hours)
    before = X.copy()
    time = TimeFeatures(encoding="ordinal")
    made = time.fit_transform(X)
    assert time.features_ == ["hour", "weekday", "day_of_month"]
    assert made.index.equals(X.index)
    assert made.index.name == X.index.name
    assert_frame_equal(made[list(X)], X)
    assert made["hour"].tolist() == X.index.hour.tolist()
    assert made["day_of_month"].tolist() == X.index.day.tolist()
    assert_frame_equal(X, before)


def test_a_row_of_many_series_is_read_on_its_own():
    X = panel(pd.date_range("2024-06-28", periods=53, freq="h"))
    time = TimeFeatures(encoding="cyclic", country="DE").fit(X)
    made = time.transform(X)
    for store in "abc":
        alone = time.transform(X[X["store"] == store])
        assert_frame_equal(made[made["store"] == store], alone)


@pytest.mark.parametrize("n_series", [2, 7])
def test_auto_does_not_see_how_many_series_there_are(n_series):
    days = pd.date_range("2021-01-01", "2022-12-31", freq="D")
    X = pd.DataFrame(index=days.append([days[300:]] * n_series))
    assert TimeFeatures().fit(X).features_ == TimeFeatures().fit(days).features_


def test_a_pipeline_of_many_series():
    X = panel(pd.date_range("2024-06-28", periods=53, freq="h"))
    model = make_pipeline(TimeFeatures(["hour"]), SeriesScaler(series="store"))
    made = model.fit_transform(X)
    assert made.index.equals(X.index)
    assert_frame_equal(made[["store", "kind"]], X[["store", "kind"]])
    assert made["wind"].isna().equals(X["wind"].isna())
    wind = made.groupby("store")["wind"]
    assert_allclose(wind.mean(), 0, atol=1e-12)
    assert_allclose(wind.std(ddof=0), 1)


# Life of an estimator


def test_clone_and_pickle():
    time = TimeFeatures(
        encoding={"hour": "cyclic"}, country="US", events={"a": HOURS[0]}
    )
    X = pd.DataFrame({"load": [1.0, 2.0, 3.0]}, index=HOURS)
    expected = time.fit_transform(X)
    assert_frame_equal(pickle.loads(pickle.dumps(time)).transform(X), expected)
    assert_frame_equal(clone(time).fit_transform(X), expected)
    assert not hasattr(clone(time), "features_")


def test_pipeline_keeps_index_categories_and_flags():
    X = pd.DataFrame({"load": [10.0, 20.0, 30.0]}, index=HOURS)
    model = make_pipeline(
        TimeFeatures(["hour", "holiday"], encoding="ordinal", country="US"),
        SeriesScaler("minmax"),
    )
    made = model.fit_transform(X)
    assert made.index.equals(HOURS)
    assert made["load"].tolist() == [0.0, 0.5, 1.0]
    assert made["hour"].tolist() == [22, 23, 0]
    assert made["holiday"].tolist() == [0.0, 0.0, 1.0]


def test_a_failed_fit_leaves_the_estimator_as_it_was():
    time = TimeFeatures(["hour"]).fit(pd.DataFrame({"a": [1, 2, 3]}, index=HOURS))
    before = vars(time).copy()
    with pytest.raises(ValueError, match="passes through"):
        time.fit(pd.DataFrame({"hour": [1, 2, 3]}, index=HOURS))
    assert vars(time) == before


def test_unfitted():
    with pytest.raises(NotFittedError):
        TimeFeatures().transform(HOURS)


# Refusals


def fails(match, X=HOURS, error=ValueError, **parameters):
    with pytest.raises(error, match=match):
        TimeFeatures(**parameters).fit(X)


def test_unknown_names():
    fails("'huor' is unknown. Did you mean 'hour'?", features=["huor"])
    fails(r"must be 'auto' or a list.*Did you mean 'hour'\?", features="hours")
    fails(r"list of names; got 'hour'\. Give features=\['hour'\]\.$", features="hour")
    fails("Did you mean 'linear'?", encoding="liner")
    fails("tz='' is not a known time zone", tz="")
    fails("Did you mean 'cyclic'?", encoding={"hour": "cyclical"})
    fails("Did you mean 'hour'?", encoding={"huor": "cyclic"})
    fails("'days_to_holiday' is no cycle", encoding={"days_to_holiday": "cyclic"})
    fails("unit: 'M' is unknown", unit="M")
    fails("Did you mean 'US'?", country="us")
    fails("Did you mean 'DE'?", country="germany")
    fails("Give an ISO 3166-1 code", country="atlantis")
    fails("subdivision='BX' .* It knows .*'BY'", country="DE", subdivision="BX")
    fails("without a country", subdivision="BY")
    fails("Did you mean 'Europe/Berlin'?", tz="Berlin")
    fails("Did you mean 'Europe/Berlin'?", tz="Europe/Berlni")


def test_holiday_feature_without_holidays():
    fails("'holiday' needs holidays: give country", features=["holiday"])


def test_collisions():
    X = pd.DataFrame({"hour": [1, 2, 3]}, index=HOURS)
    fails("'hour' of X passes through.*rename it", X, features=["hour"])
    assert TimeFeatures(["hour"], encoding="cyclic").fit_transform(X).shape == (3, 3)
    fails("'hour_sin'", X.add_suffix("_sin"), features=["hour"], encoding="cyclic")
    fails("'fair' of X", X.set_axis(["fair"], axis=1), events={"fair": "2024-07-04"})
    fails("'hour' would be made twice", features=["hour", "hour"])
    fails("'hour' would be made twice", features=["hour"], events={"hour": HOURS[0]})


def test_time_elsewhere_than_in_fit():
    time = TimeFeatures(["hour"]).fit(pd.DataFrame({"x0": [1, 2, 3]}, index=HOURS))
    with pytest.raises(ValueError, match=r"from its index; now it stands in column 0"):
        time.transform(pd.Series(HOURS, name="x0"))


def test_other_columns_than_in_fit():
    time = TimeFeatures(["hour"]).fit(pd.DataFrame({"a": [1, 2, 3]}, index=HOURS))
    with pytest.raises(ValueError, match="feature names should match"):
        time.transform(pd.DataFrame({"b": [1, 2, 3]}, index=HOURS))


# Properties

EVERYTHING = [
    *("second", "minute", "hour", "weekday", "day_of_month", "day_of_year"),
    *("week_of_year", "week_of_month", "month", "quarter", "weekend", "month_start"),
    *("month_end", *HOLIDAYS),
]
instants = st.lists(
    st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1)),
    min_size=1,
    max_size=20,
).map(pd.DatetimeIndex)


@given(instants)
@settings(max_examples=50, deadline=None)
def test_linear_stays_within_a_half(stamps):
    made = TimeFeatures(EVERYTHING, country="US").fit_transform(stamps)
    flags = ["weekend", "month_start", "month_end", *HOLIDAYS[:3]]
    assert made[flags].isin([0.0, 1.0]).all(axis=None)
    assert (made.drop(columns=flags).abs() <= 0.5).all(axis=None)


@given(instants, st.data())
@settings(max_examples=50, deadline=None)
def test_a_row_depends_on_itself_alone(stamps, data):
    rows = data.draw(st.lists(st.integers(0, len(stamps) - 1), min_size=1))
    time = TimeFeatures(EVERYTHING, encoding={"hour": "ordinal"}, country="US").fit(
        stamps
    )
    assert_frame_equal(time.transform(stamps[rows]), time.transform(stamps).iloc[rows])


# A time column that stays


def stamped(n=5):
    """Rows whose time is a column among others."""
    hours = pd.date_range("2024-07-01 22:00", periods=n, freq="h")
    return pd.DataFrame({"price": np.arange(n) + 7.0, "when": hours})


def test_a_time_column_may_stay():
    X = stamped()
    time = TimeFeatures(["hour"], encoding="ordinal", time="when")
    made = time.fit_transform(X)
    assert list(made.columns) == ["price", "when", "hour"]
    assert list(time.get_feature_names_out()) == list(made.columns)
    pd.testing.assert_frame_equal(made[["price", "when"]], X)
    assert made["hour"].tolist() == [22, 23, 0, 1, 2]
    assert time.n_features_in_ == 2


def test_what_stays_is_read_as_what_is_replaced():
    X = stamped(24 * 8)
    stays = TimeFeatures(time="when").fit_transform(X)
    gone = TimeFeatures(column="when").fit_transform(X)
    pd.testing.assert_frame_equal(stays.drop(columns="when"), gone)


@pytest.mark.parametrize(
    ("given", "X", "message"),
    [
        ({"time": "wen"}, stamped(), "time='wen' is not a column.*'when'"),
        ({"time": "when"}, stamped().to_numpy(), "X is a ndarray, which has none"),
        ({"time": "when", "column": "when"}, stamped(), "give one of them"),
        ({"time": "when"}, stamped().astype({"when": str}), "pandas.to_datetime"),
    ],
)
def test_a_column_that_cannot_stay_is_refused(given, X, message):
    with pytest.raises(ValueError, match=message):
        TimeFeatures(**given).fit(X)
