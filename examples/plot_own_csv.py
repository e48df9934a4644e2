"""
Own data from a CSV file
========================

From a file to a file of forecasts: read it, look for what is wrong with it, fit,
forecast the next two days with intervals, and write them down. Put your own file in the
place of the one that is made here, and change what the comments name. Without code, the
commands ``skinformer fit load.csv`` and ``skinformer predict model.skinf`` do the same.
"""

# %%
# A file as a meter or a spreadsheet exports it: the day before the month, a comma in
# the numbers, and hours that nobody wrote down.
import tempfile
from pathlib import Path

from skinformer import make_load_series

folder = Path(tempfile.mkdtemp())
_, y = make_load_series(24 * 120, start="2024-01-01", random_state=1)
table = y.round(1).rename("load in MW").to_frame().drop(y.index[500:507])
table.index = table.index.strftime("%d.%m.%Y %H:%M").rename("date")
table.to_csv(folder / "load.csv", sep=";", decimal=",")
print("\n".join((folder / "load.csv").read_text().splitlines()[:4]))

# %%
# Time becomes the index: that is how everything here finds out which row is when. Name
# the format of the dates, so that 03.04. cannot be read as the fourth of March.
import pandas as pd

table = pd.read_csv(folder / "load.csv", sep=";", decimal=",", index_col="date")
table.index = pd.to_datetime(table.index, format="%d.%m.%Y %H:%M")
print(table.tail(3))

# %%
# Three questions to a new file: is it in order, is a stamp there twice, is one absent?
# The first two are refused by ``fit``, with the row named. Absent stamps may stay
# absent: they count as missing, and one warning says how many there are. Saying the
# step, here an hour, and giving the absent rows NaN ends the warning.
print("in order:", table.index.is_monotonic_increasing)
print("stamps that are there twice:", int(table.index.duplicated().sum()))
table = table.asfreq("h")
print("missing hours:", int(table["load in MW"].isna().sum()))

# %%
# What is known ahead goes into ``X``, what is to be forecast into ``y``. Here nothing
# is known ahead but the calendar, so ``X`` has an index and no column; ``TimeFeatures``
# makes hours, weekdays and public holidays of it. The last two weeks are kept back, to
# find out how good the forecast is.
from skinformer import (
    InformerRegressor,
    SeasonalNaive,
    TimeFeatures,
    backtest,
    make_forecast_pipeline,
)

X, y = table[[]], table["load in MW"]
model = make_forecast_pipeline(
    TimeFeatures(country="DE"),
    InformerRegressor(
        pred_len=48, max_epochs=3, calibration_fraction=24 * 28, random_state=0
    ),
)
kept = 24 * 14
model.fit(X[:-kept], y[:-kept])
naive = SeasonalNaive(pred_len=48, season=24 * 7).fit(X[:-kept], y[:-kept])
for name, forecaster in {"Informer": model, "last week again": naive}.items():
    result = backtest(forecaster, X[-kept:], y[-kept:])
    print(f"{name:15} mean absolute error {result.mae():4.0f} MW")

# %%
# Good enough: append the two weeks, which trains nothing, and forecast what comes after
# the end of the file. The rows ahead are an index, and the columns of ``X``, if it has
# any.
model.update(X[-kept:], y[-kept:])
ahead = pd.DataFrame(index=pd.date_range(X.index[-1], periods=49, freq="h")[1:])
forecast = pd.DataFrame({"forecast": model.predict(ahead)}, index=ahead.index)
forecast[["low", "high"]] = model.predict_interval(ahead, coverage=0.9)
forecast.round(1).to_csv(folder / "forecast.csv", index_label="date")
print("\n".join((folder / "forecast.csv").read_text().splitlines()[:4]))

# %%
# How it looks behind the last days of the file.
import matplotlib.pyplot as plt

from skinformer import ForecastDisplay

ForecastDisplay.from_estimator(model, ahead, history=24 * 5, coverage=0.9)
plt.show()
