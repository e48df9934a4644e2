"""Steps away from a median, and the loss that quantiles have the least of."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from skinformer.network.quantiles import (
    PinballLoss,
    QuantileSpread,
    check_quantiles,
    median_of,
    spread_of_steps,
)

# Axes of different primes.
B, L, D, N = 3, 5, 7, 2

levels = st.lists(st.floats(1e-4, 1 - 1e-4), min_size=1, max_size=6, unique=True).map(
    sorted
)


class TestSpread:
    def test_steps_by_hand(self):
        steps = torch.tensor([[2.0, 1.0, 0.5], [4.0, 1.0, 0.0]])
        assert spread_of_steps(steps, 2).tolist() == [[-3.0, -1.0, 0.5], [-5, -1, 0]]
        assert spread_of_steps(steps, 0).tolist() == [[2.0, 3.0, 3.5], [4, 5, 5]]
        assert spread_of_steps(steps, 3).tolist() == [[-3.5, -1.5, -0.5], [-5, -1, 0]]

    @pytest.mark.parametrize(
        ("quantiles", "normal"),
        [
            ((0.05, 0.25, 0.5, 0.95), [-1.6449, -0.6745, 0.0, 1.6449]),
            ((0.05, 0.25), [-1.6449, -0.6745]),
            ((0.75, 0.975), [0.6745, 1.96]),
            ((0.5,), [0.0]),
        ],
    )
    def test_starts_as_the_normal_law_for_every_row(self, quantiles, normal):
        spread = QuantileSpread(D, N, quantiles)(torch.randn(B, L, D))
        expected = torch.tensor(normal).expand(B, L, N, len(normal))
        torch.testing.assert_close(spread, expected, atol=1e-4, rtol=0)

    @settings(max_examples=60, deadline=None)
    @given(levels, st.integers(0, 2**31), st.sampled_from([0.1, 1.0, 30.0]))
    def test_never_crosses_whatever_the_weights(self, quantiles, seed, size):
        generator = torch.Generator().manual_seed(seed)
        module = QuantileSpread(D, N, quantiles)
        for weights in module.parameters():
            nn.init.normal_(weights, std=size, generator=generator)
        rows = size * torch.randn(B, L, D, generator=generator)
        spread = module(rows).detach()
        assert spread.shape == (B, L, N, len(quantiles))
        assert (spread.diff(dim=-1) >= 0).all()
        sides = torch.tensor(quantiles) - 0.5
        assert (spread * sides >= 0).all()

    def test_each_target_and_step_has_weights_of_its_own(self):
        module = QuantileSpread(D, N, (0.1, 0.5, 0.8))
        before = module(torch.ones(B, L, D)).detach()
        with torch.no_grad():
            module.bias[3] += 1.0  # two steps a target: the one above, of the second
        moved = (module(torch.ones(B, L, D)) - before).abs().amax(dim=(0, 1)) > 0.1
        assert moved.tolist() == [[False] * 3, [False, False, True]]

    def test_starts_with_the_steps_that_are_given(self):
        module = QuantileSpread(D, N, (0.1, 0.25, 0.9))
        before = module(torch.zeros(1, 1, D)).detach()[0, 0, 1]
        module.start(torch.tensor([[0.5, 200.0, 0.0], [torch.nan] * 3]))
        after = module(torch.randn(1, 1, D)).detach()[0, 0]
        torch.testing.assert_close(after[0], torch.tensor([-200.5, -200.0, 0.001]))
        torch.testing.assert_close(after[1], before)

    def test_levels_apart_by_rounding_only_and_no_row(self):
        module = QuantileSpread(D, N, (0.5, np.nextafter(0.5, 1)))
        spread = module(torch.zeros(1, 1, D)).detach()
        torch.testing.assert_close(spread, torch.tensor([0.0, 1e-3]).expand(1, 1, N, 2))
        assert module(torch.zeros(0, L, D)).shape == (0, L, N, 2)

    def test_draws_no_random_number(self):
        before = torch.get_rng_state()
        QuantileSpread(D, N, (0.1, 0.9))
        assert torch.equal(torch.get_rng_state(), before)


class TestPinballLoss:
    def test_by_hand(self):
        y_pred = torch.tensor([[1.0, 4.0], [2.0, 7.0]], requires_grad=True)
        y_true = torch.tensor([[3.0, 3.0], [2.0, 2.0]])
        loss = PinballLoss([0.1, 0.9])(y_pred, y_true)
        # 2 too low at 0.1, 1 too high at 0.9; right at 0.1, 5 too high at 0.9
        assert loss.item() == pytest.approx((0.2 + 0.1 + 0.0 + 0.5) / 4)
        loss.backward()
        expected = torch.tensor([[-0.1, 0.1], [0.0, 0.1]]) / 4
        torch.testing.assert_close(y_pred.grad, expected)

    def test_at_the_median_it_is_half_the_absolute_error(self):
        y_pred, y_true = torch.randn(2, B, L, N, 1)
        half = nn.functional.l1_loss(y_pred, y_true) / 2
        torch.testing.assert_close(PinballLoss([0.5])(y_pred, y_true), half)

    def test_the_least_is_at_the_quantile(self):
        truth = torch.tensor([1.0, 2.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0, 29.0])
        loss = PinballLoss([0.75])
        losses = [loss(guess.expand(10, 1), truth[:, None]).item() for guess in truth]
        assert truth[np.argmin(losses)] == 19.0  # 0.75 of ten lie below, or are it

    def test_its_levels_move_to_a_device_and_are_no_state(self):
        loss = PinballLoss([0.5, 0.25])
        assert loss.to("meta").levels.device.type == "meta"
        assert loss.state_dict() == {}


def test_the_median_is_the_first_head():
    heads = np.arange(2.0 * 3 * 5 * 7).reshape(2, 3, 5, 7)
    np.testing.assert_array_equal(median_of(heads), heads[..., 0])
    alone = torch.zeros(2, 3, 5)
    assert median_of(alone) is alone


@pytest.mark.parametrize(
    "quantiles", [(0.5,), [0.1, 0.9], np.array([0.05, 0.5]), (np.float32(0.25), 0.75)]
)
def test_levels_that_work(quantiles):
    check_quantiles(quantiles)


@pytest.mark.parametrize(
    "quantiles",
    [(), (0.9, 0.1), (0.5, 0.5), (0, 0.5), (0.5, 1.0), (0.5, np.nan), 0.5, "0.5"]
    + [("0.1", "0.5"), (None,), np.array([[0.1, 0.5]])],
)
def test_levels_that_do_not(quantiles):
    with pytest.raises(ValueError, match=r"quantiles=.* each larger than the one"):
        check_quantiles(quantiles)
