import numpy as np
import pytest
import torch
from torch import nn

from skinformer.network.dropout import keep_mask
from skinformer.network.encoder import (
    DistilLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    StackedEncoder,
)
from skinformer.network.multi_head import MultiHeadAttention

from .helpers import without_gradient

B, L, D_MODEL, D_FF = 2, 13, 15, 7


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def make_layer(**options):
    return EncoderLayer(MultiHeadAttention(D_MODEL, 3), D_MODEL, D_FF, **options)


def make_encoder(depth, distil=True):
    layers = [make_layer() for _ in range(depth)]
    return Encoder(layers, D_MODEL, distil=distil).eval()


def shake(module):
    """Move normalisation layers off one and zero, where mistakes would not show."""
    generator = torch.Generator().manual_seed(9)
    for part in module.modules():
        if isinstance(part, nn.LayerNorm | nn.BatchNorm1d):
            for tensor in (*part.parameters(), *part.buffers()):
                if tensor.ndim:
                    tensor.data.uniform_(0.5, 1.5, generator=generator)
    return module


def layer_norm(rows, norm):
    centered = rows - rows.mean(axis=-1, keepdims=True)
    scaled = centered / np.sqrt((centered**2).mean(axis=-1, keepdims=True) + 1e-5)
    return scaled * norm.weight.detach().numpy() + norm.bias.detach().numpy()


def linear(rows, layer):
    return rows @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()


def slow_feed_forward(rows, part):
    """With ReLU."""
    return linear(np.maximum(linear(rows, part.expand), 0), part.contract)


def slow_distil(rows, layer):
    """Convolution, batch norm as in evaluation, ELU, pooling, one row at a time."""
    rows = rows.numpy()
    n_rows = rows.shape[1]
    kernel, norm = layer.conv.weight.detach().numpy(), layer.norm
    mixed = np.empty_like(rows)
    for t in range(n_rows):
        mixed[:, t] = layer.conv.bias.detach().numpy()
        for offset in (-1, 0, 1):
            mixed[:, t] += rows[:, (t + offset) % n_rows] @ kernel[:, :, offset + 1].T
    mean, variance = norm.running_mean.numpy(), norm.running_var.numpy()
    mixed = (mixed - mean) / np.sqrt(variance + norm.eps)
    mixed = mixed * norm.weight.detach().numpy() + norm.bias.detach().numpy()
    mixed = np.where(mixed > 0, mixed, np.expm1(mixed))
    windows = [mixed[:, max(t - 1, 0) : t + 2].max(axis=1) for t in range(0, n_rows, 2)]
    return np.stack(windows, axis=1)


def assert_close(actual, expected):
    np.testing.assert_allclose(actual.detach().numpy(), expected, atol=1e-5, rtol=0)


def test_feed_forward_values():
    part = FeedForward(D_MODEL, D_FF, activation="relu")
    rows = draw(B, L, D_MODEL)
    assert_close(part(rows), slow_feed_forward(rows.numpy(), part))


def make_plain(part, weight, bias):
    """Let a linear layer multiply with a number and add another."""
    nn.init.eye_(part.weight)
    part.weight.data *= weight
    nn.init.constant_(part.bias, bias)


def test_feed_forward_drops_between_its_layers_only():
    part = FeedForward(7, 7, activation="relu", dropout=0.6)
    make_plain(part.expand, 0, 3)
    make_plain(part.contract, 1, 10)
    output = part(draw(B, L, 7))
    # 3 is dropped, or kept times 1 / (1 - 0.6); the bias of 10 behind it is never
    np.testing.assert_allclose(output.detach().unique(), [10, 17.5], atol=1e-4)


@pytest.mark.parametrize("activation", ["gelu", "relu"])
def test_feed_forward_in_training(activation):
    """Dropping in place must leave what the activation's way back reads."""
    part = FeedForward(D_MODEL, D_FF, activation=activation, dropout=0.4)
    rows, grad = draw(B, L, D_MODEL).requires_grad_(), draw(B, L, D_MODEL, seed=1)
    inputs = [rows, *part.parameters()]
    torch.manual_seed(3)
    output = part(rows)
    torch.manual_seed(3)
    inner = getattr(nn.functional, activation)(
        rows @ part.expand.weight.T + part.expand.bias
    )
    inner = inner * keep_mask(inner.shape, 0.4, inner)
    expected = inner @ part.contract.weight.T + part.contract.bias
    assert_close(output, expected.detach().numpy())
    ours = torch.autograd.grad(output, inputs, grad)
    theirs = torch.autograd.grad(expected, inputs, grad)
    for own, other in zip(ours, theirs, strict=True):
        assert_close(own, other.numpy())


def test_gelu_is_the_exact_one():
    part = FeedForward(1, 1, activation="gelu")
    for layer in (part.expand, part.contract):
        nn.init.ones_(layer.weight)
        nn.init.zeros_(layer.bias)
    # x·Φ(x) at 1: 0.8413447; the tanh approximation gives 0.8411920
    assert part(torch.ones(1, 1)).item() == pytest.approx(0.8413447, abs=1e-6)


def test_unknown_activation():
    with pytest.raises(ValueError, match=r"activation must be one of .*gelu.* 'tanh'"):
        FeedForward(3, 5, activation="tanh")


def test_layer_normalises_after_each_residual():
    layer = shake(make_layer(activation="relu").eval())
    rows = draw(B, L, D_MODEL)
    attended = layer.attention(rows)[0].detach().numpy()
    middle = layer_norm(rows.numpy() + attended, layer.norm1)
    expected = layer_norm(
        middle + slow_feed_forward(middle, layer.feed_forward), layer.norm2
    )
    output, weights = layer(rows)
    assert weights is None
    assert_close(output, expected)


def test_layer_dropout_is_applied_in_training_only():
    layer, rows = make_layer(dropout=0.5), draw(B, L, D_MODEL)
    assert not torch.equal(layer(rows)[0], layer(rows)[0])
    layer.eval()
    assert torch.equal(layer(rows)[0], layer(rows)[0])


def test_layer_drops_what_it_adds_and_not_the_rows():
    layer = make_layer(dropout=0.6)
    layer.norm1 = layer.norm2 = nn.Identity()
    make_plain(layer.attention.out_projection, 0, 2)
    make_plain(layer.feed_forward.contract, 0, 100)
    rows = draw(B, L, D_MODEL)
    added = (layer(rows)[0] - rows).detach()
    # 2 and 100, each of them dropped or times 1 / (1 - 0.6)
    expected = [0, 5, 250, 255]
    np.testing.assert_allclose(added.round(decimals=2).unique(), expected, atol=0.01)


@pytest.mark.parametrize("length", [1, 2, 3, 12, 13])
def test_distil_values(length):
    layer = shake(DistilLayer(D_MODEL).eval())
    rows = draw(B, length, D_MODEL)
    assert_close(layer(rows), slow_distil(rows, layer))


@pytest.mark.parametrize("length", [2, 12, 13])
def test_distil_in_training(length):
    """Values, gradients and running statistics of torch's layers, columns first."""
    layer = shake(DistilLayer(D_MODEL))
    norm = nn.BatchNorm1d(D_MODEL)
    norm.load_state_dict(layer.norm.state_dict())
    rows = draw(B, length, D_MODEL).requires_grad_()
    padded = torch.cat([rows[:, -1:], rows, rows[:, :1]], dim=1).transpose(1, 2)
    mixed = nn.functional.conv1d(padded, layer.conv.weight, layer.conv.bias)
    mixed = nn.functional.elu(norm(mixed))
    expected = nn.functional.max_pool1d(mixed, 3, stride=2, padding=1).transpose(1, 2)
    output = layer(rows)
    assert_close(output, expected.detach().numpy())
    for ours, theirs in zip(layer.norm.buffers(), norm.buffers(), strict=True):
        assert_close(ours, theirs.numpy())
    grad, inputs = draw(*output.shape, seed=2), [rows, layer.conv.weight]
    ours = torch.autograd.grad(output, inputs, grad)
    theirs = torch.autograd.grad(expected, inputs, grad)
    for own, other in zip(ours, theirs, strict=True):
        assert_close(own, other.numpy())


def test_distil_halves():
    lengths = [96]
    rows, layer = draw(1, 96, D_MODEL), DistilLayer(D_MODEL)
    for _ in range(7):
        rows = layer(rows)
        lengths.append(rows.shape[1])
    assert lengths == [96, 48, 24, 12, 6, 3, 2, 1]


def test_distil_of_a_single_value_in_training():
    layer = shake(DistilLayer(D_MODEL))
    row = draw(1, 1, D_MODEL)
    before = layer.norm.running_mean.clone()
    assert_close(layer(row), slow_distil(row, layer))
    assert torch.equal(layer.norm.running_mean, before)


def test_distil_of_two_values_in_training_uses_the_batch():
    layer = DistilLayer(3)
    output = layer(1000 * draw(2, 1, 3)).detach()
    # Two values normalised are +1 and -1, and ELU(-1) = e^-1 - 1.
    np.testing.assert_allclose(output.sort(dim=0).values[1], np.ones((1, 3)), atol=0.01)
    expected = np.full((1, 3), np.expm1(-1))
    np.testing.assert_allclose(output.sort(dim=0).values[0], expected, atol=0.01)


@pytest.mark.parametrize("distil", [False, True])
def test_encoder_distils_between_layers(distil):
    encoder = shake(make_encoder(3, distil))
    rows = draw(B, L, D_MODEL)
    expected = rows
    for i in range(3):
        expected = encoder.layers[i](expected)[0]
        if distil and i < 2:
            expected = torch.as_tensor(
                slow_distil(expected.detach(), encoder.distils[i]), dtype=torch.float32
            )
    output, weights = encoder(rows)
    assert output.shape[1] == (4 if distil else 13)  # 13 -> 7 -> 4
    assert weights == [None, None, None]
    assert_close(output, layer_norm(expected.detach().numpy(), encoder.norm))


def test_encoder_returns_weights_of_each_layer():
    _, weights = make_encoder(3)(draw(B, L, D_MODEL), need_weights=True)
    assert [tuple(w.shape) for w in weights] == [(B, 3, n, n) for n in (13, 7, 4)]
    for w in weights:
        assert_close(w.sum(-1), np.ones(w.shape[:-1]))


@pytest.mark.parametrize("length", [13, 7])
def test_stack_reads_the_last_rows_and_joins_along_time(length):
    encoders = [make_encoder(depth) for depth in (3, 2, 1)]
    rows = draw(B, length, D_MODEL)
    parts = [
        encoder(rows[:, length - n :])[0].detach().numpy()
        for encoder, n in zip(encoders, (length, length // 2, length // 4), strict=True)
    ]
    output, weights = StackedEncoder(encoders).eval()(rows, need_weights=True)
    assert_close(output, np.concatenate(parts, axis=1))
    assert len(weights) == 6
    assert weights[3].shape[-1] == length // 2


def test_gradients_reach_every_parameter_that_can_have_one():
    encoder = make_encoder(3).double().train()  # a zero that is no rounding error
    rows, _ = encoder(draw(5, L, D_MODEL).double())
    (rows * draw(*rows.shape, seed=1)).sum().backward()
    # A key bias adds the same to all scores of a query, which softmax takes away; and
    # batch normalisation takes away every bias whose circular convolution it gets.
    assert without_gradient(encoder) == {
        *(f"layers.{i}.attention.key.bias" for i in range(3)),
        *(f"layers.{i}.norm2.bias" for i in range(2)),
        *(f"distils.{i}.conv.bias" for i in range(2)),
    }
