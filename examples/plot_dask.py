"""
Shops by the folder
===================

A model that was fitted on a few shops forecasts many that it has never seen. Their rows
lie in a folder of Parquet files, and are read file by file, on the workers of a Dask
cluster: at no time are all of them in memory. Needs ``pip install
'skinformer[distributed]'``.
"""

# %%
# A folder such as a chain of shops writes: two hundred shops in ten files, each shop in
# one file. The last day is still to come, so that its customers are not known.
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

hours = pd.date_range("2024-01-01", periods=24 * 29, freq="h", name="hour")
ahead = hours >= "2024-01-29"
rng = np.random.default_rng(0)


def customers(shop):
    """Return the rows of a shop."""
    clock, sunday = hours.hour.to_numpy(), hours.day_of_week.to_numpy() == 6
    noon = np.exp(-0.5 * ((clock - rng.uniform(11, 17)) / 3) ** 2)
    counts = rng.poisson(rng.uniform(40, 700) * noon * ~sunday)
    rows = {"shop": shop, "customers": np.where(ahead, np.nan, counts)}
    return pd.DataFrame(rows, index=hours)


scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name)
shops = [f"shop {number:03}" for number in range(200)]
for first in range(0, 200, 20):
    rows = pd.concat([customers(shop) for shop in shops[first : first + 20]])
    rows.to_parquet(folder / f"shops-{first:03}.parquet")
print(sorted(path.name for path in folder.iterdir())[:3])

# %%
# A forecaster learns from the shops of the first file. ``new_series="allow"`` lets it
# forecast others, and ``history_size="context"`` lets it travel light.
from skinformer import RidgeForecaster

few = pd.read_parquet(folder / "shops-000.parquet").dropna()
model = RidgeForecaster(
    pred_len=24, series="shop", new_series="allow", history_size="context"
).fit(few[["shop"]], few["customers"])

# %%
# All shops. ``targets`` says that the frame holds histories: the rows of a shop with
# known customers are shown to the model, the later ones are forecast. Until the result
# is written, each worker holds one file at a time. The workers of this cluster are
# threads of this process, those of ``Client()`` are processes, and an address in the
# brackets is that of a larger one.
from dask.distributed import Client

import skinformer.dask

with Client(processes=False, dashboard_address=":0"):
    forecast = skinformer.dask.predict(model, folder, targets="customers")
    print(forecast.npartitions, "partitions of", forecast.columns.tolist())
    forecast.to_parquet(folder / "forecast")

day = pd.read_parquet(folder / "forecast")
print(len(day), "rows of", day["shop"].nunique(), "shops")

# %%
# Three of the shops that it had not seen, and their forecasts.
import matplotlib.pyplot as plt

fig, axes = plt.subplots(3, 1, sharex=True, figsize=(8, 6), layout="constrained")
last = pd.read_parquet(folder / "shops-100.parquet")["2024-01-25":]
for ax, shop in zip(axes, shops[100:103], strict=True):
    past, told = last[last["shop"] == shop], day[day["shop"] == shop]
    ax.plot(past.index, past["customers"], color="0.3", label="observed")
    ax.plot(told.index, told["customers"], color="C0", label="forecast")
    ax.set(title=shop, ylabel="customers")
fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)
plt.show()
scratch.cleanup()
