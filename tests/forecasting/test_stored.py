"""A fit from a store is the fit from the frame: same windows, draws and weights."""

import pickle
import shutil

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skinformer import (
    InformerRegressor,
    LSTMForecaster,
    PanelStore,
    RidgeForecaster,
    SeasonalNaive,
    TimeFeatures,
    TransformerForecaster,
    load,
    save,
)
from skinformer.forecasting import batches
from skinformer.series import store_source

from ..series.stored import as_given, shops, write
from .resuming.broken_off import Break, batches_of, break_off

NET = {
    "seq_len": 12,
    "pred_len": 6,
    "max_epochs": 2,
    "validation_fraction": 0.2,
    "random_state": 0,
    "batch_size": 16,
    "windows_per_epoch": 64,
    "history_size": "context",
    "series": "shop",
}
SIZES = {"d_model": 8, "n_heads": 2, "d_ff": 13}
INFORMER = {**NET, **SIZES, "e_layers": 1, "label_len": 5}
RIDGE = {"pred_len": 6, "series": "shop", "history_size": "context"}
FORECASTERS = {
    "network": lambda **kw: InformerRegressor(**INFORMER, highway=None, **kw),
    "both": lambda **kw: InformerRegressor(**INFORMER, highway_len=17, **kw),
    "of all": lambda **kw: InformerRegressor(**INFORMER, per_series=False, **kw),
    "lstm": lambda **kw: LSTMForecaster(**NET, hidden_size=7, **kw),
    "transformer": lambda **kw: TransformerForecaster(**NET, **SIZES, **kw),
    "ridge": lambda **kw: RidgeForecaster(**RIDGE, **kw),
}


def ahead_of(frame, n=11):
    """Return covariates of the n hours after the rows of each shop."""
    parts = []
    for name, rows in frame.groupby("shop"):
        part = rows[:n].drop(columns=["load", "heat"])
        time = pd.DatetimeIndex(rows["time"])
        part.index = pd.date_range(time[-1], periods=n + 1, freq="h")[1:]
        parts.append(part.drop(columns="time").assign(shop=name))
    return pd.concat(parts)


def both(make, tmp_path, frame, targets="load", past=None, **kwargs):
    """Fit on the frame, and on its store."""
    store = write(tmp_path, frame, targets=targets, past_covariates=past, **kwargs)
    X, y = as_given(frame, targets)
    return make(past_covariates=past).fit(X, y), make(past_covariates=past).fit(store)


def assert_same(one, other, X):
    assert_array_equal(one.predict(X), other.predict(X))
    if hasattr(one, "loss_curve_"):
        assert one.loss_curve_ == other.loss_curve_
        assert one.validation_loss_curve_ == other.validation_loss_curve_
        pairs = zip(
            one.net_.module_.state_dict().items(),
            other.net_.module_.state_dict().items(),
            strict=True,
        )
        for (name, ours), (_, theirs) in pairs:
            assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=name)
    else:
        assert_array_equal(one.coef_, other.coef_)


@pytest.mark.parametrize("make", FORECASTERS.values(), ids=FORECASTERS)
def test_a_fit_is_that_on_the_frame(tmp_path, monkeypatch, make):
    monkeypatch.setattr(store_source, "GROUP", 40)
    frame, past = shops(), ["wind", "sky"]
    one, other = both(make, tmp_path, frame, past=past)
    X = ahead_of(frame).drop(columns=past).assign(heat=0.0)
    X = X[["price", "shop", "heat", "kind"]]
    assert_same(one, other, X)
    assert other.feature_names_in_.tolist() == one.feature_names_in_.tolist()
    assert other.predict(X).ndim == 1


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
@pytest.mark.parametrize("name", ["network", "both", "ridge"])
def test_holes_targets_and_zones_are_as_in_the_frame(tmp_path, name, zone):
    frame = shops(holes=0.1, zone=zone)
    # so many hours without a target that there are windows without one
    frame.loc[20:40, ["load", "heat"]] = np.nan
    targets = ["load", "heat"]
    one, other = both(FORECASTERS[name], tmp_path, frame, targets, ["wind", "sky"])
    X = ahead_of(frame)
    assert_same(one, other, X)
    assert other.predict(X).shape == (33, 2)
    # longer histories: what is kept fills holes to come as the whole would
    rows = ahead_of(frame, 5)
    y = pd.DataFrame(np.full((15, 2), [1.0, np.nan]), rows.index, columns=targets)
    later = X.drop(columns=["wind", "sky"]).groupby("shop").tail(6)
    one.update(rows, y)
    other.update(rows, y)
    assert_array_equal(one.predict(later), other.predict(later))


def test_a_fitted_model_needs_the_store_no_more(tmp_path):
    frame = shops(holes=0.1)
    store = write(tmp_path, frame)
    model = FORECASTERS["both"]().fit(store)
    X = ahead_of(frame).assign(heat=0.0)[list(store.columns)]
    before = model.predict(X)
    text = pickle.dumps(model)
    save(model, tmp_path / "model.skinformer")
    shutil.rmtree(store.path)
    for again in (pickle.loads(text), load(tmp_path / "model.skinformer"), model):
        assert_array_equal(again.predict(X), before)
    assert str(tmp_path).encode() not in text


def test_a_model_may_go_on_from_the_store_and_with_new_rows(tmp_path):
    frame = shops()
    X, y = as_given(frame, "load")
    make = FORECASTERS["network"]
    one, other = make(warm_start=True), make(warm_start=True)
    store = write(tmp_path, frame)
    for _ in range(2):
        one.fit(X, y)
        other.fit(store)
    rows = ahead_of(frame, 7).assign(heat=0.0)[list(store.columns)]
    load = pd.Series(np.arange(21.0), rows.index)
    one.partial_fit(rows, load)
    other.partial_fit(rows, load)
    later = ahead_of(frame, 11).groupby("shop").tail(4).assign(heat=0.0)
    later = later[list(store.columns)]
    assert_array_equal(one.predict(later), other.predict(later))


def test_the_time_may_be_a_column_of_later_frames(tmp_path):
    frame = shops().drop(columns=["heat", "wind", "sky"])
    store = write(tmp_path, frame)
    model = RidgeForecaster(**RIDGE, time="time").fit(store)
    assert model.feature_names_in_.tolist() == ["price", "shop", "time", "kind"]
    X = frame.drop(columns="load")
    X = X.assign(time=X["time"] + pd.Timedelta("11D"))
    ahead = X.groupby("shop").head(2)
    by_index = ahead.drop(columns="time").set_axis(pd.DatetimeIndex(ahead["time"]))
    other = RidgeForecaster(**RIDGE).fit(store)
    with pytest.warns(UserWarning, match="were not asked for"):
        assert_array_equal(model.predict(ahead), other.predict(by_index))


def test_rows_of_the_history_are_not_kept(tmp_path):
    frame = shops()
    store = write(tmp_path, frame, covariates=["price"])
    model = RidgeForecaster(**RIDGE, seq_len=12).fit(store)
    X = as_given(frame, "load")[0][["price", "shop"]]
    with pytest.raises(ValueError, match="inside the history, of which history_size="):
        model.predict(X[100:105])


def test_draws_of_few_among_millions_leave_nothing_out(monkeypatch):
    monkeypatch.setattr(batches, "MOST_SHUFFLED", 50)
    drawn = [batches.draw_order(101, 7, shuffle=True) for _ in range(2000)]
    assert all(len(set(order.tolist())) == 7 for order in drawn)
    counts = np.bincount(np.concatenate(drawn), minlength=101)
    assert len(counts) == 101
    assert_allclose(counts, 2000 * 7 / 101, rtol=0.4)  # six standard deviations or so


REFUSED = {
    "history_size": ({"history_size": "all"}, "history_size='all' would keep all rows"),
    "calibration": ({"calibration_fraction": 0.1}, "calibration_fraction=0.1 cannot"),
    "series": ({"series": "store"}, "series='store' contradicts .* Give series='shop'"),
    "no series": ({"series": None}, "series=None contradicts the store"),
    "time": ({"time": "date"}, "time='date' contradicts .* Give time='time'"),
    "past": (
        {"past_covariates": ["price"]},
        r"past_covariates=\['price'\] contradicts",
    ),
    "categories": ({"categorical_features": ["kind"]}, "categorical_features=.*knows"),
    "step": ({"freq": "D"}, "freq='D' is not the step of the store, which is 'h'"),
    "bounds": ({"bounds": (0, None)}, "Series 'a': Target 'load' is -.* at 2024-0"),
    "rows": ({"seq_len": 200}, "n_samples = 131 in its longest series"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED)
def test_parameters_that_a_store_contradicts_are_refused(tmp_path, given, message):
    store = write(tmp_path, shops())
    with pytest.raises(ValueError, match=message):
        RidgeForecaster(**(RIDGE | given)).fit(store)


def test_what_a_store_has_is_not_given_beside_it(tmp_path):
    store = write(tmp_path, shops())
    with pytest.raises(ValueError, match="y was given beside a PanelStore"):
        RidgeForecaster(**RIDGE).fit(store, np.ones(341))
    with pytest.raises(ValueError, match="sample_weight was given beside"):
        RidgeForecaster(**RIDGE).fit(store, sample_weight=np.ones(341))
    with pytest.raises(ValueError, match="SeasonalNaive does not train from a Panel"):
        SeasonalNaive(series="shop").fit(store, None)


def test_a_store_is_for_fit_alone(tmp_path):
    store = write(tmp_path, shops())
    model = FORECASTERS["network"]().fit(store)
    asked = [
        lambda: model.predict(store),
        lambda: model.update(store, None),
        lambda: model.partial_fit(store, None),
        lambda: model.calibrate(store, None),
        lambda: model.score(store, None),
        lambda: GridSearchCV(model, {"pred_len": [3, 6]}).fit(store),
        lambda: make_pipeline(TimeFeatures(), model).fit(store),
    ]
    for ask in asked:
        with pytest.raises(TypeError, match="PanelStore is taken by fit alone"):
            ask()


def test_a_fit_from_a_store_goes_on_from_its_checkpoint(tmp_path):
    store = write(tmp_path, shops(holes=0.1))
    (tmp_path / "kept").mkdir()
    make = FORECASTERS["network"]
    whole = make().fit(store)
    folder = str(tmp_path / "kept")
    model = make(checkpoint_dir=folder, callbacks=[Break()])
    n_batches = batches_of(model, store, None)
    break_off(model, store, None, after=6)  # in the second epoch of two
    assert batches_of(model, store, None) == n_batches // 2
    assert model.loss_curve_ == whole.loss_curve_


def test_without_y_a_frame_is_refused_as_before():
    X, _ = as_given(shops(), "load")
    with pytest.raises(ValueError, match="requires y to be passed"):
        RidgeForecaster(**RIDGE).fit(X)


def test_the_freq_of_the_store_may_be_given(tmp_path):
    store = PanelStore.open(write(tmp_path, shops()).path)
    one = RidgeForecaster(**RIDGE).fit(store)
    other = RidgeForecaster(**RIDGE, freq="h", past_covariates=[]).fit(store)
    assert_array_equal(one.coef_, other.coef_)
