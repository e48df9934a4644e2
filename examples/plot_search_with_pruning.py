"""
A search that gives up early
============================

A grid search trains every setting to its end. Optuna looks at the validation loss of
each epoch instead, and gives up a training that others have left behind. What it has
found lies in a file, so that a search can be broken off, go on, and run in several
processes. Needs ``pip install "skinformer[tune]"``.
"""

# %%
# Seven weeks of an hourly load. The last day is kept back: the search does not see it.
from skinformer import make_load_series

X, y = make_load_series(24 * 49, random_state=0)
X_past, X_next, y_past, y_next = X[:-24], X[-24:], y[:-24], y[-24:]

# %%
# The objective fits one setting, and returns the least validation loss of its epochs.
# ``PruningCallback`` tells the trial of each epoch; if Optuna gives it up, ``fit`` ends
# there. The last tenth of ``X_past`` validates, in every trial the same rows. Losses of
# trials can be compared only so: by the same rows, the same ``loss``, ``pred_len`` and
# ``highway``. The network stands alone here, and is small, so that the page is made in
# seconds.
import optuna

from skinformer import (
    InformerRegressor,
    PruningCallback,
    TimeFeatures,
    make_forecast_pipeline,
)

N_EPOCHS = 8


def make_model(setting, callbacks=None):
    """Make the pipeline of a setting."""
    informer = InformerRegressor(
        **setting,
        highway=None,
        seq_len=48,
        label_len=24,
        e_layers=1,
        d_ff=32,
        n_heads=2,
        windows_per_epoch=256,
        max_epochs=N_EPOCHS,
        callbacks=callbacks,
        random_state=0,
    )
    return make_forecast_pipeline(TimeFeatures(country="DE"), informer)


def objective(trial):
    """Train one setting; return what it is judged by."""
    setting = {
        "lr": trial.suggest_float("lr", 1e-5, 1e-2, log=True),
        "d_model": trial.suggest_categorical("d_model", [8, 16, 32]),
        "dropout": trial.suggest_float("dropout", 0.0, 0.3),
    }
    model = make_model(setting, [PruningCallback(trial)]).fit(X_past, y_past)
    return min(model[-1].validation_loss_curve_)


# %%
# The pruner gives up what is worse after an epoch than half of the trials before were
# after as many. No one is given up before the third epoch, and the first three trials
# run to their end.
import tempfile
from pathlib import Path

folder = tempfile.TemporaryDirectory()
storage = f"sqlite:///{Path(folder.name) / 'search.db'}"
optuna.logging.set_verbosity(optuna.logging.WARNING)


def open_study(seed):
    """Begin the study, or go on with the one that is in the file."""
    return optuna.create_study(
        study_name="load",
        storage=storage,
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=3),
    )


open_study(seed=0).optimize(objective, n_trials=6)

# %%
# The next day, in another process: the file knows what was tried, and another seed
# keeps the same settings from being drawn again. To search with two processes, run the
# script twice at a time. Threads (``n_jobs`` of ``optimize``) work too and win little:
# torch has one random generator for all of them, so fits in one process take turns.
study = open_study(seed=1)
study.optimize(objective, n_trials=6)

for trial in study.trials:
    n_epochs = len(trial.intermediate_values)
    setting = ", ".join(f"{name} {value:.3g}" for name, value in trial.params.items())
    print(f"{trial.number:2} {trial.state.name:8} {n_epochs} epochs: {setting}")
trained = sum(len(trial.intermediate_values) for trial in study.trials)
print(f"{trained} epochs instead of {N_EPOCHS * len(study.trials)}")

# %%
# Each line is a trial; those that were given up end early.
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
looks = {
    "COMPLETE": {"color": "C0", "label": "trained to the end"},
    "PRUNED": {"color": "C1", "label": "given up", "marker": "x", "markevery": [-1]},
}
for trial in study.trials:
    losses = trial.intermediate_values
    ax.plot(list(losses), list(losses.values()), **looks[trial.state.name])
handles, labels = ax.get_legend_handles_labels()
one_each = dict(zip(labels, handles, strict=True))
ax.legend(one_each.values(), one_each.keys())
ax.set(xlabel="epoch", ylabel="validation loss")
plt.show()

# %%
# The best setting, fitted on all rows that the search has seen, and judged once on the
# day that it has not.
from sklearn.metrics import mean_absolute_error

model = make_model(study.best_params).fit(X_past, y_past)
error = mean_absolute_error(y_next, model.predict(X_next))
print(f"mean absolute error: {error:.0f} MW")

# %%
# The network alone stays behind the default, which begins from a ridge regression: this
# page shows how to search. For that question, or to judge settings by several stretches
# of time, leave the callback out and return a mean of ``cross_val_score`` over
# ``TimeSeriesSplit``.
folder.cleanup()
