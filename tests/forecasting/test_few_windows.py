"""Fewer windows that validate: spread over the series, and over each."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skinformer.forecasting import blend, few_windows
from skinformer.forecasting.blend import time_parts
from skinformer.forecasting.few_windows import evenly, few_of
from skinformer.forecasting.windowing import WindowScaler
from skinformer.series.covariates import Covariates
from skinformer.series.filled import Filled
from skinformer.series.grid import RowGrid
from skinformer.series.history import Observed, Stretch


def test_of_few_series_each_has_many():
    chosen = evenly(np.array([1000, 1000]), 64)
    assert_array_equal(chosen[:32], np.linspace(0, 999, 32).round())
    assert_array_equal(chosen[32:], chosen[:32] + 1000)


def test_of_many_series_some_have_enough_to_tell_parts_of_time():
    counts = np.full(1000, 41)
    counts[7] = 0
    chosen = evenly(counts, 320)
    assert len(chosen) == 320
    series, size = np.unique(
        np.repeat(np.arange(1000), counts)[chosen], return_counts=1
    )
    assert (size == 32).all()
    assert_array_equal(series[[0, -1]], [0, 999])
    assert len(series) == 10


@pytest.mark.parametrize("most", [1, 5, 33, 100])
def test_never_more_than_asked_for(most):
    counts = np.array([3, 0, 57, 1, 200, 0])
    chosen = evenly(counts, most)
    assert 1 <= len(chosen) <= most
    assert len(np.unique(chosen)) == len(chosen)
    assert chosen.max() < counts.sum()


def windows(lengths):
    """Return windows of some series of rising numbers, as jobs and cut."""
    stretches = []
    for i, n in enumerate(lengths):
        values = np.arange(float(n))[:, None]
        observed = Observed(values, np.empty((n, 0), dtype=np.int64))
        stretches.append(
            Stretch(
                observed,
                np.ones(n, dtype=bool),
                Covariates.none_of(n),
                RowGrid(),
                1,
                Filled.whole(values),
                series=i,
            )
        )
    jobs = [(s, np.arange(5, s.n_known - 2)) for s in stretches]
    scaler = WindowScaler(5, 3).fit(stretches, list(lengths))
    return jobs, scaler.windows(jobs)


def test_windows_that_are_few_stay_all():
    jobs, cut = windows([30, 40])
    assert few_of(None, jobs, 7) is None
    assert few_of(cut, jobs, None) is cut
    assert few_of(cut, jobs, 15) is cut  # 23 + 33 are fewer than 4 * 15


def test_those_that_are_left_stand_for_the_whole_time(monkeypatch):
    monkeypatch.setattr(few_windows, "OF_SERIES", 4)
    jobs, cut = windows([30, 40])
    few = few_of(cut, jobs, 2)
    assert few.starts.tolist() == [5, 12, 20, 27, 5, 16, 26, 37]
    assert few.which.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert few.longest == 33
    assert [part.tolist() for part in time_parts(few)] == [
        [0, 4],
        [1, 5],
        [2, 6],
        [3, 7],
    ]


def test_a_network_is_weighed_by_the_time_that_they_span(monkeypatch):
    monkeypatch.setattr(few_windows, "PER_WINDOW", 3)
    jobs, cut = windows([30])
    few = few_of(cut, jobs, 1)
    assert few.starts.tolist() == [5, 16, 27]
    right = few.batch(slice(None))[1]
    monkeypatch.setattr(blend, "N_PARTS", 3)
    monkeypatch.setattr(
        blend, "forecast_windows", lambda net, part, size: part.batch(slice(None))[1]
    )
    assert right.shape == (3, 3, 1)
    assert blend.blend_weights(None, few, 10).tolist() == [1.0]
    # three in a row share rows, and are no two witnesses
    few.longest = None
    assert blend.blend_weights(None, few, 10).tolist() == [0.0]
