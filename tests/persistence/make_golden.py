"""Write the files of tests/data that later releases must read; run once a schema.

``python -m tests.persistence.make_golden`` writes them anew, with the forecasts beside
them. Do so only for a new schema version, under a new name: the old files stay.
"""

import json
from pathlib import Path

import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skinformer import (
    InformerRegressor,
    SeasonalNaive,
    TimeFeatures,
    make_forecast_pipeline,
    make_load_series,
    save,
)

FOLDER = Path(__file__).parents[1] / "data"
LAST = 5


def rows():
    """Ten days in a zone with a change of clocks, a category, two targets."""
    X, y = make_load_series(24 * 10, start="2024-10-20", random_state=0)
    X = X.assign(shift=pd.Categorical(X.index.hour // 8))
    y = pd.DataFrame({"load": y, "half": y / 2})
    X.index = y.index = X.index.tz_localize("UTC").tz_convert("Europe/Berlin")
    return X, y


def informer():
    """A network beside a linear map, calibrated."""
    X, y = rows()
    network = InformerRegressor(
        highway="ridge",
        highway_len=13,
        seq_len=11,
        label_len=3,
        pred_len=LAST,
        d_model=4,
        n_heads=2,
        d_ff=6,
        max_epochs=2,
        random_state=0,
    )
    model = make_forecast_pipeline(TimeFeatures(features=["hour"]), network)
    model.fit(X[:150], y[:150])
    return model.calibrate(X[150:-LAST], y[150:-LAST])


def scaled():
    """A step of scikit-learn, which skops writes."""
    X, y = rows()
    scaler = StandardScaler().set_output(transform="pandas")
    model = make_pipeline(scaler, SeasonalNaive(pred_len=LAST))
    return model.fit(X[["temperature"]][:-LAST], y[:-LAST])


def main():
    """Write both files, and what their models say."""
    X, _ = rows()
    model, steps = informer(), scaled()
    notes = {"time": "date"}
    save(model, FOLDER / "model_schema1.skinf", notes=notes)
    save(steps, FOLDER / "steps_schema1.skinf")
    told = {
        "informer": model.predict(X[-LAST:]).tolist(),
        "interval": model.predict_interval(X[-LAST:], 0.8).tolist(),
        "scaled": steps.predict(X[["temperature"]][-LAST:]).tolist(),
    }
    text = json.dumps(told, indent=1)
    (FOLDER / "forecasts_schema1.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
