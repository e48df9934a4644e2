"""
New rows every hour
===================

A forecaster at work: every hour a row comes in, is appended, and the next day is
forecast anew. Nothing is trained on the way, so that an hour costs milliseconds.
"""

# %%
# Four months to learn from, then a week that arrives hour by hour.
# ``history_size="context"`` keeps no more rows than forecasts need, so that memory and
# time do not grow however long it runs.
from skinformer import (
    InformerRegressor,
    TimeFeatures,
    make_forecast_pipeline,
    make_load_series,
)

X, y = make_load_series(24 * 120, random_state=2)
n_new = 24 * 8
model = make_forecast_pipeline(
    TimeFeatures(country="DE"),
    InformerRegressor(max_epochs=2, history_size="context", random_state=0),
)
model.fit(X[:-n_new], y[:-n_new])

# %%
# The loop. Each pass has what a job of every hour would do: read the row that has come,
# append it, forecast the next 24 hours.
from time import perf_counter

forecasts, began = [], perf_counter()
for now in range(len(y) - n_new, len(y) - 24):
    model.update(X[now : now + 1], y[now : now + 1])
    ahead = slice(now + 1, now + 25)
    forecasts.append(model.predict(X[ahead]))
took = (perf_counter() - began) / len(forecasts)
print(f"{len(forecasts)} hours; update and forecast took {1000 * took:.0f} ms each")

# %%
# What it is good for: the forecast of an hour gets better as the hour comes nearer.
import numpy as np

made = np.array(forecasts)  # origins, steps
truth = np.lib.stride_tricks.sliding_window_view(y.to_numpy()[-n_new + 1 :], 24)
missed = np.abs(made - truth[: len(made)]).mean(axis=0)
for step in (1, 3, 6, 12, 24):
    print(f"{step:2} hours ahead: mean absolute error {missed[step - 1]:4.0f} MW")

# %%
# Forecasts of one day, made every four hours, the later the darker.
import matplotlib.pyplot as plt
from matplotlib.dates import ConciseDateFormatter

fig, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
start = 24 * 3
for i, first in enumerate(range(start, start + 21, 4)):
    index = y.index[len(y) - n_new + first + 1 :][:24]
    ax.plot(index, made[first], color=plt.cm.Oranges(0.35 + 0.12 * i), lw=1.6)
ax.plot([], [], color=plt.cm.Oranges(0.7), label="forecasts, the later the darker")
shown = slice(len(y) - n_new + start - 23, len(y) - n_new + start + 45)
ax.plot(y[shown], color="black", lw=1.2, label="observed")
ax.xaxis.set_major_formatter(ConciseDateFormatter(ax.xaxis.get_major_locator()))
ax.set_ylabel("load in MW")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
plt.show()

# %%
# Meters are read again. A row that contradicts the history is refused, unless it is
# said to take its place.
last = slice(len(y) - 25, len(y) - 24)
try:
    model.update(X[last], y[last] + 50)
except ValueError as error:
    print(error)
model.update(X[last], y[last] + 50, on_conflict="replace")

# %%
# Now and then, train a little more on what has come: ``partial_fit`` appends rows and
# trains the network ``n_epochs`` more on the windows that end in them. A whole new
# ``fit``, once a week or a month, also learns scaling and highway anew.
model.partial_fit(X[-24:], y[-24:], n_epochs=1)
