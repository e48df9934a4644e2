"""Reports that several tests look at; none may change them."""

import numpy as np
import pandas as pd
import pytest

from skinformer import SeasonalNaive
from skinformer.report import make_report, render

# what must never reach a page as anything but text
EVIL = [
    "</script><script>document.title='hacked'</script>",
    "\"quoted\" & 'so' <b>bold</b>",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} %{x} ${y}",
]


def days(n, seed=0):
    """Return n days with no column, and sales with a week in them."""
    index = pd.date_range("2024-01-01", periods=n, freq="D")
    noise = np.random.default_rng(seed).normal(0, 0.5, n)
    return pd.DataFrame(index=index), pd.Series(
        10 + index.day_of_week + noise, index, name="sales"
    )


def hours(n_days, seed=0):
    """Return hours with no column, and a load with a day in it."""
    index = pd.date_range("2024-01-01", periods=24 * n_days, freq="h")
    noise = np.random.default_rng(seed).normal(0, 1.0, len(index))
    load = 50 + 10 * np.sin(index.hour / 24 * 2 * np.pi) + noise
    return pd.DataFrame(index=index), pd.Series(load, index, name="load")


@pytest.fixture(scope="session")
def report():
    """Return a report of one target: 40 days of hours, the last 8 tested."""
    X, y = hours(40)
    return make_report(
        SeasonalNaive(pred_len=12),
        X,
        y,
        baselines={"last week": SeasonalNaive(pred_len=12, season=168)},
        units="MW",
    )


@pytest.fixture(scope="session")
def panel_report():
    """Return a report of two targets of two series, whose names are markup."""
    X, y = days(150)
    frames = [X.assign(**{EVIL[2]: label}) for label in EVIL[:2]]
    targets = pd.DataFrame({EVIL[0]: y, EVIL[1]: 2 * y + 1}, X.index)
    return make_report(
        SeasonalNaive(pred_len=7, series=EVIL[2]),
        pd.concat(frames),
        pd.concat([targets, 3 * targets]),
        baselines={EVIL[3]: SeasonalNaive(pred_len=7, season=14, series=EVIL[2])},
        title=EVIL[0],
        units={EVIL[0]: EVIL[1]},
    )


@pytest.fixture(scope="session")
def html(report):
    return render(report)


@pytest.fixture(scope="session")
def panel_html(panel_report):
    return render(panel_report)
