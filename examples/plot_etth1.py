"""
ETTh1, a measured series
========================

ETTh1 of the Electricity Transformer Dataset (CC BY-ND 4.0): the oil temperature and six
loads of a transformer, hourly over two years; the series that the Informer paper begins
with. All seven columns are forecast a day ahead, with the paper's split.

Training ends after two epochs, so that the script takes about a minute on two cores.
``python -m skinformer demo --data ETTh1`` trains with the default settings.
"""

# %%
# The file is read from the folder that the environment variable ``SKINFORMER_DATA``
# names, else from the cache (``skinformer.datasets.get_data_home()``), else downloaded
# into it once. Without a connection, the error says where the file is looked for, and
# where to get it. Its checksum is verified each time.
from skinformer import fetch_ett

X, y = fetch_ett("ETTh1", return_X_y=True)
print(y.tail(3).round(2))

# %%
# 12 months to train, 4 to validate, 4 to test. ``X`` has no columns, because nothing is
# known ahead but the time itself.
n_train, n_valid, n_test = 8640, 2880, 2880
past = slice(0, n_train + n_valid)
test = slice(n_train + n_valid, n_train + n_valid + n_test)

# %%
from sklearn.pipeline import make_pipeline

from skinformer import InformerRegressor, SeasonalNaive, TimeFeatures

models = {
    "Informer": make_pipeline(
        TimeFeatures(),
        InformerRegressor(
            seq_len=96,
            pred_len=24,
            max_epochs=2,
            validation_fraction=n_valid,
            random_state=0,
        ),
    ),
    "seasonal naive": SeasonalNaive(pred_len=24),
}

# %%
# Errors over all 2,857 windows of the test rows, each forecast from the true rows
# before it; in standard deviations of the training rows, as published results have
# them.
from skinformer import backtest

scale = y[:n_train].to_numpy().std(axis=0)
results = {}
for name, model in models.items():
    model.fit(X[past], y[past])
    results[name] = backtest(model, X[test], y[test])
    mse, mae = results[name].mse(scale), results[name].mae(scale)
    print(f"{name:15} MSE {mse:.3f}  MAE {mae:.3f}")

# %%
# The oil temperature in the middle window, neither the best nor the worst.
import matplotlib.pyplot as plt

from skinformer import ForecastDisplay

middle = len(results["Informer"].starts) // 2
stop = results["Informer"].starts[middle] + 24
ForecastDisplay.from_predictions(
    y["OT"][test][:stop],
    {name: result.y_pred[middle, :, -1] for name, result in results.items()},
    unit="°C",
)
plt.show()
