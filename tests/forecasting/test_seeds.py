"""Seeds."""

import numpy as np
from numpy.testing import assert_array_equal

from skinformer.forecasting.seeds import draw_seed


def test_none_asks_the_operating_system():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    assert draw_seed(None) != draw_seed(None)
    assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_int_and_random_state():
    assert draw_seed(7) == 7
    seeds = [draw_seed(np.random.RandomState(5)) for _ in range(2)]
    assert seeds[0] == seeds[1]
