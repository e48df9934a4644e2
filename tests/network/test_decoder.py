import numpy as np
import pytest
import torch
from torch.nn import functional as F

from skinformer.network.decoder import Decoder, DecoderLayer
from skinformer.network.multi_head import MultiHeadAttention

from .helpers import gradients_by_part

B, L, S, D_MODEL, D_FF = 2, 13, 7, 15, 11


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def make_layer(attention="full", mix=False, **options):
    masked = MultiHeadAttention(
        D_MODEL, 3, attention=attention, causal=True, factor=1, mix=mix
    )
    cross = MultiHeadAttention(D_MODEL, 5)
    layer = DecoderLayer(masked, cross, D_MODEL, D_FF, **options).eval()
    for norm in (layer.norm1, layer.norm2, layer.norm3):
        norm.weight.data = 1 + draw(D_MODEL, seed=5) / 3
        norm.bias.data = draw(D_MODEL, seed=6)
    return layer


def norm(rows, layer):
    centered = rows - rows.mean(-1, keepdim=True)
    spread = (centered.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    return centered / spread * layer.weight + layer.bias


def slow_layer(layer, rows, memory):
    rows = norm(rows + layer.self_attention(rows, rows)[0], layer.norm1)
    rows = norm(rows + layer.cross_attention(rows, memory)[0], layer.norm2)
    expand, contract = layer.feed_forward.expand, layer.feed_forward.contract
    inner = F.relu(rows @ expand.weight.T + expand.bias)
    return norm(rows + inner @ contract.weight.T + contract.bias, layer.norm3)


def test_layer_looks_at_itself_then_at_memory_then_feeds_forward():
    layer = make_layer(activation="relu")
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    output, self_weights, cross_weights = layer(rows, memory)
    assert self_weights is None
    assert cross_weights is None
    torch.testing.assert_close(
        output, slow_layer(layer, rows, memory), atol=1e-5, rtol=0
    )


def test_decoder_runs_its_layers_then_a_norm():
    layers = [make_layer(activation="relu") for _ in range(2)]
    decoder = Decoder(layers, D_MODEL).eval()
    decoder.norm.bias.data = draw(D_MODEL, seed=7)
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    expected = rows
    for layer in layers:
        expected = slow_layer(layer, expected, memory)
    expected = norm(expected, decoder.norm)
    for last in (L, 5):
        output, _, _ = decoder(rows, memory, last)
        torch.testing.assert_close(output, expected[:, -last:], atol=1e-5, rtol=0)


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("mix", [False, True])
@pytest.mark.parametrize("attention", ["full", "prob"])
def test_last_rows_of_a_layer_are_those_of_the_whole(attention, mix, need_weights):
    layer = make_layer(attention, mix)
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    whole, self_weights, cross_weights = layer(rows, memory, need_weights=True)
    output, of_self, of_cross = layer(rows, memory, last=5, need_weights=need_weights)
    torch.testing.assert_close(output, whole[:, -5:], atol=1e-5, rtol=0)
    if need_weights:  # of all keys; the cross-attention has the last queries only
        torch.testing.assert_close(of_self, self_weights)
        torch.testing.assert_close(of_cross, cross_weights[:, :, -5:])
    else:
        assert of_self is None
        assert of_cross is None


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("last", [1, 5])
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("mix", [False, True])
@pytest.mark.parametrize("attention", ["full", "prob"])
def test_last_rows_are_those_of_the_whole(attention, mix, depth, last, need_weights):
    decoder = Decoder([make_layer(attention, mix) for _ in range(depth)], D_MODEL)
    decoder.eval().norm.bias.data = draw(D_MODEL, seed=7)
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    whole, _, _ = decoder(rows, memory, L)
    output, _, _ = decoder(rows, memory, last, need_weights)
    torch.testing.assert_close(output, whole[:, -last:], atol=1e-5, rtol=0)


def test_gradients_of_last_rows_are_those_of_the_whole():
    decoder = Decoder([make_layer(), make_layer()], D_MODEL).eval()
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    inputs = [rows.requires_grad_(), memory.requires_grad_(), *decoder.parameters()]
    grad = draw(B, 5, D_MODEL, seed=2)
    few = torch.autograd.grad(decoder(rows, memory, 5)[0], inputs, grad)
    whole = decoder(rows, memory, L)[0][:, -5:]
    of_slice = torch.autograd.grad(whole, inputs, grad)
    for ours, theirs in zip(few, of_slice, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_weights_of_every_layer():
    decoder = Decoder([make_layer(), make_layer()], D_MODEL).eval()
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    output, self_weights, cross_weights = decoder(rows, memory, 5, need_weights=True)
    assert output.shape == (B, 5, D_MODEL)
    assert [tuple(w.shape) for w in self_weights] == [(B, 3, L, L)] * 2
    shapes = [tuple(w.shape) for w in cross_weights]
    assert shapes == [(B, 5, L, S), (B, 5, 5, S)]  # 5 heads, 5 rows leave the last
    for weights in (*self_weights, *cross_weights):
        np.testing.assert_allclose(weights.detach().sum(-1), 1.0, atol=1e-5)
    assert all(weights.triu(1).abs().max() == 0 for weights in self_weights)


@pytest.mark.parametrize("t", [0, 4, 11])
def test_later_rows_do_not_change_earlier_ones(t):
    decoder = Decoder([make_layer(), make_layer()], D_MODEL).eval()
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    changed = rows.clone()
    changed[:, t + 1 :] += 100
    before, after = decoder(rows, memory, L)[0], decoder(changed, memory, L)[0]
    torch.testing.assert_close(after[:, : t + 1], before[:, : t + 1], atol=1e-6, rtol=0)
    assert not torch.allclose(after[:, t + 1], before[:, t + 1], atol=1e-2)


def test_dropout_is_applied_in_training_only():
    layer = make_layer(dropout=0.5)
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    assert torch.equal(layer(rows, memory)[0], layer(rows, memory)[0])
    layer.train()
    assert not torch.equal(layer(rows, memory)[0], layer(rows, memory)[0])


def test_gradients_reach_every_parameter_but_key_biases():
    decoder = Decoder([make_layer(), make_layer()], D_MODEL)
    rows, _, _ = decoder(draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1), 5)
    (rows * draw(*rows.shape, seed=2)).sum().backward()
    for name, gradient in gradients_by_part(decoder).items():
        reached = gradient.abs().max() > 1e-5
        assert reached == (not name.endswith("key.bias")), name
