"""Fits that are broken off in a batch, and what fits end with."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from skorch.callbacks import Callback


class Break(Callback):
    """Break a training off in a batch, or at its end; of no parameters, as it is not.

    The count is the class's: an instance in ``callbacks`` is the same for every fit.
    """

    batches_left = None
    at_end = False
    n_batches = 0

    def on_batch_end(self, net, training=None, **kwargs):
        if not training:
            return
        Break.n_batches += 1
        if Break.batches_left is not None:
            Break.batches_left -= 1
            if Break.batches_left == 0:
                raise KeyboardInterrupt

    def on_train_end(self, net, **kwargs):
        if Break.at_end:
            raise KeyboardInterrupt


def break_off(model, X, y, after=None, fit="fit", **kwargs):
    """Fit until so many batches are over, or to the end of the training."""
    Break.batches_left, Break.at_end = after, after is None
    try:
        with pytest.raises(KeyboardInterrupt):
            getattr(model, fit)(X, y, **kwargs)
    finally:
        Break.batches_left, Break.at_end = None, False


def batches_of(model, X, y, fit="fit", **kwargs):
    """Fit, and count the batches that it took."""
    Break.n_batches = 0
    getattr(model, fit)(X, y, **kwargs)
    return Break.n_batches


def told_of(history):
    """Return what a history says but for the time that epochs took."""
    return [
        {k: "NaN" if v != v else v for k, v in epoch.items() if k != "dur"}
        for epoch in history
    ]


def assert_same_fit(model, other, X):
    """Hold two fits against each other, bit for bit."""
    ours, theirs = model.net_.module_.state_dict(), other.net_.module_.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert_same_state(model.net_.optimizer_, other.net_.optimizer_)
    assert told_of(model.net_.history) == told_of(other.net_.history)
    assert_array_equal(model.loss_curve_, other.loss_curve_)
    curves = [each.validation_loss_curve_ or [] for each in (model, other)]
    assert_array_equal(*curves)
    assert model.best_epoch_ == other.best_epoch_
    assert_array_equal(model.predict(X), other.predict(X))


def assert_same_state(ours, theirs):
    ours, theirs = ours.state_dict(), theirs.state_dict()
    assert ours["param_groups"] == theirs["param_groups"]
    for place, state in ours["state"].items():
        for name, value in state.items():
            assert_array_equal(
                np.asarray(value), np.asarray(theirs["state"][place][name])
            )
