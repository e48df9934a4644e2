"""Series as they really come, and what an attack found."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LinearRegression

from skinformer import (
    LSTMForecaster,
    RidgeForecaster,
    SeasonalNaive,
    SeriesScaler,
    TimeFeatures,
    backtest,
)

from .small import small

FORECASTERS = {
    "network": small(),
    "both": small(highway="ridge", highway_len=8),
    "lstm": LSTMForecaster(
        seq_len=7, pred_len=6, hidden_size=8, max_epochs=1, random_state=0
    ),
    "ridge": RidgeForecaster(pred_len=6, seq_len=12),
}


def hours(n, start="2024-01-01"):
    return pd.date_range(start, periods=n, freq="h")


def panel(labels="abc", n=90):
    """Return the rows of some series, each with a level of its own."""
    frames, targets = [], []
    for label in labels:
        rng = np.random.default_rng(ord(label))
        level, index = 10 * (ord(label) - 95), hours(n)
        frames.append(pd.DataFrame({"s": label, "x": rng.normal(size=n)}, index=index))
        targets.append(pd.Series(level + rng.normal(size=n), index))
    return pd.concat(frames), pd.concat(targets)


class TestWeights:
    @pytest.mark.parametrize("weight", [1e-6, 2.0, 1e6])
    @pytest.mark.parametrize("highway", [None, "ridge", "auto"])
    def test_only_how_they_differ_counts(self, weight, highway, series):
        X, y = series
        plain = small(highway=highway, max_epochs=1).fit(X, y)
        same = small(highway=highway, max_epochs=1)
        same.fit(X, y, sample_weight=np.full(150, weight))
        assert_allclose(same.predict(X), plain.predict(X), rtol=1e-5)

    def test_rows_of_weight_zero_say_nothing_of_what_comes_after_others(self, series):
        """Their targets may be anything, but for rows that see them before."""
        X, y = series[0][[]], series[1][["load"]]
        weight = np.ones(150)
        weight[60:90] = 0
        other = y.copy()
        other.iloc[60:90] = 1e6
        model = RidgeForecaster(pred_len=6, seq_len=12)
        with pytest.raises(AssertionError):
            assert_allclose(*(model.fit(X, of).coef_ for of in (y, other)), rtol=1e-3)
        means = [
            model.fit(X, of, sample_weight=weight)._highway.scaler_.target_scaler_.mean_
            for of in (y, other)
        ]
        assert_array_equal(*means)

    def test_a_target_whose_rows_all_weigh_nothing(self, series):
        X, y = series
        y = y.copy()
        y.iloc[:100, 1] = np.nan
        weight = np.r_[np.ones(100), np.zeros(50)]
        message = "'price' is missing in every row, or has the weight 0 there"
        with pytest.raises(ValueError, match=message):
            small().fit(X, y, sample_weight=weight)


class TestNewSeries:
    @pytest.mark.parametrize("kind", ["network", "both", "ridge"])
    def test_what_is_kept_does_not_matter(self, kind):
        """A series that grows: its scale is that of its first rows."""
        X, y = panel()
        new, target = panel("z", 90)
        target = target * np.linspace(1, 9, 90)
        forecasts = []
        for size in ("all", "context"):
            model = FORECASTERS[kind].set_params(
                series="s", new_series="allow", history_size=size
            )
            model.fit(X, y)
            for first, stop in ((0, 10), (10, 40), (40, 70), (70, 84)):
                model.update(new[first:stop], target[first:stop])
            forecasts.append(model.predict(new[84:]))
        assert_allclose(*forecasts, rtol=1e-5)

    @pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
    @pytest.mark.parametrize("first", [1, 40])
    def test_one_leaves_the_intervals_of_others_alone(self, first, size):
        """Whatever its unit, and however few rows it began with."""
        X, y = panel(n=130)
        known = X.index < "2024-01-04"
        model = SeasonalNaive(pred_len=3, season=1, series="s", new_series="allow")
        model.fit(X[known], y[known]).calibrate(X[~known], y[~known])
        ahead = pd.DataFrame({"s": list("abc"), "x": 0.0}, index=hours(131)[[130] * 3])
        before = np.ptp(model.predict_interval(ahead, 0.9), axis=1)
        new, target = panel("z", 130)
        target = target * size
        model.update(new[:first], target[:first]).update(new[first:], target[first:])
        after = np.ptp(model.predict_interval(ahead, 0.9), axis=1)
        assert_allclose(after, before, rtol=0.3)

    @pytest.mark.parametrize("kind", ["network", "ridge", "lstm"])
    def test_a_backtest_is_a_loop_of_updates(self, kind):
        X, y = panel()
        model = FORECASTERS[kind].set_params(
            series="s", new_series="allow", history_size="all"
        )
        model.fit(X, y)
        new, target = panel("z", 72)
        target = target * np.linspace(1, 60, 72)
        expected = backtest(model, new, target, stride=6)
        first, forecasts = new.index.get_loc(expected.origins[0]) + 1, []
        model.update(new[:first], target[:first])
        for start in range(first, 66, 6):
            rows = slice(start, start + 6)
            forecasts.append(model.predict(new[rows]))
            model.update(new[rows], target[rows])
        assert len(forecasts) >= 10
        assert_allclose(forecasts, expected.y_pred[: len(forecasts), :, 0], rtol=1e-4)

    def test_two_that_came_at_different_times(self):
        X, y = panel()
        model = small(series="s", new_series="allow", max_epochs=1).fit(X, y)
        first, second = panel("y", 90), panel("z", 90)
        model.update(first[0][:20], first[1][:20])
        model.update(second[0][:84], second[1][:84])
        model.update(first[0][20:84], first[1][20:84])
        asked = pd.concat([first[0][84:], second[0][84:]])
        near = model.predict(asked).reshape(2, 6).mean(axis=1)
        assert_allclose(near, [260, 270], atol=5)


class TestWarmStart:
    def test_goes_on_with_the_same_series(self):
        model = small(series="s", warm_start=True, max_epochs=1).fit(*panel())
        assert model.fit(*panel()).n_iter_ == 2

    @pytest.mark.parametrize("labels", ["cbd", "ab", "abcd"])
    def test_refuses_others(self, labels):
        model = small(series="s", warm_start=True, max_epochs=1).fit(*panel())
        message = r"whose labels of series is \['a', 'b', 'c'\]"
        with pytest.raises(ValueError, match=message):
            model.fit(*panel(labels))


class TestHoles:
    @pytest.mark.parametrize("highway", [None, "ridge", "auto", LinearRegression()])
    def test_a_target_that_only_validation_rows_know(self, highway, series):
        X, y = series[0][["temp"]], series[1].copy()
        y.iloc[:118, 1] = np.nan
        model = small(highway=highway, max_epochs=1).fit(X, y)
        assert np.isfinite(model.predict(X)).all()

    def test_a_target_that_no_validation_row_knows(self, series):
        X, y = series[0], series[1].copy()
        y.iloc[118:, 1] = np.nan
        model = small(highway="auto", max_epochs=1).fit(X, y)
        assert np.isfinite(model.predict(X)).all()
        assert model.blend_[1] == 0

    def test_a_column_that_is_missing_throughout(self, series):
        X, y = series
        X = X.assign(none=np.nan, kind=pd.Categorical([None] * 150, ["a"]))
        for past in (None, ["none", "kind"]):
            model = small(highway="auto", past_covariates=past, max_epochs=1)
            assert np.isfinite(model.fit(X, y).predict(X)).all()

    @pytest.mark.parametrize("kind", ["network", "both", "ridge", "lstm"])
    def test_holes_to_come_are_filled_alike_whatever_is_kept(self, kind):
        index = hours(420)
        y = np.sin(index.hour / 24 * 2 * np.pi) * 5
        y = pd.Series(y + np.random.default_rng(0).normal(size=420), index)
        holes = y.copy()
        holes.iloc[390:410] = np.nan
        X, forecasts = pd.DataFrame(index=index), []
        for size in ("all", "context"):
            model = FORECASTERS[kind].set_params(series=None, history_size=size)
            model.fit(X[:380], y[:380]).update(X[380:400], holes[380:400])
            model.update(X[400:412], holes[400:412])
            forecasts.append(model.predict(X[412:418]))
        assert_allclose(*forecasts, rtol=1e-5)


class TestShortSeries:
    def test_few_stamps_lie_on_the_grid_of_the_others(self):
        X, y = panel()
        few = pd.DataFrame({"s": "few", "x": 0.0}, index=hours(6)[[0, 5]])
        one = pd.DataFrame({"s": "one", "x": 0.0}, index=hours(1))
        X, y = (
            pd.concat([few, one, X]),
            pd.concat(
                [pd.Series([1.0, 2.0], few.index), pd.Series([3.0], one.index), y]
            ),
        )
        with pytest.warns(UserWarning, match="4 of 277 rows are absent"):
            model = SeasonalNaive(pred_len=2, season=1, series="s").fit(X, y)
        asked = pd.DataFrame({"s": ["few", "one"], "x": 0.0}, index=hours(7)[[6, 1]])
        assert model.predict(asked).tolist() == [2.0, 3.0]

    def test_of_their_own_step_where_they_do_not_fit(self):
        X, y = panel("a")
        odd = pd.DataFrame(
            {"s": "odd", "x": 0.0}, index=hours(2) + pd.Timedelta("30min")
        )
        odd.index = [hours(1)[0], hours(1)[0] + pd.Timedelta("30min")]
        X, y = pd.concat([X, odd]), pd.concat([y, pd.Series([1.0, 2.0], odd.index)])
        model = SeasonalNaive(pred_len=2, season=1, series="s").fit(X, y)
        assert model._panel[1].grid.freq == pd.Timedelta("30min")


class TestPastCovariates:
    @pytest.mark.parametrize(
        "chosen",
        [
            ["b", "c"],
            [1, 2],
            np.array([1, 2]),
            slice("b", "c"),
            slice(1, 3),
            slice("b", None),
            [False, True, True],
            lambda frame: [name for name in frame if name != "a"],
        ],
    )
    def test_named_as_column_transformer_has_it(self, chosen):
        X = pd.DataFrame(np.arange(450.0).reshape(150, 3), hours(150), list("abc"))
        model = small(past_covariates=chosen, max_epochs=1).fit(X, X["a"].rename("y"))
        assert model._schema.past.names == ("b", "c")

    def test_one_column_by_numpy_number(self):
        X = pd.DataFrame(np.arange(300.0).reshape(150, 2), hours(150), list("ab"))
        model = small(past_covariates=np.int64(1), max_epochs=1).fit(X, X["a"])
        assert model._schema.past.names == ("b",)

    @pytest.mark.parametrize("chosen", [1.5, "z", ["a", "z"], slice("z", None), 7])
    def test_a_column_that_is_not_there(self, chosen):
        X = pd.DataFrame(np.arange(300.0).reshape(150, 2), hours(150), list("ab"))
        with pytest.raises(
            ValueError, match=r"past_covariates names .*, which X lacks"
        ):
            small(past_covariates=chosen).fit(X, X["a"])


def test_rows_fitted_in_single_precision_agree_with_double(series):
    X, y = series[0][["temp"]] + 0.1, series[1] + 0.1
    model = small(max_epochs=1).fit(X[:120].astype("f4"), y[:120].astype("f4"))
    model.update(X[118:123], y[118:123])
    assert model._history.n_known == 123
    with pytest.raises(ValueError, match=r"Target 'load' is .* where the history has"):
        model.update(X[118:123], y[118:123] + 1)


def test_targets_of_one_name_are_refused(series):
    X, y = series
    twice = y.set_axis(["load", "load"], axis=1)
    with pytest.raises(
        ValueError, match="y has more than one column of the name 'load'"
    ):
        small().fit(X, twice)


def test_an_unknown_series_is_all_that_is_said():
    X, y = panel()
    model = SeasonalNaive(pred_len=3, season=1, series="s").fit(X, y)
    later = pd.DataFrame({"s": ["a", "x", "a"], "x": 0.0}, index=hours(93)[90:])
    with pytest.raises(ValueError, match="1 series of X are unknown: 'x'"):
        model.update(later, [1.0, 2.0, 3.0])
    assert model._history.n_known == 90


def test_paths_ask_a_regressor_of_covariates_once_for_all(series):
    X = series[0][["temp"]]
    y = 100 * X["temp"] + series[1]["load"]
    model = small(highway="auto", calibration_fraction=30, max_epochs=1).fit(X, y)
    ahead = pd.DataFrame({"temp": 10.0}, index=hours(20, "2024-01-07 06:00"))
    path, calls = model._highway.path_, []
    tell = path.predict
    path.predict = lambda *args: calls.append(1) or tell(*args)
    model.sample_paths(ahead, 50, random_state=0)
    # in each of four blocks: once what is known, once what is to come
    assert len(calls) == 4 * 2


@pytest.mark.parametrize("step", [TimeFeatures(), SeriesScaler()])
def test_a_step_in_front_names_the_column_that_is_there_twice(step):
    index = pd.date_range("2024-01-01", periods=48, freq="h")
    X = pd.DataFrame(np.ones((48, 2)), index=index, columns=["a", "a"])
    with pytest.raises(ValueError, match="X has more than one column of the name 'a'"):
        step.fit(X)
    once = pd.DataFrame(np.ones((48, 2)), index=index, columns=["a", "b"])
    with pytest.raises(ValueError, match="X has more than one column of the name 'a'"):
        step.fit(once).transform(X)


def test_a_sparse_target_beside_another_is_read_without_a_warning():
    index = hours(30)
    X = pd.DataFrame(index=index)
    y = pd.DataFrame({"load": np.arange(30.0), "sales": np.arange(30.0) % 2}, index)
    model = SeasonalNaive(pred_len=4, season=3).fit(X[:26], y[:26])
    sparse = y.astype({"sales": "Sparse[float64]"})
    same = SeasonalNaive(pred_len=4, season=3).fit(X[:26], sparse[:26])
    assert_array_equal(same.predict(X[26:]), model.predict(X[26:]))
    assert_array_equal(same.predict(X[26:28])[:, 1], [1.0, 0.0])
