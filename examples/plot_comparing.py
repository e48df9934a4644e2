"""
Beside LSTM, ARIMA and Prophet
==============================

Which forecaster is better, on this series, at this horizon? Eight of them forecast the
same windows, each from the same rows; then it is asked whether the difference is more
than luck. Needs ``pip install "skinformer[baselines]"``.
"""

# %%
# Four months of load, with the temperature. The last four weeks are kept for the
# comparison.
from skinformer import TimeFeatures, make_load_series

X, y = make_load_series(24 * 120, random_state=3)
n_test = 24 * 28
X_past, X_next, y_past, y_next = X[:-n_test], X[-n_test:], y[:-n_test], y[-n_test:]

# %%
# Each gets the calendar in the way that suits it: as columns, as seasons of its own, or
# not at all. ``RidgeForecaster(highway="auto")`` is what the Informer corrects by
# default. The networks train for three epochs, so that this page is made within a
# minute: it shows how to compare, and is no verdict. The results page has that, at full
# length.
from sklearn.pipeline import make_pipeline

from skinformer import (
    ARIMAForecaster,
    InformerRegressor,
    LagForecaster,
    LSTMForecaster,
    ProphetForecaster,
    RidgeForecaster,
    SeasonalNaive,
)


def with_calendar(forecaster):
    """Put columns of hour, weekday and holiday in front."""
    return make_pipeline(TimeFeatures(country="DE"), forecaster)


models = {
    "last week again": SeasonalNaive(season=24 * 7),
    "ridge": RidgeForecaster(),
    "highway alone": with_calendar(RidgeForecaster(highway="auto")),
    "Informer": with_calendar(InformerRegressor(max_epochs=3, random_state=0)),
    "LSTM": with_calendar(LSTMForecaster(max_epochs=3, random_state=0)),
    "ARIMA": ARIMAForecaster(order=(2, 1, 1)),
    "Prophet": ProphetForecaster(country="DE", yearly_seasonality=False),
    "boosted lags": with_calendar(LagForecaster(random_state=0)),
}

# %%
# Each is fitted once. ``backtest`` then forecasts the 28 days, each at midnight from
# the true rows before it; nothing is trained on the way.
from time import perf_counter

import pandas as pd

from skinformer import backtest

results, seconds = {}, {}
for name, model in models.items():
    began = perf_counter()
    model.fit(X_past, y_past)
    seconds[name] = perf_counter() - began
    results[name] = backtest(model, X_next, y_next, stride=24)
table = pd.concat({name: r.scores() for name, r in results.items()}).droplevel(1)
table = table[["mae", "rmse", "mase"]].assign(seconds=pd.Series(seconds))
print(table.sort_values("mae").round(2).to_string())

# %%
# Is the best one better than the next, or was it lucky? The same windows are drawn
# again and again for both, which gives an interval of its error less the other's. One
# that holds zero is a tie.
from skinformer import compare_backtests

best, *others = table["mae"].sort_values().index
for name in others:
    found = compare_backtests(results[best], results[name], random_state=0)
    low, high = found.interval
    verdict = "a tie" if found.tie else f"{best} is better"
    print(f"{name:16} {low:6.0f} to {high:5.0f} MW: {verdict}")

# %%
# Where they differ: by the hour ahead, which is the hour of the day here, because every
# window begins at midnight.
import matplotlib.pyplot as plt

from skinformer import BacktestDisplay

shown = ["Informer", "LSTM", "ARIMA", "Prophet"]
BacktestDisplay.from_predictions({name: results[name] for name in shown}, unit="MW")
plt.show()
