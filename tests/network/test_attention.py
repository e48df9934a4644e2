import math
from functools import partial

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from skinformer.network.attention import (
    dense_attention,
    key_sample,
    probsparse_attention,
    rank_queries,
    sample_size,
    sparsity,
)

from .helpers import (
    B,
    D,
    H,
    L,
    S,
    assert_close,
    draw,
    draw_qkv,
    slow_dense,
    slow_probsparse,
)

ATTENDS = {
    "full": dense_attention,
    "prob": partial(probsparse_attention, factor=2, random_keys=False),
}

# Dense


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize(
    ("n_keys", "causal"), [(S, False), (7, False), (L, False), (L, True), (S, True)]
)
def test_dense_equals_slow_numpy(n_keys, causal, need_weights, way):
    q, k, v = draw_qkv(n_keys=n_keys)
    output, _ = dense_attention(q, k, v, causal=causal, need_weights=need_weights)
    assert_close(output, slow_dense(q, k, v, causal))


def test_dense_by_hand(way):
    q = torch.tensor([math.log(3.0), 0.0]).view(1, 1, 2, 1)
    k = torch.tensor([1.0, 0.0]).view(1, 1, 2, 1)
    v = torch.tensor([4.0, 8.0]).view(1, 1, 2, 1)
    output, weights = dense_attention(q, k, v, need_weights=True)
    assert_close(weights[0, 0], [[0.75, 0.25], [0.5, 0.5]])
    assert_close(output.flatten(), [5.0, 6.0])


def test_causal_weights_are_zero_above_the_diagonal():
    _, weights = dense_attention(*draw_qkv(), causal=True, need_weights=True)
    assert_close(weights.triu(1), np.zeros((B, H, L, L)), atol=0)
    assert_close(weights.sum(-1), np.ones((B, H, L)))


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("last", [1, 5, 13])
def test_fewer_causal_queries_are_the_last_ones(last, need_weights, way):
    q, k, v = draw_qkv()
    options = {"causal": True, "need_weights": need_weights}
    whole, all_weights = dense_attention(q, k, v, **options)
    output, weights = dense_attention(q[:, :, -last:], k, v, **options)
    assert_close(output, whole[:, :, -last:].numpy(), atol=1e-6)
    if need_weights:
        assert_close(weights, all_weights[:, :, -last:].numpy(), atol=1e-6)


def test_two_causal_queries_of_three_keys_by_hand(way):
    # Alike keys: the first query sees the values 2 and 4, the second 9 too.
    q, k = torch.zeros(1, 1, 2, 1), torch.zeros(1, 1, 3, 1)
    v = torch.tensor([2.0, 4.0, 9.0]).view(1, 1, 3, 1)
    assert_close(dense_attention(q, k, v, causal=True)[0].flatten(), [3.0, 5.0])


def test_more_causal_queries_than_keys():
    with pytest.raises(
        ValueError, match=r"as many keys as queries, got 17 .* and 13 k"
    ):
        dense_attention(*draw_qkv(n_queries=S, n_keys=L), causal=True)


@pytest.mark.parametrize(("n_queries", "n_keys"), [(L, S), (S, L)])
def test_causal_probsparse_needs_as_many_queries_as_keys(n_queries, n_keys):
    q, k, v = draw_qkv(n_queries, n_keys)
    message = f"as many queries as keys, got {n_queries} queries and {n_keys} keys"
    with pytest.raises(ValueError, match=message):
        probsparse_attention(q, k, v, causal=True, factor=1, random_keys=False)


def test_fewer_causal_queries_that_are_all_active():
    q, k, v = draw_qkv(n_keys=S)
    output, _ = probsparse_attention(
        q, k, v, causal=True, factor=5, random_keys=False
    )  # 5·⌈ln 13⌉ = 15 > 13
    assert_close(output, slow_dense(q, k, v, causal=True))


# ProbSparse: the parts


@pytest.mark.parametrize(
    ("length", "factor", "expected"),
    # ln 96 = 4.56, ln 720 = 6.58, ln 2 = 0.69, ln 1 = 0
    [(96, 5, 25), (720, 5, 35), (96, 1, 5), (2, 1, 1), (1, 5, 1), (3, 5, 3)],
)
def test_sample_size(length, factor, expected):
    assert sample_size(length, factor) == expected


@pytest.mark.parametrize(
    ("length", "size", "expected"),
    [(12, 3, [2, 6, 10]), (7, 3, [1, 3, 5]), (5, 5, [0, 1, 2, 3, 4]), (1, 1, [0])],
)
def test_evenly_spaced_keys(length, size, expected):
    assert key_sample(length, size, random=False).tolist() == expected


def test_random_keys_are_distinct_and_from_the_default_generator():
    torch.manual_seed(5)
    first = key_sample(97, 23, random=True)
    second = key_sample(97, 23, random=True)
    torch.manual_seed(5)
    assert key_sample(97, 23, random=True).tolist() == first.tolist()
    assert len(set(first.tolist())) == 23
    assert first.tolist() != second.tolist()
    assert first.min() >= 0
    assert first.max() < 97


def test_the_queries_with_the_largest_measure_are_active():
    # Keys sampled: -1 and 3. q·k = (-q, 3q), so M = max(-q, 3q) - q:
    # q = 0, 1, -4, 2, -1 give M = 0, 2, 8, 4, 2. The key between is not asked.
    q = torch.tensor([0.0, 1.0, -4.0, 2.0, -1.0]).view(1, 1, 5, 1)
    k = torch.tensor([-1.0, 100.0, 3.0]).view(1, 1, 3, 1)
    scores, chosen = rank_queries(q, k, 1, random_keys=False)
    assert scores.flatten().tolist() == [0, 2, 8, 4, 2]
    assert sorted(chosen.flatten().tolist()) == [2, 3]


def test_mean_of_measure_is_over_the_sample():
    # Over the two sampled keys: M = 5 - 3 = 2 and 3 - 0 = 3, so the second ranks first.
    # Divided by the four keys instead: 5 - 1.5 = 3.5 and 3 - 0 = 3, the first.
    q = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).view(1, 1, 2, 2)
    k = torch.tensor([[5.0, 3.0], [1.0, -3.0], [0.0, 0.0], [0.0, 0.0]])
    found = sparsity(q, k.view(1, 1, 4, 2), torch.tensor([0, 1]))
    assert found.flatten().tolist() == [2, 3]


def test_ranking_has_no_gradient_and_attention_has(way):
    q, k, v = (t.requires_grad_() for t in draw_qkv())
    output, _ = probsparse_attention(q, k, v, factor=1, random_keys=False)
    output.sum().backward()
    _, active = slow_probsparse(q.detach(), k.detach(), v.detach(), factor=1)
    touched = q.grad.abs().sum(-1) > 0
    assert touched.numpy().tolist() == active.tolist()
    assert (v.grad.abs().sum(-1) > 0).all()


# ProbSparse: the whole


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("factor", [1, 2, 4])
@pytest.mark.parametrize(
    ("n_keys", "causal", "running"),
    [(S, False, "mean"), (L, False, "sum"), (L, True, "mean"), (L, True, "sum")],
)
def test_probsparse_equals_slow_numpy(
    n_keys, causal, running, factor, need_weights, way
):
    q, k, v = draw_qkv(n_keys=n_keys)
    output, _ = probsparse_attention(
        q,
        k,
        v,
        factor=factor,
        causal=causal,
        lazy_context=running,
        random_keys=False,
        need_weights=need_weights,
    )
    assert_close(output, slow_probsparse(q, k, v, factor, causal, running)[0])


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("random_keys", [False, True])
def test_all_queries_active_is_dense(causal, random_keys, way):
    q, k, v = draw_qkv()
    expected, _ = dense_attention(q, k, v, causal=causal)
    output, _ = probsparse_attention(
        q, k, v, factor=5, causal=causal, random_keys=random_keys
    )  # 5·⌈ln 13⌉ = 15 > 13
    assert_close(output, expected.numpy(), atol=0)


@pytest.mark.parametrize("need_weights", [False, True])
def test_lazy_rows_by_hand(need_weights, way):
    # Factor 1, L = 3: two active. q = 0 has M = 0: row 0 is lazy.
    q = torch.tensor([0.0, 9.0, -9.0]).view(1, 1, 3, 1)
    k = torch.tensor([-9.0, 0.0, 9.0]).view(1, 1, 3, 1)
    v = torch.tensor([1.0, 2.0, 6.0]).view(1, 1, 3, 1)
    output, weights = probsparse_attention(
        q, k, v, factor=1, random_keys=False, need_weights=need_weights
    )
    assert_close(output.flatten(), [3.0, 6.0, 1.0])
    if need_weights:
        third = 1 / 3
        assert_close(weights[0, 0], [[third, third, third], [0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize(("running", "expected"), [("mean", 2.0), ("sum", 6.0)])
def test_masked_lazy_row_by_hand(running, expected, way):
    # Row 2 has M = 0; it sees the values 1, 2, 3.
    q = torch.tensor([9.0, -9.0, 0.0]).view(1, 1, 3, 1)
    k = torch.tensor([-9.0, 0.0, 9.0]).view(1, 1, 3, 1)
    v = torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 3, 1)
    output, _ = probsparse_attention(
        q, k, v, factor=1, causal=True, lazy_context=running, random_keys=False
    )
    assert_close(output.flatten(), [1.0, 1.0, expected])


def test_weights_are_exact_for_active_and_uniform_for_lazy():
    q, k, v = draw_qkv()
    _, active = slow_probsparse(q, k, v, factor=2)
    _, exact = dense_attention(q, k, v, need_weights=True)
    output, weights = probsparse_attention(
        q, k, v, factor=2, random_keys=False, need_weights=True
    )
    expected = np.where(active[..., None], exact, 1 / L)
    assert 0 < active.mean() < 1
    assert_close(weights, expected)
    assert_close(weights.sum(-1), np.ones((B, H, L)))
    assert_close(output, (weights @ v).numpy())


@pytest.mark.parametrize("running", ["mean", "sum"])
def test_masked_weights_are_what_values_are_multiplied_with(running):
    q, k, v = draw_qkv()
    _, active = slow_probsparse(q, k, v, factor=2, causal=True)
    output, weights = probsparse_attention(
        q,
        k,
        v,
        factor=2,
        causal=True,
        lazy_context=running,
        random_keys=False,
        need_weights=True,
    )
    assert_close(output, (weights @ v).numpy())
    assert_close(weights.triu(1), np.zeros((B, H, L, L)), atol=0)
    count = 1 if running == "mean" else np.arange(1, L + 1)
    assert_close(weights.sum(-1), np.where(active, 1, count))


class Shapes(TorchDispatchMode):
    """Record the shape of every tensor that torch makes."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        made = result if isinstance(result, tuple | list) else (result,)
        self.seen += [tuple(t.shape) for t in made if isinstance(t, torch.Tensor)]
        return result

    def __enter__(self):
        self.seen = []
        return super().__enter__()


@pytest.mark.parametrize("causal", [False, True])
def test_no_tensor_of_all_queries_by_all_keys(causal, way):
    length, width = 211, 3
    q, k, v = draw(3, 1, 1, length, width)
    with Shapes() as shapes:
        probsparse_attention(q, k, v, factor=2, causal=causal, random_keys=True)
    assert len(shapes.seen) > 5
    # At most a row of scores for each active query or sampled key: 2·⌈ln 211⌉ = 12.
    assert max(math.prod(shape) for shape in shapes.seen) <= length * 12
    assert max(len(shape) for shape in shapes.seen) == 4


def test_half_precision_products_meet_sums_in_full_precision():
    q, k, v = draw_qkv()
    expected, _ = slow_probsparse(q, k, v, factor=2, causal=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output, weights = probsparse_attention(
            q, k, v, factor=2, causal=True, random_keys=False, need_weights=True
        )
    assert output.shape == (B, H, L, D)
    assert_close(output.float().mean(), expected.mean(), atol=0.05)
    assert_close(weights.float().sum(-1), np.ones((B, H, L)), atol=0.05)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("attention", ["full", "prob"])
def test_half_precision_products_go_back(attention, causal, way):
    """Autocast hands in float32 and takes the products in bfloat16."""
    inputs = [t.requires_grad_() for t in draw_qkv()]
    expected, _ = ATTENDS[attention](*inputs, causal=causal)
    grad = draw(B, H, L, D, seed=4)
    expected_grads = torch.autograd.grad(expected, inputs, grad)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output, _ = ATTENDS[attention](*inputs, causal=causal)
    assert_close(output.float(), expected.detach().numpy(), atol=0.05)
    grads = torch.autograd.grad(output, inputs, grad.to(output.dtype))
    for actual, wanted in zip(grads, expected_grads, strict=True):
        assert_close(actual.float(), wanted.numpy(), atol=0.1)


# Dropout

KINDS = [("full", False), ("full", True), ("prob", False), ("prob", True)]


def active_of(attention, causal, q, k, v):
    """Return which queries (B, H, L_Q) attend to keys one by one."""
    if attention == "full":
        return torch.ones(q.shape[:3], dtype=torch.bool)
    return torch.as_tensor(slow_probsparse(q, k, v, 2, causal)[1])


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize(("attention", "causal"), KINDS)
def test_dropout_drops_a_key_for_all_queries_of_a_head(
    attention, causal, need_weights, way
):
    # The values are unit vectors: a row of the output is its weights, key by key.
    q, k, v = (
        draw(B, H, L, L),
        draw(B, H, L, L, seed=1),
        torch.eye(L).expand(B, H, -1, -1),
    )
    attend = partial(ATTENDS[attention], q, k, v, causal=causal)
    whole, _ = attend()
    output, weights = attend(dropout=0.6, need_weights=need_weights)
    active = active_of(attention, causal, q, k, v).unsqueeze(-1)
    shares = torch.where(active & (whole > 0), output / whole, torch.zeros(()))
    keep = shares.amax(dim=2, keepdim=True)  # (B, H, 1, L_K)
    # 1 / (1 - p) = 2.5; and a lazy query has the mean of all values.
    assert_close(output, torch.where(active, whole * keep, whole).numpy(), atol=1e-6)
    assert_close(keep, np.where(keep > 0, 2.5, 0), atol=1e-4)
    assert len(keep.gt(0).flatten(0, 2).unique(dim=0)) == B * H
    assert active.all() == (attention == "full")
    if need_weights:  # as they were before
        assert_close(weights, whole.numpy(), atol=1e-6)


def test_dropout_rate_of_keys(way):
    # Alike keys and unit vectors: a row of the output is what is kept, over 7.
    n_windows, p = 1009, 0.25
    q = k = torch.zeros(n_windows, H, 7, 7)
    v = torch.eye(7).expand(n_windows, H, -1, -1)
    output, _ = dense_attention(q[:, :, :2], k, v, dropout=p)
    dropped = (output[:, :, 0] == 0).double()  # (B, H, L_K)
    assert dropped.mean() == pytest.approx(p, abs=5 * share_spread(p, dropped))
    heads = dropped[:, 0] * dropped[:, 1]
    assert heads.mean() == pytest.approx(p**2, abs=5 * share_spread(p**2, heads))
    windows = dropped[1:] * dropped[:-1]
    assert windows.mean() == pytest.approx(p**2, abs=5 * share_spread(p**2, windows))


def share_spread(p, draws):
    """Return the standard deviation of the mean of draws of 0 and 1."""
    return (p * (1 - p) / draws.numel()) ** 0.5


@pytest.mark.parametrize(("attention", "causal"), KINDS)
def test_dropout_keeps_the_expectation(attention, causal, way):
    n_windows, p = 2003, 0.25
    q, k, v = (t[:1] for t in draw_qkv())
    attend = partial(ATTENDS[attention], causal=causal)
    whole, weights = attend(q, k, v, need_weights=True)
    many = (t.expand(n_windows, -1, -1, -1) for t in (q, k, v))
    mean = attend(*many, dropout=p)[0].mean(dim=0, keepdim=True)
    # Of a sum of w·v·keep, where keep varies by p / (1 - p)
    spread = (weights**2 @ v**2 * p / (1 - p) / n_windows).sqrt()
    assert ((mean - whole).abs() < 5 * spread + 1e-5).all()


def test_sparsity_is_how_far_the_largest_product_is_above_the_mean():
    q = torch.tensor([[3.0, 0.0], [0.0, 2.0], [-1.0, -1.0]]).view(1, 1, 3, 2)
    k = torch.tensor([[1.0, 0.0], [9.0, 9.0], [-2.0, 5.0]]).view(1, 1, 3, 2)
    # of keys 0 and 2: q·k = (3, -6), (0, 10), (-1, -3)
    found = sparsity(q, k, torch.tensor([0, 2]))
    assert found.flatten().tolist() == [4.5, 5.0, 1.0]
