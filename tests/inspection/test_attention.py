"""The picture of attention: what is drawn, and what is written beside it."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.dates import num2date
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge

from skinformer import (
    AttentionDisplay,
    InformerRegressor,
    LSTMForecaster,
    SeasonalNaive,
    TimeFeatures,
    TransformerForecaster,
    make_forecast_pipeline,
)
from skinformer.forecasting.attended import attended
from skinformer.inspection.cells import Cells

from ..small import small

N, SEQ, LABEL, PRED, HEADS = 97, 23, 5, 7, 2

# the clocks go forward within the rows that are read
INDEX = pd.date_range("2024-03-27", periods=N + 2 * PRED, freq="h", tz="Europe/Berlin")
X = pd.DataFrame(index=INDEX)
Y = pd.Series(np.sin(np.arange(len(X)) / 24 * 2 * np.pi), X.index, name="load")
SIZES = {"seq_len": SEQ, "label_len": LABEL, "pred_len": PRED, "max_epochs": 1}


@pytest.fixture(scope="module")
def model():
    informer = small(**SIZES, factor=1, validation_fraction=None)
    return make_forecast_pipeline(TimeFeatures(), informer).fit(X[:N], Y[:N])


def titles(display):
    return display.keys_ax_.get_title(loc="left").split("\n")


def drawn(display):
    (mesh,) = display.ax_.collections
    return mesh.get_array()


def widths(bars):
    return [bar.get_width() for bar in bars]


def heights(bars):
    return [bar.get_height() for bar in bars]


# From a forecaster


def test_cross_attention_of_a_pipeline(model):
    display = AttentionDisplay.from_estimator(model, X[N:])
    found = attended(model[-1], model[:-1].transform(X[N:]), 0).layers["cross"][0]
    assert_array_equal(display.weights, found.weights)
    assert_allclose(drawn(display), found.weights.mean(axis=0))
    assert not drawn(display).mask.any()
    assert_allclose(heights(display.keys_ax_.patches), found.weights.mean(axis=(0, 1)))
    assert display.active_ax_ is None
    assert titles(display) == ["Cross-attention, layer 0, mean of 2 heads"]
    assert display.figure_ is display.ax_.figure


def test_axes_are_the_rows_read_and_those_forecast(model):
    ax = AttentionDisplay.from_estimator(model, X[N:], row=PRED).ax_
    half = pd.Timedelta(minutes=30)
    first = N + PRED  # the second block
    wanted = [INDEX[first - SEQ] - half, INDEX[first - 1] + half]
    assert [*map(rounded, ax.get_xlim())] == wanted
    # earlier rows stand above later ones
    wanted = [INDEX[first + PRED - 1] + half, INDEX[first] - half]
    assert [*map(rounded, ax.get_ylim())] == wanted
    assert ax.get_xlabel() == "past row looked at, local time (Europe/Berlin)"
    assert (
        ax.get_ylabel() == f"row that is forecast, from {INDEX[first]:%Y-%m-%d %H:%M}"
    )


def rounded(number):
    return pd.Timestamp(num2date(number)).round("min").tz_convert("Europe/Berlin")


def test_lazy_queries_are_hatched_and_active_ones_counted(model):
    display = AttentionDisplay.from_estimator(model, X[N:], kind="encoder")
    found = attended(model[-1], model[:-1].transform(X[N:]), 0).layers["encoder"][0]
    n_active = found.active.sum(axis=0)
    assert set(n_active) == {0, 1, 2}
    assert_array_equal(drawn(display).mask.all(axis=1), n_active == 0)
    assert_array_equal(drawn(display).mask.any(axis=1), n_active == 0)
    assert_array_equal(widths(display.active_ax_.patches), n_active)
    assert display.active_ax_.get_xlim() == (0, HEADS)
    told = "Bars: heads in which a query is active. Hatched: lazy in all."
    assert titles(display)[1] == told
    assert display.ax_.patch.get_hatch()
    # a hatch stands for the same weight everywhere
    lazy = display.weights[:, n_active == 0]
    assert_allclose(lazy, 1 / SEQ, atol=1e-6)


def test_one_head_of_a_distilled_layer(model):
    display = AttentionDisplay.from_estimator(
        model, X[N:], kind="encoder", layer=1, head=1
    )
    found = attended(model[-1], model[:-1].transform(X[N:]), 0).layers["encoder"][1]
    assert drawn(display).shape == (12, 12)
    assert_array_equal(drawn(display).mask.all(axis=1), ~found.active[1])
    shown = found.active[1]
    assert_allclose(drawn(display)[shown], found.weights[1][shown])
    assert_array_equal(widths(display.active_ax_.patches), shown)
    assert titles(display)[0] == "Encoder self-attention, layer 1, head 1"
    hours = np.diff(display.keys.on_axis()) * 24
    assert_allclose(hours, [1.5, *[2] * 10, 1.5], atol=1e-6)


def test_the_decoder_sees_the_start_token_and_no_later_row(model):
    display = AttentionDisplay.from_estimator(model, X[N:], kind="decoder")
    assert drawn(display).shape == (PRED, LABEL + PRED)
    later = np.triu(np.ones((PRED, PRED), dtype=bool), 1)
    assert (drawn(display)[:, LABEL:][later] == 0).all()
    assert (drawn(display)[:, LABEL:][~later] > 0).all()
    (start,) = display.ax_.lines
    assert rounded(start.get_xdata()[0]) == INDEX[N] - pd.Timedelta(minutes=30)


def test_even_weight_is_marked_and_looks_pale(model):
    display = AttentionDisplay.from_estimator(model, X[N:])
    (line,) = display.keys_ax_.lines
    assert_allclose(line.get_ydata(), 1 / SEQ)
    (mesh,) = display.ax_.collections
    assert mesh.get_clim() == (0, pytest.approx(max(3 / SEQ, drawn(display).max())))


@pytest.mark.parametrize(
    ("shares", "note"),
    [
        ([0.25], "Share of the network's correction that counts: load 0.25."),
        (
            [0.0],
            "The network counts for nothing here: this forecast is the highway alone.",
        ),
    ],
)
def test_the_share_of_the_network_is_told(shares, note):
    model = InformerRegressor(
        **SIZES, highway="ridge", highway_len=29, d_model=6, n_heads=2, d_ff=7,
        validation_fraction=None, random_state=0,
    ).fit(X[:N], Y[:N])  # fmt: skip
    model.blend_ = np.array(shares)
    display = AttentionDisplay.from_estimator(model, X[N : N + PRED])
    assert titles(display)[1] == note


def test_shares_of_many_targets_are_told_as_a_range():
    from skinformer.inspection.attention_checks import share_note

    told = share_note(np.array([0.5, 0.125, 0.0, 1.0]), list("abcd"))
    assert (
        told
        == "Share of the network's correction that counts: 0.00 to 1.00, by target."
    )


def test_transformer():
    model = TransformerForecaster(
        seq_len=SEQ, pred_len=PRED, max_epochs=1, d_model=6, n_heads=3, d_ff=7
    ).fit(X[:N], Y[:N])
    display = AttentionDisplay.from_estimator(model, X[N:], head=2)
    assert drawn(display).shape == (PRED, SEQ)
    assert titles(display) == ["Cross-attention, layer 0, head 2"]


def test_rows_without_time():
    model = small(**SIZES).fit(np.zeros((N, 1)), Y[:N].to_numpy())
    display = AttentionDisplay.from_estimator(model, np.zeros((PRED, 1)))
    assert display.ax_.get_xlim() == (N - SEQ - 0.5, N - 0.5)
    assert display.ax_.get_xlabel() == "past row looked at"
    assert display.ax_.get_ylabel() == f"row that is forecast, from {N}"


def test_periods():
    monthly = pd.period_range("2010-01", periods=N + PRED, freq="M")
    model = small(**SIZES).fit(pd.DataFrame(index=monthly[:N]), Y[:N].to_numpy())
    ahead = pd.DataFrame(index=monthly[N:])
    display = AttentionDisplay.from_estimator(model, ahead)
    assert display.ax_.get_ylabel() == "row that is forecast, from 2018-02"


def test_one_of_many_series():
    many = pd.DataFrame({"shop": ["x", "y"] * N}, INDEX[:N].repeat(2))
    forecaster = small(**SIZES, series="shop").fit(many, np.arange(2 * N) % 11)
    ahead = pd.DataFrame({"shop": ["x", "y"] * 2 * PRED}, INDEX[N:].repeat(2))
    draw = AttentionDisplay.from_estimator
    display = draw(forecaster, ahead, series="y", row=PRED)
    found = attended(forecaster, ahead, 2 * PRED + 1).layers["cross"][0]
    assert_array_equal(display.weights, found.weights)
    with pytest.raises(ValueError, match=r"series='z' has no row in X.*'x', 'y'"):
        draw(forecaster, ahead, series="z")
    with pytest.raises(ValueError, match=r"row=14 must be .*: there are 14 rows\."):
        draw(forecaster, ahead, series="y", row=2 * PRED)


def test_a_series_that_has_no_name(model):
    with pytest.raises(ValueError, match="leave it out"):
        AttentionDisplay.from_estimator(model, X[N:], series="a")


def test_draws_where_it_is_told(model):
    _, (left, _) = plt.subplots(1, 2)
    assert AttentionDisplay.from_estimator(model, X[N:], ax=left).ax_ is left


# What has no attention


@pytest.mark.parametrize(
    ("forecaster", "message"),
    [
        (
            LSTMForecaster(seq_len=SEQ, pred_len=PRED, hidden_size=3, max_epochs=1),
            "The network of LSTMForecaster has no attention. Give an Informer",
        ),
        (
            SeasonalNaive(pred_len=PRED),
            "SeasonalNaive has no network, and so no attention. Give an Informer",
        ),
    ],
)
def test_a_forecaster_without_attention(forecaster, message):
    forecaster.fit(X[:N], Y[:N])
    with pytest.raises(TypeError, match=message):
        AttentionDisplay.from_estimator(forecaster, X[N:])


def test_what_is_no_fitted_forecaster():
    with pytest.raises(TypeError, match="got Ridge"):
        AttentionDisplay.from_estimator(Ridge(), X[N:])
    with pytest.raises(NotFittedError, match="Call fit"):
        AttentionDisplay.from_estimator(small(), X[N:])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "self"}, "kind='self' must be one of"),
        ({"layer": 1}, "layer=1 must be an int from 0 to 0: cross has 1 layers"),
        ({"layer": -1}, "layer=-1 must be an int from 0 to 0"),
        ({"head": 2}, "head=2 must be an int from 0 to 1: there are 2 heads"),
        ({"head": True}, "head=True must be an int"),
        ({"row": 99}, "row=99 must be an int from -14 to 13"),
    ],
)
def test_what_there_is_not(model, given, message):
    with pytest.raises(ValueError, match=message):
        AttentionDisplay.from_estimator(model, X[N:], **given)


# From weights

WEIGHTS = np.array([[[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], [[0.1, 0.9, 0.0], [1, 1, 1]]])


def test_weights_at_hand():
    display = AttentionDisplay.from_weights(
        WEIGHTS,
        keys=INDEX[:3],
        queries=INDEX[3:5],
        active=[[True, True], [True, False]],
    )
    assert_allclose(drawn(display), [[0.3, 0.7, 0.0], [0.6, 0.65, 0.75]])
    assert widths(display.active_ax_.patches) == [2, 1]
    assert titles(display)[0] == "Cross-attention, mean of 2 heads"
    one = AttentionDisplay.from_weights(
        WEIGHTS, active=[[True, True], [True, False]], head=1, kind="encoder"
    )
    assert_array_equal(drawn(one).mask, [[False] * 3, [True] * 3])
    assert one.ax_.get_xlim() == (-0.5, 2.5)


@pytest.mark.parametrize(
    ("weights", "given", "message"),
    [
        (np.ones(3), {}, r"weights has the shape \(3,\); give those of one window"),
        (np.ones((2, 0)), {}, r"weights has the shape \(2, 0\)"),
        (WEIGHTS, {"keys": INDEX[:2]}, "keys has 2 stamps, where weights have 3 keys"),
        (WEIGHTS, {"queries": INDEX[:3]}, "queries has 3 stamps.* 2 queries"),
        (WEIGHTS, {"active": [True] * 3}, r"\(1, 3\), where weights ask for \(2, 2\)"),
        (WEIGHTS, {"head": 2}, "head=2 must be an int from 0 to 1"),
    ],
)
def test_weights_that_do_not_fit(weights, given, message):
    with pytest.raises(ValueError, match=message):
        AttentionDisplay.from_weights(weights, **given)


def test_a_single_row_is_as_wide_as_a_step():
    cells = Cells(pd.RangeIndex(5, 6), np.array([-0.5, 0.5]))
    assert cells.on_axis().tolist() == [4.5, 5.5]
