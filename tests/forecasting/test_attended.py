"""What a network attends to for a block: the window of that block, and its rows."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from skinformer import LSTMForecaster, TransformerForecaster
from skinformer.forecasting.attended import attended
from skinformer.network.distilled import memory_shares

from ..small import small

N, SEQ, LABEL, PRED = 83, 23, 5, 7
SIZES = {"seq_len": SEQ, "pred_len": PRED, "max_epochs": 1, "random_state": 0}


def series(n=N + 40, start="2024-03-27 05:00"):
    index = pd.date_range(start, periods=n, freq="h", tz="Europe/Berlin")
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"price": rng.normal(size=n)}, index=index)
    wave = np.sin(np.arange(n)[:, None] / 24 * 2 * np.pi + np.arange(2))
    return X, pd.DataFrame(wave + 0.1 * rng.normal(size=(n, 2)), index, ["a", "b"])


X, Y = series()


def fitted(**options):
    given = {**SIZES, "label_len": LABEL, "factor": 1, **options}
    return small(**given).fit(X[:N], Y[:N])


@pytest.fixture(scope="module")
def alone():
    return fitted(validation_fraction=None)


@pytest.fixture(scope="module")
def beside():
    return fitted(highway="auto", highway_len=29, validation_fraction=None)


def in_units(model, forecast):
    scale = model._scaler.target_scaler_
    return forecast * scale.scale_ + scale.mean_


@pytest.mark.parametrize("row", [0, 6, 7, 15, -1])
def test_the_window_is_that_of_the_block(alone, row):
    ahead = X[N : N + 3 * PRED]
    found = attended(alone, ahead, row)
    first = row % len(ahead) // PRED * PRED
    block = slice(first, first + PRED)
    expected = alone.predict(ahead)[block]
    assert_allclose(in_units(alone, found.forecast), expected, atol=1e-5)
    assert_array_equal(found.index, X.index[N + first - SEQ : N + first + PRED])
    assert found.index.tz == X.index.tz
    assert found.shares is None


def test_rows_inside_the_history(alone):
    found = attended(alone, X[30:50], 12)  # row 42 starts a block of 7
    assert_array_equal(found.index, X.index[42 - SEQ : 42 + PRED])
    expected = alone.predict(X[42 : 42 + PRED])
    assert_allclose(in_units(alone, found.forecast), expected, atol=1e-5)


def test_of_a_highway_the_network_sees_what_is_left_over(beside):
    ahead, was, told = X[N : N + PRED], beside.blend_, []
    found = attended(beside, ahead, 0)
    assert found.shares is was
    for share in (0.0, 1.0):
        beside.blend_ = np.full(2, share)
        told.append(beside.predict(ahead))
    silent = attended(beside, ahead, 0)  # counts for nothing, and attends all the same
    beside.blend_ = np.zeros(2)
    assert_array_equal(attended(beside, ahead, 0).forecast, silent.forecast)
    beside.blend_ = was
    correction = (told[1] - told[0]) / beside._scaler.target_scaler_.scale_
    assert abs(correction).max() > 1e-3
    assert_allclose(found.forecast, correction, atol=1e-5)


def test_layers_and_the_rows_of_their_positions(alone):
    found = attended(alone, X[N : N + PRED], 0).layers
    assert [layer.weights.shape for layer in found["encoder"]] == [
        (2, 23, 23),
        (2, 12, 12),
    ]
    assert found["encoder"][1].key_cells[:3].tolist() == [-0.5, 1.0, 3.0]
    (own,), (cross,) = found["decoder"], found["cross"]
    assert own.weights.shape == (2, PRED, LABEL + PRED)
    assert own.key_cells[[0, -1]].tolist() == [SEQ - LABEL - 0.5, SEQ + PRED - 0.5]
    assert cross.weights.shape == (2, PRED, SEQ)
    assert cross.query_cells[[0, -1]].tolist() == [SEQ - 0.5, SEQ + PRED - 0.5]
    for layer in (*found["encoder"], own, cross):
        assert_allclose(layer.weights.sum(axis=-1), 1.0, atol=1e-6)
    # ⌈ln 23⌉ = 4 and ⌈ln 12⌉ = 3 queries of each head
    assert_array_equal(found["encoder"][0].active.sum(axis=1), [4, 4])
    assert_array_equal(found["encoder"][1].active.sum(axis=1), [3, 3])
    assert cross.active.all()


def test_weights_of_rows_are_those_of_the_network(alone):
    """The window is cut again by hand, and given to the network."""
    found = attended(alone, X[N : N + PRED], 0)
    scale = alone._scaler.target_scaler_
    values = (Y[N - SEQ : N].to_numpy() - scale.mean_) / scale.scale_
    prices = alone._scaler.covariate_scaler_
    given = (X[N - SEQ : N + PRED].to_numpy() - prices.mean_) / prices.scale_
    net = alone.net_.module_
    with torch.no_grad():
        _, weights = net(
            torch.tensor(values[None], dtype=torch.float32),
            torch.tensor(given[None], dtype=torch.float32),
            need_weights=True,
        )
    first, cross = weights.encoder[0][0], weights.decoder_cross[0][0]
    assert_allclose(found.layers["encoder"][0].weights, first, atol=1e-6)
    expected = cross.numpy() @ memory_shares(net.encoder, SEQ)
    assert_allclose(found.layers["cross"][0].weights, expected, atol=1e-6)


def test_transformer():
    model = TransformerForecaster(**SIZES, d_model=6, n_heads=3, d_ff=11)
    model.fit(X[:N], Y[:N])
    found = attended(model, X[N : N + 2 * PRED], PRED)
    expected = model.predict(X[N : N + 2 * PRED])[PRED:]
    assert_allclose(in_units(model, found.forecast), expected, atol=1e-5)
    assert found.layers["cross"][0].weights.shape == (3, PRED, SEQ)
    assert found.layers["decoder"][0].weights.shape == (3, PRED, PRED)


def test_a_network_without_attention_has_no_layers():
    model = LSTMForecaster(**SIZES, hidden_size=5).fit(X[:N], Y[:N])
    found = attended(model, X[N : N + PRED], 0)
    assert found.layers == {"encoder": [], "decoder": [], "cross": []}


def test_of_quantiles_the_median():
    model = fitted(loss="quantile", validation_fraction=None)
    found = attended(model, X[N : N + PRED], 0)
    expected = model.predict(X[N : N + PRED])
    assert_allclose(in_units(model, found.forecast), expected, atol=1e-5)


def test_one_of_many_series():
    index = X.index[:N].append(X.index[:N])
    many = pd.DataFrame({"shop": ["x"] * N + ["y"] * N}, index=index)
    y = np.concatenate([Y["a"][:N], 100 + 10 * Y["b"][:N]])
    model = small(**SIZES, label_len=LABEL, series="shop").fit(many, y)
    ahead = pd.DataFrame(
        {"shop": ["x", "y"] * PRED}, index=X.index[N : N + PRED].repeat(2)
    )
    found = attended(model, ahead, 1)  # a row of the second shop
    told = model.predict(ahead)[1::2]
    scale = model._scaler.target_scaler_.of(np.array([1]))
    forecast = found.forecast * scale.scale_[0] + scale.mean_[0]
    assert_allclose(forecast[:, 0], told, atol=1e-4)


def test_rows_by_position():
    model = small(**SIZES, label_len=LABEL).fit(X[:N].to_numpy(), Y[:N].to_numpy())
    found = attended(model, X[N : N + PRED].to_numpy(), 0)
    assert_array_equal(found.index, np.arange(N - SEQ, N + PRED))


def test_a_history_of_which_only_the_context_is_kept(alone):
    short = fitted(validation_fraction=None, history_size="context")
    found, whole = (attended(m, X[N : N + 2 * PRED], PRED) for m in (short, alone))
    assert_array_equal(found.index, whole.index)
    assert_array_equal(found.forecast, whole.forecast)


@pytest.mark.parametrize("row", [7, -8, 1.5])
def test_a_row_that_there_is_not(alone, row):
    with pytest.raises(ValueError, match=rf"row={row} must be an int from -7 to 6"):
        attended(alone, X[N : N + PRED], row)


def test_a_block_too_early_in_the_history(alone):
    with pytest.raises(
        ValueError,
        match=r"starts at 2024-03-27 12:00:00\+01:00 has 7 rows before it, and the "
        r"network reads 23.*Ask for a row from 2024-03-28 09:00:00\+01:00 on",
    ):
        attended(alone, X[:20], 8)
    attended(alone, X[28:29], 0)  # 09:00 the day after
