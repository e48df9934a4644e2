"""
Columns known only in the past
==============================

Many columns are measured with the target, and nobody knows them ahead. Here it is the
level of a river half a day upstream: what passes there arrives here some hours later,
so that its past says much about our future. ``past_covariates`` names such columns.
"""

# %%
# Rain fills the river now and then, and it falls slowly. What is measured upstream
# arrives twelve hours later, widened on its way.
import numpy as np
import pandas as pd
from scipy.signal import lfilter

rng = np.random.default_rng(0)
n_rows, hours = 24 * 150, pd.date_range("2024-01-01", periods=24 * 150, freq="h")
rain = rng.gamma(2.0, 12.0, n_rows) * (rng.random(n_rows) < 0.04)
upstream = 80 + lfilter([1], [1, -0.94], rain) + rng.normal(0, 1, n_rows)
arrived = lfilter([0.25], [1, -0.75], np.roll(upstream, 12) - 80)
level = 60 + 1.5 * arrived + rng.normal(0, 1, n_rows)

X = pd.DataFrame({"upstream": upstream}, index=hours)[48:]
y = pd.Series(level, index=hours, name="level")[48:]
past, later = slice(0, 24 * 120), slice(24 * 120, None)

# %%
# The same small network with the column and without it. ``highway=None`` leaves the
# network alone: the linear map that it corrects by default reads the target only.
from skinformer import InformerRegressor, SeasonalNaive, backtest

settings = {
    "highway": None,
    "seq_len": 48,
    "label_len": 24,
    "pred_len": 12,
    "d_model": 32,
    "d_ff": 64,
    "max_epochs": 6,
    "lr": 1e-3,
    "random_state": 0,
}
models = {
    "with upstream": InformerRegressor(past_covariates=["upstream"], **settings),
    "level alone": InformerRegressor(**settings),
    "last value": SeasonalNaive(pred_len=12, season=1),
}
results = {}
for name, model in models.items():
    columns = ["upstream"] if name == "with upstream" else []
    model.fit(X[columns][past], y[past])
    results[name] = backtest(model, X[columns][later], y[later])
    print(f"{name:14} mean absolute error {results[name].mae():.2f} cm")

# %%
# In the rows to forecast, the column may hold anything, or be absent: it is not read.
model = models["with upstream"]
bare = pd.DataFrame(index=y.index[later][:12])
with_column = model.predict(X[later][:12])
print("same forecast without it:", bool((model.predict(bare) == with_column).all()))

# %%
# A wave that has passed upstream, and has not arrived here: only the forecaster that
# reads the upstream gauge sees it come. Of fifty windows, one shows a rise like this or
# a larger one.
import matplotlib.pyplot as plt

from skinformer import ForecastDisplay

known = y[later]
starts = results["level alone"].starts
rises = [known.iloc[start + 11] - known.iloc[start - 1] for start in starts[1:]]
wave = 1 + int(np.argsort(rises)[int(0.98 * len(rises))])
stop = starts[wave] + 12
ForecastDisplay.from_predictions(
    known[:stop],
    {
        name: results[name].y_pred[wave, :, 0]
        for name in ("with upstream", "level alone")
    },
    history=36,
    unit="cm",
)
plt.show()
