import numpy as np
import pytest
import torch
from torch.nn import functional as F

from skinformer.network.attention import MultiHeadAttention
from skinformer.network.decoder import Decoder, DecoderLayer

B, L, S, D_MODEL, D_FF = 2, 13, 7, 15, 11


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def make_layer(**options):
    masked = MultiHeadAttention(D_MODEL, 3, causal=True)
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
    output, _, _ = decoder(rows, memory)
    torch.testing.assert_close(output, norm(expected, decoder.norm), atol=1e-5, rtol=0)


def test_weights_of_every_layer():
    decoder = Decoder([make_layer(), make_layer()], D_MODEL).eval()
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    _, self_weights, cross_weights = decoder(rows, memory, need_weights=True)
    assert [tuple(w.shape) for w in self_weights] == [(B, 3, L, L)] * 2
    assert [tuple(w.shape) for w in cross_weights] == [(B, 5, L, S)] * 2
    for weights in (*self_weights, *cross_weights):
        np.testing.assert_allclose(weights.detach().sum(-1), 1.0, atol=1e-5)
    assert all(weights.triu(1).abs().max() == 0 for weights in self_weights)


@pytest.mark.parametrize("t", [0, 4, 11])
def test_later_rows_do_not_change_earlier_ones(t):
    decoder = Decoder([make_layer(), make_layer()], D_MODEL).eval()
    rows, memory = draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1)
    changed = rows.clone()
    changed[:, t + 1 :] += 100
    before, after = decoder(rows, memory)[0], decoder(changed, memory)[0]
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
    rows, _, _ = decoder(draw(B, L, D_MODEL), draw(B, S, D_MODEL, seed=1))
    (rows * draw(*rows.shape, seed=2)).sum().backward()
    for name, parameter in decoder.named_parameters():
        reached = parameter.grad.abs().max() > 1e-5
        assert reached == (not name.endswith("key_projection.bias")), name
