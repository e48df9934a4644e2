"""Train a forecaster in one process or in several.

python train.py
accelerate launch --multi_gpu --num_processes 4 train.py
"""

from accelerate import PartialState

from skinformer import (
    InformerRegressor,
    TimeFeatures,
    make_forecast_pipeline,
    make_load_series,
    save,
)

# every process reads the same rows: those of a file, or of a seed
X, y = make_load_series(24 * 120, random_state=0)
day = slice(-24, None)

model = make_forecast_pipeline(
    TimeFeatures(country="DE"),
    InformerRegressor(
        pred_len=24,
        batch_size=64,  # over all processes
        max_epochs=4,
        device="accelerate",
        random_state=0,
        verbose=1,
    ),
)
model.fit(X[:-24], y[:-24])

# every process holds the fitted model; the first one writes and speaks
save(model, "load.skinf")
error = (model.predict(X[day]) - y[day]).abs().mean()
if PartialState().is_main_process:
    print(f"mean absolute error of the last day: {error:.1f} MW")
