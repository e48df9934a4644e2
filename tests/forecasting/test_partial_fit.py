"""partial_fit: later rows, and some epochs on the windows that end in them."""

import copy

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from skinformer import LSTMForecaster
from skinformer.forecasting.splitting import new_windows

from ..small import SMALL, small

N, N_NEW, BATCH = 100, 30, 8


def steps_of(model):
    """Return how many steps the optimiser has made."""
    states = model.net_.optimizer_.state.values()
    return {int(state["step"]) for state in states}


@pytest.fixture
def model(series):
    X, y = series
    return small(batch_size=BATCH).fit(X[:N], y[:N])


def test_it_appends_as_update_does(model, series):
    X, y = series
    updated = copy.deepcopy(model).update(X[N:130], y[N:130])
    model.partial_fit(X[N:130], y[N:130])
    assert_array_equal(model._history.targets, updated._history.targets)
    assert model._history.n_known == N + N_NEW


def test_it_trains_on_windows_whose_last_row_is_new(model, series):
    X, y = series
    longer = copy.deepcopy(model).update(X[N:130], y[N:130])
    [(_, starts)] = new_windows(longer._panel, [N], 12, 6)
    # the last row, five after the start, is one of 100 to 129
    assert_array_equal(starts, np.arange(95, 125))
    [(_, few)] = new_windows(longer._panel, [128], 12, 6)
    assert_array_equal(few, [123, 124])


def test_the_optimiser_goes_on(model, series):
    X, y = series
    (before,) = steps_of(model)
    model.partial_fit(X[N:130], y[N:130], n_epochs=2)
    # 30 windows in batches of 8, twice
    assert steps_of(model) == {before + 2 * 4}
    assert model.n_iter_ == len(model.loss_curve_) == 2 + 2
    assert model.net_.optimizer_.param_groups[0]["lr"] == SMALL["lr"]


def test_weights_move_and_scales_do_not(model, series):
    X, y = series
    before = copy.deepcopy(model)
    model.partial_fit(X[N:130], y[N:130])
    ours, theirs = (m.net_.module_.projection.weight for m in (model, before))
    assert not torch.equal(ours, theirs)
    assert_array_equal(
        model._scaler.target_scaler_.mean_, before._scaler.target_scaler_.mean_
    )


def test_it_learns_what_is_new(series):
    """A level that has moved far: who has trained on it forecasts it better."""
    X, y = series
    moved = y + 10 * y.std()
    model = small(instance_norm=None, lr=1e-2).fit(X[:N], y[:N])
    updated = copy.deepcopy(model).update(X[N:140], moved[N:140])
    model.partial_fit(X[N:140], moved[N:140], n_epochs=20)
    ahead, truth = X[140:146], moved[140:146].to_numpy()
    errors = [np.abs(m.predict(ahead) - truth).mean(axis=0) for m in (model, updated)]
    assert (errors[0] < 0.5 * errors[1]).all()


def test_the_first_call_fits(series):
    X, y = series
    first, other = small().partial_fit(X[:N], y[:N]), small().fit(X[:N], y[:N])
    assert_array_equal(first.predict(X[N:106]), other.predict(X[N:106]))


def test_a_highway_and_its_share_stay(series):
    X, y = series
    model = small(highway="ridge").fit(X[:N], y[:N])
    before = copy.deepcopy(model)
    model.partial_fit(X[N:130], y[N:130])
    assert_array_equal(model._highway.ridge_.coef_, before._highway.ridge_.coef_)
    assert_array_equal(model.blend_, before.blend_)


def test_rows_that_end_no_window_are_appended(series):
    X, y = series
    model = small(series=None).fit(X[:N], y[:N])
    before = model.net_
    with pytest.warns(UserWarning, match="1 of 1 rows|rows are absent"):
        model.partial_fit(
            X[N + 1 : N + 2], y[N + 1 : N + 2].assign(load=np.nan, price=1.0)
        )
    assert model._history.n_known == N + 2
    assert model.net_ is not before  # one target of the last row is known


@pytest.mark.parametrize("kind", [LSTMForecaster])
def test_other_networks(kind, series):
    X, y = series
    model = kind(seq_len=7, pred_len=3, hidden_size=8, max_epochs=1, random_state=0)
    model.fit(X[:N], y[:N]).partial_fit(X[N:120], y[N:120], n_epochs=1)
    assert model.n_iter_ == 2


def test_calibration_sees_rows_before_they_are_trained_on(series):
    X, y = series
    model = small().fit(X[:80], y[:80]).calibrate(X[80:N], y[80:N])
    updated = copy.deepcopy(model).update(X[N:130], y[N:130])
    model.partial_fit(X[N:130], y[N:130])
    assert_array_equal(model._log.residuals, updated._log.residuals)


@pytest.mark.parametrize("n_epochs", [0, -1, 1.5, True, "2"])
def test_epochs_are_a_number(n_epochs, model, series):
    X, y = series
    with pytest.raises(ValueError, match=r"n_epochs=.* must be an int of at least 1"):
        model.partial_fit(X[N:110], y[N:110], n_epochs=n_epochs)


def test_refused_rows_change_nothing(model, series):
    X, y = series
    before = copy.deepcopy(model)
    with pytest.raises(ValueError, match="infinity"):
        model.partial_fit(X[N:110], y[N:110] / 0.0)
    assert model._history.n_known == N
    assert_array_equal(model.predict(X[N:110]), before.predict(X[N:110]))
    assert steps_of(model) == steps_of(before)
