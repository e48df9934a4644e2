"""From X and y to rows, and what is said of those that are refused."""

import numpy as np
import pandas as pd
import pytest

from skinformer import RidgeForecaster


@pytest.mark.parametrize("column", ["load", "price", "past"])
@pytest.mark.parametrize("time", [None, "when"])
def test_a_value_that_is_refused_is_named_by_its_series(column, time):
    """Of many series stamps are there many times: errors say whose row it is."""
    n, names = 11, ["a", "b", 7]
    when = pd.date_range("2024-01-01", periods=n, freq="h", name="when")
    frame = pd.DataFrame(
        {"shop": np.repeat(np.array(names, object), n), "when": [*when] * 3}
    )
    frame = frame.assign(load=1.0, price=2.0, past=3.0)
    bad = frame.copy()
    bad.loc[2 * n + 5, column] = -1 if column == "load" else np.inf
    settings = {"series": "shop", "time": time, "bounds": (0, None)}
    model = RidgeForecaster(seq_len=4, pred_len=2, past_covariates="past", **settings)
    if time is None:
        frame, bad = frame.set_index("when"), bad.set_index("when")
    X, y = frame.drop(columns="load"), frame["load"]
    wrong = bad.drop(columns="load"), bad["load"]
    message = r"at 2024-01-01 05:00:00 of series 7[.,]"
    with pytest.raises(ValueError, match=message):
        model.fit(*wrong)
    model.fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.update(*wrong)
