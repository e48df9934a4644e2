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
# The same forecaster without holidays, with those of the country, and with the one that
# the district has besides. It is the highway of the Informer, which takes seconds: a
# regressor of weather and calendar, then a linear map from the last weeks.
# ``InformerRegressor()`` in its place adds the network.
from skinformer import RidgeForecaster, TimeFeatures, make_forecast_pipeline

early = y.index < "2012-02-01"
calendars = {
    "without": TimeFeatures(),
    "country": TimeFeatures(country="US"),
    "district": TimeFeatures(country="US", subdivision="DC"),
}
models = {
    name: make_forecast_pipeline(
        calendar, RidgeForecaster(highway="auto", bounds=(0, None))
    ).fit(X[early], y[early])
    for name, calendar in calendars.items()
}

# %%
# Four months, each day forecast at midnight, with the weather as it was measured: a
# weather forecast would be a little worse, for all three. Mean absolute errors, in
# bikes per hour:
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
free = stamps.dt.date.map(calendar.get).rename("day")
print(missed.groupby(free.fillna("all other days")).mean().round(1).to_string())

# %%
# Holidays that the whole country keeps are forecast with half the error or less, and
# other days as before. Emancipation Day is kept by the district alone, and bikes were
# rented as on a working day: whoever expects a holiday then is wrong. A calendar is
# worth what it says of the people in question.
#
# Memorial Day, a Monday without commuters:
import matplotlib.pyplot as plt

from skinformer import ForecastDisplay

shown = {
    name: r.to_frame().set_index("timestamp")["y_pred"]["2012-05-28"]
    for name, r in results.items()
}
shown = {"holidays of the country": shown["country"], "no holidays": shown["without"]}
ForecastDisplay.from_predictions(
    y[:"2012-05-28"], shown, history=24 * 4, unit="bikes per hour"
)
plt.show()
