"""Intervals and paths around any forecaster; SeasonalNaive repeats the last value."""

import copy
import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skinformer import (
    LSTMForecaster,
    RidgeForecaster,
    SeasonalNaive,
    TransformerForecaster,
)
from skinformer.exceptions import GapWarning

from ..small import small

PRED_LEN, N_FIT = 3, 50


def hours(n, start="2024-01-01"):
    return pd.DataFrame(index=pd.date_range(start, periods=n, freq="h"))


def last_value(**kwargs):
    return SeasonalNaive(season=1, pred_len=PRED_LEN, **kwargs)


@pytest.fixture(scope="module")
def noise():
    """Return X and a walk of one target, 400 rows."""
    y = np.cumsum(np.random.default_rng(0).normal(size=400))
    X = hours(400)
    return X, pd.Series(y, X.index, name="walk")


@pytest.fixture(scope="module")
def calibrated(noise):
    """Return a model calibrated on rows 50 to 299; tests must not change it."""
    X, y = noise
    return last_value().fit(X[:N_FIT], y[:N_FIT]).calibrate(X[N_FIT:300], y[N_FIT:300])


class TestResiduals:
    def test_are_those_of_every_window_after_the_rows_fitted_on(
        self, calibrated, noise
    ):
        y = noise[1].to_numpy()
        log = calibrated._log
        assert_array_equal(log.origins, np.arange(N_FIT, 300))
        unit = y[:N_FIT].std()
        for window in (0, 17, 247):
            start = N_FIT + window
            expected = (y[start : start + PRED_LEN] - y[start - 1]) / unit
            assert_allclose(log.residuals[window, :, 0], expected)
        # of the last window one row is known
        assert np.isnan(log.residuals[249, 1:]).all()
        assert not np.isnan(log.residuals[249, 0]).any()

    def test_calibrating_appends_as_update_does(self, calibrated, noise):
        X, y = noise
        updated = (
            last_value().fit(X[:N_FIT], y[:N_FIT]).update(X[N_FIT:300], y[N_FIT:300])
        )
        assert_array_equal(calibrated.predict(X[300:310]), updated.predict(X[300:310]))
        assert updated._log is None

    @pytest.mark.parametrize("size", [1, 7, 24])
    def test_rows_that_come_in_pieces_tell_the_same(self, size, calibrated, noise):
        X, y = noise
        model = last_value().fit(X[:N_FIT], y[:N_FIT]).calibrate(X[50:80], y[50:80])
        for start in range(80, 300, size):
            rows = slice(start, min(start + size, 300))
            model.update(X[rows], y[rows])
        assert_array_equal(model._log.origins, calibrated._log.origins)
        assert_allclose(model._log.residuals, calibrated._log.residuals)

    @pytest.mark.parametrize("make", [small, SeasonalNaive])
    def test_calibration_fraction_is_fit_and_calibrate(self, make, noise):
        X, y = noise
        one = make(pred_len=PRED_LEN, calibration_fraction=100).fit(X[:300], y[:300])
        two = make(pred_len=PRED_LEN).fit(X[:200], y[:200])
        two.calibrate(X[200:300], y[200:300])
        assert_allclose(one._log.residuals, two._log.residuals)
        ahead = X[300:306]
        assert_array_equal(one.predict(ahead), two.predict(ahead))
        assert_array_equal(one.predict_interval(ahead), two.predict_interval(ahead))

    @pytest.mark.parametrize(
        "model",
        [
            last_value(),
            RidgeForecaster(pred_len=PRED_LEN, seq_len=7),
            small(pred_len=PRED_LEN, max_epochs=1),
            LSTMForecaster(seq_len=7, pred_len=PRED_LEN, hidden_size=8, max_epochs=1),
            TransformerForecaster(
                seq_len=7, pred_len=PRED_LEN, d_model=8, n_heads=2, max_epochs=1
            ),
        ],
        ids=lambda model: type(model).__name__,
    )
    def test_every_forecaster_that_has_it_keeps_rows_back(self, model, noise):
        X, y = noise
        kept = clone(model).set_params(calibration_fraction=0.25).fit(X[:200], y[:200])
        assert_array_equal(kept._log.origins, np.arange(150, 200))
        assert kept._history.n_known == 200
        assert kept.predict_interval(X[198:210]).shape == (12, 2)

    def test_a_highway_learns_from_the_rows_that_calibrated(self, noise):
        X, y = noise
        kept = RidgeForecaster(pred_len=PRED_LEN, seq_len=7, calibration_fraction=100)
        kept.fit(X[:300], y[:300])
        whole = RidgeForecaster(pred_len=PRED_LEN, seq_len=7).fit(X[:300], y[:300])
        part = RidgeForecaster(pred_len=PRED_LEN, seq_len=7).fit(X[:200], y[:200])
        assert_allclose(kept.coef_, whole.coef_, atol=1e-3)
        assert not np.allclose(kept.coef_, part.coef_, atol=1e-3)
        # and what calibrates was forecast before it did
        residuals = part.predict_windows(X[200:300], y[200:300])
        n = len(residuals.y_true)
        expected = (residuals.y_true - residuals.y_pred) / y[:200].std(ddof=0)
        assert_allclose(kept._log.residuals[:n], expected, atol=1e-6)

    def test_a_missing_truth_is_no_residual(self, noise):
        X, y = noise[0], noise[1].copy()
        y.iloc[60] = np.nan
        model = last_value().fit(X[:N_FIT], y[:N_FIT]).calibrate(X[50:90], y[50:90])
        missing = np.argwhere(np.isnan(model._log.residuals[:35, :, 0])) + [50, 0]
        assert {(o, s) for o, s in missing.tolist()} == {(60, 0), (59, 1), (58, 2)}

    def test_corrections_are_seen(self, noise):
        X, y = noise
        model = last_value().fit(X[:50], y[:50]).calibrate(X[50:200], y[50:200])
        corrected = y[50:200].copy()
        corrected.iloc[100:] *= 3
        model.update(X[150:200], corrected[100:], on_conflict="replace")
        other = last_value().fit(X[:50], y[:50]).calibrate(X[50:200], corrected)
        assert_allclose(model._log.residuals, other._log.residuals)

    def test_targets_that_come_late_are_seen(self, noise):
        X, y = noise
        model = last_value().fit(X[:50], y[:50])
        model.calibrate(X[50:200], y[50:200] * np.nan).update(X[50:200], y[50:200])
        other = last_value().fit(X[:50], y[:50]).calibrate(X[50:200], y[50:200])
        assert_allclose(model._log.residuals, other._log.residuals)

    def test_those_of_new_series_are_kept_from_their_second_rows_on(self):
        X, y = panel()
        model = last_value(series="store", new_series="allow").fit(X[:50], y[:50])
        model.calibrate(X[50:200], y[50:200])
        new = X[200:].assign(store="new"), y[200:]
        model.update(new[0][:60], new[1][:60])
        assert set(model._log.series) == {0}
        model.update(new[0][60:], new[1][60:])
        mine = model._log.series == 1
        assert_array_equal(model._log.origins[mine], np.arange(60, 200))
        step = new[1].to_numpy()[60] - new[1].to_numpy()[59]
        unit = new[1][:60].std(ddof=0)
        assert_allclose(model._log.residuals[mine][0, 0, 0], step / unit)


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


def panel():
    """Return 200 hours of two series, the second ten times the first."""
    y = np.cumsum(np.random.default_rng(3).normal(size=200))
    index = hours(200).index
    X = pd.DataFrame({"store": ["a"] * 200 + ["b"] * 200}, index=index.append(index))
    return X, pd.Series(np.concatenate([y, 10 * y]), X.index)


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

    def test_rows_that_were_trained_on_calibrate_nothing(self, noise):
        X, y = noise
        model = last_value().fit(X[:50], y[:50])
        message = (
            "No row given to calibrate comes after the history, .* 2024-01-03 01:0"
        )
        with pytest.raises(ValueError, match=message):
            model.calibrate(X[30:50], y[30:50])
        assert model._log is None

    def test_rows_before_those_kept_back_are_too_few(self, noise):
        X, y = noise
        model = RidgeForecaster(pred_len=3, seq_len=20, calibration_fraction=390)
        message = "n_samples = 10, before those of calibration_fraction=390"
        with pytest.raises(ValueError, match=message):
            model.fit(X, y)

    def test_a_refused_calibration_changes_nothing(self, noise):
        X, y = noise
        model = last_value().fit(X[:50], y[:50])
        with pytest.raises(ValueError, match="infinity"):
            model.calibrate(X[50:60], y[50:60] / 0)
        assert model._log is None
        assert model._history.n_known == 50

    def test_a_target_known_only_in_the_rows_kept_back(self, noise):
        X, y = noise
        late = y.where(np.arange(400) >= 360)
        for model in last_value(), RidgeForecaster(pred_len=PRED_LEN):
            message = "'walk' is missing before the rows of calibration_fraction=40"
            with pytest.raises(ValueError, match=message):
                model.set_params(calibration_fraction=40).fit(X, late)

    def test_all_rows_are_kept_back(self, noise):
        X, y = noise
        with pytest.raises(ValueError, match="calibration_fraction=400 leaves no row"):
            last_value(calibration_fraction=400).fit(X, y)


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
