"""Ranks of conformal prediction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer.forecasting.conformal import (
    check_coverage,
    two_sided,
    windows_needed,
)


@pytest.mark.parametrize(
    ("coverage", "n"), [(0.5, 3), (0.8, 9), (0.9, 19), (0.95, 39), (0.99, 199)]
)
def test_windows_needed(coverage, n):
    # (n + 1) (1 + coverage) / 2 must not be above n
    assert windows_needed(coverage) == n


@given(coverage=st.floats(0.01, 0.99), more=st.integers(0, 40))
def test_as_many_windows_as_needed_are_enough(coverage, more):
    n = windows_needed(coverage) + more
    lower, upper = two_sided(np.arange(float(n))[:, None, None], coverage)
    # n scores leave n + 1 places to one more; between the ends are that many of them
    assert 0 <= lower[0, 0] <= upper[0, 0] <= n - 1
    assert lower[0, 0] + upper[0, 0] == n - 1  # as many below as above
    assert (upper[0, 0] - lower[0, 0]) / (n + 1) >= coverage - 1e-6


@given(
    seed=st.integers(0, 99),
    coverages=st.tuples(st.floats(0.01, 0.9), st.floats(0.01, 0.9)),
)
def test_a_higher_coverage_is_no_narrower(seed, coverages):
    scores = np.random.default_rng(seed).normal(size=(23, 3, 2))
    narrow, wide = (two_sided(scores, c) for c in sorted(coverages))
    assert (wide[0] <= narrow[0]).all()
    assert (narrow[1] <= wide[1]).all()


def test_each_step_and_target_counts_its_own_known_scores():
    scores = np.arange(1.0, 39.0).reshape(19, 2, 1)  # 1, 3, ... 37 and 2, 4, ... 38
    scores[9:, 1] = np.nan  # nine known, 2 to 18
    lower, upper = two_sided(scores, 0.8)
    # ranks 2 and 18 of 19; 1 and 9 of nine
    assert_array_equal(lower[:, 0], [3.0, 2.0])
    assert_array_equal(upper[:, 0], [35.0, 18.0])


@pytest.mark.parametrize("coverage", [0, 1, 1.5, -0.1, True, "0.9", None, np.nan])
def test_what_is_no_coverage(coverage):
    with pytest.raises(ValueError, match=r"coverage=.* between 0 and 1"):
        check_coverage(coverage)
