"""
First forecast
==============

An hourly electricity load: fit, forecast the next two days, look at them, and compare
with the forecast that costs nothing. The series is made on the spot. It is short, and
training ends after five epochs, so that the script takes under a minute on two cores;
more rows and more epochs give better forecasts.
"""

# %%
# The table ``X`` has time as its index and holds what is known ahead: the temperature,
# taken as a forecast that comes true. ``y`` is the load, in MW. The last two weeks are
# kept for the test.
from skinformer import make_load_series

X, y = make_load_series(24 * 120, random_state=0)
n_test = 24 * 14
X_train, X_test = X[:-n_test], X[-n_test:]
y_train, y_test = y[:-n_test], y[-n_test:]
print(X_train.join(y_train).tail(3).round(1))

# %%
# ``TimeFeatures`` reads hour, weekday and public holidays off the index. The forecaster
# scales by itself, keeps the last tenth of the rows to decide when to stop, and
# restores the best epoch.
from skinformer import InformerRegressor, TimeFeatures, make_forecast_pipeline

model = make_forecast_pipeline(
    TimeFeatures(country="DE"),
    InformerRegressor(pred_len=48, max_epochs=5, random_state=0),
)
model.fit(X_train, y_train)
informer = model[-1]
print(f"best epoch: {informer.best_epoch_} of {informer.n_iter_}")
print("validation loss:", *(f"{loss:.3f}" for loss in informer.validation_loss_curve_))

# %%
# The rows given to ``predict`` say which hours to forecast. These 48 follow the
# history, so the network returns them in one pass.
forecast = model.predict(X_test[:48])

# %%
# Seasonal naive repeats the last day. A forecaster that does not beat it is not worth
# its training time.
import matplotlib.pyplot as plt

from skinformer import ForecastDisplay, SeasonalNaive

naive = SeasonalNaive(pred_len=48).fit(X_train, y_train)
ForecastDisplay.from_predictions(
    y[: len(y_train) + 48],
    {"Informer": forecast, "seasonal naive": naive.predict(X_test[:48])},
    unit="MW",
)
plt.show()

# %%
# One forecast is an anecdote. ``backtest`` forecasts from every hour of the test rows,
# each time from the true rows before it, without training again.
from skinformer import backtest

for name, forecaster in {"Informer": model, "seasonal naive": naive}.items():
    result = backtest(forecaster, X_test, y_test)
    windows = len(result.starts)
    print(f"{name:15} mean absolute error {result.mae():4.0f} MW, {windows} windows")

# %%
# A week later: append what has been observed. Nothing is trained, and the next forecast
# starts from the end of the new rows.
week = slice(0, 24 * 7)
model.update(X_test[week], y_test[week])
later = X_test[24 * 7 : 24 * 9]
print(f"forecast from {later.index[0]}: {model.predict(later)[:3].round()}")
