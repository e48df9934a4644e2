"""Prophet on rows of ours."""

import logging
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skinformer import ProphetForecaster
from skinformer.baselines.prophet import TALKATIVE, local_time, quiet
from skinformer.exceptions import FilledRowsWarning
from skinformer.series.frequency import make_grid

pytest.importorskip("prophet")

DAYS = 16


def daily(n=24 * DAYS, tz=None, start="2024-03-01"):
    """Return hours without columns, and two waves of the local hour around 50."""
    index = pd.date_range(start, periods=n, freq="h", tz=tz)
    hour = np.asarray(index.hour) / 24 * 2 * np.pi
    y = 50 + 10 * np.sin(hour) + 4 * np.cos(2 * hour)
    return pd.DataFrame(index=index), pd.Series(y, index, name="load")


def flat(**kwargs):
    return ProphetForecaster(growth="flat", **({"pred_len": 5} | kwargs))


@pytest.fixture(scope="module")
def fitted():
    """Return a model fitted on all but two days; tests must not change it."""
    X, y = daily()
    return flat().fit(X[:-48], y[:-48])


def test_a_daily_pattern_is_recovered(fitted):
    X, y = daily()
    # further than pred_len, and inside the history
    assert_allclose(fitted.predict(X[-48:]), y[-48:], atol=0.1)
    assert_allclose(fitted.predict(X[:48]), y[:48], atol=0.1)


def test_a_trend_is_continued():
    index = pd.date_range("2024-01-01", periods=60, freq="D")
    X, y = pd.DataFrame(index=index), pd.Series(3.0 * np.arange(60), index)
    forecast = ProphetForecaster().fit(X[:50], y[:50]).predict(X[50:])
    assert_allclose(forecast, y[50:], rtol=0.02)


def test_rows_in_any_order_and_windows_agree(fitted):
    X, y = daily()
    later, answer = X[-48:], fitted.predict(X[-48:])
    order = np.random.default_rng(0).permutation(48)
    assert_array_equal(fitted.predict(later.iloc[order]), answer[order])
    windows = fitted.predict_windows(later, y[-48:], stride=6)
    assert_array_equal(windows.starts, np.arange(0, 44, 6))
    for start, forecast in zip(windows.starts, windows.y_pred, strict=True):
        assert_allclose(forecast[:, 0], answer[start : start + 5], rtol=1e-12)


def test_update_moves_the_origin_alone(fitted):
    X, _ = daily()
    answer = fitted.predict(X[-48:])[24:29]
    model = pickle.loads(pickle.dumps(fitted))
    model.update(X[-48:-24], np.full(24, 1e6))
    assert_array_equal(model.predict(X[-24:-19]), answer)


def test_local_time_is_what_counts():
    # the clock goes forward on 2024-03-31
    X, y = daily(24 * 40, tz="Europe/Berlin")
    cut = 24 * 28
    model = flat().fit(X[:cut], y[:cut])
    assert_allclose(model.predict(X[cut:]), y[cut:], atol=0.1)


def test_the_hour_that_the_clock_repeats():
    X, y = daily(24 * DAYS, tz="Europe/Berlin", start="2024-10-20")
    forecast = pd.Series(flat().fit(X[:-24], y[:-24]).predict(X), X.index)
    twice = forecast[X.index.strftime("%m-%d %H") == "10-27 02"]
    assert len(twice) == 2
    assert twice.iloc[0] == twice.iloc[1]
    assert_allclose(forecast, y, atol=0.1)


def test_periods_count_from_their_start():
    hours = pd.period_range("2024-01-01", periods=3, freq="2h")
    expected = pd.date_range("2024-01-01", periods=3, freq="2h")
    assert_array_equal(local_time(make_grid(hours), 0, 3), expected)


def test_absent_rows_are_not_trained_on(fitted):
    X, y = daily()
    kept = np.r_[0:100, 130 : len(X) - 48]
    model = flat()
    with pytest.warns(FilledRowsWarning):
        model.fit(X.iloc[kept], y.iloc[kept])
    assert_allclose(model.predict(X), y, atol=0.1)


def test_targets_have_models_of_their_own():
    X, y = daily(24 * 6)
    both = pd.DataFrame({"a": y, "b": -2 * y})
    model = flat().fit(X[:-24], both[:-24])
    assert len(model.models_) == 2
    assert_allclose(model.predict(X[-24:]), both[-24:], atol=0.2)


def test_holidays_have_an_effect():
    index = pd.date_range("2021-01-01", "2024-12-31", freq="D")
    X, noise = pd.DataFrame(index=index), np.random.default_rng(0).normal(size=1461)
    y = pd.Series(10 + noise, index)
    y[(index.month == 12) & (index.day == 25)] = 30.0
    cut = index < "2024-01-01"
    settings = {"growth": "flat", "yearly_seasonality": False}
    model = ProphetForecaster(**settings, country="US").fit(X[cut], y[cut])
    model = pickle.loads(pickle.dumps(model))
    forecast = pd.Series(model.predict(X[~cut]), X.index[~cut])
    assert_allclose(forecast["2024-12-25"], 30, atol=2)
    assert_allclose(forecast["2024-12-24"], 10, atol=2)


def test_rows_without_time_have_a_trend_alone():
    X, y = np.zeros((40, 1)), 5.0 + np.arange(40)
    model = ProphetForecaster().fit(X, y)
    assert_allclose(model.predict(X[:10]), 45 + np.arange(10), rtol=0.01)
    assert list(model.models_[0].seasonalities) == []
    for settings in ({"country": "DE"}, {"weekly_seasonality": True}):
        with pytest.raises(ValueError, match=r"no time index\. Give X a DatetimeIndex"):
            ProphetForecaster(**settings).fit(X, y)


def test_fits_agree_and_move_no_generator(fitted):
    X, y = daily()
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    again = clone(fitted).fit(X[:-48], y[:-48])
    assert_array_equal(again.predict(X[-48:]), fitted.predict(X[-48:]))
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_pickle_holds_no_rows(fitted):
    stored = pickle.dumps(fitted.models_)
    assert len(stored) < 30_000
    again = pickle.loads(stored)[0]
    assert len(again.history) == 0
    assert fitted.models_[0].uncertainty_samples == 0


def test_prophet_logs_and_warns_of_nothing(caplog, capfd):
    X, y = daily(50)
    with warnings.catch_warnings(), caplog.at_level(logging.DEBUG):
        warnings.simplefilter("error")
        flat().fit(X, y).predict(X)
    assert [r for r in caplog.records if r.name != "skinformer"] == []
    assert capfd.readouterr() == ("", "")


def test_loggers_are_left_as_they_were():
    loggers = [logging.getLogger(name) for name in TALKATIVE]
    before = [(logger.level, list(logger.filters)) for logger in loggers]
    with quiet():
        assert not loggers[0].filter(logging.makeLogRecord({}))
    assert [(logger.level, list(logger.filters)) for logger in loggers] == before


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"growth": "logistic"}, "growth"),
        ({"daily_seasonality": "yes"}, "daily_seasonality"),
        ({"changepoint_prior_scale": 0.0}, "changepoint_prior_scale"),
        ({"country": "Nowhere"}, "Nowhere"),
    ],
)
def test_wrong_settings(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ProphetForecaster(**kwargs).fit(*daily(48))


def test_too_few_rows():
    X, y = daily(48)
    with pytest.raises(ValueError, match=r"at least 2 rows.*= 1\. Give more rows\.$"):
        ProphetForecaster(freq="h").fit(X[:1], y[:1])
