"""The list of classes has all that there are, and their fields as they are."""

import pytest
from sklearn.base import BaseEstimator

import skinformer
from skinformer import InformerRegressor, save
from skinformer.exceptions import ModelFileError
from skinformer.persistence.registry import CLASSES, NAMES

from .crafted import SMALL, X, Y

ESTIMATORS = [
    value
    for value in (getattr(skinformer, name) for name in skinformer.__all__)
    if isinstance(value, type) and issubclass(value, BaseEstimator)
]
ESTIMATORS.remove(skinformer.BaseForecaster)  # what others are made of


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: e.__name__)
def test_every_estimator_can_be_held(estimator):
    assert NAMES[estimator] == estimator.__name__
    assert CLASSES[estimator.__name__].is_estimator


def test_a_class_has_one_name():
    assert len(NAMES) == len(CLASSES)


@pytest.mark.parametrize("part", ["_highway", "_scaler"])
def test_an_attribute_that_is_not_listed_is_not_left_behind(part, tmp_path):
    """What a later release adds to a class has to be added to the list."""
    model = InformerRegressor(**SMALL, highway_len=24).fit(X[:-7], Y[:-7])
    vars(getattr(model, part))["added_"] = 1
    with pytest.raises(ModelFileError, match="has an attribute 'added_'"):
        save(model, tmp_path / "a")
