"""Networks over many series, columns of the past, missing values and weights."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer import LSTMForecaster, TransformerForecaster

from ..small import small

N, AHEAD = 71, 13
COMMON = {
    "seq_len": 12,
    "pred_len": 6,
    "max_epochs": 1,
    "validation_fraction": 0.2,
    "random_state": 0,
}
FORECASTERS = {
    "informer": small,
    "lstm": lambda **kw: LSTMForecaster(**(COMMON | {"hidden_size": 7} | kw)),
    "transformer": lambda **kw: TransformerForecaster(
        **(COMMON | {"d_model": 8, "n_heads": 2, "d_ff": 13} | kw)
    ),
}


@pytest.fixture(params=FORECASTERS)
def forecaster(request):
    return FORECASTERS[request.param]


def shops(holes=False):
    """Rows of two shops among one another, and the rows ahead of both."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=N + AHEAD, freq="h").repeat(2)
    n = len(index)
    X = pd.DataFrame(
        {
            "shop": np.tile(["a", "b"], n // 2),
            "price": rng.normal(size=n),
            "stock": rng.normal(50, 5, n),
            "mood": pd.Categorical(rng.choice(list("xyz"), n)),
        },
        index=index,
    )
    level = np.where(X["shop"] == "a", 10.0, 1000.0)
    y = level * (
        1 + 0.1 * np.sin(np.arange(n) / 24 * np.pi) + 0.01 * rng.normal(size=n)
    )
    y = pd.DataFrame({"load": y, "cost": 3 - y}, index)
    if holes:
        y.iloc[[20, 21, 50], [0]] = np.nan
        X.iloc[[31, 60], [1, 2]] = np.nan
        X.loc[X.index[70], "mood"] = None
    return X[: 2 * N], y[: 2 * N], X[2 * N :]


PANEL = {"series": "shop", "past_covariates": ["stock", "mood"], "max_epochs": 1}


def fit(forecaster, X, y, **kwargs):
    return forecaster(**(PANEL | kwargs)).fit(X, y)


@pytest.mark.parametrize("holes", [False, True])
def test_forecasts_of_many_series(forecaster, holes):
    X, y, ahead = shops(holes)
    model = fit(forecaster, X, y)
    assert np.isfinite(model.loss_curve_).all()
    forecast = model.predict(ahead)
    assert forecast.shape == (2 * AHEAD, 2)
    # each in the unit of its own series
    a = (ahead["shop"] == "a").to_numpy()
    assert (np.abs(forecast[a, 0] - 10) < 10).all()
    assert (np.abs(forecast[~a, 0] - 1000) < 1000).all()
    order = np.random.default_rng(1).permutation(len(ahead))
    assert_allclose(model.predict(ahead.iloc[order]), forecast[order], rtol=1e-5)


def test_what_is_known_only_up_to_now_is_not_asked_for(forecaster):
    X, y, ahead = shops()
    model = fit(forecaster, X, y)
    expected = model.predict(ahead)
    assert_array_equal(model.predict(ahead.drop(columns=["stock", "mood"])), expected)
    other = ahead.assign(stock=-1e6, mood=pd.Categorical(["z"] * len(ahead)))
    assert_array_equal(model.predict(other), expected)


def test_a_series_is_forecast_from_its_own_rows(forecaster):
    X, y, ahead = shops()
    model = fit(forecaster, X, y)
    b = (ahead["shop"] == "b").to_numpy()
    before = model.predict(ahead)
    rows = X.shop == "a"
    model.update(X[rows][-20:], -7 * y[rows.to_numpy()][-20:], on_conflict="replace")
    after = model.predict(ahead)
    assert_allclose(after[b], before[b], rtol=1e-6)
    assert not np.allclose(after[~b], before[~b])
    # alone, as among others
    assert_allclose(model.predict(ahead[b]), after[b], rtol=1e-5)


def test_what_is_missing_is_known_to_be(forecaster):
    """The filled value and the told one are two things to a network."""
    X, y, _ahead = shops()
    model = fit(forecaster, X, y)
    names = {name for name, _ in model.net_.module_.named_parameters()}
    assert any(name.endswith("missing_values") for name in names)


def test_weighted_series_that_are_updated_apart(forecaster):
    """Rows that come by update have no weight, and need none to be forecast."""
    X, y, ahead = shops()
    weights = np.linspace(0.5, 2, len(X))
    model = forecaster(**PANEL).fit(X, y, sample_weight=weights)
    known = model.predict(X[-8:])
    later = ahead[ahead["shop"] == "a"]
    model.update(later[:3], y[:3].to_numpy())
    assert_allclose(model.predict(X[-8:]), known, rtol=1e-5)
    assert np.isfinite(model.predict(ahead[ahead["shop"] == "b"])).all()


def test_weights_that_are_zero_are_as_no_targets(forecaster):
    """Their targets reach neither the loss nor the statistics of the others."""
    X, y, _ = shops()
    weights = np.ones(len(X))
    weights[100:112] = 0.0
    model = forecaster(**PANEL).fit(X, y, sample_weight=weights)
    scale = model._scaler.target_scaler_
    kept = (weights > 0) & (np.arange(len(X)) < 2 * (N - 15))  # 0.2 of 71 rows validate
    for series, shop in enumerate("ab"):
        rows = kept & (X["shop"] == shop).to_numpy()
        assert_allclose(scale.mean_[series], y[rows].mean(), rtol=1e-12)
