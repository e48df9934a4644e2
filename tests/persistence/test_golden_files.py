"""Files that an earlier release wrote: this one reads them, to the same forecasts."""

import json

import numpy as np
import pytest
import skops

from skinformer import describe, load

from .make_golden import FOLDER, LAST, rows

WRITTEN = json.loads((FOLDER / "forecasts_schema1.json").read_text("utf-8"))
# other releases of torch and of BLAS add up in another order
CLOSE = {"rtol": 1e-4}


def release(version):
    return tuple(int(part) for part in version.split(".")[:2])


def test_a_network_of_schema_1():
    model, (X, y) = load(FOLDER / "model_schema1.skinf"), rows()
    ahead = X[-LAST:]
    np.testing.assert_allclose(model.predict(ahead), WRITTEN["informer"], **CLOSE)
    interval = model.predict_interval(ahead, 0.8)
    np.testing.assert_allclose(interval, WRITTEN["interval"], **CLOSE)
    model.partial_fit(ahead, y[-LAST:], n_epochs=1)  # and it can be gone on with
    assert len(model[-1].loss_curve_) == 3


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
@pytest.mark.skipif(release(skops.__version__) < (0, 16), reason="skops is older")
def test_steps_of_schema_1():
    model, (X, _) = load(FOLDER / "steps_schema1.skinf"), rows()
    forecast = model.predict(X[["temperature"]][-LAST:])
    np.testing.assert_allclose(forecast, WRITTEN["scaled"], **CLOSE)


def test_describe_of_schema_1():
    told = describe(FOLDER / "model_schema1.skinf")
    assert told["schema_version"] == 1
    assert told["notes"] == {"time": "date"}
    assert told["targets"] == ["load", "half"]
    assert told["rows"] == 24 * 10 - LAST
    assert told["frequency"] == "h"
    assert told["first"] == "2024-10-20 02:00:00+02:00"
    assert told["last"] == "2024-10-29 19:00:00+01:00"
    assert told["parameters"]["informerregressor__highway"] == "ridge"


def test_the_files_are_small():
    sizes = [path.stat().st_size for path in FOLDER.glob("*_schema1.*")]
    assert len(sizes) == 3
    assert max(sizes) < 200_000
