"""The loss of a network in training, epoch by epoch."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from skinformer.forecasting.base import BaseForecaster

from .display import Display
from .fitted import unwrap_fitted
from .style import (
    FORECAST,
    HINT,
    OTHER,
    TRUTH,
    name_y_axis,
    place_legend,
    tidy,
)

__all__ = ["LossCurveDisplay"]

# losses are those of standardised targets
LOSS_NAMES = {
    "mse": "mean squared error (standard deviations, squared)",
    "mae": "mean absolute error (standard deviations)",
    "huber": "Huber loss (of standardised targets)",
    "quantile": "pinball loss (standard deviations)",
}

TRAIN = {"color": OTHER, "ls": "--", "lw": 1.5}
VALID = {"color": FORECAST, "ls": "-", "lw": 2.0}
RATE = {"color": "0.55", "ls": "-.", "lw": 1.2}
# of so few epochs each has a dot
FEW_EPOCHS = 40


class LossCurveDisplay(Display):
    """Picture of how a network's loss fell in training.

    Use :meth:`from_estimator` or :meth:`from_history` to make one.

    Parameters
    ----------
    train_loss : ndarray of shape (n_epochs,)
        Mean loss over the batches of each epoch.
    valid_loss : ndarray of shape (n_epochs,), default=None
        Loss of the rows that validate, after each epoch; NaN where there were none.
    best_epoch : int, default=None
        The epoch, counted from 1, whose weights the network has.
    learning_rate : ndarray of shape (n_epochs,), default=None
        Step size of the optimiser in each epoch, to be drawn too.
    loss_name : str, default="loss"
        What the axis is called.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    learning_rate_ax_ : matplotlib Axes or None
        The axis of the learning rate, on the right.
    """

    def __init__(
        self,
        *,
        train_loss: np.ndarray,
        valid_loss: np.ndarray | None = None,
        best_epoch: int | None = None,
        learning_rate: np.ndarray | None = None,
        loss_name: str = "loss",
    ):
        self.train_loss = train_loss
        self.valid_loss = valid_loss
        self.best_epoch = best_epoch
        self.learning_rate = learning_rate
        self.loss_name = loss_name

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, learning_rate: bool = False, ax: Any = None
    ) -> Self:
        """Draw the training that a fitted network has behind it.

        Parameters
        ----------
        estimator : forecaster, Pipeline or search
            A fitted forecaster with a network, or what ends in one.
        learning_rate : bool, default=False
            Whether to draw the learning rate too.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        TypeError
            If there is no forecaster at the end of ``estimator``.
        NotFittedError
            If it is not fitted.
        ValueError
            If it has no network, or no learning rate was recorded.

        Examples
        --------
        >>> from skinformer import InformerRegressor, LossCurveDisplay
        >>> from skinformer import make_load_series
        >>> X, y = make_load_series(24 * 20, random_state=0)
        >>> model = InformerRegressor(
        ...     seq_len=24, label_len=12, pred_len=12, d_model=8, n_heads=2, d_ff=16,
        ...     highway=None, max_epochs=2, random_state=0,
        ... ).fit(X, y)
        >>> display = LossCurveDisplay.from_estimator(model)
        >>> display.ax_.get_xlabel()
        'epoch'
        """
        _, forecaster = unwrap_fitted(estimator, cls.__name__)
        check_has_network(forecaster)
        best, loss = forecaster.best_epoch_, forecaster.loss
        return cls.from_history(
            forecaster.net_.history,
            best_epoch=best,
            learning_rate=learning_rate,
            loss_name=LOSS_NAMES.get(loss, type(loss).__name__),
            ax=ax,
        )

    @classmethod
    def from_history(
        cls,
        history: Sequence[dict],
        *,
        best_epoch: int | None = None,
        learning_rate: bool = False,
        loss_name: str = "loss",
        ax: Any = None,
    ) -> Self:
        """Draw a history of epochs, such as the ``net_.history`` of a forecaster.

        Parameters
        ----------
        history : sequence of dict
            Of each epoch "train_loss" and, where there was validation, "valid_loss";
            with ``learning_rate`` also "event_lr". skorch's ``History`` is such a list.
        best_epoch : int, default=None
            The epoch, counted from 1, to be marked; None takes that of the lowest
            validation loss.
        learning_rate : bool, default=False
            Whether to draw the learning rate too.
        loss_name : str, default="loss"
            What the axis is called.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        ValueError
            If there is no epoch, if one lacks its training loss, or if none has a
            learning rate that is to be drawn.

        Examples
        --------
        >>> from skinformer import LossCurveDisplay
        >>> display = LossCurveDisplay.from_history(
        ...     [
        ...         {"train_loss": 0.9, "valid_loss": 0.8},
        ...         {"train_loss": 0.6, "valid_loss": 0.7},
        ...         {"train_loss": 0.4, "valid_loss": 0.9},
        ...     ]
        ... )
        >>> display.best_epoch
        2
        """
        train = training_curve(history)
        valid = curve(history, "valid_loss")
        rate = learning_rates(history) if learning_rate else None
        if best_epoch is None and valid is not None:
            best_epoch = int(np.nanargmin(valid)) + 1
        check_epoch(best_epoch, len(train))
        display = cls(
            train_loss=train,
            valid_loss=valid,
            best_epoch=best_epoch,
            learning_rate=rate,
            loss_name=loss_name,
        )
        return display.plot(ax=ax)

    def _draw(self, ax: Any) -> None:
        draw_curve(ax, self.train_loss, "training", TRAIN)
        if self.valid_loss is not None:
            draw_curve(ax, self.valid_loss, "validation", VALID)
            self._mark_best(ax, self.valid_loss)
        label_epochs(ax, self.loss_name)
        tidy(ax)
        self.learning_rate_ax_ = self._draw_learning_rate(ax)
        place_legend(ax)

    def _mark_best(self, ax: Any, losses: np.ndarray) -> None:
        """Mark the epoch whose weights the network has, where it was validated."""
        if self.best_epoch is None or np.isnan(losses[self.best_epoch - 1]):
            return
        place = self.best_epoch, losses[self.best_epoch - 1]
        ax.axvline(self.best_epoch, zorder=1, **HINT)
        label = f"best epoch: {self.best_epoch}"
        ax.plot(*place, ls="", marker="*", ms=11, color=TRUTH, label=label, zorder=4)

    def _draw_learning_rate(self, ax: Any) -> Any:
        """Draw the learning rate on an axis of its own, on the right."""
        if self.learning_rate is None:
            return None
        right = ax.twinx()
        epochs = np.arange(1, len(self.learning_rate) + 1)
        dots = {"marker": "."} if len(epochs) == 1 else {}
        right.plot(epochs, self.learning_rate, **RATE, **dots)
        right.set_ylabel("learning rate")
        right.set_ylim(0, None)
        right.spines["top"].set_visible(False)
        # losses lie above it
        ax.set_zorder(right.get_zorder() + 1)
        ax.patch.set_visible(False)
        ax.plot([], [], label="learning rate", **RATE)  # one legend for both
        return right


def draw_curve(ax: Any, values: np.ndarray, label: str, style: dict) -> None:
    """Draw one number for each epoch, as dots too where these are few."""
    dots = {} if len(values) > FEW_EPOCHS else {"marker": "o", "ms": 4}
    epochs = np.arange(1, len(values) + 1)
    ax.plot(epochs, values, label=label, **style, **dots)


def label_epochs(ax: Any, loss_name: str) -> None:
    """Name the axes; epochs are whole."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("epoch")
    name_y_axis(ax, loss_name)
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))


def curve(history: Sequence[dict], key: str) -> np.ndarray | None:
    """Return one number of each epoch, NaN where absent; None if it always is."""
    values = np.array([epoch.get(key, np.nan) for epoch in history], dtype=np.float64)
    return None if np.isnan(values).all() else values


def training_curve(history: Sequence[dict]) -> np.ndarray:
    """Return the training loss of each epoch, refuse a history without."""
    losses = curve(history, "train_loss")
    if losses is None:
        raise ValueError(
            "history has no epoch with a 'train_loss'; give a list of one dict for "
            "each epoch, such as net_.history of a fitted forecaster."
        )
    return losses


def learning_rates(history: Sequence[dict]) -> np.ndarray:
    """Return the learning rate of each epoch, refuse a history without."""
    rates = curve(history, "event_lr")
    if rates is None:
        raise ValueError(
            "learning_rate=True needs the 'event_lr' of each epoch, which is recorded "
            "where a schedule changes it: fit with lr_schedule='cosine' or 'halving', "
            "or give learning_rate=False."
        )
    return rates


def check_epoch(best_epoch: int | None, n_epochs: int) -> None:
    """Refuse an epoch that there was not."""
    if best_epoch is not None and not 1 <= best_epoch <= n_epochs:
        raise ValueError(
            f"best_epoch={best_epoch!r} must be from 1 to {n_epochs}, the number of "
            "epochs."
        )


def check_has_network(forecaster: BaseForecaster) -> None:
    """Refuse a forecaster that is not trained epoch by epoch."""
    if not hasattr(forecaster, "net_"):
        raise ValueError(
            f"This {type(forecaster).__name__} has no network, and so no loss by "
            "epoch. Give a fitted InformerRegressor, LSTMForecaster or "
            "TransformerForecaster, or what ends in one."
        )
