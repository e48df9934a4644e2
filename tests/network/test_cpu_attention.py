"""Attention with the way back by hand, held against torch's own operations."""

import math

import pytest
import torch

from skinformer.network import attention
from skinformer.network.attention import dense_attention, probsparse_attention
from skinformer.network.cpu_attention import (
    KEPT,
    KeptWeights,
    SparseAttention,
    keeps_weights,
)

from .helpers import B, D, H, L, S, assert_close, draw

ACTIVE = [[[4, 1], [0, 2], [3, 4]], [[2, 0], [1, 3], [4, 2]]]  # (B, H, u) of 5 queries


def draw_doubles(n_queries=5, n_keys=7, width=2, strided=False):
    """Return q, k and v that want gradients, or views of rows with heads inside."""
    inputs = []
    for seed, length in enumerate((n_queries, n_keys, n_keys)):
        shape = (B, length, H, width) if strided else (B, H, length, width)
        leaf = draw(*shape, seed=seed).double().requires_grad_()
        inputs.append(leaf.transpose(1, 2) if strided else leaf)
    return inputs


def draw_mask(*shape, seed=5):
    """Draw which keys a query sees: the first of them, and others."""
    mask = draw(*shape, seed=seed) > 0
    mask[..., 0] = True
    return mask


def composed_dense(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(q.shape[3])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return scores.softmax(-1) @ v


def composed_sparse(q, k, v, active, keep=None):
    """Dense attention for the active queries, the mean of v for the others."""
    is_active = torch.zeros(q.shape[:3]).scatter(2, active, 1).bool().unsqueeze(-1)
    exact = composed_dense(q, k, v if keep is None else v * keep)
    return torch.where(is_active, exact, v.mean(dim=2, keepdim=True))


def assert_same(actual, expected, inputs, atol=1e-10):
    """Hold values, and gradients of the same weighted sum, against one another."""
    assert_close(actual, expected.detach().numpy(), atol=atol)
    grad = draw(*expected.shape, seed=9).to(expected.dtype)
    of_actual = torch.autograd.grad(actual, inputs, grad)
    of_expected = torch.autograd.grad(expected, inputs, grad)
    for ours, theirs in zip(of_actual, of_expected, strict=True):
        assert_close(ours, theirs.numpy(), atol=atol)


# By hand

LOG3 = math.log(3.0)


def by_hand(n_queries):
    """Return q, k and v of width one: weights 3/4 and 1/4 of the values 4 and 8."""
    q = torch.tensor([LOG3, 0.5, -2.0][:n_queries]).view(1, 1, n_queries, 1)
    k = torch.tensor([1.0, 0.0]).view(1, 1, 2, 1)
    v = torch.tensor([4.0, 8.0]).view(1, 1, 2, 1)
    return [t.requires_grad_() for t in (q, k, v)]


def test_dense_by_hand():
    q, k, v = by_hand(1)
    output = KeptWeights.apply(q, k, v, None)
    output.sum().backward()
    assert_close(output.flatten(), [5.0])
    # d/dq = Σ w·(v − 5)·k, d/dk = w·(v − 5)·q, d/dv = w
    assert_close(q.grad.flatten(), [-0.75])
    assert_close(k.grad.flatten(), [-0.75 * LOG3, 0.75 * LOG3])
    assert_close(v.grad.flatten(), [0.75, 0.25])


def test_sparse_by_hand():
    q, k, v = by_hand(3)
    output = SparseAttention.apply(q, k, v, torch.tensor([[[0]]]), None)
    output.sum().backward()
    assert_close(output.flatten(), [5.0, 6.0, 6.0])
    assert_close(q.grad.flatten(), [-0.75, 0.0, 0.0])
    assert_close(k.grad.flatten(), [-0.75 * LOG3, 0.75 * LOG3])
    assert_close(v.grad.flatten(), [0.75 + 2 / 2, 0.25 + 2 / 2])


def test_sparse_with_a_dropped_key_by_hand():
    # The values 4 and 8 weigh as 8 and 0: 6 for the active query, the mean for others.
    q, k, v = by_hand(3)
    keep = torch.tensor([2.0, 0.0]).view(1, 1, 2, 1)
    output = SparseAttention.apply(q, k, v, torch.tensor([[[0]]]), keep)
    (output * torch.tensor([1.0, 1.0, 2.0]).view(1, 1, 3, 1)).sum().backward()
    assert_close(output.flatten(), [6.0, 6.0, 6.0])
    assert_close(q.grad.flatten(), [0.75 * (8 - 6), 0.0, 0.0])
    assert_close(k.grad.flatten(), [1.5 * LOG3, -1.5 * LOG3])
    assert_close(v.grad.flatten(), [0.75 * 2 + 3 / 2, 0.25 * 0 + 3 / 2])


# Against plain torch in double precision

MASKS = [None, (5, 7), (B * H, 5, 7)]


@pytest.mark.parametrize("strided", [False, True])
@pytest.mark.parametrize("shape", MASKS, ids=str)
def test_dense_equals_composed(shape, strided):
    inputs = draw_doubles(strided=strided)
    mask = None if shape is None else draw_mask(*shape)
    wide = mask.view(B, H, 5, 7) if shape == (B * H, 5, 7) else mask
    actual = KeptWeights.apply(*inputs, mask)
    assert_same(actual, composed_dense(*inputs, wide), inputs)


@pytest.mark.parametrize("strided", [False, True])
@pytest.mark.parametrize("with_keep", [False, True])
def test_sparse_equals_composed(with_keep, strided):
    inputs, active = draw_doubles(strided=strided), torch.tensor(ACTIVE)
    keep = draw(B, H, 7, 1, seed=6).double() if with_keep else None
    actual = SparseAttention.apply(*inputs, active, keep)
    assert_same(actual, composed_sparse(*inputs, active, keep), inputs)


@pytest.mark.parametrize("shape", MASKS, ids=str)
def test_dense_gradcheck(shape):
    mask = None if shape is None else draw_mask(*shape)
    inputs = draw_doubles()
    assert torch.autograd.gradcheck(lambda *a: KeptWeights.apply(*a, mask), inputs)


@pytest.mark.parametrize("with_keep", [False, True])
def test_sparse_gradcheck(with_keep):
    keep = draw(B, H, 7, 1, seed=6).double() if with_keep else None
    rest = torch.tensor(ACTIVE), keep
    inputs = draw_doubles()
    assert torch.autograd.gradcheck(lambda *a: SparseAttention.apply(*a, *rest), inputs)


@pytest.mark.parametrize("kind", ["sum", "transposed", "expanded"])
def test_gradient_that_is_strided(kind):
    inputs, active = draw_doubles(), torch.tensor(ACTIVE)
    grad = {
        "sum": torch.ones(()).double().expand(B, H, 5, 2),
        "transposed": draw(B, 5, H, 2, seed=8).double().transpose(1, 2),
        "expanded": draw(B, 1, 5, 2, seed=8).double().expand(-1, H, -1, -1),
    }[kind]
    pairs = [
        (KeptWeights.apply(*inputs, None), composed_dense(*inputs)),
        (
            SparseAttention.apply(*inputs, active, None),
            composed_sparse(*inputs, active),
        ),
    ]
    for actual, expected in pairs:
        ours = torch.autograd.grad(actual, inputs, grad)
        theirs = torch.autograd.grad(expected, inputs, grad)
        for own, other in zip(ours, theirs, strict=True):
            assert_close(own, other.numpy(), atol=1e-10)


@pytest.mark.parametrize("wanted", range(3))
def test_one_input_alone_wants_a_gradient(wanted):
    inputs, active = [t.detach() for t in draw_doubles()], torch.tensor(ACTIVE)
    one = [inputs[wanted].requires_grad_()]
    assert_same(KeptWeights.apply(*inputs, None), composed_dense(*inputs), one)
    actual = SparseAttention.apply(*inputs, active, None)
    assert_same(actual, composed_sparse(*inputs, active), one)


def test_mask_and_inputs_are_left_as_they_were():
    inputs, mask = draw_doubles(), draw_mask(5, 7)
    keep = draw(B, H, 7, 1, seed=6).double()
    before = [t.detach().clone() for t in (*inputs, mask, keep)]
    KeptWeights.apply(*inputs, mask).sum().backward()
    SparseAttention.apply(*inputs, torch.tensor(ACTIVE), keep).sum().backward()
    for now, then in zip((*inputs, mask, keep), before, strict=True):
        assert torch.equal(now, then)


@pytest.mark.parametrize("function", ["dense", "sparse"])
def test_input_changed_before_going_back_is_noticed(function):
    inputs = [t * 1 for t in draw_doubles()]
    rest = (None,) if function == "dense" else (torch.tensor(ACTIVE), None)
    apply = KeptWeights.apply if function == "dense" else SparseAttention.apply
    output = apply(*inputs, *rest)
    inputs[1].mul_(2)
    with pytest.raises(RuntimeError, match=r"modified (by an )?inplace"):
        output.sum().backward()


# Differentiated twice


def differentiate_twice(apply, inputs, squared, ask):
    """Differentiate the squares of the gradients of Σ output, or of its square."""
    output = apply(*inputs)
    loss = output.square().sum() if squared else output.sum()
    first = torch.autograd.grad(loss, inputs, create_graph=True)
    again = sum(grad.square().sum() for grad in first)
    again = again + sum(t.square().sum() for t in inputs)  # what else leads to them
    if ask == "grad":
        torch.autograd.grad(again, inputs)
    else:
        again.backward()


@pytest.mark.parametrize(
    ("squared", "ask"),
    [
        (True, "backward"),
        (True, "grad"),
        (False, "backward"),
        (False, "grad"),
    ],
)
@pytest.mark.parametrize("function", ["dense", "sparse"])
def test_twice_is_refused(function, squared, ask):
    rest = (None,) if function == "dense" else (torch.tensor(ACTIVE), None)
    function = KeptWeights if function == "dense" else SparseAttention
    with pytest.raises(RuntimeError, match="twice"):
        differentiate_twice(
            lambda *a: function.apply(*a, *rest), draw_doubles(), squared, ask
        )


# Against the other way of attention.py


def attend_both_ways(monkeypatch, attend, inputs, **options):
    """Return the outputs of both ways, from the same draws."""
    outputs = []
    for decide in (lambda *_: True, lambda *_: False):
        monkeypatch.setattr(attention, "keeps_weights", decide)
        torch.manual_seed(7)
        outputs.append(attend(*inputs, **options)[0])
    return outputs


def draw_strided(n_queries=L, n_keys=L):
    """Return q, k and v as one projection leaves them: heads inside, side by side."""
    leaf = draw(B, n_keys, 3, H, D).requires_grad_()
    q, k, v = (part.transpose(1, 2) for part in leaf.unbind(2))
    return leaf, (q[:, :, -n_queries:], k, v)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize(
    ("n_queries", "n_keys", "causal"), [(L, S, False), (L, L, True), (L, S, True)]
)
def test_both_ways_of_dense_attention(monkeypatch, n_queries, n_keys, causal, dropout):
    leaf, inputs = draw_strided(n_queries, n_keys)
    kept, composed = attend_both_ways(
        monkeypatch, dense_attention, inputs, causal=causal, dropout=dropout
    )
    assert type(kept.grad_fn).__name__ == "KeptWeightsBackward"
    assert_same(kept, composed, [leaf], atol=1e-5)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("random_keys", [False, True])
@pytest.mark.parametrize(
    ("n_queries", "n_keys", "causal"), [(L, S, False), (L, L, False), (L, L, True)]
)
def test_both_ways_of_probsparse_attention(
    monkeypatch, n_queries, n_keys, causal, random_keys, dropout
):
    leaf, inputs = draw_strided(n_queries, n_keys)
    kept, composed = attend_both_ways(
        monkeypatch,
        probsparse_attention,
        inputs,
        factor=2,
        causal=causal,
        random_keys=random_keys,
        dropout=dropout,
    )
    taken = "Scatter" if causal else "SparseAttentionBackward"
    assert type(kept.grad_fn).__name__.startswith(taken)
    assert_same(kept, composed, [leaf], atol=1e-5)


# Where they are used


def kept(width=7, n_keys=5, n_queries=5, device="cpu", dtype=torch.float32):
    """Ask for heads (2, 4, n, width), which take the place of one number."""
    q = torch.empty(1, device=device).expand(2, 4, 1000, width)
    k = torch.empty(1, device=device).expand(2, 4, n_keys, width)
    return keeps_weights(q, k, k.to(dtype), n_queries)


def test_weights_are_kept_up_to_a_number():
    # 2·4·256·128 = 2**18, the number for every column of a head
    n_keys = KEPT // 2**11
    assert kept(1, n_keys, 256)
    assert not kept(1, n_keys, 257)
    assert kept(3, n_keys, 3 * 256)
    assert not kept(3, n_keys, 3 * 256 + 1)


def test_weights_are_kept_in_plain_runs_on_a_cpu_only(monkeypatch):
    assert kept()
    assert not kept(device="meta")
    assert not kept(dtype=torch.bfloat16)
    for module in (torch.compiler, torch.jit):
        name = "is_compiling" if module is torch.compiler else "is_tracing"
        with monkeypatch.context() as patch:
            patch.setattr(module, name, lambda: True)
            assert not kept()
