"""The regressor of what is known ahead."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from skinformer import CovariateRegressor
from skinformer.forecasting.covariate_design import CovariateDesign
from skinformer.forecasting.covariate_trend import Trend
from skinformer.series.covariates import Columns

N = 24 * 7 * 6
RNG = np.random.default_rng(0)


def small(**parameters):
    return CovariateRegressor(**{"max_iter": 20} | parameters)


def hourly(n=N, start=0):
    """Return hour, weekday, a number and a category, indexed by integers."""
    position = np.arange(start, start + n)
    rng = np.random.default_rng(abs(start))
    return pd.DataFrame(
        {
            "hour": position % 24 / 23 - 0.5,
            "weekday": position // 24 % 7 / 6 - 0.5,
            "temperature": rng.normal(size=n),
            "sky": pd.Categorical(rng.choice(["clear", "rain"], n), ["clear", "rain"]),
        },
        index=pd.Index(position),
    )


def effects(X):
    """Return a log-linear effect of each column, hour and weekday together."""
    day = np.sin(2 * np.pi * X["hour"]) * (1 + (X["weekday"] > 0.2))
    return (
        day + 0.2 * np.tanh(X["temperature"]) - 0.3 * (X["sky"] == "rain")
    ).to_numpy()


TREES_COUNT_ROWS = (
    "HistGradientBoosting bins the covariates and sizes its leaves by rows, whatever "
    "they weigh"
)


@parametrize_with_checks(
    [small(), small(link="identity", n_trend=3)],
    expected_failed_checks=lambda estimator: {
        "check_sample_weight_equivalence_on_dense_data": TREES_COUNT_ROWS
    },
)
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("link", ["log", "identity"])
def test_learns_effects_that_multiply_or_add_up(link):
    X, later = hourly(), hourly(24 * 7, start=N)
    mean = np.exp if link == "log" else np.asarray
    model = small(link=link, max_iter=200).fit(X, mean(effects(X)))
    assert model.link_ == link
    assert model.score(later, mean(effects(later))) > 0.97


def test_auto_link_reads_the_sign():
    X, y = hourly(), effects(hourly())
    assert small().fit(X, y).link_ == "identity"
    assert small().fit(X, y - y.min()).link_ == "log"
    assert small().fit(X, np.zeros(N)).link_ == "identity"


@pytest.mark.parametrize("y", [np.array([-1.0, 2.0, 3.0]), np.zeros(3)])
def test_log_link_refuses_what_has_no_logarithm(y):
    with pytest.raises(ValueError, match=r"link='log' needs .* link='identity'"):
        small(link="log").fit(np.arange(3.0)[:, None], y)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_scale_of_the_target_is_no_matter(scale):
    X, y = hourly(), np.exp(effects(hourly()))
    expected = small().fit(X, y).predict(X)
    np.testing.assert_allclose(
        small().fit(X, scale * y).predict(X), scale * expected, rtol=1e-4
    )


def test_the_level_ends_where_it_was_last_and_stays():
    X = hourly()
    time = np.arange(N) / N
    model = small(alpha=0.01, max_iter=200).fit(X, np.exp(effects(X) + time))
    for days, level in [(1, 1.0), (1000, 1.0), (-1000, 0.0)]:
        later = hourly(24 * 7, start=N + 24 * 7 * days)
        ratio = model.predict(later) / np.exp(effects(later))
        assert np.median(ratio) == pytest.approx(np.exp(level), rel=0.03)


@pytest.mark.parametrize(("n", "bends"), [(167, 0), (168, 1), (168 * 3, 3), (N, 5)])
def test_few_rows_bend_seldom(n, bends):
    assert Trend.learn(hourly(n), n=5).columns(hourly(7)).shape == (7, bends)


def test_without_bends_the_level_is_one():
    X, y = hourly(), np.exp(effects(hourly()) + np.arange(N) / N)
    model = small(n_trend=0).fit(X, y)
    shifted = X.set_axis(X.index + 24 * 7 * 1000)
    np.testing.assert_array_equal(model.predict(shifted), model.predict(X))


def times_of(kind):
    hours = pd.date_range("2024-01-01", periods=N, freq="h")
    return {
        "times": hours,
        "zone": hours.tz_localize("UTC"),
        "periods": hours.to_period("h"),
        "integers": pd.Index(np.arange(N) + 7),
    }[kind]


@pytest.mark.parametrize("kind", ["times", "zone", "periods", "integers"])
def test_every_kind_of_time_is_the_same_trend(kind):
    X, y = hourly(), np.exp(effects(hourly()) + np.arange(N) / N)
    expected = small().fit(X, y).predict(X)
    X = X.set_axis(times_of(kind))
    np.testing.assert_allclose(small().fit(X, y).predict(X), expected, rtol=1e-9)


def test_rows_without_time_stand_at_the_end():
    X, y = hourly(), np.exp(effects(hourly()) + np.arange(N) / N)
    model = small().fit(X, y)
    at_the_end = X.set_axis(np.full(N, N - 1))
    np.testing.assert_array_equal(
        model.predict(X.reset_index(drop=True)), model.predict(at_the_end)
    )


def test_another_kind_of_time_is_refused():
    X, y = hourly(), np.exp(effects(hourly()))
    model = small().fit(X, y)
    with pytest.raises(ValueError, match=r"holds times without a zone, .* integers"):
        model.predict(X.set_axis(times_of("times")))


def test_order_of_rows_is_no_matter():
    X, y = hourly(), np.exp(effects(hourly()))
    mixed = RNG.permutation(N)
    np.testing.assert_allclose(
        small().fit(X.iloc[mixed], y[mixed]).predict(X),
        small().fit(X, y).predict(X),
        rtol=1e-9,
    )


def test_a_row_of_weight_zero_does_not_count():
    X, y = hourly(), np.exp(effects(hourly()))
    weight = np.where(np.arange(N) < 24, 0.0, 1.0)
    strange = np.where(weight, y, 1e6)
    np.testing.assert_allclose(
        small(n_trend=0).fit(X, strange, sample_weight=weight).predict(X),
        small(n_trend=0).fit(X[24:], y[24:]).predict(X),
        rtol=1e-9,
    )


def test_weights_move_the_fit():
    X = pd.DataFrame({"flag": np.zeros(60)})
    y, weight = np.tile([1.0, 4.0], 30), np.tile([2.0, 1.0], 30)
    model = small(max_iter=300).fit(X, y, sample_weight=weight)
    assert model.predict(X[:1])[0] == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1.0, 2.0], r"shape \(2,\)"),
        ([1.0, -1.0, 1.0], "negative"),
        ([0.0] * 3, "zero"),
    ],
)
def test_weights_that_cannot_be(weight, message):
    with pytest.raises(ValueError, match=message):
        small().fit(np.arange(3.0)[:, None], np.ones(3), sample_weight=weight)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 30])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_few_rows(n, sign):
    X, y = hourly(n), sign * np.exp(effects(hourly(n)))
    predicted = small().fit(X, y).predict(hourly(7, start=n))
    assert np.isfinite(predicted).all()
    assert (np.abs(predicted) < 2 * np.abs(y).max()).all()


@pytest.mark.parametrize("value", [-3.0, 0.0, 1e-300, 5.0])
def test_one_distinct_target(value):
    X = hourly(50)
    np.testing.assert_allclose(
        small().fit(X, np.full(50, value)).predict(X), value, rtol=1e-5
    )


@pytest.mark.parametrize("link", ["log", "identity"])
def test_no_columns_at_all(link):
    X = pd.DataFrame(index=pd.Index(np.arange(200)))
    y = np.linspace(1.0, 2.0, 200)
    model = small(link=link, alpha=0.01).fit(X, y)
    assert model.predict(X[-1:])[0] == pytest.approx(2.0, rel=0.05)
    model = small(link=link).fit(X.reset_index(drop=True), y)
    np.testing.assert_allclose(model.predict(X[:3]), 1.5, rtol=1e-6)


def test_constant_columns_say_nothing():
    X, y = hourly(), np.exp(effects(hourly()))
    same = X.assign(one=1.0, only=pd.Categorical(["a"] * N))
    plain, more = small().fit(X, y), small().fit(same, y)
    assert len(plain.linear_model_.coef_) == len(more.linear_model_.coef_)


def test_extreme_inputs_stay_in_bounds():
    X, y = hourly(), np.exp(effects(hourly()))
    model = small().fit(X, y)
    for value in (-1e30, 1e30):
        wild = X[:5].assign(temperature=value, hour=value, weekday=value)
        assert (model.predict(wild) < 2 * np.e * y.max()).all()
        farther = wild.assign(temperature=2 * value)
        np.testing.assert_array_equal(model.predict(wild), model.predict(farther))


def test_unknown_categories_are_ignored():
    X, y = hourly(), np.exp(effects(hourly()))
    X["sky"] = X["sky"].cat.add_categories("hail")
    model = small().fit(X, y)
    hail = model.predict(X.assign(sky="hail").astype(X.dtypes))
    nothing = model.predict(X.assign(sky=None).astype(X.dtypes))
    np.testing.assert_array_equal(hail, nothing)
    assert np.isfinite(hail).all()


def test_many_categories_are_no_error():
    codes = np.arange(3 * 300) % 300
    X = pd.DataFrame({"name": pd.Categorical(codes)})
    assert np.isfinite(small().fit(X, 1.0 + codes % 2).predict(X)).all()


def test_missing_categories_are_a_level_where_fit_saw_them():
    X = hourly()
    y = 1.0 + (X["sky"] == "rain")
    X.loc[y > 1, "sky"] = None
    model = small(n_trend=0, max_iter=200).fit(X, y)
    np.testing.assert_allclose(model.predict(X), y, rtol=0.05)


def test_missing_numbers_are_refused():
    X = hourly()
    X.iloc[3, 2] = np.nan
    with pytest.raises(ValueError, match="temperature"):
        small().fit(X, np.ones(N))


def test_same_seed_same_model_and_no_global_state():
    X, y = hourly(), np.exp(effects(hourly()))
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    model = small().fit(X, y)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    again = clone(model).fit(X, y).predict(X)
    np.testing.assert_array_equal(model.predict(X), again)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), again)


@pytest.mark.parametrize(
    "parameters",
    [{"link": "logit"}, {"n_trend": -1}, {"alpha": 0.0}, {"max_iter": True}],
)
def test_parameters_are_checked(parameters):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        CovariateRegressor(**parameters).fit(np.ones((5, 1)), np.ones(5))


def test_design_by_hand():
    X = pd.DataFrame({"shift": [0.0, 1, 2, 0, 1, 2], "late": [0, 0, 0, 1, 1, 1]})
    covariates = Columns.learn(X).read(X)
    design = CovariateDesign.learn(covariates, np.array([1.0, 2, 4, 1, 2, 4]))
    assert (design.main, design.partner) == (0, None)
    np.testing.assert_array_equal(
        design.matrix(covariates),
        #  shift     late  shift if late
        [
            [1, 0, 0, 0, 0, 0, 0],
            [0, 1, 0, 0, 0, 0, 0],
            [0, 0, 1, 0, 0, 0, 0],
            [1, 0, 0, 1, 1, 0, 0],
            [0, 1, 0, 1, 0, 1, 0],
            [0, 0, 1, 1, 0, 0, 1],
        ],
    )


def test_hour_and_weekday_act_together_and_the_day_of_the_month_is_left_out():
    X = hourly().assign(day=np.arange(N) // 24 % 31)
    y = effects(X) + np.repeat(RNG.normal(size=N // 24), 24)
    covariates = Columns.learn(X).read(X)
    design = CovariateDesign.learn(covariates, y)
    # hour, weekday, temperature, day, sky
    assert (design.main, design.partner) == (0, 1)
    assert [part is None for part in design.parts] == [0, 0, 0, 1, 0]
    # each alone: 24 + 7 + 6 + 1; with the hour: 24 * (7 + 1 + 1)
    assert design.matrix(covariates).shape == (N, 24 + 7 + 6 + 1 + 24 * 9)


def test_a_column_of_many_levels_stays_if_it_foretells():
    payday = np.arange(N) // 24 % 9  # every ninth day
    X = hourly().assign(payday=payday)
    y = effects(X) + 5.0 * (payday == 3)
    covariates = Columns.learn(X).read(X)
    assert CovariateDesign.learn(covariates, y).parts[3] is not None


@pytest.mark.parametrize("bad", ["target", "weight"])
def test_a_fit_that_fails_leaves_the_one_before(bad):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"])
    model = CovariateRegressor(max_iter=5).fit(X, X["a"])
    before = model.predict(X)
    y = X["a"].where(X["a"] > X["a"].min()) if bad == "target" else X["a"]
    weight = np.full(60, -1.0) if bad == "weight" else None
    with pytest.raises(ValueError, match=r"NaN|weight"):
        model.fit(X[["a"]], y, weight)
    np.testing.assert_array_equal(model.predict(X), before)
