import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from skinformer.network.attention import (
    MultiHeadAttention,
    active_queries,
    dense_attention,
    key_sample,
    probsparse_attention,
    sample_size,
)

B, H, L, S, D = 2, 3, 13, 17, 5


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def draw_qkv(n_queries=L, n_keys=L):
    return (
        draw(B, H, n_queries, D, seed=1),
        draw(B, H, n_keys, D, seed=2),
        draw(B, H, n_keys, D, seed=3),
    )


def softmax(scores):
    exp = np.exp(scores - scores.max())
    return exp / exp.sum()


def slow_dense(q, k, v, causal=False):
    """One query at a time, in numpy."""
    q, k, v = (t.double().numpy() for t in (q, k, v))
    output = np.empty((*q.shape[:3], v.shape[3]))
    for b, h, i in np.ndindex(*q.shape[:3]):
        n = i + 1 if causal else k.shape[2]
        scores = np.array([q[b, h, i] @ k[b, h, j] for j in range(n)])
        output[b, h, i] = softmax(scores / math.sqrt(q.shape[3])) @ v[b, h, :n]
    return output


def slow_probsparse(q, k, v, factor, causal=False, running="mean"):
    """ProbSparse attention, one query at a time, in numpy; also who was active."""
    n_queries, n_keys = q.shape[2], k.shape[2]
    n_active = min(n_queries, max(1, factor * math.ceil(math.log(n_queries))))
    U = min(n_keys, max(1, factor * math.ceil(math.log(n_keys))))
    sample = [int((i + 0.5) * n_keys / U) for i in range(U)]
    output = slow_dense(q, k, v, causal)
    q, k, v = (t.double().numpy() for t in (q, k, v))
    active = np.zeros(q.shape[:3], dtype=bool)
    for b, h in np.ndindex(*q.shape[:2]):
        scores = np.array([[row @ k[b, h, j] for j in sample] for row in q[b, h]])
        measure = [row.max() - row.sum() / U for row in scores]
        active[b, h, np.argsort(measure)[-n_active:]] = True
        for i in np.flatnonzero(~active[b, h]):
            seen = v[b, h, : i + 1] if causal else v[b, h]
            use_sum = causal and running == "sum"
            output[b, h, i] = seen.sum(axis=0) if use_sum else seen.mean(axis=0)
    return output, active


def assert_close(actual, expected, atol=1e-5):
    np.testing.assert_allclose(actual.detach().numpy(), expected, atol=atol, rtol=0)


# Dense


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize(("n_keys", "causal"), [(S, False), (L, False), (L, True)])
def test_dense_equals_slow_numpy(n_keys, causal, need_weights):
    q, k, v = draw_qkv(n_keys=n_keys)
    output, _ = dense_attention(q, k, v, causal=causal, need_weights=need_weights)
    assert_close(output, slow_dense(q, k, v, causal))


def test_dense_by_hand():
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


@pytest.mark.parametrize("attend", [dense_attention, probsparse_attention])
def test_causal_needs_as_many_queries_as_keys(attend):
    options = {} if attend is dense_attention else {"factor": 1, "random_keys": False}
    with pytest.raises(ValueError, match="13 queries and 17 keys"):
        attend(*draw_qkv(n_keys=S), causal=True, **options)


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
    sample = torch.tensor([0, 2])
    chosen = active_queries(q, k, sample, n_active=2)
    assert sorted(chosen.flatten().tolist()) == [2, 3]


def test_mean_of_measure_is_over_the_sample():
    # Over the two sampled keys: M = 5 - 3 = 2 and 3 - 0 = 3, so the second ranks first.
    # Divided by the four keys instead: 5 - 1.5 = 3.5 and 3 - 0 = 3, the first.
    q = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).view(1, 1, 2, 2)
    k = torch.tensor([[5.0, 3.0], [1.0, -3.0], [0.0, 0.0], [0.0, 0.0]])
    chosen = active_queries(q, k.view(1, 1, 4, 2), torch.tensor([0, 1]), n_active=1)
    assert chosen.flatten().tolist() == [1]


def test_ranking_has_no_gradient_and_attention_has():
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
def test_probsparse_equals_slow_numpy(n_keys, causal, running, factor, need_weights):
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
def test_all_queries_active_is_dense(causal, random_keys):
    q, k, v = draw_qkv()
    expected, _ = dense_attention(q, k, v, causal=causal)
    output, _ = probsparse_attention(
        q, k, v, factor=5, causal=causal, random_keys=random_keys
    )  # 5·⌈ln 13⌉ = 15 > 13
    assert_close(output, expected.numpy(), atol=0)


def test_lazy_rows_by_hand():
    # Factor 1, L = 3: two active. q = 0 has M = 0: row 0 is lazy.
    q = torch.tensor([0.0, 9.0, -9.0]).view(1, 1, 3, 1)
    k = torch.tensor([-9.0, 0.0, 9.0]).view(1, 1, 3, 1)
    v = torch.tensor([1.0, 2.0, 6.0]).view(1, 1, 3, 1)
    output, weights = probsparse_attention(
        q, k, v, factor=1, random_keys=False, need_weights=True
    )
    assert_close(output.flatten(), [3.0, 6.0, 1.0])
    third = 1 / 3
    assert_close(weights[0, 0], [[third, third, third], [0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize(("running", "expected"), [("mean", 2.0), ("sum", 6.0)])
def test_masked_lazy_row_by_hand(running, expected):
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
def test_no_tensor_of_all_queries_by_all_keys(causal):
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


# Dropout


def test_dropout_of_weights_is_applied_in_training_only():
    module = MultiHeadAttention(6, 2, dropout=0.5)
    rows = draw(2, 7, 6)
    assert not torch.equal(module(rows, rows)[0], module(rows, rows)[0])
    module.eval()
    assert torch.equal(module(rows, rows)[0], module(rows, rows)[0])


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("attend", ["full", "prob"])
def test_dropout_drops_single_weights(attend, need_weights):
    # Values one: a row of the output is the sum of its kept weights, doubled.
    q, k, _ = draw_qkv()
    v = torch.ones(B, H, L, D)
    options = {"dropout": 0.5, "need_weights": need_weights}
    if attend == "full":
        output, weights = dense_attention(q, k, v, **options)
        touched = np.ones((B, H, L), dtype=bool)
    else:
        output, weights = probsparse_attention(
            q, k, v, factor=2, random_keys=False, **options
        )
        touched = slow_probsparse(q, k, v, factor=2)[1]
    moved = (output[..., 0] - 1).abs().numpy() > 1e-4
    assert moved[touched].mean() > 0.9
    assert not moved[~touched].any()
    if need_weights:  # as they were before
        assert_close(weights.sum(-1), np.ones((B, H, L)))


# The module


def slow_multi_head(module, rows, source, attend, mix=False):
    """Project, cut columns h·D to (h + 1)·D out for head h, attend, join, project."""

    def project(name, x):
        layer = getattr(module, f"{name}_projection")
        return x @ layer.weight.detach().T + layer.bias.detach()

    width = rows.shape[-1] // module.n_heads
    q, k, v = project("query", rows), project("key", source), project("value", source)
    heads = []
    for h in range(module.n_heads):
        columns = slice(h * width, (h + 1) * width)
        heads.append(attend(*(t[:, None, :, columns] for t in (q, k, v)))[:, 0])
    if mix:  # batch by batch: head after head, time after time, cut into rows
        flat = np.stack(heads, axis=1).reshape(len(rows), -1)
        joined = flat.reshape(len(rows), rows.shape[1], -1)
    else:
        joined = np.concatenate(heads, axis=-1)
    return project("out", torch.as_tensor(joined, dtype=torch.float32)).numpy()


@pytest.mark.parametrize("mix", [False, True])
@pytest.mark.parametrize("n_heads", [1, 3])
@pytest.mark.parametrize("attention", ["full", "prob"])
@pytest.mark.parametrize("causal", [False, True])
def test_heads_stay_apart(attention, n_heads, mix, causal):
    module = MultiHeadAttention(
        n_heads * D,
        n_heads,
        attention=attention,
        factor=2,
        mix=mix,
        causal=causal,
        lazy_context="sum",
    ).eval()
    rows = draw(B, L, n_heads * D)
    source = rows if causal else draw(B, S, n_heads * D, seed=4)

    def attend(q, k, v):
        if attention == "full":
            return slow_dense(q, k, v, causal)
        return slow_probsparse(q, k, v, 2, causal, "sum")[0]

    output, weights = module(rows, source)
    assert weights is None
    assert_close(output, slow_multi_head(module, rows, source, attend, mix))


@pytest.mark.parametrize("attention", ["full", "prob"])
def test_permuting_the_batch_permutes_the_output(attention):
    module = MultiHeadAttention(15, 3, attention=attention, factor=1).eval()
    rows = draw(7, L, 15)
    order = torch.tensor([3, 0, 6, 1, 5, 2, 4])
    assert_close(module(rows[order], rows[order])[0], module(rows, rows)[0][order].data)


@pytest.mark.parametrize("attention", ["full", "prob"])
@pytest.mark.parametrize("causal", [False, True])
def test_one_row_gets_its_own_value(attention, causal):
    module = MultiHeadAttention(15, 3, attention=attention, causal=causal).eval()
    row = draw(1, 1, 15)
    expected = module.out_projection(module.value_projection(row))
    output, weights = module(row, row, need_weights=True)
    assert_close(output, expected.detach().numpy())
    assert_close(weights, np.ones((1, 3, 1, 1)))


def test_training_draws_a_fresh_sample_and_evaluation_does_not():
    module = MultiHeadAttention(15, 3, attention="prob", factor=1)
    rows = draw(3, 31, 15)
    trained = [module(rows, rows)[0] for _ in range(5)]
    assert any(not torch.equal(trained[0], other) for other in trained[1:])
    module.eval()
    state = torch.get_rng_state()
    assert torch.equal(module(rows, rows)[0], module(rows, rows)[0])
    assert torch.equal(torch.get_rng_state(), state)


def test_evaluation_does_not_depend_on_batch_mates():
    module = MultiHeadAttention(15, 3, attention="prob", factor=1).eval()
    rows = draw(5, 31, 15)
    together = module(rows, rows)[0]
    for i in range(5):
        alone = rows[i : i + 1]
        assert_close(module(alone, alone)[0], together[i : i + 1].detach().numpy())


def test_gradients_reach_every_parameter_but_key_biases():
    module = MultiHeadAttention(15, 3, attention="prob", factor=1)
    rows = draw(2, L, 15)
    module(rows, rows)[0].square().sum().backward()
    for name, parameter in module.named_parameters():
        # A key bias adds the same to all scores of a query: softmax does not see it.
        reached = parameter.grad.abs().max() > 1e-4
        assert reached == (name != "key_projection.bias"), name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_heads": 4}, "divisible by n_heads, got d_model=15 and n_heads=4"),
        ({"attention": "sparse"}, r"attention must be one of .*'prob'.* got 'sparse'"),
        ({"lazy_context": "max"}, r"lazy_context must be one of .*'sum'.* got 'max'"),
    ],
)
def test_unknown_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(**{"d_model": 15, "n_heads": 3} | options)


def test_projections_are_linear_layers():
    module = MultiHeadAttention(15, 3)
    names = {
        name for name, part in module.named_modules() if isinstance(part, nn.Linear)
    }
    assert names == {f"{part}_projection" for part in ("query", "key", "value", "out")}
