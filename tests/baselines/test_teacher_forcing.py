"""What both forecasters that decode step by step have in common."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skinformer.baselines.lstm import LSTMForecaster
from skinformer.baselines.teacher_forcing import TeacherForcedNet
from skinformer.baselines.transformer import TransformerForecaster
from skinformer.exceptions import FilledRowsWarning

SHARED = {
    "seq_len": 12,
    "pred_len": 7,
    "max_epochs": 2,
    "validation_fraction": 0.2,
    "random_state": 0,
}
SMALL = {
    LSTMForecaster: {"hidden_size": 11, "teacher_forcing": 0.5},
    TransformerForecaster: {"d_model": 10, "n_heads": 2, "d_ff": 13, "e_layers": 1},
}
N = 120


@pytest.fixture(scope="module", params=SMALL, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


def small(kind, **kwargs):
    return kind(**(SHARED | SMALL[kind] | kwargs))


@pytest.fixture(scope="module")
def model(kind, series):
    """Return one fitted on the first rows; tests must not change it."""
    X, y = series
    return small(kind).fit(X[:N], y[:N])


def test_learns_a_sine_better_than_its_mean(kind):
    index = pd.date_range("2024-01-01", periods=600, freq="h")
    y = pd.Series(100 + 10 * np.sin(index.hour / 24 * 2 * np.pi), index=index)
    X = pd.DataFrame(index=index)
    model = small(kind, seq_len=24, max_epochs=6, lr=1e-2, batch_size=16)
    model.fit(X[:576], y[:576])
    assert model.score(X[576:], y[576:]) > 0.8


def test_learns_what_a_covariate_says_of_its_row(kind):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=500)})
    y = 3 * X["x"]
    model = small(kind, seq_len=5, max_epochs=6, lr=1e-2, batch_size=16)
    model.fit(X[:480], y[:480])
    assert model.score(X[480:], y[480:]) > 0.8


def test_targets_are_given_in_training_alone(kind, series, monkeypatch):
    X, y = series
    seen = []
    infer = TeacherForcedNet.infer

    def listen(net, x, **kwargs):
        seen.append((net.module_.training, x.get("targets")))
        return infer(net, x, **kwargs)

    monkeypatch.setattr(TeacherForcedNet, "infer", listen)
    small(kind, batch_size=3).fit(X[:N], y[:N])
    assert {training for training, _ in seen} == {True, False}
    for training, targets in seen:
        assert (targets is not None) == training
        assert not training or targets.shape[1:] == (7, 2)


def test_the_targets_are_those_of_the_rows_to_forecast(kind, series):
    X, y = series
    model = small(kind, validation_fraction=None, max_epochs=1)
    model.fit(X[:N], y[:N])
    windows = model._scaler.windows([(model._history, np.array([12, 50]))])
    inputs, targets = windows.batch(slice(None))
    scaler = model._scaler.target_scaler_
    expected = (y.to_numpy()[50:57] - scaler.mean_) / scaler.scale_
    assert_allclose(targets[1], expected, rtol=1e-5)
    assert inputs["values"].shape == (2, 12, 2)


def test_same_seed_same_forecasts(kind, model, series):
    X, y = series
    assert_array_equal(small(kind).fit(X[:N], y[:N]).predict(X), model.predict(X))
    other = small(kind, random_state=1).fit(X[:N], y[:N])
    assert not np.allclose(other.predict(X), model.predict(X))


def test_global_random_state_is_left_alone(kind, series):
    X, y = series
    before = torch.get_rng_state()
    small(kind).fit(X[:N], y[:N]).predict(X)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_forecast_does_not_depend_on_the_batch(model, series, monkeypatch):
    X, y = series
    together = model.predict_windows(X[N:], y[N:]).y_pred
    monkeypatch.setattr(
        "skinformer.forecasting.net_answers.forecast_batch", lambda n_rows: 3
    )
    by_threes = model.predict_windows(X[N:], y[N:]).y_pred
    assert_allclose(by_threes, together, rtol=1e-5)
    assert_allclose(model.predict(X[N : N + 7]), together[0], rtol=1e-5)


def test_units_of_the_target_do_not_matter(kind, model, series):
    X, y = series
    scaled = small(kind).fit(X[:N], y[:N] * 1e6 - 3e9)
    expected = model.predict(X[N:]) * 1e6 - 3e9
    assert_allclose(scaled.predict(X[N:]), expected, rtol=1e-4)


@pytest.mark.parametrize("t", [N + 1, N + 4, N + 7, N + 17])
def test_later_covariates_change_no_forecast_before_them(t, model, series):
    X = series[0].copy()
    before = model.predict(X[N:])
    X.iloc[t:, 0] = 1e4
    X["hour"] = X["hour"].where(np.arange(len(X)) < t, 3)
    after = model.predict(X[N:])
    assert_allclose(after[: t - N], before[: t - N], rtol=1e-6)
    assert not np.allclose(after[t - N :], before[t - N :])


def test_history_from_a_block_on_does_not_reach_it(model, series):
    X, y = series
    before = model.predict_windows(X[N:], y[N:]).y_pred
    changed = y[N:].copy()
    changed.iloc[10:] = 1e4
    after = model.predict_windows(X[N:], changed).y_pred
    assert_allclose(after[:11], before[:11], rtol=1e-6)
    assert not np.allclose(after[11:], before[11:])


def test_absent_rows(kind, series):
    X, y = series
    kept = np.r_[0:50, 58:N]
    with pytest.warns(FilledRowsWarning, match="8 of 120 rows"):
        model = small(kind).fit(X.iloc[kept], y.iloc[kept])
    assert np.isfinite(model.loss_curve_).all()
    assert np.isfinite(model.predict(X[:N])).all()


def test_a_category_that_training_never_saw(kind, series):
    X, y = series[0][:N].copy(), series[1][:N]
    hour = np.where(np.arange(N) < N - 24, np.arange(N) % 23, 23)
    X["hour"] = pd.Categorical(hour, range(24))
    model = small(kind, validation_fraction=24).fit(X, y)
    rows = series[0][N : N + 7]
    as_23, unknown = (
        model.predict(rows.assign(hour=pd.Categorical([value] * 7)))
        for value in (23, 99)
    )
    assert_array_equal(as_23, unknown)


def test_pickle_and_clone(kind, model, series):
    X, y = series
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict(X), model.predict(X))
    assert_array_equal(clone(model).fit(X[:N], y[:N]).predict(X), model.predict(X))


def test_warm_start_goes_on(model, series):
    X, y = series
    more = copy.deepcopy(model).set_params(warm_start=True, max_epochs=3)
    more.fit(X[:N], y[:N])
    assert (model.n_iter_, more.n_iter_) == (2, 5)
    assert more.loss_curve_[:2] == model.loss_curve_
    with pytest.raises(ValueError, match=r"dropout is 0\.1; now it would be 0\.2"):
        more.set_params(dropout=0.2).fit(X[:N], y[:N])


def test_windows_per_epoch(kind, series):
    X, y = series
    few = small(kind, windows_per_epoch=5).fit(X[:N], y[:N])
    again = small(kind, windows_per_epoch=5).fit(X[:N], y[:N])
    assert_array_equal(few.predict(X), again.predict(X))


@pytest.mark.parametrize(
    "kwargs", [{"instance_norm": None}, {"instance_norm": "mean_std"}, {"loss": "mse"}]
)
def test_other_settings(kind, kwargs, model, series):
    X, y = series
    other = small(kind, **kwargs).fit(X[:N], y[:N])
    assert not np.allclose(other.predict(X[N:]), model.predict(X[N:]))
    assert other.score(X[:N], y[:N]) > -1


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"pred_len": 0}, "'pred_len'"),
        ({"dropout": 1.0}, "'dropout'"),
        ({"instance_norm": "std"}, "'instance_norm'"),
        ({"device": "tpu9"}, "device='tpu9'"),
        ({"net_params": {"lr": 1.0}}, "parameter 'lr'"),
    ],
)
def test_errors_come_before_training(kind, kwargs, message, series):
    X, y = series
    model = small(kind, **kwargs)
    with pytest.raises(ValueError, match=message):
        model.fit(X[:N], y[:N])
    assert not hasattr(model, "n_features_in_")
