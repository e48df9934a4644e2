"""
How sure a forecast is
======================

Intervals for each hour, which follow what the forecaster missed by lately; and whole
futures, for questions about a day: how much in all, how high the peak?
"""

# %%
# Five months of load. The last two weeks are kept for the test. The thirty days before
# them are held back from training by ``calibration_fraction``: from what the forecaster
# misses by there, it makes the intervals of the rows ahead.
from skinformer import (
    InformerRegressor,
    TimeFeatures,
    make_forecast_pipeline,
    make_load_series,
)

X, y = make_load_series(24 * 150, random_state=0)
n_test = 24 * 14
X_past, X_next, y_past, y_next = X[:-n_test], X[-n_test:], y[:-n_test], y[-n_test:]
model = make_forecast_pipeline(
    TimeFeatures(country="DE"),
    InformerRegressor(max_epochs=2, calibration_fraction=24 * 30, random_state=0),
)
model.fit(X_past, y_past)

# %%
# Two weeks, each day forecast at midnight and then appended. ``update`` also notes what
# was missed by, so that intervals grow after bad days and shrink after good ones.
import pandas as pd

days = []
for first in range(0, n_test, 24):
    day = slice(first, first + 24)
    rows = pd.DataFrame(
        {"observed": y_next[day], "forecast": model.predict(X_next[day])}
    )
    for share in (0.5, 0.9):
        ends = model.predict_interval(X_next[day], coverage=share)
        rows[[f"low {share}", f"high {share}"]] = ends
    days.append(rows)
    model.update(X_next[day], y_next[day])
table = pd.concat(days)

# %%
# Asked for nine hours in ten, and for five in ten: how many were inside?
for share in (0.9, 0.5):
    inside = table["observed"].between(table[f"low {share}"], table[f"high {share}"])
    width = (table[f"high {share}"] - table[f"low {share}"]).mean()
    print(f"asked {share:.0%}, inside {inside.mean():.0%}, mean width {width:.0f} MW")

# %%
# Two weeks are few: neighbouring hours miss together, so these shares wander. The guide
# says what is promised, and has shares that were measured over many months.
import matplotlib.pyplot as plt

from skinformer import ForecastDisplay

week = table[-24 * 7 :]
ForecastDisplay.from_predictions(
    y,
    week["forecast"],
    interval=week[["low 0.9", "high 0.9"]],
    coverage=0.9,
    history=24 * 2,
    unit="MW",
)
plt.show()

# %%
# The energy of tomorrow is surer than its hours, because misses cancel in part. No
# interval of an hour says how far; ``sample_paths`` draws whole days, and each is asked
# for its sum and its peak. Tomorrow's temperature is taken as today's.
import numpy as np

tomorrow = X_next[-24:].shift(24, freq="h")
paths = model.sample_paths(tomorrow, n=500, random_state=0)  # paths, hours
energy, peak = paths.sum(axis=1) / 1000, paths.max(axis=1)
low, high = np.quantile(energy, [0.05, 0.95])
ends = model.predict_interval(tomorrow, coverage=0.9).sum(axis=0) / 1000
print(f"energy of the day: {low:.1f} to {high:.1f} GWh, nine times in ten")
print(f"sums of the hourly ends, much too wide: {ends[0]:.1f} to {ends[1]:.1f} GWh")
print(f"exceeded by the peak once in ten days: {np.quantile(peak, 0.9):.0f} MW")

# %%
fig, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
axes[0].plot(tomorrow.index, paths[:30].T, color="#0072B2", lw=0.6, alpha=0.6)
axes[0].set(title="30 of 500 days that may come", ylabel="load in MW")
axes[0].set_xticks(tomorrow.index[::6], tomorrow.index[::6].strftime("%H:%M"))
axes[1].hist(peak, bins=25, color="#0072B2")
axes[1].set(title="their peaks", xlabel="MW", ylabel="days")
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
