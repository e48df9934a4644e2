"""InformerRegressor: what it adds to the base class."""

import copy
import pickle
import signal
import threading
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from skorch.callbacks import Callback, EarlyStopping, EpochScoring
from skorch.utils import noop
from torch import nn

from skinformer import InformerRegressor
from skinformer.exceptions import (
    FilledRowsWarning,
    NoValidationWarning,
    OutlierWarning,
    TrainingDivergedError,
)
from skinformer.forecasting.machine import has_bfloat16
from skinformer.network import Informer

from ..small import small

# one other value of every parameter that training depends on, beside SMALL
OTHER_VALUES = {
    "highway": {"highway": "ridge"},
    "highway_len": {"highway": "ridge", "highway_len": 3},
    "seq_len": {"seq_len": 21},
    "label_len": {"label_len": 4},
    "pred_len": {"pred_len": 7},
    "d_model": {"d_model": 10},
    "n_heads": {"n_heads": 4},
    "e_layers": {"e_layers": 1},
    "d_layers": {"d_layers": 2},
    "d_ff": {"d_ff": 17},
    "factor": {"factor": 2},
    "attention": {"attention": "full"},
    "decoder_attention": {"decoder_attention": "full"},
    "cross_attention": {"cross_attention": "prob"},
    "distil": {"distil": False},
    "mix": {"mix": True},
    "dropout": {"dropout": 0.2},
    "activation": {"activation": "relu"},
    "embedding": {"embedding": "fixed"},
    "instance_norm": {"instance_norm": "mean_std"},
    "loss": {"loss": "mse"},
    "quantiles": {"loss": "quantile", "quantiles": (0.1, 0.9)},
    "max_epochs": {"max_epochs": 2, "validation_fraction": None},
    "lr": {"lr": 2e-3},
    "lr_schedule": {"lr_schedule": "halving", "max_epochs": 2},
    "weight_decay": {"weight_decay": 0.1},
    "gradient_clip": {"gradient_clip": 1e-3},
    "batch_size": {"batch_size": 7},
    "windows_per_epoch": {"windows_per_epoch": 10},
    "validation_fraction": {"validation_fraction": 0.3},
    "random_state": {"random_state": 1},
}


def weights(model):
    return copy.deepcopy(model.net_.module_.state_dict())


def same_weights(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


class TestFit:
    def test_learns_a_daily_cycle(self):
        index = pd.date_range("2024-01-01", periods=600, freq="h")
        y = pd.Series(100 + 10 * np.sin(index.hour / 24 * 2 * np.pi), index=index)
        X = pd.DataFrame(index=index)
        model = small(seq_len=24, d_model=16, max_epochs=8, lr=3e-3, batch_size=16)
        model.fit(X[:576], y[:576])
        assert model.score(X[576:], y[576:]) > 0.95

    def test_attributes(self, fitted, series):
        X, _ = series
        assert fitted.n_features_in_ == 2
        assert_array_equal(fitted.feature_names_in_, X.columns)
        assert fitted.target_names_ == ["load", "price"]
        assert fitted.n_targets_ == 2
        assert fitted.n_iter_ == 2
        assert len(fitted.loss_curve_) == len(fitted.validation_loss_curve_) == 2
        best = 1 + int(np.argmin(fitted.validation_loss_curve_))
        assert fitted.best_epoch_ == best
        assert fitted.net_.initialized_
        assert not fitted.net_.module_.training

    def test_same_seed_same_forecasts(self, fitted, series):
        X, y = series
        again = small().fit(X[:120], y[:120])
        assert_array_equal(again.predict(X), fitted.predict(X))
        other = small(random_state=1).fit(X[:120], y[:120])
        assert not np.allclose(other.predict(X), fitted.predict(X))

    def test_no_seed_draws_fresh_entropy(self, series):
        X, y = series
        models = [small(random_state=None).fit(X, y) for _ in range(2)]
        assert not same_weights(*map(weights, models))

    def test_global_random_state_is_left_alone(self, series):
        import random

        X, y = series
        random.seed(7)
        np.random.seed(7)  # noqa: NPY002
        torch.manual_seed(7)
        before = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
        torch_before = torch.get_rng_state()
        for seed in (0, None):
            small(random_state=seed).fit(X[:120], y[:120]).predict(X)
        assert random.getstate() == before[0]
        assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
        assert torch.equal(torch.get_rng_state(), torch_before)

    def test_units_of_the_target_do_not_matter(self, fitted, series):
        X, y = series
        scaled = small().fit(X[:120], y[:120] * 1e6 - 3e9)
        expected = fitted.predict(X[120:]) * 1e6 - 3e9
        assert_allclose(scaled.predict(X[120:]), expected, rtol=1e-4)

    def test_statistics_are_those_of_the_training_rows(self, fitted, series):
        X, y = series
        # validation_fraction 0.2 of 120 rows: 96 rows train
        scaler = fitted._scaler.target_scaler_
        assert_allclose(scaler.mean_, y[:96].mean(), rtol=1e-12)
        assert_allclose(scaler.scale_, y[:96].std(ddof=0), rtol=1e-12)
        assert_allclose(fitted._scaler.covariate_scaler_.mean_, X["temp"][:96].mean())

    @pytest.mark.parametrize("fraction", [24, 0.2])
    def test_validation_rows_as_number_or_fraction(self, fraction, fitted, series):
        X, y = series
        model = small(validation_fraction=fraction).fit(X[:120], y[:120])
        assert_array_equal(model.predict(X), fitted.predict(X))

    def test_too_few_rows_for_both_parts(self, series):
        X, y = series
        model = small(validation_fraction=0.5)
        with pytest.warns(NoValidationWarning, match=r"Of 24 rows the last 12") as seen:
            model.fit(X[:24], y[:24])
        assert len(seen) == 1
        assert model.validation_loss_curve_ is None
        assert model.best_epoch_ == model.n_iter_ == 2
        assert_allclose(model._scaler.target_scaler_.mean_, y[:24].mean())

    def test_no_validation_wanted(self, series):
        X, y = series
        model = small(validation_fraction=None).fit(X[:24], y[:24])
        assert model.validation_loss_curve_ is None

    def test_just_enough_rows(self, series):
        X, y = series
        small(validation_fraction=None).fit(X[:18], y[:18])
        with pytest.raises(ValueError, match=r"at least 18 rows.*n_samples = 17"):
            small(validation_fraction=None).fit(X[:17], y[:17])

    def test_holes_are_left_out(self, series):
        X, y = series
        kept = np.r_[0:40, 47:120]
        with pytest.warns(FilledRowsWarning):
            model = small().fit(X.iloc[kept], y.iloc[kept])
        assert model.net_.criterion_.has_gaps
        assert np.isfinite(model.loss_curve_).all()
        rows = np.r_[0:40, 47:96]
        assert_allclose(model._scaler.target_scaler_.mean_, y.iloc[rows].mean())
        assert np.isfinite(model.predict(X)).all()

    def test_early_stopping_restores_the_best_epoch(self, series):
        X, y = series
        # after the first epoch the rate is so high that nothing gets better
        model = small(lr=0.3, lr_schedule=None, max_epochs=30, patience=2, loss="mse")
        model.fit(X, y)
        assert model.best_epoch_ == model.n_iter_ - 2 < 28
        # validation_fraction 0.2 of 150 rows: targets in rows 120 ... 149
        valid = model._scaler.windows([(model._history, np.arange(120, 145))])
        with torch.no_grad():
            inputs, targets = valid.batch(slice(None))
            forecast = model.net_.module_(
                **{name: torch.from_numpy(x) for name, x in inputs.items()}
            )
        loss = nn.functional.mse_loss(forecast, torch.from_numpy(targets)).item()
        assert loss == pytest.approx(min(model.validation_loss_curve_), rel=1e-5)

    def test_best_epoch_is_the_last_where_none_is_restored(self, series):
        X, y = series
        callbacks = [("early_stopping", EarlyStopping(patience=2, sink=noop))]
        model = small(lr=0.3, max_epochs=9, callbacks=callbacks).fit(X, y)
        assert model.best_epoch_ == model.n_iter_

    @pytest.mark.parametrize("name", sorted(OTHER_VALUES))
    def test_every_parameter_moves_the_weights(self, name, series):
        X, y = series
        X, y = X[:60], y[:60] if name != "instance_norm" else y[:60].cumsum()
        base = {"seq_len": 20, "factor": 1, "lr_schedule": None, "gradient_clip": None}
        base |= {"distil": True, "max_epochs": 1, "decoder_attention": "prob"}
        changed = base | OTHER_VALUES[name]
        one, other = (small(**kw).fit(X, y) for kw in (base, changed))
        one, other = weights(one), weights(other)
        moved = [
            name
            for name in one
            if name not in other or not torch.equal(one[name], other[name])
        ]
        assert moved or one.keys() != other.keys()

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_memory_maps_are_read_where_they_lie(self, tmp_path, dtype):
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(150, 2)), rng.normal(size=(150, 3))
        maps = []
        for name, array in (("X", X.astype(dtype)), ("y", y.astype(dtype))):
            np.save(tmp_path / name, array)
            maps.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
        mapped = small().fit(*maps)
        stored = mapped._history
        assert np.shares_memory(stored.covariates.numeric, maps[0])
        assert np.shares_memory(stored.targets, maps[1])
        plain = small().fit(np.array(maps[0]), np.array(maps[1]))
        assert_array_equal(mapped.predict(X[:9]), plain.predict(X[:9]))

    def test_infinity_in_a_memory_map_is_named(self, tmp_path):
        y = np.ones((150, 2))
        y[77, 1] = np.inf
        np.save(tmp_path / "y", y)
        mapped = np.load(tmp_path / "y.npy", mmap_mode="r")
        with pytest.raises(ValueError, match="y contains infinity: column 1 at 77"):
            small().fit(np.ones((150, 1)), mapped)
        with pytest.raises(ValueError, match="X contains infinity: column 1 at 77"):
            small().fit(mapped, np.ones(150))

    def test_a_hole_in_a_memory_map_is_filled(self, tmp_path):
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(150, 2)), rng.normal(size=(150, 3))
        X[70, 1], y[77, 1] = np.nan, np.nan
        maps = []
        for name, array in (("X", X), ("y", y)):
            np.save(tmp_path / name, array)
            maps.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
        mapped, plain = small().fit(*maps), small().fit(X, y)
        assert mapped.net_.criterion_.has_gaps
        assert_array_equal(mapped.predict(X[:9]), plain.predict(X[:9]))

    def test_forecasts_are_in_single_precision_under_autocast(self, fitted, series):
        X, _ = series
        with torch.autocast("cpu", dtype=torch.bfloat16):
            inside = fitted.predict(X)
        assert_array_equal(inside, fitted.predict(X))

    @pytest.mark.skipif(not has_bfloat16("cpu"), reason="this CPU has no bfloat16")
    def test_bfloat16_is_near_single_precision_and_not_the_same(self, series):
        X, y = series
        one, other = (small(precision=p).fit(X, y) for p in ("fp32", "bf16"))
        assert one.loss_curve_ != other.loss_curve_
        assert_allclose(one.loss_curve_, other.loss_curve_, rtol=0.02)
        assert other.net_.module_.projection.weight.dtype == torch.float32

    @pytest.mark.slow
    # torch warns, at the import of its compiler, of what it uses itself
    @pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
    def test_compiled_training_learns_the_same_and_pickles(self, series):
        X, y = series
        settings = {"dropout": 0.0, "attention": "full", "max_epochs": 1}
        plain, compiled = (
            small(compile=c, **settings).fit(X, y) for c in (False, True)
        )
        assert_allclose(plain.loss_curve_, compiled.loss_curve_, rtol=1e-4)
        again = pickle.loads(pickle.dumps(compiled))
        assert_array_equal(again.predict(X), compiled.predict(X))
        assert_allclose(plain.predict(X), compiled.predict(X), rtol=1e-3)
        compiled.set_params(warm_start=True).fit(X, y)
        assert isinstance(compiled.net_.module_, Informer)

    def test_no_parameter_is_forgotten(self):
        elsewhere = {"callbacks", "device", "freq", "time", "verbose", "warm_start"}
        elsewhere |= {"patience", "checkpoint_dir"}
        elsewhere |= {"categorical_features", "net_params", "precision", "compile"}
        elsewhere |= {"past_covariates", "series", "new_series", "per_series"}
        elsewhere |= {"history_size", "bounds", "calibration_fraction"}
        assert set(OTHER_VALUES) | elsewhere == set(InformerRegressor().get_params())

    def test_constant_target_and_covariate(self):
        X = np.column_stack([np.full(60, 3.0), np.arange(60.0)])
        y = np.column_stack([np.full(60, 7.0), np.arange(60.0)])
        forecast = small().fit(X, y).predict(X)
        assert_allclose(forecast[:, 0], 7.0, rtol=1e-12)
        assert np.isfinite(forecast[:, 1]).all()

    @pytest.mark.parametrize("norm", ["mean_std", "last", None])
    @pytest.mark.parametrize("embedding", ["learned", "fixed"])
    def test_options_of_the_network(self, norm, embedding, series):
        X, y = series
        model = small(instance_norm=norm, embedding=embedding, max_epochs=1).fit(X, y)
        assert model.net_.module_.instance_norm == norm
        assert np.isfinite(model.predict(X)).all()

    def test_stack_and_paper_attention(self, series):
        X, y = series
        model = small(e_layers=(2, 1), decoder_attention="prob", mix=True)
        assert np.isfinite(model.fit(X, y).predict(X)).all()


class TestCategories:
    def test_domains_reach_the_network(self, fitted):
        tables = fitted.net_.module_.get_submodule("decoder_embedding").tables
        assert [len(table.weight) for table in tables] == [24 + 1]

    def test_unseen_category_is_the_mean_of_the_seen(self, series):
        X, y = series
        # hours 12 to 23 are never seen: the series has a row for each of 12 hours
        X = X.assign(hour=pd.Categorical(np.arange(150) % 12, range(24)))
        model = small().fit(X[:120], y[:120])
        forecasts = [
            model.predict(X[120:126].assign(hour=pd.Categorical([h] * 6, range(24))))
            for h in (3, 13, 17)
        ]
        assert_array_equal(forecasts[1], forecasts[2])
        assert not np.allclose(forecasts[0], forecasts[1])
        # a value that the domain never had counts as unseen, too
        strange = X[120:126].assign(hour=pd.Categorical([99] * 6))
        assert_array_equal(model.predict(strange), forecasts[1])


class TestPredict:
    def test_changes_nothing(self, fitted, series):
        X, _ = series
        before = pickle.dumps(fitted)
        fitted.predict(X)
        assert pickle.dumps(fitted) == before

    @pytest.mark.parametrize("n_windows", [1, 7])
    def test_batch_size_changes_nothing(self, n_windows, series, monkeypatch):
        X, y = series
        # 30 rows of context and factor 1: 4 of 30 queries are active
        model = small(seq_len=30, factor=1).fit(X[:120], y[:120])
        expected = model.predict(X)
        monkeypatch.setattr(
            "skinformer.forecasting.net_forecasts.FORECAST_ROWS", n_windows * (30 + 6)
        )
        assert_allclose(model.predict(X), expected, rtol=1e-5)

    def test_rows_alone_or_together(self, fitted, series):
        X, _ = series
        together = fitted.predict(X[:120])
        assert_allclose(fitted.predict(X[30:36]), together[30:36], rtol=1e-6)

    def test_longer_than_a_block_equals_update_with_the_forecasts(self, fitted, series):
        X, _ = series
        whole = fitted.predict(X[120:132])
        model = copy.deepcopy(fitted)
        first = model.predict(X[120:126])
        model.update(X[120:126], first)
        assert_allclose(model.predict(X[126:132]), whole[6:], rtol=1e-6)

    def test_update_equals_a_fit_that_saw_the_rows(self, fitted, series):
        X, y = series
        model = copy.deepcopy(fitted).update(X[120:130], y[120:130])
        windows = fitted.predict_windows(X[120:136], y[120:136])
        assert_allclose(model.predict(X[130:136]), windows.y_pred[10], rtol=1e-6)

    def test_periods_and_stamps_agree(self, fitted, series):
        X, y = series
        periods = X.set_axis(X.index.to_period("h"))
        model = small().fit(periods[:120], y[:120].to_numpy())
        assert_allclose(model.predict(periods), fitted.predict(X), rtol=1e-6)


class TestWarmStart:
    def test_goes_on(self, series):
        X, y = series
        model = small(warm_start=True, lr_schedule=None).fit(X, y)
        first = model.net_
        before = weights(model)
        model.fit(X, y)
        assert model.n_iter_ == 4
        assert len(model.loss_curve_) == 4
        assert model.best_epoch_ > 2
        assert not same_weights(before, weights(model))
        # the net that was handed out before is as it was
        assert len(first.history) == 2

    def test_new_epochs_and_rate_count(self, series):
        X, y = series
        model = small(warm_start=True).fit(X, y)
        model.set_params(max_epochs=3, lr=0.5).fit(X, y)
        assert model.n_iter_ == 5
        assert model.net_.history[2, "event_lr"] == 0.5

    @pytest.mark.parametrize(
        ("schedule", "curve"), [("cosine", [0.1, 0.05]), ("halving", [0.1, 0.05])]
    )
    def test_the_schedule_begins_again(self, schedule, curve, series):
        X, y = series
        model = small(warm_start=True, lr=0.1, lr_schedule=schedule).fit(X, y)
        model.fit(X, y)
        assert_allclose(model.net_.history[:, "event_lr"], curve + curve)

    def test_new_settings_of_training_count(self, series):
        X, y = series
        model = small(warm_start=True, loss="mse").fit(X, y)
        model.set_params(loss="mae", weight_decay=0.5, batch_size=50).fit(X, y)
        assert isinstance(model.net_.criterion_.loss, nn.L1Loss)
        assert model.net_.optimizer_.param_groups[0]["weight_decay"] == 0.5
        assert model.net_.history[-1, "train_batch_count"] == 3

    @pytest.mark.parametrize("what", ["columns", "categories", "targets", "net_params"])
    def test_other_columns_are_refused(self, what, series):
        X, y = series
        model = small(warm_start=True).fit(X, y)
        if what == "columns":
            X = X.rename(columns={"temp": "wind"})
        elif what == "categories":
            X = X.assign(hour=X["hour"].cat.rename_categories(range(100, 124)))
        elif what == "targets":
            y = y[["price", "load"]]
        else:
            model.set_params(net_params={"optimizer": torch.optim.SGD})
        with pytest.raises(ValueError, match=r"warm_start=True goes on with the netw"):
            model.fit(X, y)

    def test_other_sizes_are_refused(self, series):
        X, y = series
        model = small(warm_start=True).fit(X, y)
        before = pickle.dumps(model.net_.module_)
        model.set_params(d_ff=17)
        with pytest.raises(ValueError, match=r"d_ff is 16; now it would be 17"):
            model.fit(X, y)
        assert pickle.dumps(model.net_.module_) == before
        with pytest.raises(ValueError, match=r"n_inputs is 2|targets is"):
            model.set_params(d_ff=16).fit(X, y["load"])


class TestCallbacksAndNetParams:
    def test_epoch_scoring(self, series):
        X, y = series
        scoring = EpochScoring("r2", lower_is_better=False, name="r2")
        model = small(callbacks=[scoring]).fit(X, y)
        assert np.isfinite(model.net_.history[:, "r2"]).all()
        clone(model)

    def test_net_params_reach_skorch(self, series):
        X, y = series
        model = small(net_params={"optimizer": torch.optim.SGD, "use_caching": False})
        model.fit(X, y)
        assert isinstance(model.net_.optimizer_, torch.optim.SGD)
        assert model.net_.use_caching is False

    def test_mistyped_net_params(self, series):
        X, y = series
        with pytest.raises(ValueError, match="optimiser"):
            small(net_params={"optimiser": torch.optim.SGD}).fit(X, y)

    def test_progress_bar(self, series, capsys):
        X, y = series
        model = small(verbose=1).fit(X, y)
        shown = capsys.readouterr().err
        assert "2/2" in shown
        assert "valid=" in shown
        pickle.dumps(model)

    def test_silent(self, series, capsys):
        X, y = series
        small().fit(X, y)
        assert capsys.readouterr() == ("", "")


class Fail(Callback):
    """Raise something in the second epoch."""

    def __init__(self, error):
        self.error = error

    def on_epoch_end(self, net, **kwargs):
        if len(net.history) >= 2:
            raise self.error


class TestFailure:
    @pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
    def test_unfitted_stays_unfitted(self, error, series):
        X, y = series
        model = small(callbacks=[Fail(error)])
        with pytest.raises(error):
            model.fit(X, y)
        assert not hasattr(model, "net_")
        assert not hasattr(model, "n_features_in_")

    @pytest.mark.parametrize("warm_start", [False, True])
    def test_fitted_stays_as_it_was(self, warm_start, series):
        X, y = series
        model = small(warm_start=warm_start).fit(X[:120], y[:120])
        expected = model.predict(X)
        model.set_params(callbacks=[Fail(KeyboardInterrupt)], max_epochs=5)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, y)
        assert_array_equal(model.predict(X), expected)
        assert model.n_iter_ == 2

    def test_a_real_signal(self, series):
        X, y = series
        model = small(max_epochs=1000, patience=None, lr=1e-6)
        # a shell that started the tests in the background may have it ignored
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, y)
        signal.signal(signal.SIGINT, before)
        assert not hasattr(model, "net_")

    def test_divergence(self, series):
        X, y = series
        model = small(lr=1e25, gradient_clip=None, max_epochs=5)
        with pytest.raises(TrainingDivergedError, match="Lower lr"):
            model.fit(X, y)
        assert not hasattr(model, "net_")


class TestParameters:
    @pytest.mark.parametrize(
        ("kwargs", "message"),
        [
            (
                {"pred_len": 0},
                "'pred_len' parameter of InformerRegressor must be an int",
            ),
            ({"seq_len": 2.5}, "'seq_len'"),
            (
                {"d_model": 9},
                r"d_model=9 is not divisible by n_heads=2;.* Make",
            ),
            ({"label_len": 13}, r"label_len=13 exceeds seq_len=12;.* Lower label_len"),
            ({"attention": "sparse"}, r"'full'.*'prob'.* Got 'sparse'|'prob'.*'full'"),
            ({"instance_norm": "std"}, r"'instance_norm'.*'mean_std'|'last'"),
            ({"loss": "rmse"}, r"'loss'.*'huber'"),
            ({"quantiles": 0.5}, "'quantiles' parameter of InformerRegressor"),
            ({"quantiles": (0.9, 0.1)}, r"quantiles=\(0.9, 0.1\) must be numbers betw"),
            ({"lr": 0}, "'lr'"),
            ({"dropout": 1.0}, "'dropout'"),
            ({"validation_fraction": 1.0}, "'validation_fraction'"),
            ({"e_layers": (2, 0)}, r"e_layers"),
            ({"e_layers": (1, 1, 1, 1, 1)}, r"e_layers"),
            ({"device": "tpu9"}, r"device='tpu9' is none that is known"),
            ({"lr_schedule": "linear"}, r"'cosine'.*'halving'|'halving'.*'cosine'"),
        ],
    )
    def test_errors_come_before_training(self, kwargs, message, series, monkeypatch):
        X, y = series
        monkeypatch.setattr("skinformer.forecasting.net_forecaster.train", None)
        model = small(**kwargs)
        with pytest.raises(ValueError, match=message):
            model.fit(X, y)
        assert not hasattr(model, "n_features_in_")

    def test_no_warning_is_given(self, series):
        X, y = series
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            small().fit(X[:120], y[:120]).predict(X)


class TestExtremes:
    def test_validation_rows_beyond_all_numbers(self, series):
        X, y = series[0][:120], series[1][:120].copy()
        y.iloc[110] = 1e39
        with pytest.warns(OutlierWarning, match=r"target number 0, 1e\+39, is 1e\+37"):
            forecast = small().fit(X, y).predict(X[:30])
        assert np.isfinite(forecast).all()

    def test_covariates_beyond_all_numbers(self, fitted, series):
        rows = series[0][120:126].assign(temp=1e30)
        with pytest.warns(OutlierWarning, match="numeric column of X number 0, 1e"):
            forecast = fitted.predict(rows)
        assert np.isfinite(forecast).all()

    def test_variance_beyond_all_numbers(self, series):
        X, y = series
        with pytest.raises(ValueError, match="variance of target number 0, which rea"):
            small().fit(X, y * 1e300)

    @pytest.mark.parametrize("scale", [1e30, 1e-30])
    def test_large_and_small_units(self, scale, fitted, series):
        X, y = series
        model = small().fit(X[:120], y[:120] * scale)
        assert_allclose(model.predict(X) / scale, fitted.predict(X), rtol=1e-4)

    def test_weights_spoilt_by_the_last_step(self, series):
        X, y = series
        model = small(lr=1e30, gradient_clip=None, max_epochs=1, batch_size=500)
        with pytest.raises(TrainingDivergedError, match="Lower lr"):
            model.fit(X, y)
        assert not hasattr(model, "net_")


class TestAfterFit:
    def test_set_params_does_not_reach_what_is_fitted(self, fitted, series):
        X, _ = series
        model = copy.deepcopy(fitted).set_params(
            seq_len=5, pred_len=2, label_len=1, batch_size="x"
        )
        assert_array_equal(model.predict(X), fitted.predict(X))

    def test_fits_in_threads_are_those_of_one(self, fitted, series):
        X, y = series
        state = torch.get_rng_state()
        models = [small() for _ in range(3)]
        threads = [
            threading.Thread(target=model.fit, args=(X[:120], y[:120]))
            for model in models
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for model in models:
            assert_array_equal(model.predict(X), fitted.predict(X))
        assert torch.equal(torch.get_rng_state(), state)
