"""How much of a network's correction counts."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting import blend
from skinformer.forecasting.blend import blend_weights, cautious_shares


def test_shares_by_hand():
    # the share is 6 / 8; the parts differ from it by 2 - 3 and 4 - 3, and so its error
    # is sqrt((1 + 1) * 2 / 1) / 8 = 1 / 4
    products, squares = np.array([[2.0], [4.0]]), np.array([[4.0], [4.0]])
    assert_allclose(cautious_shares(products, squares), [0.75 - 1.5 / 4])


def test_the_error_is_that_of_draws():
    draws = np.random.default_rng(0)
    squares = draws.uniform(1, 2, (3000, 4, 1))
    products = 0.4 * squares + 0.1 * draws.normal(size=squares.shape)
    shares = products.sum(axis=1) / squares.sum(axis=1)
    low = [cautious_shares(p, s) for p, s in zip(products, squares, strict=True)]
    assert_allclose(np.mean(shares - low), 1.5 * shares.std(), rtol=0.1)


@pytest.mark.parametrize(
    ("products", "expected"), [([9.0] * 4, 1.0), ([-1.0] * 4, 0.0), ([0.0] * 4, 0.0)]
)
def test_shares_stay_between_nothing_and_all(products, expected):
    products = np.array(products)[:, None]
    assert_array_equal(cautious_shares(products, np.full((4, 1), 2.0)), [expected])


def test_no_correction_and_no_second_part_count_for_nothing():
    assert_array_equal(cautious_shares(np.zeros((4, 2)), np.zeros((4, 2))), [0, 0])
    assert_array_equal(cautious_shares(np.ones((1, 3)), np.ones((1, 3))), [0, 0, 0])


def test_a_target_known_in_one_part_only_counts_for_nothing():
    products = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    assert_array_equal(cautious_shares(products, 2 * products), [0, 0.5])
    # two of four parts can tell: their error is that of two
    products[0, 1] = 2.0
    # share 3 / 4, apart by 2 - 1.5 and 1 - 1.5, so the error is sqrt(.5 * 2) / 4
    low = cautious_shares(products, np.array([[2.0, 2.0], [0, 2.0], [0, 0], [0, 0]]))
    assert_allclose(low, [0, 0.75 - 1.5 * 0.25])


def test_parts_that_overlap_are_trusted_less():
    products, squares = np.array([[2.0], [4.0]]), np.array([[8.0], [8.0]])
    # the share is 6 / 16, its error sqrt((1 + 1) * 2 * overlap) / 16
    assert_allclose(cautious_shares(products, squares), 0.375 - 1.5 / 8)
    assert_allclose(cautious_shares(products, squares, 2.25), 0.375 - 1.5 * 1.5 / 8)


class Residuals:
    """Windows of given residuals (n_windows, pred_len, n_targets)."""

    def __init__(self, values, starts=None):
        self.values, self.pred_len = values, values.shape[1]
        self.longest = None  # none is left out
        self.starts = np.arange(len(values)) if starts is None else starts
        self.which = np.zeros(len(self.starts), dtype=int)  # one series

    def __len__(self):
        return len(self.starts)

    def take(self, chosen):
        return Residuals(self.values, self.starts[chosen])

    def batch(self, which):
        return {}, self.values[self.starts[which]].astype(np.float32)


@pytest.fixture
def corrections(monkeypatch):
    """Make the network say what is set here, (n_windows, pred_len, n_targets)."""
    said = {}

    def forecast(net, windows, batch_size):
        return said["values"][windows.starts].astype(np.float32)

    monkeypatch.setattr(blend, "forecast_windows", forecast)
    return said


def test_a_target_counts_no_more_than_all_together(corrections):
    residual = np.random.default_rng(1).normal(size=(40, 3, 2))
    # right about half of one target, wrong about the other, which is far larger
    corrections["values"] = residual * [0.5, -20.0]
    assert_array_equal(blend_weights(None, Residuals(residual), 7), [0, 0])
    corrections["values"] = residual * [2.0, 20.0]
    assert_allclose(
        blend_weights(None, Residuals(residual), 7), [0.05, 0.05], atol=0.005
    )


def test_rows_that_are_absent_do_not_count(corrections):
    residual = np.ones((40, 3, 1))
    corrections["values"] = np.full((40, 3, 1), 2.0)
    assert_allclose(blend_weights(None, Residuals(residual), 100), [0.5])
    residual[::2, 1] = np.nan
    corrections["values"][::2, 1] = -50.0
    assert_allclose(blend_weights(None, Residuals(residual), 100), [0.5])


def test_windows_that_all_share_a_row_tell_nothing(corrections):
    residual = np.ones((4, 3, 1))
    corrections["values"] = residual
    assert_array_equal(blend_weights(None, Residuals(residual), 100), [1])
    assert_array_equal(blend_weights(None, Residuals(residual[:3]), 100), [0])


def test_five_windows_of_three_rows_are_two_and_a_third_side_by_side(corrections):
    residual = np.ones((5, 3, 1))
    said = np.array([1.0, 1.0, 1.0, 1.0, 2.0])
    corrections["values"] = residual * said[:, None, None]
    # parts of two, one, one and one windows
    products = np.array([[6.0], [3.0], [3.0], [6.0]])
    squares = np.array([[6.0], [3.0], [3.0], [12.0]])
    expected = cautious_shares(products, squares, 4 / (7 / 3))
    assert 0 < expected[0] < cautious_shares(products, squares)[0]
    assert_allclose(blend_weights(None, Residuals(residual), 100), expected)


def test_four_quarters_are_asked(corrections):
    residual = np.ones((40, 2, 1))
    corrections["values"] = residual.copy()
    corrections["values"][30:] = -1.0  # wrong in the last quarter
    # 60 less 20 right of 80: share 1 / 2; 10, 10, 10 and -30 off it, times 4 / 3
    error = np.sqrt((3 * 10**2 + 30**2) * 4 / 3) / 80
    expected = max(0.5 - 1.5 * error, 0)
    assert_allclose(blend_weights(None, Residuals(residual), 7), [expected])
    corrections["values"][30:] = 0.2
    products, squares = np.array([20.0, 20, 20, 4]), np.array([20.0, 20, 20, 0.8])
    share = products.sum() / squares.sum()
    error = np.sqrt(((products - share * squares) ** 2).sum() * 4 / 3) / squares.sum()
    found = blend_weights(None, Residuals(residual), 7)
    assert 0 < found[0] < 1
    assert_allclose(found, [share - 1.5 * error], rtol=1e-6)


def test_batches_do_not_matter(corrections):
    residual = np.random.default_rng(2).normal(size=(23, 3, 2))
    corrections["values"] = 0.6 * residual + 0.1
    one, all_at_once = (
        blend_weights(None, Residuals(residual), size) for size in (1, 100)
    )
    assert_allclose(one, all_at_once, rtol=1e-6)
    assert (one > 0).all()


def test_parts_of_time_of_series_that_stand_mixed():
    # series 0 at 1, 3, 4, 6, 8; series 5 at 0, 2, 5, 7: the longer has 2 in the first
    windows = SimpleNamespace(which=np.array([5, 0, 5, 0, 0, 5, 0, 5, 0]))
    parts = [part.tolist() for part in blend.time_parts(windows)]
    assert parts == [[1, 3, 0], [4, 2], [6, 5], [8, 7]]
