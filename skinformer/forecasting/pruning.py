"""A search that gives up on a training which others have left behind."""

from typing import Any, Self

from skorch import NeuralNet
from skorch.callbacks import Callback

from skinformer._extras import import_extra

__all__ = ["PruningCallback"]


class PruningCallback(Callback):
    """Report each epoch's loss to a trial of Optuna, which may end the training.

    Goes into ``callbacks`` of a forecaster with a network. After each epoch the trial
    is told the loss; if its study's pruner gives it up, ``fit`` ends with
    ``optuna.TrialPruned``, and the forecaster is what it was before. A forecaster
    copies its callbacks, and a copy of a trial would report to a copy of its study;
    copies of this callback have the trial itself.

    Parameters
    ----------
    trial : optuna.trial.Trial
        The trial that the training is for. Of several trainings for one trial, as in
        cross-validation, the first alone counts: Optuna takes one value an epoch.
    monitor : str, default="valid_loss"
        What is reported: "valid_loss", "train_loss", or another entry of the network's
        history.

    Notes
    -----
    Losses are compared from trial to trial. So all trials need the same rows, the same
    ``loss``, ``pred_len``, ``highway`` and ``validation_fraction``; of trials that
    differ in these, let the objective return an error in the target's own units and do
    without pruning.

    Validation rows are the last of those that ``fit`` is given. Keep the rows that are
    to judge the winner out of them.

    Examples
    --------
    >>> import optuna
    >>> from skinformer import InformerRegressor, PruningCallback, make_load_series
    >>> X, y = make_load_series(400, random_state=0)
    >>> def objective(trial):
    ...     model = InformerRegressor(
    ...         highway=None, seq_len=24, label_len=12, d_model=8, n_heads=2, d_ff=16,
    ...         max_epochs=2, lr=trial.suggest_float("lr", 1e-4, 1e-2, log=True),
    ...         callbacks=[PruningCallback(trial)], random_state=0,
    ...     )
    ...     return min(model.fit(X, y).validation_loss_curve_)
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> study = optuna.create_study(pruner=optuna.pruners.MedianPruner())
    >>> study.optimize(objective, n_trials=1)
    >>> len(study.trials[0].intermediate_values)  # one of each epoch
    2
    """

    def __init__(self, trial: Any, monitor: str = "valid_loss"):
        self.trial = trial
        self.monitor = monitor

    def on_train_begin(self, net: NeuralNet, **kwargs: Any) -> None:
        """Import Optuna before time is spent."""
        import_extra("optuna", "PruningCallback", "tune")

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Report the loss, and end the training if the trial is given up."""
        epoch = len(net.history)
        self.trial.report(self._loss(net.history[-1]), epoch)
        if self.trial.should_prune():
            optuna = import_extra("optuna", "PruningCallback", "tune")
            checkpointer = getattr(net, "checkpointer", None)
            if checkpointer is not None:  # it would be in the way of the next trial
                checkpointer.drop()
            raise optuna.TrialPruned(f"Trial was pruned at epoch {epoch}.")

    def on_train_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Let go of the trial: its study is no part of a fitted model."""
        self.trial = None

    def _loss(self, row: dict) -> float:
        """Return what is watched, or say that this training does not have it."""
        if self.monitor in row:
            return float(row[self.monitor])
        there = ", ".join(repr(name) for name in row if name.endswith("_loss"))
        raise ValueError(
            f"PruningCallback(monitor={self.monitor!r}): this training records {there}."
            " 'valid_loss' needs rows that validate: set validation_fraction, and give "
            "rows enough for it."
        )

    # a copy of a trial would report to a copy of its study

    def _same_trial(self) -> Self:
        return type(self)(self.trial, self.monitor)

    def __deepcopy__(self, memo: dict) -> Self:
        return self._same_trial()

    def __sklearn_clone__(self) -> Self:
        return self._same_trial()
