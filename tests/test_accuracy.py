"""ETTh1 on the protocol of published results: 96 -> 24, every test window."""

import pytest

from skinformer import InformerRegressor, SeasonalNaive, backtest, fetch_ett
from skinformer.exceptions import DatasetUnavailableError

pytestmark = pytest.mark.slow

N_TRAIN, N_VALID, N_TEST = 8640, 2880, 2880


@pytest.mark.parametrize(
    ("target", "goal", "naive"), [(None, 0.40, 0.424), ("OT", 0.030, 0.046)]
)
def test_etth1(target, goal, naive):
    try:
        X, y = fetch_ett(target=target, download_if_missing=False, return_X_y=True)
    except DatasetUnavailableError:
        pytest.skip("ETTh1.csv is not in the folder that SKINFORMER_DATA names")
    n = N_TRAIN + N_VALID
    X = X[: n + N_TEST]
    model = InformerRegressor(validation_fraction=N_VALID, random_state=0)
    model.fit(X[:n], y[:n])
    result = backtest(model, X[n:], y[n : n + N_TEST])
    assert len(result.starts) == 2857
    scale = y[:N_TRAIN].to_numpy().std(axis=0)
    reference = SeasonalNaive().fit(X[:n], y[:n])
    naive_mse = backtest(reference, X[n:], y[n : n + N_TEST]).mse(scale)
    assert naive_mse == pytest.approx(naive, abs=5e-4)
    assert result.mse(scale) <= goal < naive_mse
