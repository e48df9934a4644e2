"""
Bike sharing, with holidays
===========================

Bikes rented by the hour in Washington, D.C. (Fanaee-T and Gama, 2013, UCI, CC BY 4.0).
Commuters rent at eight and at five; on Sundays and holidays they stay at home. So a
forecaster ought to know the holidays, and this page measures what that is worth.
"""

# %%
# Read from the folder that the environment variable ``SKINFORMER_DATA`` names, else
# from the cache, else downloaded once. The columns about the day are left out: the
# calendar is to be made from the time alone, as it would be for data of your own. The
# last 5,000 rows are the test part of published results, and this page does not touch
# them.
from skinformer import fetch_bike_sharing

X, y = fetch_bike_sharing(return_X_y=True)
X, y = X.drop(columns=["holiday", "workingday", "season"])[:-5000], y[:-5000]
X, y = X.asfreq("h"), y.asfreq("h")  # hours without a row are missing
print(X.join(y).tail(3))

# %%
# The same forecaster with the holidays of the district, and without any. It is the
# highway of the Informer, which takes seconds: a regressor of weather and calendar,
# then a linear map from the last weeks. ``InformerRegressor()`` in its place adds the
# network.
from skinformer import RidgeForecaster, TimeFeatures, make_forecast_pipeline

early = y.index < "2012-02-01"
models = {
    "with holidays": make_forecast_pipeline(
        TimeFeatures(country="US", subdivision="DC"),
        RidgeForecaster(highway="auto", bounds=(0, None)),
    ),
    "without": make_forecast_pipeline(
        TimeFeatures(), RidgeForecaster(highway="auto", bounds=(0, None))
    ),
}
for model in models.values():
    model.fit(X[early], y[early])

# %%
# Four months, each day forecast at midnight, with the weather as it was measured: a
# weather forecast would be a little worse, for both.
import holidays
import pandas as pd

from skinformer import backtest

results = {
    name: backtest(model, X[~early], y[~early], stride=24)
    for name, model in models.items()
}
missed = pd.DataFrame(
    {name: r.to_frame().eval("abs(y_pred - y_true)") for name, r in results.items()}
)
stamps = results["without"].to_frame()["timestamp"]
calendar = holidays.country_holidays("US", subdiv="DC", years=2012)
free = stamps.dt.date.map(calendar.get)
print(missed.groupby(free.fillna("all other days")).mean().round(1).to_string())

# %%
# Memorial Day, a Monday without commuters.
import matplotlib.pyplot as plt

from skinformer import ForecastDisplay

shown = {
    name: r.to_frame().set_index("timestamp")["y_pred"]["2012-05-28"]
    for name, r in results.items()
}
display = ForecastDisplay.from_predictions(y[:"2012-05-28"], shown, history=24 * 4)
display.ax_.set_ylabel("bikes per hour")
plt.show()
