"""Losses over what is known."""

import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn

from skinformer.forecasting.losses import MaskedLoss, counted, make_loss


class OneMore(nn.Module):
    """A loss that is not zero where the forecast is the truth."""

    def forward(self, y_pred, y_true):
        return ((y_pred - y_true).abs() + 1).mean()


class TestMaskedLoss:
    def test_missing_targets_carry_no_loss(self):
        y_pred = torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
        y_true = torch.tensor([[2.0, float("nan"), 5.0]])
        loss = MaskedLoss(nn.MSELoss(), has_gaps=True)(y_pred, y_true)
        loss.backward()
        assert loss.item() == pytest.approx((1 + 4) / 2)
        assert_allclose(y_pred.grad, [[-1.0, 0.0, -2.0]])

    def test_a_sum_is_weighted_as_one(self):
        y_pred, y_true = torch.tensor([[[1.0], [2.0], [9.0]]]), torch.zeros(1, 3, 1)
        y_true[0, 2] = float("nan")
        loss = MaskedLoss(nn.MSELoss(reduction="sum"), has_gaps=True)
        weighted = loss(y_pred, y_true, torch.tensor([[3.0, 0.5, 7.0]]))
        assert weighted.item() == 3 * 1 + 0.5 * 4

    def test_missing_targets_carry_no_loss_in_any_head(self):
        heads = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]], requires_grad=True)
        y_true = torch.tensor([[float("nan"), 5.0]]).unsqueeze(-1).expand(1, 2, 2)
        loss = MaskedLoss(make_loss("quantile", (0.9,)), has_gaps=True)(heads, y_true)
        loss.backward()
        # 2 too low at 0.5, 1 too low at 0.9
        assert loss.item() == pytest.approx((1.0 + 0.9) / 2)
        assert_allclose(heads.grad, [[[0, 0], [-0.25, -0.45]]])

    @pytest.mark.parametrize(
        ("loss", "expected"), [("mse", 5.0), ("mae", 2.0), ("huber", 1.5)]
    )
    def test_names(self, loss, expected):
        module = make_loss(loss)
        assert module(torch.tensor([1.0, 3.0]), torch.zeros(2)).item() == expected

    def test_the_median_is_a_head_of_its_own(self):
        levels = make_loss("quantile", (0.1, 0.75)).levels
        assert_allclose(levels, [0.5, 0.1, 0.75])

    def test_a_module_is_copied(self):
        module = nn.SmoothL1Loss(beta=0.5)
        copy = make_loss(module)
        assert copy is not module
        assert copy.beta == 0.5

    @pytest.mark.parametrize(
        ("loss", "expected"), [(nn.MSELoss(reduction="sum"), 4.0), (OneMore(), 3.0)]
    )
    def test_of_gaps_nothing_is_counted_in_a_sum_or_a_loss_of_the_users(
        self, loss, expected
    ):
        masked = MaskedLoss(loss, has_gaps=True)
        told, truth = torch.tensor([[1.0, 2.0]]), torch.tensor([[torch.nan, 4.0]])
        assert masked(told, truth).item() == expected


class TestCounted:
    def test_known_targets_by_their_weights(self):
        y = torch.tensor([[1.0, torch.nan, 1.0, 1.0], [1.0] * 4])
        assert counted(y).item() == 7
        # (2, 2) weights of rows; two targets each
        weights = torch.tensor([[0.5, 2.0], [0.0, 3.0]])
        assert counted(y, weights).item() == 0.5 + 2 * 2 + 2 * 3

    def test_it_is_what_the_loss_divides_by(self):
        y = torch.tensor([[1.0, torch.nan, 2.0, 3.0], [1.0, 5.0, 0.0, torch.nan]])
        weights = torch.tensor([[0.5, 2.0], [0.0, 3.0]])
        loss = MaskedLoss(torch.nn.MSELoss(), has_gaps=True)
        zeros, shaped = torch.zeros(2, 2, 2), y.view(2, 2, 2)
        assert (loss(zeros, shaped) * counted(y)).item() == pytest.approx(1 + 13 + 26)
        weighted = loss(zeros, shaped, weights) * counted(y, weights)
        assert weighted.item() == pytest.approx(0.5 * 1 + 2 * 13 + 0 * 26 + 3 * 0)
