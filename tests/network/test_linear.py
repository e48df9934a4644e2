"""Linear maps as matrix products and as convolutions, and convolutions of rows."""

import numpy as np
import pytest
import torch
from torch import nn

from skinformer.network import linear as module
from skinformer.network.linear import WORTHWHILE, CircularConv, Linear, linear

from .helpers import assert_close, draw

B, L, K, N = 2, 11, 5, 7


@pytest.fixture(params=["product", "convolution"])
def way(request, monkeypatch):
    """A linear map by each of its two ways."""
    use_convolution = request.param == "convolution"
    monkeypatch.setattr(module, "_prefers_convolution", lambda *_: use_convolution)
    return request.param


def draw_layer():
    return draw(N, K, seed=1), draw(N, seed=2)


# Linear maps


def test_by_hand(way):
    rows = torch.tensor([[[1.0, 2.0], [3.0, -1.0], [0.0, 5.0]]])
    weight = torch.tensor([[1.0, 10.0], [100.0, 0.0], [-1.0, 1.0], [0.0, 0.0]])
    output = linear(rows, weight, torch.tensor([0.5, 0.0, 0.0, 7.0]))
    expected = [[21.5, 100, 1, 7], [-6.5, 300, -4, 7], [50.5, 0, 5, 7]]
    assert_close(output[0], expected)


@pytest.mark.parametrize("length", [1, L])
def test_one_number_at_a_time(length, way):
    rows, (weight, bias) = draw(B, length, K), draw_layer()
    output = linear(rows, weight, bias)
    assert output.shape == (B, length, N)
    for b, t, n in np.ndindex(B, length, N):
        expected = sum(rows[b, t, i] * weight[n, i] for i in range(K)) + bias[n]
        assert output[b, t, n].item() == pytest.approx(expected.item(), abs=1e-5)


def take(name):
    """Return rows (B, L, K) cut in one way or another from a leaf, and the leaf."""
    leaf, cut = {
        "plain": (draw(B, L, K), lambda x: x),
        "last": (draw(B, 2 * L, K), lambda x: x[:, -L:]),
        "transposed": (draw(B, K, L), lambda x: x.transpose(1, 2)),
        "columns": (draw(B, L, 3 * K), lambda x: x[..., K : 2 * K]),
        "expanded": (draw(1, L, K), lambda x: x.expand(B, -1, -1)),
    }[name]
    return leaf.requires_grad_(), cut


@pytest.mark.parametrize("part", [slice(None), slice(None, 3), slice(3, None)], ids=str)
@pytest.mark.parametrize("cut", ["plain", "last", "transposed", "columns", "expanded"])
def test_both_ways_agree(monkeypatch, cut, part):
    leaf, take_rows = take(cut)
    inputs = [leaf, *(t.requires_grad_() for t in draw_layer())]
    results = []
    for use_convolution in (False, True):
        monkeypatch.setattr(
            module, "_prefers_convolution", lambda *_, answer=use_convolution: answer
        )
        _, weight, bias = inputs
        output = linear(take_rows(leaf), weight[part], bias[part])
        grads = torch.autograd.grad(output, inputs, draw(*output.shape, seed=3))
        results.append([output.detach(), *grads])
    for product, convolution in zip(*results, strict=True):
        assert_close(convolution, product.numpy())
    assert results[0][0].std() > 0.1


def test_gradcheck(way):
    rows = draw(B, 3, K).double()
    inputs = [t.double().requires_grad_() for t in (rows, *draw_layer())]
    assert torch.autograd.gradcheck(linear, inputs)
    assert torch.autograd.gradgradcheck(linear, inputs)


def test_layer_is_torchs(way):
    layer, own = Linear(K, N), nn.Linear(K, N)
    own.load_state_dict(layer.state_dict())
    rows = draw(B, L, K)
    assert isinstance(layer, nn.Linear)
    assert_close(layer(rows), own(rows).detach().numpy())


def test_rows_without_windows_and_without_bias():
    layer, rows = Linear(K, N, bias=False), draw(L, K)
    assert_close(layer(rows), (rows @ layer.weight.T).detach().numpy())


def test_half_precision_under_autocast():
    # Enough to be worth a convolution outside of autocast
    rows, layer = draw(4, 128, 128), Linear(128, 128)
    expected = layer(rows).detach()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = layer(rows)
    assert output.dtype == torch.bfloat16
    assert_close(output.float(), expected.numpy(), atol=0.05)


# When a convolution is preferred


@pytest.fixture
def capable(monkeypatch):
    """A processor on which convolutions are quicker."""
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)


def prefers(n_rows=1024, dtype=torch.float32, shape=None, device="cpu"):
    """Ask with a weight of 2**13 numbers: 2**10 rows are worth it."""
    weight = torch.empty(128, 64, dtype=dtype, device=device)
    rows = torch.empty(shape or (2, n_rows // 2, 64), dtype=dtype, device=device)
    return module._prefers_convolution(rows, weight)


def test_convolution_is_for_large_products(capable):
    assert WORTHWHILE == 1024 * 128 * 64
    assert prefers(1024)
    assert not prefers(1022)


def test_convolution_is_for_float32_on_a_cpu(capable, monkeypatch):
    assert not prefers(dtype=torch.float64)
    assert not prefers(dtype=torch.bfloat16)
    assert not prefers(device="meta")
    assert not prefers(shape=(1024, 64))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert not prefers()
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert not prefers()


@pytest.mark.parametrize("capability", ["AVX2", "DEFAULT"])
def test_convolution_is_for_wide_processors(capable, monkeypatch, capability):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert not prefers()


def test_convolution_needs_onednn(capable, monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert not prefers()


# The circular convolution


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        # 100 · the one before + 10 · itself + the one after, around the end
        ([1, 2, 4, 8, 16], [1612, 124, 248, 496, 961]),
        ([1, 2], [212, 121]),
        ([3], [333]),
    ],
)
def test_circular_convolution_by_hand(series, expected):
    layer = CircularConv(1, 1)
    layer.weight.data = torch.tensor([100.0, 10.0, 1.0]).view(1, 1, 3)
    layer.bias.data = torch.tensor([0.5])
    rows = torch.tensor(series, dtype=torch.float32).view(1, -1, 1)
    assert_close(layer(rows).flatten(), np.add(expected, 0.5), atol=1e-3)


def slow_circular(rows, layer):
    """One row and one offset at a time."""
    weight, n_rows = layer.weight, rows.shape[1]
    output = layer.bias.repeat(*rows.shape[:2], 1)
    for t in range(n_rows):
        for offset in (-1, 0, 1):
            near = rows[:, (t + offset) % n_rows]
            output[:, t] += near @ weight[:, :, offset + 1].T
    return output


@pytest.mark.parametrize("strided", [False, True])
@pytest.mark.parametrize("length", [1, 2, 3, L])
def test_circular_convolution_of_rows(length, strided):
    layer = CircularConv(K, N)
    shape = (B, K, length) if strided else (B, length, K)
    leaf = draw(*shape).requires_grad_()
    rows = leaf.transpose(1, 2) if strided else leaf
    output, expected = layer(rows), slow_circular(rows, layer)
    assert_close(output, expected.detach().numpy())
    inputs, grad = [leaf, layer.weight, layer.bias], draw(B, length, N, seed=3)
    ours = torch.autograd.grad(output, inputs, grad)
    theirs = torch.autograd.grad(expected, inputs, grad)
    for own, other in zip(ours, theirs, strict=True):
        assert_close(own, other.numpy())


def test_circular_convolution_has_torchs_weights():
    """Drawn alike and named alike: checkpoints of either fit the other."""
    torch.manual_seed(5)
    layer = CircularConv(K, N)
    torch.manual_seed(5)
    own = nn.Conv1d(K, N, kernel_size=3, padding=1, padding_mode="circular")
    for (name, ours), (same, theirs) in zip(
        layer.state_dict().items(), own.state_dict().items(), strict=True
    ):
        assert name == same
        assert torch.equal(ours, theirs)
    rows = draw(B, L, K)
    expected = own(rows.transpose(1, 2)).transpose(1, 2)
    assert_close(layer(rows), expected.detach().numpy())
