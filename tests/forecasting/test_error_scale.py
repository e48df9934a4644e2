"""How large errors are, by step and slot, and lately."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting import error_scale
from skinformer.forecasting.error_scale import (
    HALF_LIFE,
    SlotScale,
    ends_known,
    recent_levels,
    row_means,
    running_levels,
    step_times_slot,
)

H, K, S = 5, 2, 3


@pytest.fixture
def no_priors(monkeypatch):
    monkeypatch.setattr(error_scale, "PRIOR_SLOT", 0.0)
    monkeypatch.setattr(error_scale, "PRIOR_WINDOWS", 0.0)


def product(slots):
    """Return sizes that are a product of step, slot of the row, and target."""
    step, slot = np.array([1.0, 2.0, 3.0, 5.0, 7.0]), np.array([0.5, 1.0, 4.0])
    rows = (slots[:, None] + np.arange(H)) % S
    return (step * slot[rows])[..., None] * [1.0, 100.0]


def test_sizes_that_are_a_product_keep_their_proportions():
    slots = np.arange(S)
    scale = step_times_slot(10_000 * product(slots), np.full((S, H, K), 10_000.0))
    # a step meets every slot: its mean has that of all slots in it
    assert_allclose(scale, product(slots), rtol=2e-3)


def test_without_priors_a_slot_has_its_own_mean(no_priors):
    sizes = np.random.default_rng(0).uniform(1, 2, (7, H, K))
    slots = np.array([0, 1, 2, 0, 1, 2, 0])
    scale = SlotScale.of(sizes, slots, S)
    assert_allclose(scale.ahead(np.array([1, 0]))[0], sizes[[1, 4]].mean(axis=0))
    assert_allclose(scale.ahead(np.array([1, 0]))[1], sizes[[0, 3, 6]].mean(axis=0))
    # each window learned from is left out of its own
    others = scale.of_learned(sizes, slots)
    assert_allclose(others[3], sizes[[0, 6]].mean(axis=0))
    assert_allclose(others[1], sizes[4])


def test_a_slot_of_few_windows_is_drawn_to_the_product():
    sizes = np.array([4.0, 1.0, 1.0])[:, None, None]
    scale = SlotScale.of(sizes, np.array([0, 1, 1]), 2)
    # the step's mean is 2; in units of it slot 0 has 2 once, slot 1 has 0.5 twice
    prior = 2.0 * np.array([(2.0 + 4) / (1 + 4), (1.0 + 4) / (2 + 4)])
    expected = [(4 + 10 * prior[0]) / 11, (2 + 10 * prior[1]) / 12]
    assert_allclose(scale.ahead(np.array([0, 1])).ravel(), expected)


def test_what_is_not_known_counts_for_nothing(no_priors):
    sizes = np.array([1.0, np.nan, 5.0])[:, None, None]
    scale = SlotScale.of(sizes, np.zeros(3, dtype=int), 1)
    assert_allclose(scale.ahead(np.array([0])), 3.0)
    assert_allclose(scale.of_learned(sizes, np.zeros(3, dtype=int))[:, 0, 0], [5, 3, 1])


def test_forecasts_that_are_always_right_have_a_scale_to_divide_by():
    sizes, slots = np.zeros((4, H, K)), np.zeros(4, dtype=int)
    scale = SlotScale.of(sizes, slots, 1)
    assert (scale.ahead(slots) > 0).all()
    assert (sizes / scale.of_learned(sizes, slots) == 0).all()


def test_a_rows_mean_is_that_of_all_windows_that_forecast_it():
    # series 0 has windows at rows 0 and 1, series 1 one at row 1; two steps
    scores = np.array([[1.0, 2.0], [4.0, np.nan], [7.0, 8.0]])[..., None]
    means, given = row_means(scores, np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
    assert_allclose(means[:, 0, 0], [1.0, (2 + 4) / 2, 0.0])
    assert_allclose(means[:, 1, 0], [0.0, 7.0, 8.0])
    assert_array_equal(given[:, :, 0], [[True, False], [True, True], [False, True]])


def test_where_what_is_known_ends():
    scores = np.full((3, 4, 2), np.nan)
    scores[0, 1, 0] = scores[1, :, 1] = 1.0
    assert_array_equal(ends_known(scores, np.array([10, 11, 12])), [12, 15, 0])


def test_levels_by_hand():
    keep = 0.5 ** (1 / HALF_LIFE)
    means = np.array([3.0, 0.0, 2.0])[:, None, None]
    given = np.array([True, False, True])[:, None, None]
    levels = running_levels(means, given)[:, 0, 0]
    expected = [
        1.0,
        (3 + 6) / (1 + 6),
        (3 * keep + 6) / (keep + 6),
        (3 * keep**2 + 2 + 6) / (keep**2 + 1 + 6),
    ]
    assert_allclose(levels, expected)


def test_a_level_knows_no_row_at_or_after_its_origin():
    rng = np.random.default_rng(0)
    scores, origins = rng.uniform(0, 3, (40, H, K)), np.arange(7, 47)
    series = np.zeros(40, dtype=int)
    before = recent_levels(scores, origins, series).before
    later = scores.copy()
    rows = origins[:, None] + np.arange(H)
    later[rows >= 30] *= 10
    moved = recent_levels(later, origins, series).before
    assert_array_equal(moved[origins <= 30], before[origins <= 30])
    assert (moved[origins > 30] > before[origins > 30]).all()


def test_the_level_now_is_that_after_the_last_known_row():
    scores = np.random.default_rng(1).uniform(0, 3, (11, H, K))
    origins, series = np.arange(11), np.zeros(11, dtype=int)
    whole = recent_levels(scores, origins, series)
    ended = scores.copy()
    ended[origins[:, None] + np.arange(H) >= 8] = np.nan  # row 7 is the last known
    assert_allclose(recent_levels(ended, origins, series).now[0], whole.before[8])


def test_each_series_has_its_own_level_and_end():
    rng = np.random.default_rng(2)
    a, b = rng.uniform(0, 3, (13, H, K)), rng.uniform(0, 3, (5, H, K))
    both = recent_levels(
        np.concatenate([a, b]),
        np.r_[np.arange(13), np.arange(100, 105)],
        np.repeat([0, 1], [13, 5]),
    )
    alone = recent_levels(b, np.arange(5), np.zeros(5, dtype=int))
    assert_allclose(both.now[1], alone.now[0])
    assert_allclose(both.before[13:], alone.before)


def test_a_season_of_more_slots_than_fit_is_one_slot():
    """Rows of nanoseconds have 86,400 milliards in a day."""
    sizes = np.array([2.0, 4.0, 2.0, 4.0])[:, None, None]
    slots = np.array([10**12, 0, 10**13, 1])
    scale = SlotScale.of(sizes, slots, season=86_400 * 10**9)
    usual = SlotScale.of(sizes, np.zeros(4, dtype=int), season=1)
    assert_array_equal(scale.ahead(slots), usual.ahead(np.zeros(4, dtype=int)))
    assert_array_equal(
        scale.of_learned(sizes, slots),
        usual.of_learned(sizes, np.zeros(4, dtype=int)),
    )
