"""What attentions did, recorded: that it is what the forecast was made of."""

import numpy as np
import pytest
import torch

from skinformer.network import Informer
from skinformer.network.multi_head import MultiHeadAttention
from skinformer.network.recording import attend_and_record, recorded
from skinformer.network.transformer import TransformerNetwork

from .helpers import B, D, H, L, S, assert_close, draw, slow_probsparse

SEQ, LABEL, PRED, HEADS = 47, 13, 11, 3


def informer(**options):
    sizes = {"d_model": 15, "n_heads": HEADS, "d_ff": 19, "factor": 1}
    lengths = {"seq_len": SEQ, "label_len": LABEL, "pred_len": PRED}
    given = {"n_inputs": 2, "n_targets": 2, **sizes, **lengths, **options}
    net = Informer(**given).eval()
    with torch.no_grad():  # so that rows look at one another, and not all alike
        for parameter in net.parameters():
            parameter.mul_(2)
    return net


@pytest.mark.parametrize("causal", [False, True])
def test_who_is_active_is_who_attends(causal, way):
    """Against attention one query at a time, ranked in numpy."""
    module = MultiHeadAttention(
        H * D, H, attention="prob", causal=causal, factor=2
    ).eval()
    rows = draw(B, L, H * D)
    source = rows if causal else draw(B, S, H * D, seed=4)
    q, k, v = module._project(rows, source, None)
    _, expected = slow_probsparse(*(t.detach() for t in (q, k, v)), 2, causal)
    with recorded(module) as maps:
        module(rows, source)
    found = maps[module]
    np.testing.assert_array_equal(found.active.numpy(), expected)
    # a lazy query has the same weight everywhere that it may look; an active one not
    n_seen = torch.arange(1, L + 1).view(L, 1) if causal else torch.tensor(S)
    even = found.weights.isclose(1 / n_seen) | (found.weights == 0)
    later = torch.arange(L) > 0  # the first row sees only itself under the mask
    np.testing.assert_array_equal(
        even.all(dim=-1)[..., later].numpy(), ~expected[..., later]
    )
    # the active ones are those of the largest M
    least = torch.where(found.active, found.sparsity, torch.inf).amin(dim=2)
    most = torch.where(found.active, -torch.inf, found.sparsity).amax(dim=2)
    assert (least > most).all()


@pytest.mark.parametrize("attention", ["full", "prob"])
def test_weights_times_values_is_what_the_layer_returns(attention, way):
    module = MultiHeadAttention(H * D, H, attention=attention, factor=2).eval()
    rows, source = draw(B, L, H * D), draw(B, S, H * D, seed=4)
    plain, _ = module(rows, source)
    with recorded(module) as maps:
        output, _ = module(rows, source)
    weights = maps[module].weights
    assert_close(weights.sum(-1), np.ones((B, H, L)))
    _, v = module.read(source)
    heads = weights @ v  # (B, H, L, D)
    made = module.out_projection(heads.transpose(1, 2).reshape(B, L, H * D))
    assert_close(output, made.detach().numpy())
    assert_close(plain, made.detach().numpy())


def test_dense_attention_ranks_nobody():
    module = MultiHeadAttention(H * D, H).eval()
    with recorded(module) as maps:
        module(draw(B, L, H * D))
    assert maps[module].sparsity is None
    assert maps[module].active.all()
    assert maps[module].active.shape == (B, H, L)


def test_nothing_is_left_on_the_network():
    module = MultiHeadAttention(H * D, H).eval()
    with pytest.raises(ZeroDivisionError), recorded(module):
        1 / 0  # noqa: B018
    assert module(draw(B, L, H * D))[1] is None
    assert not module._forward_hooks
    assert not module._forward_pre_hooks


def test_a_network_that_trains_is_refused():
    with pytest.raises(ValueError, match="training mode"), recorded(informer().train()):
        pass


@pytest.mark.parametrize("e_layers", [3, (3, 2)])
def test_the_weights_are_those_of_the_forecast(e_layers):
    net = informer(e_layers=e_layers, d_layers=2)
    inputs = {"values": draw(5, SEQ, 2)}
    with torch.no_grad():
        expected, weights = net(**inputs, need_weights=True)
        forecast, attention = attend_and_record(net, inputs)
        plain = net(**inputs)
    assert_close(forecast, expected.numpy(), atol=0)
    assert_close(forecast, plain.numpy())
    for parts, found in zip(weights, attention, strict=True):
        assert len(parts) == len(found)
        for part, each in zip(parts, found, strict=True):
            assert_close(each.weights, part.numpy(), atol=0)
    lengths = [each.weights.shape[-1] for each in attention.encoder]
    assert lengths == ([47, 24, 12] if e_layers == 3 else [47, 24, 12, 23, 12])
    assert attention.cross[-1].weights.shape[2] == PRED
    assert attention.cross[0].weights.shape[2] == LABEL + PRED


def test_steps_of_a_transformer_are_seen_at_once():
    net = TransformerNetwork(
        n_inputs=2,
        n_targets=2,
        seq_len=SEQ,
        pred_len=PRED,
        d_model=15,
        n_heads=HEADS,
        d_ff=19,
    ).eval()
    inputs = {"values": draw(5, SEQ, 2)}
    with torch.no_grad():
        expected = net(**inputs)
        forecast, attention = attend_and_record(net, inputs)
    assert_close(forecast, expected.numpy())
    assert attention.cross[0].weights.shape == (5, HEADS, PRED, SEQ)
    later = torch.ones(PRED, PRED).triu(1).bool()
    assert (attention.decoder[0].weights[..., later] == 0).all()


def test_no_hook_reaches_the_passes_of_other_threads(monkeypatch):
    """They run through the network itself, and a recording through a copy of it."""
    net = Informer(
        n_inputs=1, n_targets=1, seq_len=12, label_len=5, pred_len=7, d_model=6,
        n_heads=2, d_ff=11,
    ).eval()  # fmt: skip
    own = [m for m in net.modules() if isinstance(m, MultiHeadAttention)]
    forward, hooks = MultiHeadAttention.forward, []

    def watched(self, *args, **kwargs):
        hooks.extend(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in own)
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(MultiHeadAttention, "forward", watched)
    attend_and_record(net, {"values": torch.randn(3, 12, 1)})
    assert hooks
    assert not any(hooks)
