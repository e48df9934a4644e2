"""The picture of training."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from skinformer import (
    InformerRegressor,
    LossCurveDisplay,
    RidgeForecaster,
    TimeFeatures,
    make_load_series,
)

HISTORY = [
    {"train_loss": 0.9, "valid_loss": 0.8, "event_lr": 0.01},
    {"train_loss": 0.6, "valid_loss": 0.5, "event_lr": 0.005},
    {"train_loss": 0.4, "valid_loss": 0.7, "event_lr": 0.001},
]


def labels_of(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_curves_and_the_best_epoch():
    display = LossCurveDisplay.from_history(HISTORY, loss_name="pinball loss")
    train, valid, line, star = display.ax_.lines
    assert_array_equal(train.get_xdata(), [1, 2, 3])
    assert_array_equal(train.get_ydata(), [0.9, 0.6, 0.4])
    assert_array_equal(valid.get_ydata(), [0.8, 0.5, 0.7])
    assert_array_equal(line.get_xdata(), [2, 2])
    assert_array_equal(star.get_xydata(), [[2, 0.5]])
    assert labels_of(display) == ["training", "validation", "best epoch: 2"]
    assert display.ax_.get_xlabel() == "epoch"
    assert display.ax_.get_ylabel() == "pinball loss"
    assert display.learning_rate_ax_ is None


def test_best_epoch_that_is_told():
    display = LossCurveDisplay.from_history(HISTORY, best_epoch=3)
    assert_array_equal(display.ax_.lines[3].get_xydata(), [[3, 0.7]])
    for epoch in (0, 4):
        with pytest.raises(ValueError, match=f"best_epoch={epoch} must be from 1 to 3"):
            LossCurveDisplay.from_history(HISTORY, best_epoch=epoch)


def test_learning_rate_is_on_the_right():
    display = LossCurveDisplay.from_history(HISTORY, learning_rate=True)
    right = display.learning_rate_ax_
    assert_array_equal(right.lines[0].get_ydata(), [0.01, 0.005, 0.001])
    assert right.get_ylabel() == "learning rate"
    assert right.get_ylim()[0] == 0
    assert labels_of(display)[-1] == "learning rate"


def test_without_validation():
    history = [{"train_loss": loss} for loss in (3.0, 2.0)]
    display = LossCurveDisplay.from_history(history)
    assert labels_of(display) == ["training"]
    assert len(display.ax_.lines) == 1


def test_epochs_that_were_not_validated():
    history = [*HISTORY, {"train_loss": 0.3}]
    display = LossCurveDisplay.from_history(history, best_epoch=4)
    assert_array_equal(display.valid_loss, [0.8, 0.5, 0.7, np.nan])
    # nothing says that the last one is the best
    assert labels_of(display) == ["training", "validation"]
    assert LossCurveDisplay.from_history(history).best_epoch == 2


def test_what_cannot_be_drawn():
    for nothing in ([], [{"valid_loss": 1.0}]):
        with pytest.raises(ValueError, match="no epoch with a 'train_loss'"):
            LossCurveDisplay.from_history(nothing)
    with pytest.raises(ValueError, match=r"learning_rate=True needs .*lr_schedule="):
        LossCurveDisplay.from_history([{"train_loss": 1.0}], learning_rate=True)


def test_of_a_fitted_network():
    X, y = make_load_series(24 * 10, random_state=0)
    informer = InformerRegressor(
        seq_len=13, label_len=5, pred_len=7, d_model=8, n_heads=2, d_ff=16,
        max_epochs=2, batch_size=128, highway=None, loss="mae", random_state=0,
    )  # fmt: skip
    model = make_pipeline(TimeFeatures(), informer).fit(X, y)
    display = LossCurveDisplay.from_estimator(model, learning_rate=True)
    assert_array_equal(display.train_loss, informer.loss_curve_)
    assert_array_equal(display.valid_loss, informer.validation_loss_curve_)
    assert display.best_epoch == informer.best_epoch_
    assert display.learning_rate[0] == informer.lr
    label = "mean absolute error\n(standard deviations)"
    assert display.ax_.get_ylabel() == label


def test_of_a_forecaster_without_network():
    X, y = make_load_series(24 * 10, random_state=0)
    model = RidgeForecaster(pred_len=7).fit(X, y)
    with pytest.raises(ValueError, match=r"This RidgeForecaster has no network.*Infor"):
        LossCurveDisplay.from_estimator(model)
