"""Windows from origins; a forecast is the last known row, and its step in tenths."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting import from_origins
from skinformer.forecasting.blocks import Rollout
from skinformer.forecasting.from_origins import block_job, forecast_origins
from skinformer.forecasting.origins import AsKnown

from ..histories import covariates, history_of, hours

PRED_LEN = 3


class Probe:
    """Forecast by the last row, plus the covariate of each; remember the calls."""

    def __init__(self):
        self.sizes = []

    def __call__(self, jobs):
        self.sizes.append(sum(len(starts) for _, starts in jobs))
        blocks = []
        for stretch, starts in jobs:
            rows = starts[:, None] + np.arange(PRED_LEN)
            known = stretch.targets[starts - 1, None, :1]
            ahead = stretch.covariates.numeric[rows]
            blocks.append(known + ahead / 100 + np.arange(PRED_LEN)[:, None] / 10)
        return np.concatenate(blocks)[..., None]


def windows(jobs, n_rows, known=None, context=2, finish=lambda blocks, *_: blocks):
    rollout = Rollout(PRED_LEN, context, Probe(), finish)

    def read(frame):
        return covariates(frame["x"])

    forecast = forecast_origins(jobs, n_rows, rollout, read, known)
    return forecast[..., 0], rollout.forecast.sizes


def test_windows_of_one_block_are_forecast_together():
    # each row's numbers are its position
    long, short = history_of(range(11)), history_of(range(7))
    jobs = [(long, np.array([4, 7])), (short, np.array([3]))]
    forecast, sizes = windows(jobs, 2)
    assert sizes == [3]
    assert_allclose(forecast, [[3.04, 3.15], [6.07, 6.18], [2.03, 2.14]])


def test_longer_windows_are_fed_with_their_own_forecasts():
    forecast, sizes = windows([(history_of(range(11)), np.array([4, 5]))], 4)
    assert sizes == [2, 2]
    # 3 + 0.2 and its covariate, then the row after it; true rows 4 to 6 are not seen
    assert_allclose(forecast[0], [3.04, 3.15, 3.26, 3.26 + 0.07])
    assert_allclose(forecast[1], [4.05, 4.16, 4.27, 4.27 + 0.08])


@pytest.mark.parametrize("n_rows", [2, 5])
def test_forecasts_are_finished(n_rows):
    def at_most_three(blocks, *_):
        return np.minimum(blocks, 3.0)

    jobs = [(history_of(range(11)), np.array([3, 5]))]
    forecast, _ = windows(jobs, n_rows, finish=at_most_three)
    assert forecast.max() == 3
    assert forecast[0, 0] == pytest.approx(2.03)


def test_what_was_known_ahead_takes_the_place_of_what_is_stored():
    history = history_of(range(9))

    def future_X(origin, index):
        # the hour of the last known row, times ten, for all rows ahead
        return pd.DataFrame({"x": 10.0 * origin.hour}, index=index)

    known = AsKnown(future_X, hours(range(9)), np.arange(9), history.grid)
    forecast, _ = windows([(history, np.array([4, 6]))], 2, [known])
    assert_allclose(forecast, [[3.3, 3.4], [5.5, 5.6]])


def test_many_origins_are_rolled_on_in_parts(monkeypatch):
    jobs = [(history_of(range(11)), np.arange(2, 7))]
    together, _ = windows(jobs, 5)
    monkeypatch.setattr(from_origins, "ORIGINS_AT_ONCE", 2)
    in_parts, sizes = windows(jobs, 5)
    assert sizes == [2, 2, 2, 2, 1, 1]
    assert_array_equal(in_parts, together)


def test_the_rows_of_a_block_job_reach_back_as_far_as_its_context():
    rollout = Rollout(PRED_LEN, 2, None, None)
    stretch, starts = block_job(history_of(range(11)), np.array([5, 7]), rollout)
    assert (stretch.offset, starts.tolist()) == (3, [2, 4])
