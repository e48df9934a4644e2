"""Intervals and paths around any forecaster; SeasonalNaive repeats the last value."""

import copy
import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skinformer import RidgeForecaster
from skinformer.exceptions import GapWarning

from ..small import small
from .walks import N_FIT, PRED_LEN, hours, last_value, panel


class TestInterval:
    def test_ends_are_quantiles_of_the_residuals(self, calibrated, noise):
        """Steps of a walk: at step h about sqrt(h) times a normal quantile."""
        X, y = noise
        interval = calibrated.predict_interval(X[300:303], 0.8) - y.iloc[299]
        assert interval.shape == (3, 2)
        expected = 1.28 * np.sqrt([1, 2, 3])
        assert_allclose(interval[:, 1], expected, rtol=0.35)
        assert_allclose(interval[:, 0], -expected, rtol=0.35)

    @pytest.mark.parametrize("coverage", [0.5, 0.8, 0.95])
    def test_holds_as_often_as_asked(self, coverage):
        rng = np.random.default_rng(1)
        y, X = np.cumsum(rng.normal(size=(3000, 2)), axis=0), hours(3000)
        model = last_value().fit(X[:100], y[:100]).calibrate(X[100:600], y[100:600])
        held = []
        for start in range(600, 2997, PRED_LEN):
            rows = slice(start, start + PRED_LEN)
            low, high = np.moveaxis(model.predict_interval(X[rows], coverage), 2, 0)
            held.append((low <= y[rows]) & (y[rows] <= high))
            model.update(X[rows], y[rows])
        assert abs(np.mean(held) - coverage) < 0.02

    def test_widens_after_misses(self, noise):
        X, y = noise
        model = last_value().fit(X[:N_FIT], y[:N_FIT]).calibrate(X[50:300], y[50:300])
        before = np.ptp(model.predict_interval(X[300:301], 0.8))
        shaken = y[300:330] * 10
        model.update(X[300:330], shaken)
        after = np.ptp(model.predict_interval(X[330:331], 0.8))
        assert after > 2 * before

    def test_coverages_are_nested(self, calibrated, noise):
        X = noise[0][300:312]  # four blocks, three of them by paths
        ends = [calibrated.predict_interval(X, c) for c in (0.3, 0.6, 0.9, 0.95)]
        for narrow, wide in itertools.pairwise(ends):
            assert (wide[:, 0] <= narrow[:, 0]).all()
            assert (narrow[:, 1] <= wide[:, 1]).all()

    def test_far_rows_alone(self, calibrated, noise):
        whole = calibrated.predict_interval(noise[0][300:312], 0.8)
        with pytest.warns(GapWarning, match="6 rows after the history"):
            far = calibrated.predict_interval(noise[0][306:312], 0.8)
        assert_array_equal(far, whole[6:])

    def test_rows_beyond_a_block_are_as_wide_as_paths(self, calibrated, noise):
        X, _y = noise
        interval = calibrated.predict_interval(X[300:324], 0.8)
        width = np.ptp(interval, axis=1)
        # a walk after 24 steps: 2 * 1.28 * sqrt(24)
        assert_allclose(width[-1], 2 * 1.28 * np.sqrt(24), rtol=0.35)
        assert width[-1] > 1.8 * width[2]

    def test_far_rows_know_what_is_given_of_nearer_ones(self, series):
        """A path runs through the covariates of all rows, not of those asked for."""
        X, y = series
        model = small(pred_len=PRED_LEN, calibration_fraction=30).fit(X, y)
        index = pd.date_range(X.index[-1], periods=10, freq="h")[1:]
        hour = pd.Categorical(index.hour, range(24))
        ahead = pd.DataFrame({"temp": 10.0, "hour": hour}, index)
        other = ahead.assign(temp=[1e3] * 3 + [10.0] * 6)
        far, moved = (model.predict_interval(of, 0.8)[3:] for of in (ahead, other))
        paths, shifted = (
            model.sample_paths(of, 400, 0)[:, 3:] for of in (ahead, other)
        )
        assert not np.allclose(far, moved)
        assert not np.allclose(paths, shifted)
        assert_allclose(np.quantile(paths, 0.1, axis=0), far[..., 0])

    def test_the_same_rows_in_another_order_and_company(self, calibrated, noise):
        X = noise[0]
        whole = calibrated.predict_interval(X[290:310], 0.8)
        order = np.random.default_rng(0).permutation(20)
        assert_array_equal(
            calibrated.predict_interval(X[290:310].iloc[order], 0.8), whole[order]
        )
        assert_array_equal(calibrated.predict_interval(X[290:302], 0.8), whole[:12])

    def test_predict_lies_within(self, calibrated, noise):
        X = noise[0][280:303]
        low, high = calibrated.predict_interval(X, 0.5).T
        point = calibrated.predict(X)
        assert ((low <= point) & (point <= high)).all()

    def test_changes_nothing(self, calibrated, noise):
        before = pickle.dumps(calibrated._log), np.random.get_state()[1].copy()  # noqa: NPY002
        calibrated.predict_interval(noise[0][295:320])
        assert pickle.dumps(calibrated._log) == before[0]
        assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002

    def test_two_targets_have_an_axis(self, noise):
        X, y = noise
        both = pd.DataFrame({"a": y, "b": 10 * y})
        model = last_value().fit(X[:50], both[:50]).calibrate(X[50:300], both[50:300])
        interval = model.predict_interval(X[300:304])
        assert interval.shape == (4, 2, 2)
        assert_allclose(interval[:, 1], 10 * interval[:, 0])

    def test_bounds_hold(self, noise):
        X, y = noise
        counts = (y - y.min()).round()
        model = last_value(bounds=(0, 12)).fit(X[:50], counts[:50].clip(0, 12))
        model.calibrate(X[50:300], counts[50:300].clip(0, 12))
        interval = model.predict_interval(X[300:320], 0.95)
        assert interval.min() >= 0
        assert interval.max() <= 12
        paths = model.sample_paths(X[300:320], 17, random_state=0)
        assert paths.min() >= 0
        assert paths.max() <= 12

    def test_is_copied_pickled_and_forgotten_by_clones(self, calibrated, noise):
        X = noise[0][300:306]
        interval = calibrated.predict_interval(X)
        for other in copy.deepcopy(calibrated), pickle.loads(pickle.dumps(calibrated)):
            assert_array_equal(other.predict_interval(X), interval)
        assert clone(calibrated)._log is None

    def test_a_new_fit_forgets(self, noise):
        X, y = noise
        model = last_value().fit(X[:50], y[:50]).calibrate(X[50:100], y[50:100])
        model.fit(X[:60], y[:60])
        with pytest.raises(ValueError, match="calibrate"):
            model.predict_interval(X[60:62])


class TestManySeries:
    def test_each_has_its_own_unit(self):
        X, y = panel()
        first = X.index < "2024-01-03"
        model = last_value(series="store").fit(X[first], y[first])
        model.calibrate(X[~first], y[~first])
        ahead = pd.DataFrame(
            {"store": ["a", "b"] * PRED_LEN},
            index=pd.date_range(X.index.max(), periods=PRED_LEN + 1, freq="h")[
                1:
            ].repeat(2),
        )
        interval = model.predict_interval(ahead, 0.8)
        assert_allclose(interval[1::2], 10 * interval[::2])

    def test_one_is_adapted_by_its_own_misses(self):
        X, y = panel()
        first = X.index < "2024-01-03"
        model = last_value(series="store").fit(X[first], y[first])
        model.calibrate(X[~first], y[~first])
        later = pd.date_range(X.index.max(), periods=25, freq="h")[1:]
        rows = pd.DataFrame({"store": "a"}, index=later)

        def widths(first):
            asked = pd.DataFrame({"store": ["a", "b"]}, index=[first, later[0]])
            return np.ptp(model.predict_interval(asked, 0.8), axis=1)

        before = widths(later[0])
        model.update(rows, 100 * np.random.default_rng(0).normal(size=24))
        after = widths(later[-1] + pd.Timedelta(hours=1))
        assert after[0] > 3 * before[0]
        assert after[1] < 2 * before[1]


@pytest.fixture(scope="module", params=[30, 31])
def mornings(request):
    """Return a model, and rows to come, of loud mornings and quiet afternoons.

    Contexts of 30 and 31 rows cut across the days.
    """
    n = 24 * 60 + 7
    X = hours(n)
    loud = np.where(np.asarray(X.index.hour) < 12, 10.0, 0.1)
    y = pd.Series(np.random.default_rng(0).normal(size=n) * loud, X.index)
    model = RidgeForecaster(pred_len=24, seq_len=request.param)
    model.fit(X[:720], y[:720]).calibrate(X[720:-48], y[720:-48])
    return model, X[-48:]


class TestSeason:
    def test_paths_are_loud_when_intervals_are(self, mornings):
        model, X = mornings
        near = np.ptp(model.predict_interval(X[:24], 0.8), axis=1)
        paths = np.quantile(model.sample_paths(X, 400, 0), [0.1, 0.9], axis=0)
        of_paths = np.ptp(paths, axis=0)
        morning = np.asarray(X.index.hour) < 12
        assert_allclose(of_paths[:24][morning[:24]], near[morning[:24]], rtol=0.4)
        assert of_paths[morning].min() > 2 * of_paths[~morning].max()

    def test_far_intervals_too(self, mornings):
        model, X = mornings
        far = np.ptp(model.predict_interval(X, 0.8), axis=1)[24:]
        morning = np.asarray(X.index.hour)[24:] < 12
        assert far[morning].min() > 2 * far[~morning].max()


class TestPaths:
    def test_without_a_seed_no_global_generator_is_asked(self, calibrated, noise):
        X, drawn = noise[0][300:303], []
        for _ in range(2):
            np.random.seed(0)  # noqa: NPY002
            drawn.append(calibrated.sample_paths(X, 3))
            assert np.random.rand() == pytest.approx(0.5488135)  # noqa: NPY002
        assert not np.array_equal(*drawn)

    def test_start_from_the_forecast_and_miss_as_residuals_did(self, calibrated, noise):
        X, y = noise
        paths = calibrated.sample_paths(X[300:303], 1000, random_state=0)
        assert paths.shape == (1000, 3)
        steps = np.diff(paths, axis=1, prepend=y.iloc[299])
        # the steps of a walk do not hang together, those of its rows do
        assert_allclose(steps.std(axis=0), 1.0, rtol=0.3)
        assert abs(np.corrcoef(steps[:, 0], steps[:, 1])[0, 1]) < 0.2
        assert np.corrcoef(paths[:, 1], paths[:, 2])[0, 1] > 0.5

    def test_later_blocks_go_on_from_the_path(self, calibrated, noise):
        X = noise[0]
        paths = calibrated.sample_paths(X[300:330], 500, random_state=0)
        # were each block forecast from the known rows, the spread would not grow
        assert paths[:, -1].std() > 2 * paths[:, 2].std()
        # of a walk the root of 3 / 4
        assert np.corrcoef(paths[:, 2], paths[:, 3])[0, 1] > 0.7

    def test_what_series_missed_together_stays_together(self):
        """Two series of the same shocks; a third of its own."""
        X, y = panel()
        rng = np.random.default_rng(7)
        other = pd.Series(np.cumsum(rng.normal(size=200)), X.index[:200])
        third = X[:200].assign(store="c")
        X, y = pd.concat([X, third]), pd.concat([y, other])
        first = X.index < "2024-01-03"
        model = last_value(series="store").fit(X[first], y[first])
        model.calibrate(X[~first], y[~first])
        index = pd.date_range(X.index.max(), periods=6, freq="h")[1:]
        ahead = pd.concat([pd.DataFrame({"store": s}, index=index) for s in "abc"])
        paths = model.sample_paths(ahead, 400, random_state=0).reshape(400, 3, 5)
        sums = paths.sum(axis=2)
        with_a = np.corrcoef(sums.T)[0]
        assert with_a[1] == pytest.approx(1.0, abs=1e-6)
        assert abs(with_a[2]) < 0.3

    def test_the_same_seed_draws_the_same(self, calibrated, noise):
        X = noise[0][300:308]
        one, two, other = (calibrated.sample_paths(X, 5, seed) for seed in (1, 1, 2))
        assert_array_equal(one, two)
        assert not np.array_equal(one, other)

    def test_rows_are_in_the_order_asked(self, calibrated, noise):
        X = noise[0][300:308]
        paths = calibrated.sample_paths(X, 5, 0)
        assert_array_equal(calibrated.sample_paths(X[::-1], 5, 0), paths[:, ::-1])

    def test_rows_inside_the_history_are_refused(self, calibrated, noise):
        with pytest.raises(
            ValueError, match="2024-01-13 09:00:00 is inside the history"
        ):
            calibrated.sample_paths(noise[0][297:303])

    @pytest.mark.parametrize("n", [0, -1, 2.5, True])
    def test_a_number_is_whole(self, n, calibrated, noise):
        with pytest.raises(ValueError, match=r"n=.* must be an int of at least 1"):
            calibrated.sample_paths(noise[0][300:303], n)


class TestErrors:
    def test_nothing_was_calibrated(self, noise):
        X, y = noise
        model = last_value().fit(X[:50], y[:50])
        for method in (model.predict_interval, model.sample_paths):
            with pytest.raises(ValueError, match=r"calibrate\(X, y\) with rows after"):
                method(X[50:52])

    def test_too_few_windows_with_both_numbers(self, noise):
        X, y = noise
        model = last_value().fit(X[:50], y[:50]).calibrate(X[50:70], y[50:70])
        message = "coverage=0.95 needs at least 39 windows .* 18 are known"
        with pytest.raises(ValueError, match=message):
            model.predict_interval(X[70:72], 0.95)
        assert model.predict_interval(X[70:72], 0.8).shape == (2, 2)

    @pytest.mark.parametrize("coverage", [0, 1, -0.5, 1.5, "0.9", None, True])
    def test_coverage_is_a_share(self, coverage, calibrated, noise):
        with pytest.raises(ValueError, match=r"coverage=.* must be a number between"):
            calibrated.predict_interval(noise[0][300:303], coverage)


class TestQuantileWidths:
    def test_intervals_are_as_wide_as_the_heads_say(self, series):
        """Where the heads say twice the width, so does the interval."""
        X, y = series
        model = small(loss="quantile", calibration_fraction=40).fit(X, y)
        ahead = pd.DataFrame(
            {"temp": 10.0, "hour": pd.Categorical(range(6), range(24))},
            index=pd.date_range(X.index[-1], periods=7, freq="h")[1:],
        )
        assert model._log.widths is not None
        interval = model.predict_interval(ahead, 0.8)
        wider = copy.deepcopy(model)
        heads = type(model)._forecast_heads

        def twice(jobs):
            of = heads(model, jobs)
            return of[..., :1] + 2 * (of - of[..., :1])

        wider._forecast_heads = twice
        center = model.predict(ahead)[..., None]
        assert_allclose(
            wider.predict_interval(ahead, 0.8) - center, 2 * (interval - center)
        )
        assert model.sample_paths(ahead, 3, 0).shape == (3, 6, 2)
