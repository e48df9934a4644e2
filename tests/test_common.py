"""scikit-learn's own checks, strict."""

import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from skinformer import (
    ARIMAForecaster,
    InformerRegressor,
    LagForecaster,
    LSTMForecaster,
    ProphetForecaster,
    RidgeForecaster,
    SeasonalNaive,
    TransformerForecaster,
)

NOT_A_FUNCTION_OF_THE_ROW = (
    "without a time index rows follow the history one after another, so that a "
    "forecast depends on how many rows come before it"
)
ROWS_ARE_TIMES = (
    "a row that is repeated or left out moves those after it in time, where a weight "
    "leaves them where they are"
)
EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": ROWS_ARE_TIMES,
    "check_methods_subset_invariance": NOT_A_FUNCTION_OF_THE_ROW,
    "check_methods_sample_order_invariance": NOT_A_FUNCTION_OF_THE_ROW,
}

FORECASTERS = [
    InformerRegressor(
        seq_len=4,
        label_len=2,
        pred_len=2,
        d_model=8,
        n_heads=2,
        e_layers=1,
        d_ff=8,
        max_epochs=2,
        random_state=0,
    ),
    SeasonalNaive(pred_len=2, season=3),
    RidgeForecaster(pred_len=2),
    LagForecaster(
        # of all columns it would choose the covariates, which say it all in the checks
        HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=2, max_features=0.2),
        pred_len=2,
        random_state=0,
    ),
    LagForecaster(Ridge(), pred_len=2, strategy="direct"),
    ARIMAForecaster((1, 0, 0), pred_len=2),
    ProphetForecaster(pred_len=2),
    LSTMForecaster(seq_len=4, pred_len=2, hidden_size=8, max_epochs=2, random_state=0),
    TransformerForecaster(
        seq_len=4,
        pred_len=2,
        d_model=8,
        n_heads=2,
        e_layers=1,
        d_ff=8,
        max_epochs=2,
        random_state=0,
    ),
]


# the checks fit on series of a few rows, too short to validate
@pytest.mark.filterwarnings("ignore::skinformer.exceptions.NoValidationWarning")
@parametrize_with_checks(
    FORECASTERS,
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_forecasters(estimator, check):
    check(estimator)
