"""Scorers that skip missing targets, in scikit-learn's own tools."""

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.metrics import get_scorer, max_error, mean_pinball_loss
from sklearn.model_selection import GridSearchCV, KFold, cross_validate

from skinformer import make_skipping_scorer
from skinformer.model_selection.skipping import METRICS

NAN = np.nan


class Shift(RegressorMixin, BaseEstimator):
    """Predicts its columns, and a number more; y may hold NaN."""

    def __init__(self, by=1.0):
        self.by = by

    def fit(self, X, y):
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        return np.asarray(X) + self.by


X = np.arange(12.0).reshape(6, 2)
# off by 0 and 2 in the first half, by 1 and by 4 in the second one
Y = X + [[0, 2], [0, NAN], [0, 2], [1, NAN], [NAN, NAN], [1, 4]]


@pytest.mark.parametrize(
    ("name", "scores"),
    [
        # the forecast is 1 too high: errors 1 and -1, then 0 and -3
        ("neg_mean_absolute_error", [-1, -1.5]),
        ("neg_mean_squared_error", [-1, -4.5]),
        ("neg_root_mean_squared_error", [-1, -1.5]),
        ("neg_median_absolute_error", [-1, -1.5]),
    ],
)
@pytest.mark.parametrize("frame", [False, True])
def test_scores_of_folds(name, scores, frame):
    y = pd.DataFrame(Y, columns=["load", "price"]) if frame else Y
    found = cross_validate(
        Shift(), X, y, cv=KFold(2), scoring=make_skipping_scorer(name)
    )
    assert_allclose(found["test_score"], scores)


@pytest.mark.parametrize("name", METRICS)
def test_without_holes_each_is_scikit_learn_s(name):
    scorer, y = make_skipping_scorer(name), X + [0.5, 3.0]
    assert scorer(Shift(), X, y) == pytest.approx(get_scorer(name)(Shift(), X, y))


def test_r2_by_hand():
    # truth 0, 4, 8 and forecast 1, 3, 5: 1 - (1 + 1 + 9) / (16 + 0 + 16)
    y = np.array([0.0, 4.0, NAN, 8.0])
    rows = np.array([[0.0], [2.0], [7.0], [4.0]])
    assert make_skipping_scorer("r2")(Shift(), rows, y) == 1 - 11 / 32


def test_a_search_with_several_scores():
    scoring = {name: make_skipping_scorer(name) for name in METRICS if name != "r2"}
    search = GridSearchCV(
        Shift(),
        {"by": [0.0, 1.0, 9.0]},
        cv=KFold(2),
        scoring=scoring,
        refit="neg_mean_absolute_error",
        error_score="raise",
    ).fit(X, Y)
    # off by 0 and 2, 1 and 4: 1.75; by 1: 1.25; by 9: more
    assert search.best_params_ == {"by": 1.0}
    assert search.best_score_ == -1.25


def test_a_fold_without_known_targets_scores_nan():
    y = X[:, 0] + [0, 0, 0, NAN, NAN, NAN]
    scorer = make_skipping_scorer()
    found = cross_validate(Shift(), X[:, :1], y, cv=KFold(2), scoring=scorer)
    assert_array_equal(found["test_score"], [-1, NAN])


def test_functions():
    pinball = partial(mean_pinball_loss, alpha=0.9)
    low = make_skipping_scorer(pinball, greater_is_better=False)
    # errors 1 and -1, 0 and -3
    assert low(Shift(), X[:3], Y[:3]) == pytest.approx(-(0.1 + 0.9) / 2)
    assert low(Shift(), X[3:], Y[3:]) == pytest.approx(-2.7 / 2)
    most = make_skipping_scorer(max_error)  # takes no weights
    assert most(Shift(), X, Y) == (1 + 3) / 2


def test_weights():
    scorer = make_skipping_scorer()
    weight = np.array([1.0, 1.0, 3.0, 1.0, 1.0, 1.0])
    # the first target is off by 1, 1, 3 * 1, 0, 0; the second by 1, 3 * 1, 3
    found = scorer(Shift(), X, Y, sample_weight=weight)
    assert found == pytest.approx(-(5 / 7 + 7 / 5) / 2)


def test_weights_are_routed():
    weight = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    with config_context(enable_metadata_routing=True):
        scorer = make_skipping_scorer().set_score_request(sample_weight=True)
        found = cross_validate(
            Shift(),
            X[:, :1],
            Y[:, :1],
            cv=KFold(2),
            scoring=scorer,
            params={"sample_weight": weight},
        )
    # no row of the first fold counts; of the second one, that without error
    assert_array_equal(found["test_score"], [NAN, 0])


@pytest.mark.parametrize("name", METRICS)
def test_pickle_and_clone(name):
    scorer = make_skipping_scorer(name)
    y = X + [0.5, 3.0]
    for again in (pickle.loads(pickle.dumps(scorer)), clone(scorer, safe=False)):
        assert again(Shift(), X, y) == scorer(Shift(), X, y)
    assert "known_score" in repr(scorer)
    search = GridSearchCV(Shift(), {"by": [0]}, scoring=scorer)
    assert clone(search).scoring is not None


@pytest.mark.parametrize("name", ["mean_absolute_error", "mae", None, 3])
def test_unknown_scores(name):
    with pytest.raises(ValueError, match=r"score=.* is unknown. Known are 'r2', 'neg"):
        make_skipping_scorer(name)
    with pytest.raises(ValueError, match="Did you mean 'neg_mean_absolute_error'"):
        make_skipping_scorer("mean_absolute_error")
