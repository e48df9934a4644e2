"""
Pipeline, grid search, saving
=============================

The forecaster is a scikit-learn estimator: it goes into a Pipeline, its parameters can
be searched over splits in time, and the result can be saved. The network is small, the
series short and the epochs few, so that the script takes about a minute on two cores.
"""

# %%
# Seven weeks of an hourly load. The last day is kept back.
from skinformer import make_load_series

X, y = make_load_series(24 * 49, random_state=0)
X_past, X_next, y_past, y_next = X[:-24], X[-24:], y[:-24], y[-24:]

# %%
# Hours, weekdays and holidays become columns; how, is one of the things to search for.
from sklearn.pipeline import Pipeline

from skinformer import InformerRegressor, TimeFeatures

model = Pipeline(
    [
        ("time", TimeFeatures(["hour", "weekday", "holiday"], country="DE")),
        (
            "informer",
            InformerRegressor(
                seq_len=72,
                label_len=24,
                pred_len=24,
                d_model=32,
                d_ff=64,
                max_epochs=2,
                random_state=0,
            ),
        ),
    ]
)

# %%
# Each test part is one horizon, ``test_size=24``: the forecast of a day, from the end
# of its training rows. Without ``test_size`` a test part would have hundreds of rows,
# forecast from a single origin through many blocks that are fed with forecasts of their
# own.
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

search = GridSearchCV(
    model,
    {
        "time__encoding": ["linear", "cyclic"],
        "informer__highway": ["auto", None],
    },
    cv=TimeSeriesSplit(3, test_size=24),
    scoring="neg_mean_absolute_error",
    n_jobs=2,
)
search.fit(X_past, y_past)

# %%
# Four settings, three days each. The highway is what the network corrects by default, a
# regressor of the covariates and a linear map; None leaves the network alone, for which
# two epochs are too few. Three days are few to choose by; a real search would take more
# splits.
import pandas as pd

columns = ["param_time__encoding", "param_informer__highway", "mean_test_score"]
table = pd.DataFrame(search.cv_results_)[columns]
table = table.sort_values("mean_test_score", ascending=False)
print(table.fillna("None").round(0).to_string(index=False))

# %%
# The best setting has been fitted on all rows. Save it, load it (in another process, as
# a rule), and forecast the day that was kept back. The file holds the history too,
# because forecasts start from its end. ``joblib.dump`` would do, but such a file runs
# whatever it says when it is opened, and is tied to the releases that wrote it. One of
# ``save`` runs nothing, and later releases read it.
import tempfile
from pathlib import Path

from skinformer import load, save

forecast = search.predict(X_next)
with tempfile.TemporaryDirectory() as folder:
    loaded = load(save(search.best_estimator_, Path(folder) / "model.skinf"))
print("same forecast after loading:", bool((loaded.predict(X_next) == forecast).all()))

# %%
from sklearn.metrics import mean_absolute_error

print(f"mean absolute error: {mean_absolute_error(y_next, forecast):.0f} MW")

# %%
# The day that was kept back, behind the three days before it.
import matplotlib.pyplot as plt

from skinformer import ForecastDisplay

ForecastDisplay.from_predictions(y, {"best setting": forecast}, unit="MW")
plt.show()
