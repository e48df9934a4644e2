"""Blocks of one or of many series."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from numpy.testing import assert_array_equal

from skinformer.forecasting.jobs import series_of, slots_of, starts_of

from ..histories import covariates, hours, observed_of, start_history

JOBS = [
    (SimpleNamespace(series=7), np.array([11, 13])),
    (SimpleNamespace(series=3), np.array([], dtype=int)),
    (SimpleNamespace(series=5), np.array([2])),
    (SimpleNamespace(series=7), np.array([0, 17, 1])),
]


def test_starts_and_the_job_of_each():
    starts, which = starts_of(JOBS)
    assert_array_equal(starts, [11, 13, 2, 0, 17, 1])
    assert_array_equal(which, [0, 0, 2, 3, 3, 3])
    assert starts.dtype == np.int64


def test_jobs_without_a_block():
    starts, which = starts_of([JOBS[1]])
    assert len(starts) == len(which) == 0
    assert starts.dtype == np.int64


def test_the_series_of_each_block():
    assert_array_equal(series_of(JOBS), [7, 7, 5, 7, 7, 7])


def test_the_place_in_the_season_of_each_block():
    n = 31
    history = start_history(
        hours(range(n)), observed_of(np.ones((n, 1))), covariates(np.ones(n)), 1
    )
    jobs = [(history, np.array([3, 25])), (replace(history, offset=5), np.array([20]))]
    assert_array_equal(slots_of(jobs), [3, 1, 1])  # hours of the day
