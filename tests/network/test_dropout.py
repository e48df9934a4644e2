"""Dropout with cheap masks."""

import pytest
import torch

from skinformer.network import dropout as module
from skinformer.network.dropout import (
    Dropout,
    drop_rows,
    dropout,
    dropout_,
    keep_mask,
)


@pytest.fixture(params=["cpu", "elsewhere"])
def place(request, monkeypatch):
    """Masks of bytes, and torch's own where those do not apply."""
    if request.param == "elsewhere":
        monkeypatch.setattr(module, "runs_eagerly_on_cpu", lambda x: False)
    return request.param


def draw_masks(n_masks, shape, p):
    like = torch.empty(())
    return torch.stack([keep_mask(torch.Size(shape), p, like) for _ in range(n_masks)])


def spread(p, n):
    """Return the standard deviation of the share of ``n`` draws."""
    return (p * (1 - p) / n) ** 0.5


# The mask


@pytest.mark.parametrize("p", [0.001, 0.05, 0.1, 0.25, 0.3, 0.5, 0.9, 0.99])
def test_drops_at_the_rate_over_many_masks(p, place):
    masks = draw_masks(3001, (97,), p)
    # Each mask's own probability is off by less than 1/256.
    tolerance = 5 * (spread(p, masks.numel()) + 1 / 256 / 3001**0.5)
    assert (masks == 0).double().mean().item() == pytest.approx(p, abs=tolerance)
    assert masks.double().mean().item() == pytest.approx(1, abs=tolerance / (1 - p))
    kept = masks[masks > 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - p)))


def test_every_place_has_the_rate(place):
    rates = (draw_masks(5003, (17,), 0.3) == 0).double().mean(dim=0)
    assert (rates - 0.3).abs().max() < 5 * spread(0.3, 5003)


def test_one_mask_is_rounded_down_or_up():
    # Of 256 bytes 0.3 decide for 0: three masks in ten drop 1/256, the others none.
    dropped = (draw_masks(1009, (4001,), 0.3 / 256) == 0).double().mean(dim=1)
    some = dropped[dropped > 0]
    assert len(some) / 1009 == pytest.approx(0.3, abs=5 * spread(0.3, 1009))
    tolerance = 5 * spread(1 / 256, len(some) * 4001)
    assert some.mean().item() == pytest.approx(1 / 256, abs=tolerance)


def test_neighbours_are_dropped_independently(place):
    # Eight elements share a random number, and 0.25·256 = 64 is not rounded.
    dropped = (keep_mask(torch.Size([8 * 50_021]), 0.25, torch.empty(())) == 0).double()
    words = dropped.view(-1, 8)
    pairs = words.T @ words / len(words)
    expected = torch.full((8, 8), 0.25**2).double()
    expected.fill_diagonal_(0.25)
    assert (pairs - expected).abs().max() < 5 * spread(0.25, len(words))
    across = (words[:-1, 7] * words[1:, 0]).mean().item()
    assert across == pytest.approx(0.25**2, abs=5 * spread(0.25**2, len(words)))


def test_axes_are_dropped_independently():
    dropped = (
        keep_mask(torch.Size([2003, 7, 11]), 0.25, torch.empty(())) == 0
    ).double()
    for pair in (
        dropped[1:] * dropped[:-1],
        dropped[:, 1:] * dropped[:, :-1],
        dropped[:, :, 1:] * dropped[:, :, :-1],
    ):
        tolerance = 5 * spread(0.25**2, pair.numel())
        assert pair.mean().item() == pytest.approx(0.25**2, abs=tolerance)


@pytest.mark.parametrize(
    "shape", [(), (0,), (1,), (7,), (8,), (9,), (3, 5, 7)], ids=str
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_mask_of_any_shape_and_dtype(shape, dtype, place):
    mask = keep_mask(torch.Size(shape), 0.5, torch.empty(2, dtype=dtype))
    assert mask.shape == shape
    assert mask.dtype == dtype
    assert set(mask.flatten().tolist()) <= {0.0, 2.0}


@pytest.mark.parametrize("p", [255 / 256, 0.999, 1 - 1e-9])
def test_nearly_all_dropped_stays_finite(p):
    mask = keep_mask(torch.Size([100_003]), p, torch.empty(()))
    assert mask.unique().tolist() == [0.0, 256.0]
    tolerance = 5 * spread(1 / 256, 100_003)
    assert (mask > 0).double().mean().item() == pytest.approx(1 / 256, abs=tolerance)


def test_seeded_and_fresh(place):
    x, layer = torch.ones(1009), Dropout(0.3)
    torch.manual_seed(0)
    first, second = layer(x), layer(x)
    torch.manual_seed(0)
    assert torch.equal(layer(x), first)
    assert not torch.equal(first, second)


# What is multiplied with it


def seeded(function, *args):
    torch.manual_seed(3)
    return function(*args)


def test_values_are_dropped_or_scaled(place):
    x = torch.randn(7, 11)
    mask = seeded(keep_mask, x.shape, 0.6, x)
    assert set(mask.unique().tolist()) == {0.0, 2.5}
    assert torch.equal(seeded(dropout, x, 0.6), x * mask)


def test_gradient_goes_where_values_went():
    x = torch.randn(7, 11, requires_grad=True)
    kept = dropout(x, 0.4)
    kept.sum().backward()
    assert torch.equal(x.grad == 0, kept == 0)
    assert torch.allclose(x.grad[kept != 0], torch.tensor(1 / 0.6), rtol=1e-6)


def test_in_place():
    x = torch.randn(7, 11)
    expected = seeded(dropout, x, 0.4)
    assert not torch.equal(expected, x)
    address = x.data_ptr()
    returned = seeded(dropout_, x, 0.4)
    assert returned is x
    assert x.data_ptr() == address
    assert torch.equal(x, expected)


def test_gradient_of_in_place():
    x = torch.randn(7, 11, requires_grad=True)
    kept = dropout_(x * 3, 0.4)
    kept.sum().backward()
    torch.testing.assert_close(x.grad, torch.where(kept == 0, 0.0, 3 / 0.6))


def test_rows_are_dropped_whole(place):
    x = torch.randn(101, 7, 11, requires_grad=True)
    kept = seeded(drop_rows, x, 0.6)
    mask = seeded(keep_mask, x.shape[:2], 0.6, x)
    assert set(mask.unique().tolist()) == {0.0, 2.5}
    assert torch.equal(kept, x * mask[:, :, None])
    kept.sum().backward()
    assert torch.equal(x.grad, mask[:, :, None].expand_as(x))


@pytest.mark.parametrize("drop", [dropout, dropout_, drop_rows])
def test_none_to_drop(drop):
    x = torch.randn(3)
    before, state = x.clone(), torch.get_rng_state()
    assert drop(x, 0.0) is x
    assert torch.equal(x, before)
    assert torch.equal(torch.get_rng_state(), state)


# The module


def test_module_by_mode():
    x, layer = torch.randn(7, 11), Dropout(0.4)
    assert layer.rate == 0.4
    assert torch.equal(seeded(layer, x), seeded(dropout, x, 0.4))
    assert layer.eval().rate == 0.0
    state = torch.get_rng_state()
    assert layer(x) is x
    assert layer.in_place(x) is x
    assert torch.equal(layer.add(x, x), 2 * x)
    assert torch.equal(torch.get_rng_state(), state)


def test_module_in_place():
    x, layer = torch.randn(7, 11), Dropout(0.4)
    expected = seeded(dropout, x, 0.4)
    assert seeded(layer.in_place, x) is x
    assert torch.equal(x, expected)


def test_add_is_rows_and_a_dropped_update(place):
    rows, update = torch.randn(5, 7, 11), torch.randn(5, 7, 11)
    before = rows.clone(), update.clone()
    added = seeded(Dropout(0.4).add, rows, update)
    torch.testing.assert_close(added, rows + seeded(dropout, update, 0.4))
    assert torch.equal(rows, before[0])
    assert torch.equal(update, before[1])


def test_gradient_of_add():
    rows = torch.randn(7, 11, requires_grad=True)
    update = torch.randn(7, 11, requires_grad=True)
    seeded(Dropout(0.4).add, rows, update).sum().backward()
    assert torch.equal(rows.grad, torch.ones(7, 11))
    assert torch.equal(update.grad, seeded(keep_mask, update.shape, 0.4, update))


def test_add_in_half_precision():
    """Under autocast rows are float32, and what is added to them bfloat16."""
    rows, update = torch.randn(7, 11), torch.randn(7, 11).bfloat16()
    added = seeded(Dropout(0.4).add, rows, update)
    assert added.dtype == torch.float32
    expected = rows + seeded(dropout, update, 0.4)
    torch.testing.assert_close(added, expected, atol=0.02, rtol=0)


def test_module_names_its_rate():
    assert repr(Dropout(0.4)) == "Dropout(p=0.4)"
