"""SeriesScaler: what is scaled, by hand, and what stays."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal, assert_index_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from skinformer.preprocessing import SeriesScaler

METHODS = ["standard", "robust", "minmax"]


@parametrize_with_checks([SeriesScaler(method) for method in METHODS])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def mixed_frame():
    """Return two numeric columns among columns that are not to be touched."""
    return pd.DataFrame(
        {
            "load": [1.0, 2.0, 3.0, 6.0],
            "holiday": [0, 1, 0, 0],
            "hour": pd.Categorical([0, 1, 2, 3], categories=range(24)),
            "open": [True, False, True, True],
            "price": [10, 20, 20, 30],
            "name": ["a", "b", "c", "d"],
            "when": pd.date_range("2024-01-01", periods=4),
        },
        index=pd.date_range("2024-07-01", periods=4, freq="h", name="time"),
    )


@pytest.mark.parametrize(
    ("method", "load", "price"),
    [
        # mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5; mean 20, variance 200 / 4 = 50
        (
            "standard",
            np.array([-2, -1, 0, 3]) / np.sqrt(3.5),
            np.array([-10, 0, 0, 10]) / np.sqrt(50),
        ),
        # median 2.5, quartiles 1.75 and 3.75; median 20, quartiles 17.5 and 22.5
        ("robust", [-0.75, -0.25, 0.25, 1.75], [-2.0, 0.0, 0.0, 2.0]),
        ("minmax", [0.0, 0.2, 0.4, 1.0], [0.0, 0.5, 0.5, 1.0]),
    ],
)
def test_frame(method, load, price):
    X = mixed_frame()
    scaler = SeriesScaler(method)
    out = scaler.fit_transform(X)
    assert_allclose(out["load"], load, atol=1e-15)
    assert_allclose(out["price"], price, atol=1e-15)
    assert list(out) == list(X)
    assert_index_equal(out.index, X.index)
    untouched = ["holiday", "hour", "open", "name", "when"]
    assert_frame_equal(out[untouched], X[untouched])
    assert scaler.scaled_.tolist() == [1, 0, 0, 0, 1, 0, 0]
    assert_frame_equal(X, mixed_frame())


@pytest.mark.parametrize("method", METHODS)
def test_inverse_transform_of_a_frame(method):
    X = mixed_frame()
    scaler = SeriesScaler(method).fit(X)
    back = scaler.inverse_transform(scaler.transform(X))
    assert_frame_equal(back, X.astype({"price": float}))


def test_array():
    X = np.array([[1.0, 0.0], [3.0, 1.0]], dtype=np.float32)
    out = SeriesScaler().fit_transform(X)
    assert_array_equal(out, [[-1.0, 0.0], [1.0, 1.0]])
    assert out.dtype == np.float64


def test_set_output():
    X = np.array([[1.0, 0.0], [3.0, 1.0]])
    scaler = SeriesScaler().set_output(transform="pandas")
    out = scaler.fit_transform(X)
    assert_frame_equal(out, pd.DataFrame({"x0": [-1.0, 1.0], "x1": [0.0, 1.0]}))
    assert_array_equal(scaler.inverse_transform(out.to_numpy()), X)
    frame = mixed_frame()
    assert_frame_equal(
        scaler.fit(frame).transform(frame), SeriesScaler().fit_transform(frame)
    )


def test_get_feature_names_out():
    X = mixed_frame()
    assert SeriesScaler().fit(X).get_feature_names_out().tolist() == list(X)


@pytest.mark.parametrize("method", METHODS)
def test_constant_columns_are_safe(method):
    X = pd.DataFrame({"five": [5.0] * 3, "tiny": [1e-300] * 3, "big": [1e18 / 3] * 3})
    scaler = SeriesScaler(method).fit(X)
    out = scaler.transform(X)
    assert_array_equal(out, np.zeros((3, 3)))
    assert_allclose(scaler.inverse_transform(out), X)
    assert scaler.transform(X + [1, 0, 0])["five"].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("method", METHODS)
def test_nan_is_ignored_and_kept(method):
    X = pd.DataFrame(
        {"a": [1.0, np.nan, 3.0], "flag": [0, np.nan, 1], "b": [np.nan] * 3}
    )
    scaler = SeriesScaler(method).fit(X)
    out = scaler.transform(X)
    half = 0.5 if method == "minmax" else 1.0
    shift = 0.5 if method == "minmax" else 0.0
    assert_array_equal(out["a"], [shift - half, np.nan, shift + half])
    assert_frame_equal(out[["flag", "b"]], X[["flag", "b"]])
    assert_frame_equal(scaler.inverse_transform(out), X)
    # Of a column without a value nothing is known: it stays as it is.
    assert scaler.transform(X.fillna(7.0))["b"].tolist() == [7.0] * 3


def test_nullable_columns():
    X = pd.DataFrame({"a": pd.array([1, None, 3]), "flag": pd.array([0, None, 1])})
    out = SeriesScaler().fit_transform(X)
    assert_array_equal(out["a"], [-1.0, np.nan, 1.0])
    assert out["a"].dtype == np.float64
    assert out["flag"].equals(X["flag"])


def test_a_flag_stays_one_at_transform():
    scaler = SeriesScaler().fit(pd.DataFrame({"a": [1, 3], "flag": [0, 1]}))
    out = scaler.transform(pd.DataFrame({"a": [5, 7], "flag": [0, 9]}))
    assert out["a"].tolist() == [3.0, 5.0]
    assert out["flag"].tolist() == [0, 9]


@pytest.mark.parametrize("index", [range(3), pd.date_range("2024", periods=3)])
def test_nothing_to_scale(index):
    for X in (pd.DataFrame({"c": ["a", "b", "c"]}, index), pd.DataFrame(index=index)):
        scaler = SeriesScaler().fit(X)
        assert not scaler.scaled_.any()
        assert_frame_equal(scaler.transform(X), X)


def test_names_that_are_not_strings():
    X = pd.DataFrame({7: [1.0, 3.0], 0: ["a", "b"], 1: [5.0, 9.0]})
    out = SeriesScaler().fit_transform(X)
    assert out.to_numpy().tolist() == [[-1.0, "a", -1.0], [1.0, "b", 1.0]]
    assert list(out) == [7, 0, 1]


def test_global_configuration_of_the_output():
    with config_context(transform_output="pandas"):
        out = SeriesScaler().fit_transform([[1.0], [3.0]])
    assert out["x0"].tolist() == [-1.0, 1.0]


def test_an_empty_frame_at_transform():
    X = mixed_frame()
    assert SeriesScaler().fit(X).transform(X[:0]).shape == (0, 7)


# partial_fit


@pytest.mark.parametrize("method", ["standard", "minmax"])
def test_partial_fit_equals_fit(method):
    X = mixed_frame()
    whole = SeriesScaler(method).fit(X)
    parts = SeriesScaler(method).partial_fit(X[:1]).partial_fit(X[1:])
    assert_frame_equal(parts.transform(X), whole.transform(X))


@pytest.mark.parametrize("method", ["standard", "minmax"])
def test_a_flag_ends_when_other_values_come(method):
    X = pd.DataFrame({"count": [0, 1, 0, 5, 2], "flag": [0, 1, 1, 1, 0]})
    scaler = SeriesScaler(method).partial_fit(X[:3])
    assert scaler.scaled_.tolist() == [False, False]
    assert_frame_equal(scaler.transform(X), X)
    scaler.partial_fit(X[3:])
    assert scaler.scaled_.tolist() == [True, False]
    # The first three rows count, though their column was a flag then.
    assert_frame_equal(scaler.transform(X), SeriesScaler(method).fit_transform(X))
    scaler.partial_fit(X[:3])
    assert scaler.scaled_.tolist() == [True, False]


def test_fit_forgets_what_partial_fit_saw():
    scaler = SeriesScaler().partial_fit([[100.0], [300.0]]).fit([[1.0], [3.0]])
    assert_array_equal(scaler.transform([[5.0]]), [[3.0]])


def test_robust_has_no_partial_fit():
    assert hasattr(SeriesScaler(), "partial_fit")
    assert hasattr(SeriesScaler("minmax"), "partial_fit")
    assert not hasattr(SeriesScaler("robust"), "partial_fit")


def test_a_failed_partial_fit_leaves_the_scaler_as_it_was():
    X = mixed_frame()
    scaler = SeriesScaler().partial_fit(X)
    before = scaler.transform(X)
    with pytest.raises(ValueError, match="infinity"):
        scaler.partial_fit(X.assign(load=np.inf))
    assert_frame_equal(scaler.transform(X), before)


def test_partial_fit_replaces_its_scalers():
    scaler = SeriesScaler().partial_fit([[1.0], [3.0]])
    earlier = scaler.scalers_[0]
    scaler.partial_fit([[5.0], [7.0]])
    assert earlier.mean_.tolist() == [2.0]
    assert scaler.scalers_[0].mean_.tolist() == [4.0]


@pytest.mark.parametrize("method", ["standard", "minmax"])
def test_a_batch_without_values(method):
    nothing, X = [[np.nan]], [[2.0], [4.0]]
    scaler = SeriesScaler(method).partial_fit(nothing).partial_fit(X)
    scaler.partial_fit(nothing)
    assert_array_equal(scaler.transform(X), SeriesScaler(method).fit_transform(X))


# Each series by its own rows


def panel_frame():
    """Return two stores, rows mixed: sales 2, 4, 6 and 100, 400; sizes 50 and 70."""
    return pd.DataFrame(
        {
            "store": ["a", "b", "a", "b", "a"],
            "sales": [2.0, 100.0, 4.0, 400.0, 6.0],
            "size": [50, 70, 50, 70, 50],
            "open": [0, 1, 1, 1, 0],
        },
        index=pd.to_datetime(["2024-01-0" + day for day in "11223"]),
    )


@pytest.mark.parametrize(
    ("method", "sales", "size"),
    [
        # means 4 and 250, variances 8 / 3 and 22500; of all sizes 58 and 96
        (
            "standard",
            np.array([-2 / np.sqrt(8 / 3), -1, 0, 1, 2 / np.sqrt(8 / 3)]),
            np.array([-8, 12, -8, 12, -8]) / np.sqrt(96),
        ),
        # medians 4 and 250, quartiles 3 and 5, 175 and 325; of all sizes 50, 50 and 70
        ("robust", [-1, -1, 0, 1, 1], [0, 1, 0, 1, 0]),
        ("minmax", [0, 0, 0.5, 1, 1], [0, 1, 0, 1, 0]),
    ],
)
def test_series(method, sales, size):
    X = panel_frame()
    scaler = SeriesScaler(method, series="store").fit(X)
    out = scaler.transform(X)
    assert_allclose(out["sales"], sales, atol=1e-15)
    assert_allclose(out["size"], size, atol=1e-15)
    assert_frame_equal(out[["store", "open"]], X[["store", "open"]])
    assert_index_equal(out.index, X.index)
    assert scaler.series_.tolist() == ["a", "b"]
    assert scaler.scaled_.tolist() == [False, True, True, False]
    back = scaler.inverse_transform(out)
    assert_frame_equal(back, X.astype({"size": float}))
    assert_frame_equal(X, panel_frame())


def test_center_and_scale_of_series():
    scaler = SeriesScaler("minmax", series="store").fit(panel_frame())
    assert_array_equal(scaler.center_, [[0, 2, 50, 0], [0, 100, 50, 0]])
    assert_array_equal(scaler.scale_, [[1, 4, 20, 1], [1, 300, 20, 1]])
    assert scaler.scalers_ == [None] * 4
    scaler.set_params(series=None).fit(panel_frame())
    assert scaler.series_ is scaler.center_ is scaler.scale_ is None
    assert scaler.scalers_[1].data_max_ == 400


@pytest.mark.parametrize("dtype", ["category", object, "string"])
def test_names_of_series_in_another_form(dtype):
    X = panel_frame()
    scaler = SeriesScaler(series="store").fit(X)
    out = scaler.transform(X.astype({"store": dtype})[::-1])
    assert_array_equal(out["sales"], scaler.transform(X)["sales"][::-1])
    assert out["store"].dtype == X.astype({"store": dtype})["store"].dtype


def test_series_that_are_numbers():
    X = panel_frame().assign(store=[3, 5, 3, 5, 3])
    out = SeriesScaler(series="store").fit_transform(X)
    assert out["store"].tolist() == [3, 5, 3, 5, 3]
    assert out["sales"].tolist()[1] == -1


def test_nan_in_series():
    X = panel_frame().assign(sales=[np.nan, 100, 4, 400, 6], wind=[1, np.nan] * 2 + [3])
    scaler = SeriesScaler("minmax", series="store").fit(X)
    out = scaler.transform(X)
    assert_array_equal(out["sales"], [np.nan, 0, 0, 1, 1])
    # of wind at store b nothing is known: its values stay
    assert_array_equal(scaler.transform(X.fillna(7.0))["wind"], [0, 7, 0, 7, 1])
    assert_array_equal(scaler.transform(X)["wind"], [0, np.nan, 0, np.nan, 1])


def test_a_static_column_unknown_in_one_series_is_scaled_as_the_others():
    X = panel_frame().assign(size=[50, np.nan, 50, np.nan, 50.0])
    X.loc[len(X)] = {"store": "c", "sales": 1.0, "size": 70.0, "open": 1}
    scaler = SeriesScaler("minmax", series="store").fit(X)
    assert scaler.transform(X.fillna(60.0))["size"].tolist() == [0, 0.5, 0, 0.5, 0, 1]


def test_a_column_constant_in_one_series_alone():
    X = panel_frame().assign(price=[9.0, 1.0, 9.0, 3.0, 9.0])
    out = SeriesScaler(series="store").fit_transform(X)
    assert out["price"].tolist() == [0.0, -1.0, 0.0, 1.0, 0.0]


def test_nothing_to_scale_in_series():
    X = panel_frame()[["store", "open"]]
    scaler = SeriesScaler(series="store").fit(X)
    assert_frame_equal(scaler.transform(X), X)
    X = X[["store"]]
    assert_frame_equal(SeriesScaler(series="store").fit(X).transform(X), X)


@pytest.mark.parametrize("method", ["standard", "minmax"])
def test_partial_fit_of_series(method):
    X = panel_frame()
    X.loc[len(X)] = {"store": "c", "sales": 8.0, "size": 90, "open": 2}
    X = X.assign(new=[np.nan, 3.0, 1.0, 5.0, 4.0, np.nan])
    whole = SeriesScaler(method, series="store").fit(X)
    parts = SeriesScaler(method, series="store").partial_fit(X[:2])
    # one row each: nothing varies within a series yet, so that all rows count
    assert parts.transform(X[:2])["sales"].tolist() in ([-1, 1], [0, 1])
    for start in (2, 3, 5):
        parts.partial_fit(X[start : {2: 3, 3: 5, 5: 6}[start]])
    assert parts.series_.tolist() == ["a", "b", "c"]
    assert parts.scaled_.tolist() == [False, True, True, True, True]
    assert_frame_equal(parts.transform(X), whole.transform(X), rtol=1e-12)


def test_a_failed_partial_fit_of_series_leaves_the_scaler_as_it_was():
    X = panel_frame()
    scaler = SeriesScaler(series="store").fit(X)
    before = scaler.transform(X)
    with pytest.raises(ValueError, match="'sales' holds values such as 1e"):
        scaler.partial_fit(X.assign(sales=[1e300, 0, -1e300, 0, 0]))
    with pytest.raises(ValueError, match="missing a value in row 1"):
        scaler.partial_fit(X.assign(store=["a", None, "a", "b", "c"]))
    assert_frame_equal(scaler.transform(X), before)


@pytest.mark.parametrize("method", METHODS)
def test_unknown_series(method):
    X = panel_frame()
    scaler = SeriesScaler(method, series="store").fit(X)
    asked = X.assign(store=["a", "d", "c", "b", "d"])
    match = r"series='store'.*'d', 'c' belong to no series that fit saw: 'a', 'b'\. Fit"
    for ask in (scaler.transform, scaler.inverse_transform):
        with pytest.raises(ValueError, match=match) as error:
            ask(asked)
        assert ("partial_fit" in str(error.value)) == (method != "robust")


def test_series_that_is_no_column():
    with pytest.raises(ValueError, match=r"series='stor' .*mean 'store'\?"):
        SeriesScaler(series="stor").fit(panel_frame())
    with pytest.raises(ValueError, match="X is a ndarray"):
        SeriesScaler(series="store").fit(np.ones((3, 2)))


def test_other_series_in_partial_fit():
    scaler = SeriesScaler(series="store").fit(panel_frame()).set_params(series=None)
    with pytest.raises(ValueError, match=r"series=None .*set_params\(series='store'\)"):
        scaler.partial_fit(panel_frame())


@pytest.mark.parametrize("method", METHODS)
def test_values_of_series_too_large_for_the_statistics(method):
    sales = [1.7e308, 1.7e308, -1.7e308, -1.7e308, 1.7e308]
    X = panel_frame().assign(sales=sales, store=["a"] * 5, first=range(5))
    message = rf"'sales' holds values such as 1\.7e\+308, .*method='{method}'"
    with pytest.raises(ValueError, match=message):
        SeriesScaler(method, series="store").fit(X)


def test_series_clone_and_pickle():
    X = panel_frame()
    scaler = SeriesScaler("robust", series="store").fit(X)
    again = pickle.loads(pickle.dumps(scaler))
    assert_frame_equal(again.transform(X), scaler.transform(X))
    assert clone(scaler).get_params() == {"method": "robust", "series": "store"}


# Refusals


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity(value):
    X = mixed_frame()
    scaler = SeriesScaler().fit(X)
    X.loc[X.index[2], "load"] = value
    with pytest.raises(ValueError, match="'load' contains infinity"):
        scaler.transform(X)
    with pytest.raises(ValueError, match="'load' contains infinity"):
        SeriesScaler().fit(X)
    with pytest.raises(ValueError, match="infinity"):
        SeriesScaler().fit([[1.0], [value]])


@pytest.mark.parametrize("method", ["standard", "robust", "minmax"])
def test_values_too_large_for_the_statistics(method):
    X = pd.DataFrame({"a": [1.0, 2.0], "b": [1.7e308, -1.7e308]})
    message = rf"column 'b' holds values such as 1\.7e\+308, .*method='{method}'"
    with pytest.raises(ValueError, match=message):
        SeriesScaler(method).fit(X)
    with pytest.raises(ValueError, match="column 1 holds values"):
        SeriesScaler(method).fit(X.to_numpy())
    if method == "standard":
        scaler = SeriesScaler().fit(X.assign(b=[3.0, 5.0]))
        with pytest.raises(ValueError, match="column 'b' holds values"):
            scaler.partial_fit(X.assign(b=[1e300, -1e300]))


def test_no_rows():
    X = pd.DataFrame({"a": [1.0, 2.0]})
    message = (
        r"0 sample\(s\) \(shape=\(0, 1\)\) while a minimum of 1 is required by Ser"
    )
    for frame in (X[:0], X[:0].to_numpy()):
        with pytest.raises(ValueError, match=message):
            SeriesScaler().fit(frame)
    with pytest.raises(ValueError, match=message):
        SeriesScaler().fit(X).partial_fit(X[:0])


def test_another_method_in_partial_fit():
    X = pd.DataFrame({"a": [1.0, 2.0, 5.0]})
    for method in ("standard", "robust"):
        scaler = SeriesScaler(method).fit(X).set_params(method="minmax")
        message = (
            rf"method='minmax' .* with '{method}'.*set_params\(method='{method}'\)"
        )
        with pytest.raises(ValueError, match=message):
            scaler.partial_fit(X)
    assert scaler.fit(X).partial_fit(X).transform(X)["a"].max() == 1


def test_complex_numbers():
    with pytest.raises(ValueError, match="Complex data not supported"):
        SeriesScaler().fit(pd.DataFrame({"a": [1j, 2j]}))


def test_a_column_that_is_no_longer_numeric():
    X = mixed_frame()
    scaler = SeriesScaler().fit(X)
    with pytest.raises(ValueError, match=r"'price' held numbers in fit.*to_numeric"):
        scaler.transform(X.assign(price=["1", "2", "3", "4"]))


def test_other_columns():
    X = mixed_frame()
    scaler = SeriesScaler().fit(X)
    with pytest.raises(ValueError, match="feature names should match"):
        scaler.transform(X.rename(columns={"load": "power"}))
    with pytest.raises(ValueError, match="feature names should match"):
        scaler.inverse_transform(X[["load"]])


def test_unknown_method():
    with pytest.raises(ValueError, match="'method' parameter of SeriesScaler"):
        SeriesScaler("standart").fit([[1.0], [3.0]])


def test_unfitted():
    with pytest.raises(NotFittedError):
        SeriesScaler().transform([[1.0]])
    with pytest.raises(NotFittedError):
        SeriesScaler().inverse_transform([[1.0]])


def test_clone_and_pickle():
    X = mixed_frame()
    scaler = SeriesScaler("robust").fit(X)
    expected = scaler.transform(X)
    assert_frame_equal(pickle.loads(pickle.dumps(scaler)).transform(X), expected)
    assert clone(scaler).get_params() == {"method": "robust", "series": None}


# Properties

tables = arrays(
    np.float64,
    st.tuples(st.integers(1, 13), st.integers(1, 5)),
    elements=st.floats(-1e6, 1e6, width=32) | st.just(np.nan),
)


@pytest.mark.parametrize("method", METHODS)
@given(X=tables)
@settings(max_examples=60, deadline=None)
def test_inverse_transform_undoes_transform(method, X):
    scaler = SeriesScaler(method).fit(X)
    scaled = scaler.transform(X)
    assert_array_equal(np.isnan(scaled), np.isnan(X))
    assert_allclose(scaler.inverse_transform(scaled), X, rtol=1e-9, atol=1e-6)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="Row 1 of X has 2 values, and row 0 has 1"):
        SeriesScaler().fit([[1.0], [1.0, 2.0], [1.0]])
