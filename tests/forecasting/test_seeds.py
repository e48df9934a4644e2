"""Seeds."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skinformer.forecasting.seeds import check_seed, draw_seed


def test_none_asks_the_operating_system():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    assert draw_seed(None) != draw_seed(None)
    assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_int_and_random_state():
    assert draw_seed(7) == 7
    seeds = [draw_seed(np.random.RandomState(5)) for _ in range(2)]
    assert seeds[0] == seeds[1]


@pytest.mark.parametrize("given", ["7", 1.5, True, np.random.default_rng(0)])
def test_what_seeds_nothing_is_refused(given):
    with pytest.raises(ValueError, match=r"^random_state=.* must be an int, an inst"):
        check_seed(given)


@pytest.mark.parametrize("given", [None, 3, np.int64(3), np.random.RandomState(3)])
def test_what_seeds_comes_back(given):
    assert check_seed(given) is given
