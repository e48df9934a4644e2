import numpy as np
import pytest
import torch
from torch import nn

from skinformer.network.multi_head import MultiHeadAttention

from .helpers import (
    B,
    D,
    L,
    S,
    assert_close,
    draw,
    gradients_by_part,
    slow_dense,
    slow_probsparse,
)

KINDS = [
    {"attention": attention, "causal": causal, "mix": mix}
    for attention in ("full", "prob")
    for causal in (False, True)
    for mix in (False, True)
]


def slow_multi_head(module, rows, source, attend, mix=False):
    """Project, cut columns h·D to (h + 1)·D out for head h, attend, join, project."""

    def project(part, x):  # of 3 * d_model rows, d_model each for q, k and v
        own = slice(part * x.shape[-1], (part + 1) * x.shape[-1])
        layer = module.in_projection
        return x @ layer.weight.detach()[own].T + layer.bias.detach()[own]

    width = rows.shape[-1] // module.n_heads
    q, k, v = project(0, rows), project(1, source), project(2, source)
    heads = []
    for h in range(module.n_heads):
        columns = slice(h * width, (h + 1) * width)
        heads.append(attend(*(t[:, None, :, columns] for t in (q, k, v)))[:, 0])
    if mix:  # batch by batch: head after head, time after time, cut into rows
        flat = np.stack(heads, axis=1).reshape(len(rows), -1)
        joined = flat.reshape(len(rows), rows.shape[1], -1)
    else:
        joined = np.concatenate(heads, axis=-1)
    out = module.out_projection
    return joined @ out.weight.detach().numpy().T + out.bias.detach().numpy()


@pytest.mark.parametrize("mix", [False, True])
@pytest.mark.parametrize("n_heads", [1, 3])
@pytest.mark.parametrize("attention", ["full", "prob"])
@pytest.mark.parametrize("causal", [False, True])
def test_heads_stay_apart(attention, n_heads, mix, causal, way):
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
    expected = slow_multi_head(module, rows, source, attend, mix)
    assert_close(output, expected)
    if causal:
        assert_close(module(rows)[0], expected)


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("options", KINDS, ids=str)
def test_without_source_to_themselves(options, need_weights):
    module = MultiHeadAttention(15, 3, factor=1, **options).eval()
    rows = draw(B, L, 15)
    expected, all_weights = module(rows, rows, need_weights=need_weights)
    output, weights = module(rows, need_weights=need_weights)
    assert_close(output, expected.detach().numpy())
    if need_weights:
        assert_close(weights, all_weights.detach().numpy())
    else:
        assert weights is None


@pytest.mark.parametrize("last", [1, 7, L])
@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("from_source", [False, True])
@pytest.mark.parametrize("options", KINDS, ids=str)
def test_last_rows_are_those_of_the_whole(
    options, from_source, need_weights, last, way
):
    module = MultiHeadAttention(15, 3, factor=1, lazy_context="sum", **options).eval()
    rows = draw(B, L, 15)
    dense = options["attention"] == "full"
    n_keys = S if dense or not options["causal"] else L
    source = draw(B, n_keys, 15, seed=4) if from_source else None
    whole, all_weights = module(rows, source, need_weights=need_weights)
    output, weights = module(rows, source, last=last, need_weights=need_weights)
    assert_close(output, whole[:, -last:].detach().numpy())
    if need_weights:  # of all rows
        assert_close(weights, all_weights.detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_gradients_of_last_rows_are_those_of_the_whole(options):
    module = MultiHeadAttention(15, 3, factor=1, **options).eval()
    rows, inputs = draw(B, L, 15).requires_grad_(), list(module.parameters())
    grad = draw(B, 5, 15, seed=2)
    few = torch.autograd.grad(module(rows, last=5)[0], [rows, *inputs], grad)
    of_slice = torch.autograd.grad(module(rows)[0][:, -5:], [rows, *inputs], grad)
    for ours, theirs in zip(few, of_slice, strict=True):
        assert_close(ours, theirs.numpy())


@pytest.mark.parametrize("causal", [False, True])
def test_what_was_read_is_attended_to_as_in_one_call(causal, way):
    module = MultiHeadAttention(3 * D, 3, causal=causal)
    rows, source = draw(B, L, 3 * D), draw(B, S, 3 * D, seed=1)
    given = module.attend_to(rows, *module.read(source))
    torch.testing.assert_close(given, module(rows, source)[0])
    assert [t.shape for t in module.read(source)] == [(B, 3, S, D)] * 2


def test_last_rows_project_no_other_query():
    module = MultiHeadAttention(15, 3).eval()
    rows = draw(B, L, 15).requires_grad_()
    _, weights = module(rows, draw(B, S, 15, seed=4), last=5)
    assert weights is None
    module(rows, draw(B, S, 15, seed=4), last=5)[0].sum().backward()
    assert rows.grad[:, :-5].abs().max() == 0
    assert (rows.grad[:, -5:].abs().amax(dim=2) > 0).all()


@pytest.mark.parametrize("need_weights", [False, True])
@pytest.mark.parametrize("attention", ["full", "prob"])
def test_dropout_is_applied_in_training_only(attention, need_weights):
    module = MultiHeadAttention(6, 2, attention=attention, dropout=0.5)
    rows = draw(2, 7, 6)

    def attend():
        return module(rows, need_weights=need_weights)[0]

    assert not torch.equal(attend(), attend())
    module.eval()
    assert torch.equal(attend(), attend())


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
    value = row @ module.in_projection.weight[30:].T + module.in_projection.bias[30:]
    expected = module.out_projection(value)
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
    module(rows)[0].square().sum().backward()
    gradients = gradients_by_part(module)
    assert len(gradients) == 8
    for name, gradient in gradients.items():
        # A key bias adds the same to all scores of a query: softmax does not see it.
        reached = gradient.abs().max() > 1e-4
        assert reached == (name != "key.bias"), name


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
    assert names == {"in_projection", "out_projection"}
    assert module.in_projection.weight.shape == (45, 15)
