"""Quantiles of forecasts: the network's heads, alone and beside a highway."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from sklearn.base import clone
from skorch.callbacks import EpochScoring

from skinformer import LSTMForecaster, TransformerForecaster
from skinformer.exceptions import FilledRowsWarning
from skinformer.forecasting.blocks import Ask
from skinformer.forecasting.highway import Highway
from skinformer.forecasting.machine import has_bfloat16
from skinformer.network.quantiles import PinballLoss

from ..small import small

LEVELS = (0.05, 0.25, 0.5, 0.9)
HIGHWAYS = {"alone": {"highway": None}, "beside": {"highway": "auto"}}


def quantile(**kwargs):
    return small(**({"loss": "quantile", "quantiles": LEVELS} | kwargs))


def stretch_of(model, starts):
    """Return a stretch of the history, and the starts of blocks counted in it."""
    nothing = model._history.covariates.take(slice(0))
    ask = Ask(model._history, np.empty(0, dtype=int), nothing)
    stretch = ask.stretch(starts, model.pred_len, model._context_rows())
    return stretch, starts - stretch.offset


def block(model, n_blocks=4):
    return stretch_of(model, np.arange(60, 60 + 3 * n_blocks, 3))


def quantiles_of(model, **kwargs):
    return model._forecast_heads([block(model, **kwargs)])[..., 1:]


@pytest.fixture(scope="module", params=sorted(HIGHWAYS))
def model(request, series):
    """Return a fitted model; tests must not change it."""
    X, y = series
    return quantile(**HIGHWAYS[request.param]).fit(X[:120], y[:120])


class TestHeads:
    def test_the_median_is_the_forecast(self, model):
        quantiles = quantiles_of(model)
        assert quantiles.shape == (4, 6, 2, 4)
        assert quantiles.dtype == np.float64
        assert_array_equal(quantiles[..., 2], model._forecast_jobs([block(model)]))

    def test_they_rise(self, model):
        assert (np.diff(quantiles_of(model), axis=-1) > 0).all()

    def test_they_lie_around_the_median_as_the_network_says(self, model):
        jobs = [block(model)]
        rest = jobs if model._highway is None else model._highway.rest(jobs)
        inputs = model._scaler.windows(rest, model.seq_len_).inputs(slice(None))
        with torch.no_grad():
            tensors = {name: torch.from_numpy(x) for name, x in inputs.items()}
            heads = model.net_.module_(**tensors).numpy()
        unit = model._scaler.target_scaler_.scale_[:, None]
        spread = (heads[..., 1:] - heads[..., :1]) * unit
        median = model._forecast_jobs(jobs)[..., None]
        assert_allclose(quantiles_of(model) - median, spread, atol=1e-5 * unit.max())

    def test_batches_do_not_matter(self, model, monkeypatch):
        expected = quantiles_of(model)
        monkeypatch.setattr("skinformer.forecasting.net_forecasts.FORECAST_ROWS", 1)
        assert_allclose(quantiles_of(model), expected, rtol=1e-5)

    def test_later_covariates_do_not_reach_them(self, series):
        X, y = series
        model = quantile().fit(X[:120], y[:120])
        torch.nn.init.normal_(model.net_.module_.spread.weight, std=0.3)
        stretch, starts = block(model, n_blocks=1)
        before = model._forecast_heads([(stretch, starts)])
        stretch.covariates.numeric[starts[0] + 2 :] += 50.0
        after = model._forecast_heads([(stretch, starts)])
        assert_allclose(after[:, :2], before[:, :2], rtol=1e-6)
        assert not np.allclose(after[:, 2:], before[:, 2:], rtol=1e-3)

    def test_they_are_copied_pickled_and_kept(self, model):
        expected = quantiles_of(model)
        again = pickle.loads(pickle.dumps(model))
        assert_array_equal(quantiles_of(again), expected)
        later = copy.deepcopy(model).set_params(quantiles=(0.5,), loss="mae")
        assert_array_equal(quantiles_of(later), expected)
        assert later._fitted_quantiles() == LEVELS
        assert clone(model).quantiles == LEVELS


class TestBesideAHighway:
    @pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
    def test_the_share_is_of_the_median_alone(self, share, series):
        X, y = series
        model = quantile(highway="ridge", lr=0.03).fit(X[:120], y[:120])
        widths = []
        for model.blend_ in (np.full(2, share), np.ones(2)):
            found, median = quantiles_of(model), model._forecast_jobs([block(model)])
            assert_array_equal(found[..., 2], median)
            widths.append(found - median[..., None])
        assert_allclose(*widths, atol=1e-8)
        assert (widths[0].std(axis=(0, 1))[:, [0, 1, 3]] > 0).all()

    def test_a_target_that_never_moved_has_no_spread(self):
        rng = np.random.default_rng(0)
        X, moving = rng.normal(size=(2, 90))
        X, y = X[:, None], np.column_stack([np.full(90, 7.0), moving])
        for options in HIGHWAYS.values():
            found = quantiles_of(quantile(max_epochs=1, **options).fit(X, y))
            assert_allclose(found[..., 0, :], 7.0)
            assert (np.diff(found[..., 1, :], axis=-1) > 0).all()

    def test_spreads_have_the_unit_of_the_targets(self, series):
        X, y = series
        large = quantile(highway="ridge").fit(X[:120], 1e3 * y[:120] - 1e6)
        plain = quantile(highway="ridge").fit(X[:120], y[:120])
        one, other = (np.diff(quantiles_of(m), axis=-1) for m in (large, plain))
        assert_allclose(one, 1e3 * other, rtol=1e-3)

    def test_they_begin_as_those_of_what_the_highway_leaves(self, series):
        X, y = series
        model = quantile(highway="ridge", highway_len=12, lr=1e-12, max_epochs=1)
        model.fit(X[:120], y[:120])
        kept = Highway(None, model._columns, 12, 6).fit([model._history], [96])
        windows = kept.residuals([(model._history, np.arange(12, 91))], 12, honest=True)
        targets = windows.batch(slice(None))[1].reshape(-1, 2)
        expected = np.diff(np.quantile(targets, LEVELS, axis=0), axis=0).T
        unit = kept.scaler_.target_scaler_.scale_[:, None]
        found = np.diff(quantiles_of(model), axis=-1)
        assert_allclose(found, np.tile(expected * unit, (4, 6, 1, 1)), rtol=1e-3)


class TestTraining:
    def test_finds_the_quantiles_of_noise_that_a_covariate_widens(self):
        rng = np.random.default_rng(0)
        wide = rng.integers(0, 2, 3000)
        y = pd.Series(5 + np.where(wide, 3.0, 1.0) * rng.normal(size=3000))
        X = pd.DataFrame({"wide": wide.astype(float)})
        model = small(
            loss="quantile",
            quantiles=(0.1, 0.25, 0.9),
            instance_norm=None,
            pred_len=2,
            lr=1e-2,
            max_epochs=8,
            batch_size=64,
            dropout=0.0,
        ).fit(X, y)
        starts = np.arange(20, 2900, 7)
        found = model._forecast_heads([stretch_of(model, starts)])[:, :, 0, 1:]
        normal = norm.ppf([0.1, 0.25, 0.9])
        for kind, deviation in enumerate((1.0, 3.0)):
            rows = found[wide[starts[:, None] + np.arange(2)] == kind]
            error = (rows.mean(axis=0) - 5 - deviation * normal) / deviation
            assert_allclose(error, 0, atol=0.25)

    def test_losses_are_pinball_losses(self, series):
        X, y = series
        model = quantile(lr=1e-12, max_epochs=1).fit(X, y)
        valid = model._scaler.windows([(model._history, np.arange(120, 145))])
        inputs, targets = valid.batch(slice(None))
        with torch.no_grad():
            tensors = {name: torch.from_numpy(x) for name, x in inputs.items()}
            heads = model.net_.module_(**tensors).numpy()
        error = targets[..., None] - heads
        level = np.array([0.5, *LEVELS])
        expected = np.maximum(level * error, (level - 1) * error).mean()
        assert model.validation_loss_curve_ == pytest.approx([expected], rel=1e-5)

    def test_absent_rows_carry_no_loss(self, series):
        X, y = series
        kept = np.r_[0:40, 47:120]
        with pytest.warns(FilledRowsWarning):
            model = quantile(highway="ridge").fit(X.iloc[kept], y.iloc[kept])
        assert model.net_.criterion_.has_gaps
        assert np.isfinite(model.loss_curve_).all()
        assert np.isfinite(quantiles_of(model)).all()

    def test_scorers_see_the_median(self, series):
        X, y = series
        scoring = EpochScoring("r2", lower_is_better=False, name="r2")
        model = quantile(callbacks=[scoring]).fit(X, y)
        assert np.isfinite(model.net_.history[:, "r2"]).all()

    @pytest.mark.skipif(not has_bfloat16("cpu"), reason="this CPU has no bfloat16")
    def test_bfloat16_is_near_single_precision(self, series):
        X, y = series
        one, other = (quantile(precision=p).fit(X, y) for p in ("fp32", "bf16"))
        assert one.loss_curve_ != other.loss_curve_
        assert_allclose(one.loss_curve_, other.loss_curve_, rtol=0.02)

    @pytest.mark.slow
    @pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
    def test_compiled_training_learns_the_same(self, series):
        X, y = series
        settings = {"dropout": 0.0, "attention": "full", "max_epochs": 1}
        plain, compiled = (
            quantile(compile=c, **settings).fit(X, y) for c in (False, True)
        )
        assert_allclose(plain.loss_curve_, compiled.loss_curve_, rtol=1e-4)
        assert_allclose(quantiles_of(plain), quantiles_of(compiled), rtol=1e-3)

    def test_the_median_alone_may_be_asked_for(self, series):
        X, y = series
        model = quantile(quantiles=[0.5]).fit(X, y)
        found = quantiles_of(model)
        assert_array_equal(found[..., 0], model._forecast_jobs([block(model)]))


class TestWarmStart:
    def test_goes_on_with_the_same_levels(self, series):
        X, y = series
        model = quantile(warm_start=True).fit(X, y).set_params(quantiles=list(LEVELS))
        assert model.fit(X, y).n_iter_ == 4
        assert isinstance(model.net_.criterion_.loss, PinballLoss)

    @pytest.mark.parametrize("change", [{"loss": "mae"}, {"quantiles": (0.1, 0.9)}])
    def test_other_heads_are_refused(self, change, series):
        X, y = series
        model = quantile(warm_start=True).fit(X, y).set_params(**change)
        with pytest.raises(ValueError, match=r"quantiles is \(0\.05, 0\.25.*would be"):
            model.fit(X, y)

    def test_levels_that_are_not_used_may_change(self, series):
        X, y = series
        model = small(warm_start=True).fit(X, y).set_params(quantiles=(0.1, 0.9))
        assert model.fit(X, y).n_iter_ == 4


class TestWithoutHeads:
    def test_are_refused_by_the_loss_that_was_fitted(self, fitted, series):
        with pytest.raises(ValueError, match=r"loss='mae', and has no quantiles"):
            fitted.predict_quantiles(series[0])

    @pytest.mark.parametrize("forecaster", [LSTMForecaster, TransformerForecaster])
    def test_other_networks_do_not_know_the_loss(self, forecaster, series):
        X, y = series
        message = rf"'loss' parameter of {forecaster.__name__} .* Got 'quantile'"
        with pytest.raises(ValueError, match=message):
            forecaster(loss="quantile").fit(X, y)
