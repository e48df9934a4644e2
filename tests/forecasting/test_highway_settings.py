"""What a parameter ``highway`` may be, and what it makes."""

import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

from skinformer import InformerRegressor, RidgeForecaster, SeasonalNaive

from ..small import small


def test_generators_of_a_regressor_are_seeded(series):
    X, y = series
    forest = RandomForestRegressor(n_estimators=3)
    X = X[["temp"]]
    one, other = (
        small(highway=forest).fit(X[:120], y[:120]).predict(X) for _ in range(2)
    )
    assert_array_equal(one, other)
    assert forest.random_state is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("highway", "rigde"), ("highway", 3), ("highway_len", 0), ("seq_len", "long")],
)
def test_wrong_parameters_are_named(name, value, series):
    X, y = series
    with pytest.raises(ValueError, match=f"'{name}' parameter of InformerRegressor"):
        InformerRegressor(**{name: value}).fit(X, y)


@pytest.mark.parametrize(
    "value",
    [LinearRegression, SeasonalNaive(), LogisticRegression(), small()],
)
@pytest.mark.parametrize("forecaster", [small, RidgeForecaster])
def test_no_regressor_is_refused_by_name(value, forecaster, series):
    X, y = series
    with pytest.raises(ValueError, match="highway"):
        forecaster(highway=value).fit(X, y)
