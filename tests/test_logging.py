"""What the package logs under "skinformer", and that it is silent otherwise."""

import logging
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from skinformer import InformerRegressor, RidgeForecaster, SeasonalNaive, backtest

from .small import small

N = 97
SILENT = """
import warnings, numpy as np
from skinformer import InformerRegressor
warnings.simplefilter("ignore")
InformerRegressor(seq_len=8, label_len=2, pred_len=2, d_model=4, n_heads=1, d_ff=4,
                  max_epochs=1).fit(np.zeros((60, 1)), np.arange(60.0))
"""


def rows():
    index = pd.date_range("2024-01-01", periods=N, freq="h")
    y = np.sin(np.arange(N) / 24 * 2 * np.pi) + 0.1 * np.cos(np.arange(N) ** 2)
    return pd.DataFrame(index=index), pd.Series(y, index, name="load")


def messages(caplog, level):
    return [r.getMessage() for r in caplog.records if r.levelno == level]


@pytest.fixture(autouse=True)
def at_debug(caplog):
    caplog.set_level(logging.DEBUG, "skinformer")


def test_a_training_says_when_it_starts_and_what_it_kept(caplog):
    model = small(max_epochs=3).fit(*rows())
    start, end = messages(caplog, logging.INFO)[:2]
    # 97 rows: 20 validate, all but the last 5 of which begin a window of 6 rows
    n_train = 77 - 12 - 6 + 1
    assert start.startswith(
        f"Informer: training on {n_train} windows, validating on 15"
    )
    weights = sum(w.numel() for w in model.net_.module_.parameters())
    assert f"; {weights} weights, device cpu, at most 3 epochs" in start
    best = model.best_epoch_
    assert end.startswith("Informer: 3 epochs in ")
    assert f"s; epoch {best} is kept: training loss " in end
    assert end.endswith(f"loss {model.validation_loss_curve_[best - 1]:.4f}")


def test_an_epoch_says_its_losses(caplog):
    model = small(max_epochs=2).fit(*rows())
    epochs = [m for m in messages(caplog, logging.DEBUG) if m.startswith("epoch ")]
    assert len(epochs) == 2
    losses = model.loss_curve_[1], model.validation_loss_curve_[1]
    assert epochs[1].startswith(
        f"epoch 2: training loss {losses[0]:.4f}, validation loss {losses[1]:.4f},"
    )


def test_without_validation_the_last_epoch_is_kept(caplog):
    model = small(max_epochs=2, validation_fraction=None).fit(*rows())
    start, end = messages(caplog, logging.INFO)
    assert "validating on 0" in start
    assert "epoch 2 is kept" in end
    assert end.endswith(f"training loss {model.loss_curve_[1]:.4f}")


def test_it_says_that_it_stopped_early(caplog):
    model = small(max_epochs=50, patience=1, lr=0.3).fit(*rows())
    assert model.n_iter_ < 50
    assert f"stopped early after epoch {model.n_iter_}" in caplog.text


def test_partial_fit_says_what_it_adds(caplog):
    X, y = rows()
    model = small(max_epochs=1).fit(X[:80], y[:80])
    caplog.clear()
    model.partial_fit(X[80:], y[80:], n_epochs=2)
    start, end = messages(caplog, logging.INFO)
    assert start.startswith("Informer: training on 17 windows, validating on 0")
    assert end.startswith("Informer: 2 epochs in ")


def test_a_highway_says_how_much_the_network_counts(caplog):
    model = InformerRegressor(
        seq_len=12,
        label_len=5,
        pred_len=6,
        d_model=8,
        n_heads=2,
        d_ff=16,
        max_epochs=1,
        highway_len=12,
        validation_fraction=0.3,
        random_state=0,
    ).fit(*rows())
    [told] = [m for m in messages(caplog, logging.INFO) if m.startswith("share of")]
    assert told.endswith(f"load {model.blend_[0]:.2f}")
    assert "the network reads 12 rows, the highway 12" in caplog.text


def test_a_ridge_regression_says_what_it_chose(caplog):
    model = RidgeForecaster(pred_len=6, seq_len=12).fit(*rows())
    chosen = [m for m in messages(caplog, logging.DEBUG) if m.startswith("ridge map")]
    assert "of 12 rows to 6: penalties " in chosen[-1]
    assert f"pull {np.round(model.pull_, 2).tolist()}" in chosen[-1]


@pytest.mark.parametrize(("as_array", "step"), [(False, "h"), (True, "one row")])
def test_fit_says_what_rows_it_has_read(caplog, as_array, step):
    X, y = rows()
    SeasonalNaive().fit(np.zeros((N, 1)) if as_array else X, y.to_numpy())
    told = f"SeasonalNaive: fit is given 97 rows of 1 series, in steps of {step}"
    assert messages(caplog, logging.DEBUG) == [told]


def test_a_backtest_says_on_which_rows_clones_are_fitted(caplog):
    backtest(SeasonalNaive(pred_len=6), *rows(), train_size=73, stride=6, refit=2)
    told = [m for m in messages(caplog, logging.DEBUG) if m.startswith("backtest: ")]
    assert [m.rpartition(" to ")[2] for m in told] == [
        "2024-01-04 00:00:00",
        "2024-01-04 12:00:00",
    ]


def test_it_is_silent_unless_asked():
    done = subprocess.run(
        [sys.executable, "-c", SILENT], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
