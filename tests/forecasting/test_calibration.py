"""Residuals of rows not trained on; SeasonalNaive repeats the last value."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skinformer import (
    LSTMForecaster,
    RidgeForecaster,
    SeasonalNaive,
    TransformerForecaster,
)

from ..small import small
from .walks import N_FIT, PRED_LEN, last_value, panel


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


class TestErrors:
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
