"""Residuals that are kept, and what they say of windows to come."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting import residual_log
from skinformer.forecasting.residual_log import ResidualLog

H, K, S = 5, 2, 3


def normal(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, H, K))


def log_of(residuals, first=0, **other):
    n = len(residuals)
    rows = np.arange(first, first + n)
    return ResidualLog.empty(H, K, S).add(residuals, rows, rows % S, **other)


def as_known(residuals, last):
    """Hide what comes after row ``last``; window i starts at row i."""
    rows = np.arange(len(residuals))[:, None] + np.arange(H)
    return np.where((rows <= last)[..., None], residuals, np.nan)


def assert_same(one, other):
    for name in ("residuals", "origins", "slots", "series"):
        assert_array_equal(getattr(one, name), getattr(other, name))


def test_windows_added_in_parts_are_those_added_at_once():
    residuals = normal(43)
    at_once, rows = log_of(residuals), np.arange(43)
    parts = ResidualLog.empty(H, K, S)
    for part in (slice(0, 11), slice(11, 13), slice(13, 43)):
        parts = parts.add(residuals[part], rows[part], rows[part] % S)
    assert_same(parts, at_once)


def test_steps_that_become_known_complete_their_windows():
    residuals = normal(20)
    log = log_of(as_known(residuals, last=18))
    assert np.isnan(log.residuals).any()
    rows = np.arange(14, 20)
    done = log.add(residuals[14:], rows, rows % S)
    assert_same(done, log_of(residuals))
    assert np.isnan(log.residuals).any()  # the log before is as it was


def test_a_residual_that_is_withdrawn_is_gone():
    residuals = normal(20)
    without = residuals.copy()
    without[7, 2] = np.nan
    rows = np.array([7])
    assert_same(log_of(residuals).add(without[7:8], rows, rows % S), log_of(without))


def test_a_corrected_residual_replaces_the_one_before():
    residuals = normal(20)
    log = log_of(residuals).add(residuals[7:8] + 1, np.array([7]), np.array([7 % S]))
    residuals[7] += 1
    assert_same(log, log_of(residuals))


def test_series_come_in_any_order_and_share_no_window():
    a, b = normal(7, 1), normal(11, 2)
    empty = ResidualLog.empty(H, K)
    log = empty.add(b, np.arange(11), series=np.full(11, 9))
    log = log.add(a, np.arange(7), series=np.full(7, 4))
    assert_array_equal(log.series, np.repeat([4, 9], [7, 11]))
    assert_array_equal(log.residuals, np.concatenate([a, b]))


@pytest.mark.parametrize(
    ("season", "horizon", "most"), [(1, 5, 720), (31, 5, 930), (3, 53, 795)]
)
def test_how_many_windows_are_kept(season, horizon, most):
    n = most + 17
    log = ResidualLog.empty(horizon, 1, season)
    log = log.add(np.zeros((n, horizon, 1)), np.arange(n), np.arange(n) % season)
    assert_array_equal(log.origins, np.arange(17, n))


def test_many_series_share_the_memory(monkeypatch):
    monkeypatch.setattr(residual_log, "MOST_VALUES", 6 * 4 * H * K)
    monkeypatch.setattr(residual_log, "LEAST_WHOLE", 1 - H)
    series = np.repeat(np.arange(4), [3, 6, 7, 11])
    origins = np.concatenate([np.arange(n) for n in (3, 6, 7, 11)])
    log = ResidualLog.empty(H, K).add(normal(27), origins, series=series)
    assert_array_equal(np.bincount(log.series), [3, 6, 6, 6])
    assert_array_equal(log.origins[-6:], np.arange(5, 11))


def test_so_many_windows_are_kept_that_some_are_whole(monkeypatch):
    """The last H - 1 are not: of long horizons none would be."""
    monkeypatch.setattr(residual_log, "MOST_VALUES", H * K)
    monkeypatch.setattr(residual_log, "LEAST_WHOLE", 3)
    residuals = as_known(normal(50), last=49)
    log = log_of(residuals)
    assert len(log) == H + 3
    assert log.n_known == 4


def test_offsets_hold_their_share_of_the_next_windows():
    rng = np.random.default_rng(0)
    step, slot = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1.0, 2.0, 5.0])
    rows = (np.arange(1000)[:, None] + np.arange(H)) % S
    scale = (step * slot[rows])[..., None] * [1.0, 100.0]
    residuals = scale * (rng.exponential(size=(1000, H, K)) - 0.5)
    log = log_of(residuals[:700])
    for coverage in (0.5, 0.9):
        lower, upper = log.offsets(coverage, np.arange(700, 1000) % S)
        assert lower.shape == upper.shape == (300, H, K)
        within = (lower <= residuals[700:]) & (residuals[700:] <= upper)
        assert_allclose(within.mean(), coverage, atol=0.03)
        assert_allclose(within.mean(axis=(0, 2)), coverage, atol=0.07)
        # as many above as below, though the errors are lopsided
        assert_allclose((residuals[700:] > upper).mean(), (1 - coverage) / 2, atol=0.03)


def test_a_higher_coverage_is_no_narrower():
    log, slots = log_of(normal(200)), np.arange(S)
    ends = [log.offsets(c, slots) for c in (0.1, 0.5, 0.8, 0.81, 0.95, 0.98)]
    for (low, high), (lower, higher) in pairwise(ends):
        assert (lower <= low).all()
        assert (high <= higher).all()


def test_recent_misses_widen_every_coverage():
    residuals = normal(200)
    calm = log_of(residuals)
    residuals[180:] *= 4
    missed = log_of(residuals)
    for coverage in (0.5, 0.95):
        widths = [np.subtract(*log.offsets(coverage)[::-1]) for log in (calm, missed)]
        assert (widths[1] > 1.5 * widths[0]).all()


def test_rows_to_come_are_used_as_far_as_known():
    residuals = normal(60)
    lower, upper = log_of(as_known(residuals, last=59)).offsets(0.8)
    # windows of which nothing is known yet change nothing
    longer = as_known(np.concatenate([residuals, normal(7)]), last=59)
    assert_allclose(log_of(longer).offsets(0.8), [lower, upper])
    # the first step of the last window counts, the others do not
    residuals[-1] = 1000.0
    moved = log_of(as_known(residuals, last=59)).offsets(0.95)[1][0]
    before = log_of(as_known(normal(60), last=59)).offsets(0.95)[1][0]
    assert (moved[0] > 5 * before[0]).all()


def test_widths_of_quantile_heads_count_by_what_they_are_worth():
    rng = np.random.default_rng(5)
    told = rng.uniform(0.5, 2.0, (200, H, K))
    log = log_of(7 * told * normal(200), widths=told)
    lower, upper = log.offsets(0.8, widths=np.stack([told[0], 3 * told[0]]))
    assert_allclose(upper[1], 3 * upper[0])
    assert_allclose(lower[1], 3 * lower[0])
    # normal errors have 80% within 1.28 standard deviations, seven times what was told
    assert_allclose((upper[0] / told[0]).mean(), 7 * 1.28, rtol=0.2)


def test_too_few_windows_are_counted_where_they_are_fewest():
    log = log_of(as_known(normal(21), last=20))  # 17 windows reach the last step
    assert log.n_known == 17
    log.offsets(0.88)
    with pytest.raises(ValueError, match=r"0\.95 needs at least 39 .*; 17 are known"):
        log.offsets(0.95)
    with pytest.raises(ValueError, match="0 are known"):
        ResidualLog.empty(H, K).offsets(0.5)
    with pytest.raises(ValueError, match=r"no more than 720 are kept"):
        log.offsets(0.999)
    with pytest.raises(ValueError, match="coverage=1 must be"):
        log.offsets(1)


def test_blocks_have_the_quantiles_of_the_offsets():
    log = log_of(normal(300))
    blocks = log.draw(4000, slot=2, random_state=0)
    assert blocks.shape == (4000, H, K)
    lower, upper = log.offsets(0.8, np.array([2]))
    within = (lower <= blocks) & (blocks <= upper)
    assert_allclose(within.mean(axis=0), 0.8, atol=0.03)


def test_blocks_keep_what_goes_together():
    level = np.random.default_rng(0).normal(size=(300, 1, 1))
    log = log_of(level + 0.01 * normal(300))
    blocks = log.draw(500, random_state=1).reshape(500, -1)
    assert np.corrcoef(blocks.T).min() > 0.95


def test_draws_repeat_with_their_seed_and_leave_numpys_alone():
    log, before = log_of(normal(50)), np.random.get_state()[1].copy()  # noqa: NPY002
    assert_array_equal(log.draw(7, random_state=3), log.draw(7, random_state=3))
    rng = np.random.default_rng(3)
    first, second = log.draw(7, random_state=rng), log.draw(7, random_state=rng)
    assert (first != second).any()
    assert (log.draw(7) != log.draw(7)).any()
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_nothing_known_is_nothing_to_draw():
    with pytest.raises(ValueError, match="none is known"):
        ResidualLog.empty(H, K).draw(3)
    residuals = normal(50)
    residuals[:, 2, 1] = np.nan
    with pytest.raises(ValueError, match="none is known"):
        log_of(residuals).draw(3)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_say_the_same(copied):
    log = log_of(normal(50))
    twin = copied(log)
    assert_same(twin, log)
    assert_array_equal(twin.offsets(0.5), log.offsets(0.5))


def test_a_pickle_has_no_more_than_the_residuals():
    log = log_of(normal(50))
    before = len(pickle.dumps(log))
    log.offsets(0.5)
    assert len(pickle.dumps(log)) == before


def test_what_is_wrong_is_refused_before_it_is_kept():
    log = log_of(normal(50))
    with pytest.raises(ValueError, match="slots goes from 3 to 3"):
        log.add(normal(1), np.array([50]), np.array([S]))
    with pytest.raises(ValueError, match="origins has 50 twice"):
        log.add(normal(2), np.array([50, 50]))
    with pytest.raises(ValueError, match="residuals has shape"):
        log.add(normal(1)[:, :3], np.array([50]))
    with pytest.raises(ValueError, match="slots goes from 7 to 7"):
        log.offsets(0.5, np.array([7]))


def test_widths_are_given_always_or_never():
    with pytest.raises(ValueError, match="have no widths"):
        log_of(normal(50)).offsets(0.5, widths=np.ones((1, H, K)))
    with pytest.raises(ValueError, match="have widths"):
        log_of(normal(50), widths=np.ones((50, H, K))).draw(3)
    with pytest.raises(ValueError, match="have widths"):
        log_of(normal(50), widths=np.ones((50, H, K))).add(normal(1), np.array([50]))
