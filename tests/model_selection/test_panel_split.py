"""PanelTimeSeriesSplit: which rows go where, in any order, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_validate

from skinformer import PanelTimeSeriesSplit

DAYS = pd.date_range("2024-01-01", periods=7, freq="D")


def panel(index=DAYS):
    """Return store a on days 0 to 6, b on 2 to 6, c on 5 and 6, one after another."""
    parts = [("a", index), ("b", index[2:]), ("c", index[5:])]
    return pd.concat(
        [pd.DataFrame({"store": name}, index=stamps) for name, stamps in parts]
    )


def folds(X, *args, **kwargs):
    split = PanelTimeSeriesSplit(*args, **kwargs).split(X)
    return [(train.tolist(), test.tolist()) for train, test in split]


# rows: a is 0 to 6, b is 7 to 11, c is 12 and 13


@pytest.mark.parametrize(
    "index",
    [
        DAYS,
        DAYS.tz_localize("Asia/Kolkata"),
        DAYS.to_period("D"),
        pd.period_range("2024-01", periods=7, freq="M"),
    ],
)
def test_series_share_the_stamps_of_a_cut(index):
    assert folds(panel(index), 2, test_size=2) == [
        ([0, 1, 2, 7], [3, 4, 8, 9]),
        ([0, 1, 2, 3, 4, 7, 8, 9], [5, 6, 10, 11, 12, 13]),
    ]


def test_default_size_of_a_test_part():
    # 7 // (2 + 1) = 2
    assert folds(panel(), 2) == folds(panel(), 2, test_size=2)
    assert PanelTimeSeriesSplit().get_n_splits() == len(folds(panel())) == 5


def test_gap_and_max_train_size_count_stamps():
    assert folds(panel(), 2, test_size=1, gap=2, max_train_size=2) == [
        ([1, 2, 7], [5, 10, 12]),
        ([2, 3, 7, 8], [6, 11, 13]),
    ]


def test_a_series_new_in_the_test_part_is_left_out():
    assert folds(panel(), 2, test_size=1, series="store") == [
        ([0, 1, 2, 3, 4, 7, 8, 9], [5, 10]),  # c begins on day 5
        ([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12], [6, 11, 13]),
    ]


def test_a_series_that_the_training_part_has_forgotten_is_left_out():
    X = panel()[[True, False, *[False] * 5, *[True] * 7]]
    X.loc[DAYS[6] + pd.Timedelta(days=1)] = "a"
    # a is row 0, and row 8 on day 7
    assert folds(X, 1, test_size=1, series="store")[0][1] == [8]
    assert folds(X, 1, test_size=2, max_train_size=2, series="store")[0][1] == [5, 7]


def test_one_fold():
    assert folds(panel(), 1, test_size=1)[0][1] == [6, 11, 13]


settings_of_splits = st.fixed_dictionaries(
    {
        "n_splits": st.integers(2, 5),
        "max_train_size": st.integers(1, 9) | st.none(),
        "test_size": st.integers(1, 5) | st.none(),
        "gap": st.integers(0, 3),
    }
)


@given(settings_=settings_of_splits, n=st.integers(1, 31), seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_one_series_is_split_as_scikit_learn_does(settings_, n, seed):
    index = pd.date_range("2024-01-01", periods=n, freq="h")
    order = np.random.default_rng(seed).permutation(n)
    try:
        expected = list(TimeSeriesSplit(**settings_).split(np.zeros(n)))
    except ValueError:
        with pytest.raises(ValueError, match=f"X has {n} different stamps"):
            PanelTimeSeriesSplit(**settings_).split(pd.DataFrame(index=index))
        return
    found = PanelTimeSeriesSplit(**settings_).split(pd.DataFrame(index=index[order]))
    for mine, theirs in zip(found, expected, strict=True):
        for rows, sorted_rows in zip(mine, theirs, strict=True):
            assert_array_equal(np.sort(order[rows]), sorted_rows)
            assert (np.diff(rows) > 0).all()


# Inside scikit-learn


def test_in_a_search_and_in_cross_validate():
    X = panel()[::-1]
    y = pd.Series(range(len(X)), index=X.index, dtype=float)
    cv = PanelTimeSeriesSplit(2, test_size=2, series="store")
    model = DummyRegressor()
    found = cross_validate(model, X, y, cv=cv, return_indices=True)
    for part, position in (("train", 0), ("test", 1)):
        expected = [fold[position] for fold in cv.split(X)]
        for mine, theirs in zip(found["indices"][part], expected, strict=True):
            assert_array_equal(mine, theirs)
    search = GridSearchCV(model, {"strategy": ["mean", "median"]}, cv=cv).fit(X, y)
    assert search.n_splits_ == 2
    assert repr(cv).startswith("PanelTimeSeriesSplit(gap=0, max_train_size=None,")


def test_groups_are_ignored():
    with pytest.warns(UserWarning, match="groups parameter is ignored by Panel"):
        PanelTimeSeriesSplit(2).split(panel(), groups=[1] * 14)


# Refusals


@pytest.mark.parametrize(
    "X", [panel().reset_index(drop=True), np.zeros((9, 2)), panel().set_index("store")]
)
def test_rows_without_time(X):
    with pytest.raises(ValueError, match=r"needs a DatetimeIndex.*TimeSeriesSplit\."):
        PanelTimeSeriesSplit(2).split(X)


def test_a_missing_stamp():
    X = panel()
    X.index = X.index.where(np.arange(len(X)) != 3)
    with pytest.raises(ValueError, match=r"\(NaT\) in 1 row.*row 3: drop"):
        PanelTimeSeriesSplit(2).split(X)


def test_too_few_stamps_though_there_are_rows():
    match = (
        "X has 7 different stamps; n_splits=3 test parts of 2, gap=1 and one to train "
        "on are 8. Lower n_splits"
    )
    with pytest.raises(ValueError, match=match):
        PanelTimeSeriesSplit(3, test_size=2, gap=1).split(panel())
    with pytest.raises(ValueError, match=r"n_splits=7 test parts of 1, gap=0 .* are 8"):
        PanelTimeSeriesSplit(7).split(panel())


def test_a_fold_of_new_series_alone():
    X = pd.DataFrame({"store": list("aaaabbb")}, index=DAYS)
    with pytest.raises(ValueError, match=r"Fold 1: no series .* series='store' leaves"):
        PanelTimeSeriesSplit(2, test_size=2, gap=1, series="store").split(X)


def test_no_such_column_of_series():
    with pytest.raises(ValueError, match=r"series='shop' is not a column of X"):
        PanelTimeSeriesSplit(2, series="shop").split(panel())


def test_y_of_another_length():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        PanelTimeSeriesSplit(2).split(panel(), np.zeros(3))


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ({"n_splits": 0}, "n_splits=0 must be an int of at least 1"),
        ({"n_splits": True}, "n_splits=True must be an int"),
        ({"test_size": 0}, "test_size=0 must be"),
        ({"test_size": 0.5}, "test_size=0.5 must be"),
        ({"max_train_size": 0}, "max_train_size=0 must be"),
        ({"gap": -1}, "gap=-1 must be an int of at least 0"),
    ],
)
def test_settings_out_of_their_range(setting, match):
    with pytest.raises(ValueError, match=match):
        PanelTimeSeriesSplit(**setting)
