"""The forecaster at the end of what a user gives."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from skinformer import SeasonalNaive, TimeFeatures, make_load_series
from skinformer.inspection.fitted import unwrap_fitted


def test_steps_in_front_and_the_forecaster():
    X, y = make_load_series(24 * 4, random_state=0)
    model = make_pipeline(TimeFeatures(), SeasonalNaive()).fit(X, y)
    transform, forecaster = unwrap_fitted(model, "Display")
    assert forecaster is model[-1]
    assert list(transform(X).columns) == list(model[:-1].transform(X).columns)


def test_not_fitted():
    with pytest.raises(
        NotFittedError, match=r"This SeasonalNaive is not fitted.*fit\("
    ):
        unwrap_fitted(SeasonalNaive(), "Display")


@pytest.mark.parametrize(
    ("given", "got"),
    [(Ridge(), "Ridge"), (SeasonalNaive, "the class SeasonalNaive"), (np.zeros(3), "")],
)
def test_no_forecaster(given, got):
    message = rf"Display.from_estimator takes a fitted forecaster .*; got {got}"
    with pytest.raises(TypeError, match=message):
        unwrap_fitted(given, "Display")
