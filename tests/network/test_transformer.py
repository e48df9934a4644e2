import pytest
import torch

from skinformer.network.decoder import DecoderLayer
from skinformer.network.multi_head import MultiHeadAttention
from skinformer.network.transformer import LayerCache, TransformerNetwork, decode_row

from .helpers import draw, without_gradient

# Axes of different primes, save d_model = 2·11.
SIZES = {
    "n_inputs": 3,
    "n_targets": 2,
    "n_covariates": 5,
    "cardinalities": (7, 3),
    "seq_len": 23,
    "pred_len": 17,
    "d_model": 22,
    "n_heads": 2,
    "d_ff": 19,
}
B, L = 4, 23 + 17
VARIANTS = [
    {},
    {"e_layers": 1, "d_layers": 3},
    {"n_heads": 11, "instance_norm": "last"},
    {"n_heads": 1, "instance_norm": "mean_std", "activation": "relu"},
    {"n_inputs": 2, "d_layers": 2},
]


def make(**options):
    torch.manual_seed(0)
    return TransformerNetwork(**SIZES | options).eval()


def inputs(n_inputs=3, seed=1):
    codes = torch.randint(0, 3, (B, L, 2), generator=torch.manual_seed(seed))
    return {
        "values": draw(B, 23, n_inputs, seed=seed),
        "covariates": draw(B, L, 5, seed=seed + 1),
        "categories": codes,
    }


def assert_close(actual, expected):
    torch.testing.assert_close(actual, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_fed_with_its_own_forecasts_one_pass_equals_step_by_step(options):
    net, given = make(**options), inputs(options.get("n_inputs", 3))
    steps = net(**given)
    assert steps.shape == (B, 17, 2)
    assert_close(net(**given, targets=steps), steps)
    # and others do not
    assert not torch.isclose(net(**given, targets=steps + 1)[:, 1:], steps[:, 1:]).all()


def test_step_by_step_is_what_repeated_passes_give():
    """The definition: every row from a whole pass over the rows before it."""
    net, given = make(d_layers=2), inputs()
    targets = torch.zeros(B, 17, 2)
    for t in range(17):
        targets[:, t] = net(**given, targets=targets)[:, t].detach()
    assert_close(net(**given), targets)


def test_a_row_of_a_pass_is_fed_with_the_rows_before_it():
    net, given = make(), inputs()
    targets = draw(B, 17, 2, seed=5)
    before = net(**given, targets=targets)
    targets[:, 8] += 1.0
    after = net(**given, targets=targets)
    assert torch.equal(after[:, :9], before[:, :9])
    assert not torch.isclose(after[:, 9:], before[:, 9:]).all(dim=0).any()


@pytest.mark.parametrize("t", [0, 1, 8, 16])
@pytest.mark.parametrize("forced", [False, True])
def test_later_covariates_change_no_earlier_step(t, forced):
    net, given = make(d_layers=2), inputs()
    if forced:
        given["targets"] = draw(B, 17, 2, seed=5)
    before = net(**given)
    given["covariates"][:, 23 + t :] += 1e3
    given["categories"][:, 23 + t :] = 1
    after = net(**given)
    assert_close(after[:, :t], before[:, :t])
    assert not torch.isclose(after[:, t:], before[:, t:]).all(dim=0).any()


def test_windows_are_independent():
    net, given = make(dropout=0.3, d_layers=2), inputs()
    state = torch.get_rng_state()
    together = net(**given)
    for i in range(B):
        alone = net(**{name: tensor[i : i + 1] for name, tensor in given.items()})
        assert_close(alone[0], together[i])
    assert torch.equal(torch.get_rng_state(), state)


def test_a_layer_decodes_a_row_alone_as_among_others(way):
    masked, cross = MultiHeadAttention(10, 2, causal=True), MultiHeadAttention(10, 5)
    layer = DecoderLayer(masked, cross, d_model=10, d_ff=19).eval()
    rows, memory = draw(3, 13, 10), draw(3, 7, 10, seed=1)
    expected = layer(rows, memory)[0]
    with torch.no_grad():
        cache = LayerCache.start(layer, memory, 13)
        given = [decode_row(layer, rows[:, t : t + 1], cache, t) for t in range(13)]
    assert_close(torch.cat(given, dim=1), expected)


def test_gradients_reach_every_parameter():
    net = make(d_layers=2).train()
    net(**inputs(), targets=draw(B, 17, 2)).square().sum().backward()
    # softmax takes no notice of what is added to all keys of a query
    names = without_gradient(net, atol=1e-5)
    assert all(name.endswith("key.bias") for name in names), names


def test_the_order_of_rows_matters():
    net, given = make(n_covariates=0, cardinalities=()), inputs()
    values = given["values"]
    turned = torch.cat([values[:, :-1].flip(1), values[:, -1:]], dim=1)
    assert not torch.isclose(net(values), net(turned)).any()


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="d_model=22 and n_heads=3"):
        make(n_heads=3)
