"""Two forecasters over the same windows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from skinformer import BacktestResult, compare_backtests
from skinformer.model_selection.comparison import (
    block_sums,
    draw_blocks,
    overlap_of,
    turns_of,
)
from skinformer.model_selection.metrics import METRICS, training_scale

SCALE = training_scale([[0.0, 0.0], [1.0, 10.0], [3.0, 20.0]])


def result(errors, truth=5.0, stride=1):
    """Return a result whose errors are given, (n_windows, horizon, n_targets)."""
    errors = np.asarray(errors, dtype=float)
    errors = errors.reshape(len(errors), -1, 1) if errors.ndim < 3 else errors
    y_true = np.full(errors.shape, truth)
    starts = stride * np.arange(len(errors))
    names = ["a", "b"][: errors.shape[2]]
    return BacktestResult(starts, names, y_true, y_true + errors, scale=SCALE)


def noise(seed, n=60, horizon=3, n_targets=2):
    return np.random.default_rng(seed).normal(size=(n, horizon, n_targets))


def test_the_same_result_is_a_tie():
    a = result(noise(0))
    found = compare_backtests(a, a, random_state=0)
    assert (found.difference, found.interval, found.tie) == (0, (0, 0), True)
    assert "a tie" in repr(found)


def test_a_clear_difference_is_none():
    a, b = result(noise(0)), result(3 * noise(1))
    found = compare_backtests(a, b, random_state=0)
    assert found.difference == pytest.approx(a.mae() - b.mae())
    assert found.interval[0] < found.difference < found.interval[1] < 0
    assert not found.tie
    assert repr(found).endswith("in blocks of 4: the first is better")
    other = compare_backtests(b, a, random_state=0)
    assert other.difference == -found.difference
    assert_allclose(other.interval, [-bound for bound in found.interval[::-1]])
    assert repr(other).endswith("the second is better")


def test_a_constant_difference_leaves_no_doubt():
    errors = np.abs(noise(0)) + 1
    found = compare_backtests(result(errors + 0.5), result(errors), random_state=0)
    assert_allclose([found.difference, *found.interval], 0.5)


@pytest.mark.parametrize("metric", sorted(set(METRICS) - {"bias"}))
def test_every_metric(metric):
    a, b = result(noise(0)), result(2 * noise(1))
    found = compare_backtests(a, b, metric=metric, random_state=0)
    assert found.difference == a.metric(metric) - b.metric(metric)
    assert found.interval[0] < found.difference < found.interval[1]


def test_standardised():
    a, b = result(noise(0)), result(2 * noise(1))
    found = compare_backtests(a, b, standardized=True, random_state=0)
    values = [r.metric("mae", standardized=True) for r in (a, b)]
    assert found.difference == values[0] - values[1]


def test_block_sums_by_hand():
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    starts, sizes = np.array([[0, 3], [2, 1]]), np.array([3, 2])
    assert_allclose(block_sums(values, starts, sizes), [7 + 24, 28 + 6])


def test_blocks_make_up_as_many_windows_as_there_are():
    starts, sizes = draw_blocks(7, 3, 1000, np.random.RandomState(0))
    assert sizes.tolist() == [3, 3, 1]
    assert (starts.min(), starts.max()) == (0, 4)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        a, b = (result(rng.normal(size=(60, 1, 1))) for _ in range(2))
        found = compare_backtests(
            a, b, metric="mse", confidence=0.9, n_bootstrap=200, random_state=0
        )
        held += found.tie
    assert 0.8 < held / 200 < 0.97


def test_neighbours_that_are_alike_widen_the_interval():
    walk = np.cumsum(noise(0, n=300, horizon=1, n_targets=1), axis=0)
    a, b = result(np.abs(walk) + 1), result(np.ones_like(walk))
    single, blocks = (
        compare_backtests(a, b, block_length=length, random_state=0).interval
        for length in (1, 30)
    )
    assert blocks[1] - blocks[0] > 2 * (single[1] - single[0])


def test_the_same_seed_gives_the_same_interval():
    a, b = result(noise(0)), result(noise(1))
    found = [compare_backtests(a, b, random_state=seed).interval for seed in (3, 3, 4)]
    assert found[0] == found[1] != found[2]


def test_blocks_are_as_long_as_windows_overlap():
    a = result(noise(0, n=30, horizon=7), stride=2)
    assert compare_backtests(a, a).block_length == 4
    with pytest.raises(ValueError, match="block_length=3 is less than the 4 origins"):
        compare_backtests(a, a, block_length=3)
    with pytest.raises(ValueError, match="30 origins do not make two blocks of 16"):
        compare_backtests(a, a, block_length=16)


def test_rows_without_truth_count_for_neither():
    a, b = result(noise(0)), result(noise(1))
    a.y_true[::3, 0] = np.nan
    b.y_true[::3, 0] = np.nan
    found = compare_backtests(a, b, random_state=0)
    assert found.difference == a.mae() - b.mae()
    assert np.isfinite(found.interval).all()


def test_errors_that_are_unknown_are_refused():
    a = result(noise(0))
    constant = replace(a, scale=training_scale(np.ones((5, 2))))
    with pytest.raises(ValueError, match=r"The mase of a is nan, that of b [\d.]+: "):
        compare_backtests(constant, a, metric="mase")


def test_other_windows_are_refused():
    a = result(noise(0))
    with pytest.raises(ValueError, match=r"\(60, 3, 2\) and \(59, 3, 2\)"):
        compare_backtests(a, result(noise(0, n=59)))
    with pytest.raises(ValueError, match="different origins: the first to differ are"):
        compare_backtests(a, replace(a, starts=a.starts + 1))
    with pytest.raises(ValueError, match="different origins"):
        compare_backtests(a, replace(a, gap=1))
    truth = a.y_true.copy()
    truth[5, 2, 1] = 6
    message = "truths: 5.0 and 6.0 at step 3 of the window with origin 4, target 'b'"
    with pytest.raises(ValueError, match=message):
        compare_backtests(a, replace(a, y_true=truth))
    with pytest.raises(TypeError, match="b must be a BacktestResult; got float"):
        compare_backtests(a, 1.0)


def test_stamps_of_another_day_are_refused():
    days = pd.date_range("2024-01-01", periods=63, freq="D")
    a = replace(result(noise(0)), timeline=days)
    with pytest.raises(ValueError, match="2024-01-01 00:00:00 and 2024-01-02"):
        compare_backtests(a, replace(a, timeline=days + pd.Timedelta("1D")))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"metric": "bias"}, "no better and worse"),
        ({"metric": "mea"}, "Did you mean"),
        ({"confidence": 95}, "confidence=95 must lie between 0 and 1"),
        ({"n_bootstrap": 0}, "n_bootstrap=0"),
        ({"n_bootstrap": 39}, "n_bootstrap=39 samples have no 0.95 interval; .* 40"),
        ({"block_length": 0}, "block_length=0"),
    ],
)
def test_settings(settings, message):
    a = result(noise(0))
    with pytest.raises(ValueError, match=message):
        compare_backtests(a, a, **settings)


def test_few_samples_do_for_a_narrow_interval():
    a = result(noise(0))
    compare_backtests(a, a, n_bootstrap=3, confidence=0.3)


def test_a_sample_without_truth_is_no_tie():
    rng = np.random.default_rng(0)
    y_true = np.full((40, 3, 1), np.nan)
    y_true[-4:] = rng.normal(size=(4, 3, 1))  # most samples miss them
    starts = np.arange(0, 120, 3)
    a, b = (
        BacktestResult(starts, ["y"], y_true, np.full_like(y_true, value))
        for value in (0.0, 1.0)
    )
    with pytest.raises(ValueError, match="hold no truth"):
        compare_backtests(a, b, random_state=0)


@pytest.mark.parametrize("asked", [{"metric": "mase"}, {"standardized": True}])
def test_errors_in_different_units_are_refused(asked):
    a = result(noise(0))
    scales = [training_scale(noise(k)[:, 0]) for k in (1, 2)]
    a, b = (replace(a, scale=scale) for scale in scales)
    with pytest.raises(ValueError, match="scaled by different training rows: their"):
        compare_backtests(a, b, random_state=0, **asked)
    assert compare_backtests(a, b, random_state=0).difference == 0.0


# Many series


def panel(errors, horizon=1, late=0):
    """Return windows of series, errors (n_series, n_windows); the last begins late."""
    n_series, n = errors.shape
    days = pd.date_range("2024-01-01", periods=n + horizon, freq="D")
    own = [0] * (n_series - 1) + [late]
    starts, timeline, series = [], days[:0], []
    for name, first in enumerate(own):
        starts.append(len(timeline) + np.arange(n - first))
        timeline = timeline.append(days[first:])
        series += [f"s{name}"] * (n - first)
    kept = np.concatenate([row[first:] for row, first in zip(errors, own, strict=True)])
    y_pred = np.repeat(kept[:, None, None], horizon, axis=1)
    y_true, series = np.zeros_like(y_pred), pd.Index(series)
    starts = np.concatenate(starts)
    return BacktestResult(starts, ["y"], y_true, y_pred, timeline, series=series)


def test_windows_of_one_origin_stay_together():
    a = panel(noise(0, n=5, horizon=3, n_targets=1)[:, :, 0].T, late=2)
    turns, n = turns_of(a)
    assert (turns.tolist(), n) == ([0, 1, 2, 3, 4] * 2 + [2, 3, 4], 5)


@pytest.mark.parametrize(("horizon", "overlap"), [(1, 1), (3, 3), (9, 5)])
def test_windows_of_two_series_share_no_row(horizon, overlap):
    a = panel(np.ones((2, 5)), horizon=horizon)
    assert overlap_of(a, turns_of(a)[0]) == overlap


def test_the_same_series_again_and_again_says_nothing_new():
    rng = np.random.default_rng(0)
    errors, nothing = 1 + np.abs(rng.normal(size=(1, 40))), np.ones((1, 40))
    alone = compare_backtests(panel(errors), panel(nothing), random_state=0)
    seven = [panel(np.repeat(of, 7, axis=0)) for of in (errors, nothing)]
    found = compare_backtests(*seven, random_state=0)
    assert_allclose(found.interval, alone.interval)
    assert (found.n_windows, found.n_origins, found.block_length) == (280, 40, 3)
    assert "over 280 windows of 40 origins in blocks of 3" in repr(found)
    assert (alone.n_windows, alone.n_origins) == (40, 40)


def test_intervals_over_days_that_series_share():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(100):
        # what a day does to all series, and what each does by itself
        day = [rng.normal(size=(1, 60)) + rng.normal(size=(7, 60)) for _ in range(2)]
        a, b = (panel(errors) for errors in day)
        settings = {"metric": "mse", "confidence": 0.9, "n_bootstrap": 200}
        held += compare_backtests(a, b, random_state=0, **settings).tie
    assert 0.78 < held / 100 < 0.98


def test_other_series_are_refused():
    a = panel(np.ones((2, 30)))
    other = replace(a, series=a.series.str.replace("s1", "s9"))
    with pytest.raises(ValueError, match=r"different series: the first .* s1 and s9"):
        compare_backtests(a, other)
    with pytest.raises(ValueError, match="One of a and b is of many series"):
        compare_backtests(a, replace(a, series=None))


def test_series_in_different_units_are_refused_by_name():
    a, ones = panel(np.ones((2, 30))), np.ones((60, 1, 1))
    scales = [training_scale([[0.0], [1.0]]) for _ in range(2)]
    std = ones.copy()
    std[30:] = 2
    a, b = (
        replace(a, scale=replace(scale, std=s))
        for scale, s in zip(scales, (ones, std), strict=True)
    )
    message = r"their std, in series 's1', are \[1.\] and \[2.\]"
    with pytest.raises(ValueError, match=message):
        compare_backtests(a, b, standardized=True)
