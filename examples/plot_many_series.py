"""
Many series at once
===================

Six shops, one forecaster. Their rows stand in one table, and a column says which shop a
row belongs to. One network learns from all of them; each keeps its own history and its
own scale, so that a small shop counts as much as a large one.
"""

# %%
# Customers by the hour. The shops differ in size and in the width of their evenings,
# and the last one opened late.
import numpy as np
import pandas as pd

names = ["Aachen", "Bonn", "Celle", "Dresden", "Essen", "Fulda"]
sizes = [40, 90, 150, 260, 420, 700]
hours = pd.date_range("2024-01-01", periods=24 * 84, freq="h")
rng = np.random.default_rng(0)


def customers(size, evening):
    """Return the customers of a shop, hour by hour."""
    clock, sunday = hours.hour.to_numpy(), hours.day_of_week.to_numpy() == 6
    noon = np.exp(-0.5 * ((clock - 12) / 2.5) ** 2)
    late = evening * np.exp(-0.5 * ((clock - 18) / 1.5) ** 2)
    busy = 1 + 0.2 * np.repeat(rng.normal(size=len(hours) // 24), 24)
    return rng.poisson(size * (noon + late) * busy * ~sunday)


table = pd.concat(
    pd.DataFrame({"shop": name, "customers": customers(size, evening)}, index=hours)
    for name, size, evening in zip(names, sizes, rng.uniform(0.2, 1, 6), strict=True)
)
table = table[(table["shop"] != "Fulda") | (table.index >= "2024-02-12")]
print(table.groupby("shop")["customers"].agg(["size", "mean"]).round(1))

# %%
# ``series="shop"`` names the column. ``bounds`` says that there are never fewer than no
# customers at all. The last two weeks are kept for the test, for all shops alike.
from skinformer import (
    InformerRegressor,
    SeasonalNaive,
    TimeFeatures,
    backtest,
    make_forecast_pipeline,
)

X, y = table[["shop"]], table["customers"]
early = table.index < "2024-03-11"
model = make_forecast_pipeline(
    TimeFeatures(country="DE"),
    InformerRegressor(
        series="shop", pred_len=24, bounds=(0, None), max_epochs=4, random_state=0
    ),
)
model.fit(X[early], y[early])
naive = SeasonalNaive(series="shop", pred_len=24, season=24 * 7).fit(X[early], y[early])

# %%
# ``backtest`` forecasts all shops from the same instants. Errors are counted in what
# the last day repeated would have missed by in the training rows (``mase``), so that
# shops of any size can be compared.
results = {
    "Informer": backtest(model, X[~early], y[~early], stride=24),
    "last week again": backtest(naive, X[~early], y[~early], stride=24),
}
print(
    pd.DataFrame(
        {name: r.metric("mase", by="series") for name, r in results.items()},
        index=names,
    ).round(2)
)

# %%
# The rows to forecast are those of all shops, one below the other; the answer stands in
# the same order, and is easy to set side by side.
day = X[~early].loc["2024-03-11"]
forecast = day.assign(forecast=model.predict(day))
side_by_side = forecast.pivot(columns="shop", values="forecast")
print(side_by_side.iloc[10:14].round(1))

# %%
# The first of the two weeks that were kept back, each day forecast at midnight.
import matplotlib.pyplot as plt

frame = results["Informer"].to_frame()
fig, axes = plt.subplots(3, 2, figsize=(9, 6), sharex=True, layout="constrained")
for ax, (name, rows) in zip(axes.flat, frame.groupby("series"), strict=True):
    week = rows.set_index("timestamp")[: 24 * 7]
    ax.plot(week["y_true"], color="black", lw=1, label="observed")
    ax.plot(week["y_pred"], color="#D55E00", lw=1.6, label="forecast")
    ax.set_title(name, loc="left", fontsize="medium")
    ax.set_xticks(week.index[::24], week.index[::24].strftime("%a"), ha="left")
    ax.spines[["top", "right"]].set_visible(False)
axes[0, 0].legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
axes[1, 0].set_ylabel("customers per hour")
plt.show()

# %%
# A shop that opens tomorrow has no history yet, and is refused by its name. With
# ``new_series="allow"``, ``update`` brings its first rows, and it is forecast from then
# on. Nothing is trained.
week = (~early) & (table.index < "2024-03-18") & (table["shop"] == "Bonn")
opened, sales = X[week].assign(shop="Gera"), 3 * y[week]
try:
    model.predict(opened)
except ValueError as error:
    print(error)

model.set_params(informerregressor__new_series="allow")
model.update(opened, sales)
tomorrow = opened[-24:].shift(24, freq="h")
print("its next day:", model.predict(tomorrow)[10:14].round())
