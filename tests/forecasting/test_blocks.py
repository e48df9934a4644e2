"""From rows that are asked for to blocks that are forecast, and back.

A forecast is the last known target, ten times the number of the series, and the step
of the block in tenths: each expected value can be written by hand.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting.blocks import Ask, Rollout, forecast_rows, roll_on
from skinformer.series.covariates import Covariates
from skinformer.series.filling import fill
from skinformer.series.grid import RowGrid
from skinformer.series.history import Stretch

from ..histories import observed_of

PRED_LEN = 3


def history(n, series=0, n_targets=1):
    """Targets count the rows, and series are a thousand apart."""
    targets = 1000.0 * series + np.arange(n)[:, None] + np.zeros(n_targets)
    covariates = Covariates(np.zeros((n, 2)), np.empty((n, 0), int))
    return Stretch(
        observed_of(targets),
        np.ones(n, dtype=bool),
        covariates,
        RowGrid(),
        n_targets,
        fill(targets),
        series=series,
    )


def ask(n, positions, series=0, covariate=0.0):
    positions = np.array(positions)
    numeric = np.full((len(positions), 2), covariate)
    given_ = Covariates(numeric, np.empty((len(positions), 0), int))
    return Ask(history(n, series), positions, given_)


class Probe:
    """Forecast by the last row, and remember how much was asked at once."""

    def __init__(self):
        self.calls = []

    def __call__(self, jobs):
        blocks = []
        for stretch, starts in jobs:
            known = np.concatenate([[[-1.0]], stretch.targets])  # -1 before the first
            steps = np.arange(PRED_LEN)
            values = known[starts] + steps / 10
            rows = starts[:, None] + steps
            values += stretch.covariates.numeric[rows, 0]
            blocks.append(values[..., None])
        self.calls.append([(s.series, starts.tolist()) for s, starts in jobs])
        # a second kind, which is not fed back
        point = np.concatenate(blocks)
        return np.stack([point, point + 0.5], axis=3)


def as_it_is(blocks, number):
    return blocks


def rows_of(asks, context=None, finish=as_it_is):
    probe = Probe()
    answers = forecast_rows(asks, Rollout(PRED_LEN, context, probe, finish))
    return [answer[:, 0] for answer in answers], probe.calls


@pytest.mark.parametrize("context", [None, 1, 5])
def test_rows_after_the_history(context):
    (rows,), calls = rows_of([ask(7, [7, 8, 9, 10])], context)
    # the second block starts from the end of the first
    assert_allclose(rows[:, 0], [6, 6.1, 6.2, 6.2])
    assert_allclose(rows[:, 1], rows[:, 0] + 0.5)
    assert len(calls) == 2


def test_rows_inside_the_history():
    (rows,), calls = rows_of([ask(7, [6, 1, 4])])
    # blocks start at 0, 3 and 6
    assert_allclose(rows[:, 0], [5, -0.9, 2.1])
    assert calls == [[(0, [0, 3, 6])]]


def test_inside_and_after_in_any_order():
    (rows,), _ = rows_of([ask(7, [9, 4, 7])], context=2)
    assert_allclose(rows[:, 0], [6.2, 2.1, 6])


def test_blocks_of_all_series_are_forecast_together():
    asks = [ask(5, [9, 5], series=0), ask(7, [7], series=1), ask(4, [2, 4], series=2)]
    answers, calls = rows_of(asks, context=2)
    assert_allclose(answers[0][:, 0], [4.2 + 0.1, 4])
    assert_allclose(answers[1][:, 0], [1006])
    assert_allclose(answers[2][:, 0], [1999.2 - 2000, 2003])
    # the fitted block, the first after each end, then the second of the first series
    starts = [[series for series, _ in call] for call in calls]
    assert starts == [[2], [0, 1, 2], [0]]


def test_forecasts_are_finished_before_they_are_fed_back():
    told = []

    def halve(blocks, number):
        told.append((len(blocks), number))
        return blocks / 2

    asks = [ask(5, [8], series=0), ask(5, [5, 2], series=1)]
    (one, other), _ = rows_of(asks, finish=halve)
    # 4.2 / 2 = 2.1 is where the second block starts
    assert_allclose(one[:, 0], [1.05])
    assert_allclose(other[:, 0], [502, -0.4])
    assert told == [(1, 0), (2, 0), (1, 1)]


def test_covariates_that_are_passed_prevail():
    (rows,), _ = rows_of([ask(7, [8], covariate=100.0)])
    assert_allclose(rows[:, 0], [106.1])


def test_a_roll_without_a_block():
    probe = Probe()
    blocks = roll_on([history(3)], [0], Rollout(PRED_LEN, None, probe, as_it_is))
    assert (blocks, probe.calls) == ([[]], [])


def test_the_history_is_as_it_was():
    before = history(5)
    rolled = Ask(before, np.array([11]), ask(5, [11]).given)
    forecast_rows([rolled], Rollout(PRED_LEN, 2, Probe(), as_it_is))
    assert_array_equal(before.targets, history(5).targets)


ASKS = st.lists(
    st.tuples(st.integers(1, 11), st.sets(st.integers(0, 17), min_size=1)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(ASKS, st.sampled_from([None, 1, 4]))
def test_each_series_is_forecast_as_if_it_were_alone(cases, context):
    asks = [ask(n, sorted(rows), series=i) for i, (n, rows) in enumerate(cases)]
    together, _ = rows_of(asks, context)
    for one, answer in zip(asks, together, strict=True):
        (alone,), _ = rows_of([one], context)
        assert_array_equal(answer, alone)


@settings(max_examples=40, deadline=None)
@given(ASKS)
def test_a_long_roll_is_a_chain_of_blocks(cases):
    for n, rows in cases:
        (answer,), _ = rows_of([ask(n, sorted(rows))])
        for row, value in zip(sorted(rows), answer[:, 0], strict=True):
            block, step = divmod(row - n, PRED_LEN) if row >= n else (0, row % PRED_LEN)
            start = n - 1 if row >= n else row // PRED_LEN * PRED_LEN - 1
            # each block ends 0.2 above the one before it
            assert value == pytest.approx(start + 0.2 * block + 0.1 * step)
