import copy
import inspect
import pickle

import numpy as np
import pytest
import torch

from skinformer.network import Informer
from skinformer.network.dropout import Dropout
from skinformer.network.informer import AttentionWeights

from .helpers import without_gradient

# Axes of different primes, save d_model = 2·11.
SIZES = {
    "n_inputs": 3,
    "n_targets": 2,
    "n_covariates": 5,
    "cardinalities": (7, 3),
    "seq_len": 23,
    "label_len": 13,
    "pred_len": 17,
    "d_model": 22,
    "n_heads": 2,
    "d_ff": 19,
}
B, L = 4, 23 + 17


def make(**options):
    torch.manual_seed(0)
    return Informer(**SIZES | options).eval()


def draw(net, n_windows=B, seed=1):
    generator = torch.Generator().manual_seed(seed)
    length = net.seq_len + net.pred_len
    return {
        "values": torch.randn(
            n_windows, net.seq_len, net.n_inputs, generator=generator
        ),
        "covariates": torch.randn(
            n_windows, length, net.n_covariates, generator=generator
        ),
        "categories": torch.randint(0, 3, (n_windows, length, 2), generator=generator),
    }


def assert_close(actual, expected, atol=1e-5):
    torch.testing.assert_close(actual, expected, atol=atol, rtol=0)


VARIANTS = [
    {},
    {"attention": "full"},
    {"factor": 1, "decoder_attention": "prob"},
    {"distil": False, "mix": True, "activation": "relu"},
    {"e_layers": (3, 2, 1), "d_layers": 2},
    {"embedding": "fixed", "instance_norm": "mean_std"},
    {"n_heads": 1, "instance_norm": "last"},
    {"n_heads": 11, "d_model": 11, "e_layers": 3},
    {"label_len": 0},
    {"label_len": 23},
    {"seq_len": 1, "label_len": 1, "pred_len": 1},
    {"seq_len": 2, "label_len": 0, "e_layers": (2, 1)},
    {"factor": 1, "cross_attention": "prob", "d_layers": 2},
]


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_windows_are_independent(options):
    """Each window's forecast is its own: alone, permuted, twice, without a draw."""
    net = make(**options)
    inputs = draw(net)
    state = torch.get_rng_state()
    together = net(**inputs)
    assert together.shape == (B, net.pred_len, 2)
    assert torch.equal(net(**inputs), together)
    order = torch.tensor([2, 0, 3, 1])
    assert_close(net(**{k: v[order] for k, v in inputs.items()}), together[order])
    alone = torch.cat(
        [net(**{k: v[i : i + 1] for k, v in inputs.items()}) for i in range(B)]
    )
    assert_close(alone, together)
    assert together.std(dim=0).min() > 0
    assert torch.equal(torch.get_rng_state(), state)


def test_parts_are_put_together():
    """The forecast from the parts, with the decoder's input written out."""
    net = make(instance_norm="mean_std", e_layers=3, d_layers=2)
    inputs = draw(net)
    values, covariates, categories = inputs.values()
    mean = values.mean(1, keepdim=True)
    spread = values.std(1, correction=0, keepdim=True)
    normal = (values - mean) / spread
    memory, _ = net.encoder(
        net.encoder_embedding(normal, covariates[:, :23], categories[:, :23])
    )
    start = torch.cat([normal[:, 10:], torch.zeros(B, 17, 3)], dim=1)
    rows, _, _ = net.decoder(
        net.decoder_embedding(start, covariates[:, 10:], categories[:, 10:]),
        memory,
        last=17,
    )
    expected = net.projection(rows) * spread[..., :2] + mean[..., :2]
    assert_close(net(**inputs), expected)


def test_masked_attention_and_options_reach_their_places():
    net = make(
        attention="full",
        decoder_attention="prob",
        cross_attention="prob",
        mix=True,
        lazy_context="sum",
        factor=3,
        dropout=0.25,
        activation="relu",
        e_layers=(2, 1),
    )
    heads = [m for m in net.modules() if type(m).__name__ == "MultiHeadAttention"]
    found = [
        (m.attention, m.causal, m.mix, m.lazy_context, m.factor, m.dropout)
        for m in heads
    ]
    assert found == [
        ("full", False, False, "mean", 3, 0.25),
        ("full", False, False, "mean", 3, 0.25),
        ("full", False, False, "mean", 3, 0.25),
        ("prob", True, True, "sum", 3, 0.25),
        ("prob", False, False, "mean", 3, 0.25),
    ]
    drops = {m.p for m in net.modules() if isinstance(m, Dropout)}
    assert drops == {0.25}
    assert "GELU" not in repr(net)


@pytest.mark.parametrize("instance_norm", ["mean_std", "last", None])
@pytest.mark.parametrize("t", [0, 7, 15])
def test_default_decoder_is_causal(t, instance_norm):
    net = make(instance_norm=instance_norm, d_layers=2)
    inputs = draw(net)
    before = net(**inputs)
    changed = {k: v.clone() for k, v in inputs.items()}
    changed["covariates"][:, 23 + t + 1 :] += 100
    changed["categories"][:, 23 + t + 1 :] -= 3
    changed["categories"] %= 3
    after = net(**changed)
    assert_close(after[:, : t + 1], before[:, : t + 1], atol=1e-6)
    assert (after[:, t + 1 :] - before[:, t + 1 :]).abs().max() > 0.01


@pytest.mark.parametrize(
    "options",
    [{"mix": True}, {"decoder_attention": "prob"}, {"cross_attention": "prob"}],
)
def test_other_decoders_are_not(options):
    net = make(factor=1, **options)
    inputs = draw(net)
    before = net(**inputs)
    inputs["covariates"][:, -1] += 100
    assert not torch.allclose(net(**inputs)[:, :-1], before[:, :-1], atol=1e-4)


def test_training_draws_a_fresh_sample():
    net = make(dropout=0.0, factor=1, distil=False).train()
    inputs = draw(net)
    outputs = [net(**inputs) for _ in range(5)]
    assert any(not torch.equal(outputs[0], other) for other in outputs[1:])


def test_gradients_reach_every_parameter_that_can_have_one():
    net = make(e_layers=(3, 2), d_layers=2).double().train()
    inputs = draw(net, n_windows=11)
    inputs = {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()}
    inputs["categories"][..., 0] = torch.arange(11 * L).view(11, L).remainder(8)
    inputs["categories"][..., 1] = torch.arange(11 * L).view(11, L).remainder(4)
    output = net(**inputs)
    (output * torch.randn_like(output)).sum().backward()
    expected = {
        name.replace("in_projection", "key")
        for name, _ in net.named_parameters()
        if name.endswith("in_projection.bias")
    }
    assert len(expected) == 3 + 2 + 2 * 2
    # Batch normalisation takes away every bias whose circular convolution it gets.
    for replica, depth in enumerate((3, 2)):
        for i in range(depth - 1):
            expected.add(f"encoder.encoders.{replica}.layers.{i}.norm2.bias")
            expected.add(f"encoder.encoders.{replica}.distils.{i}.conv.bias")
    assert without_gradient(net) == expected


def test_one_window_whose_rows_distil_to_one_trains():
    net = make(seq_len=2, label_len=1, e_layers=3).train()
    output = net(**draw(net, n_windows=1))
    output.sum().backward()
    assert torch.isfinite(output).all()


@pytest.mark.parametrize("kind", ["mean_std", "last"])
def test_forecast_moves_with_the_level_of_the_window(kind):
    net = make(instance_norm=kind)
    inputs = draw(net)
    before = net(**inputs)
    inputs["values"] = inputs["values"] + torch.tensor([10.0, -20.0, 30.0])
    assert_close(net(**inputs), before + torch.tensor([10.0, -20.0]), atol=1e-4)


def test_forecast_scales_with_the_spread_of_the_window():
    net = make(instance_norm="mean_std")
    inputs = draw(net)
    before = net(**inputs)
    inputs["values"] = inputs["values"] * torch.tensor([3.0, 0.5, 2.0])
    assert_close(net(**inputs), before * torch.tensor([3.0, 0.5]))


def test_flat_window_stays_near_its_level():
    net = make(instance_norm="mean_std")
    inputs = draw(net)
    inputs["values"] = torch.full((B, 23, 3), 5.1)
    assert (net(**inputs) - 5.1).abs().max() < 0.1


LEVELS = (0.05, 0.25, 0.5, 0.75, 0.9)


def wide(**options):
    """Return a network whose quantiles depend on all that it reads."""
    net = make(quantiles=LEVELS, **options)
    generator = torch.Generator().manual_seed(5)
    torch.nn.init.normal_(net.spread.weight, std=0.3, generator=generator)
    return net


class TestQuantiles:
    @pytest.mark.parametrize("options", VARIANTS, ids=str)
    def test_the_median_is_the_forecast_without_them(self, options):
        plain, net = make(**options), make(quantiles=LEVELS, **options)
        inputs = draw(net)
        heads = net(**inputs)
        assert heads.shape == (B, net.pred_len, 2, 1 + 5)
        assert torch.equal(heads[..., 0], plain(**inputs))
        assert torch.equal(heads[..., 3], heads[..., 0])

    def test_weights_are_those_of_a_network_without_them(self):
        plain, other = make().state_dict(), make(quantiles=LEVELS).state_dict()
        assert set(other) - set(plain) == {"spread.weight", "spread.bias"}
        assert all(torch.equal(other[name], plain[name]) for name in plain)

    @pytest.mark.parametrize("instance_norm", ["mean_std", "last", None])
    @pytest.mark.parametrize("seed", range(5))
    def test_they_never_cross(self, seed, instance_norm):
        net = wide(instance_norm=instance_norm)
        inputs = draw(net, seed=seed)
        inputs["values"] = inputs["values"] * 10.0 ** (seed - 2)
        heads = net(**inputs)
        assert (heads[..., 1:].diff(dim=-1) > 0).all()
        width = heads[..., 5] - heads[..., 1]
        assert width.std(dim=0).min() > 0

    def test_a_correction_starts_as_the_normal_law_around_nothing(self):
        net = make(quantiles=(0.1, 0.975), residual=True, instance_norm="last")
        heads = net(**draw(net))
        expected = torch.tensor([0.0, -1.2816, 1.9600]).expand(B, 17, 2, 3)
        assert_close(heads, expected, atol=1e-4)

    def test_they_move_with_the_level_and_the_spread_of_the_window(self):
        net = wide(instance_norm="mean_std")
        inputs = draw(net)
        before = net(**inputs)
        inputs["values"] = inputs["values"] * torch.tensor([3.0, 0.5, 2.0]) + 10
        unit = torch.tensor([3.0, 0.5]).view(1, 1, 2, 1)
        assert_close(net(**inputs), before * unit + 10, atol=1e-4)

    def test_a_correction_gets_the_spread_of_the_window_and_no_level(self):
        net = wide(instance_norm="mean_std", residual=True)
        inputs = draw(net)
        before = net(**inputs)
        inputs["values"] = inputs["values"] * torch.tensor([3.0, 0.5, 2.0]) + 10
        unit = torch.tensor([3.0, 0.5]).view(1, 1, 2, 1)
        assert_close(net(**inputs), before * unit, atol=1e-4)

    def test_they_are_causal(self):
        net = wide(instance_norm="last", d_layers=2)
        inputs = draw(net)
        before = net(**inputs)
        inputs["covariates"][:, 23 + 8 :] += 100
        after = net(**inputs)
        assert_close(after[:, :8], before[:, :8], atol=1e-6)
        assert (after[:, 8:] - before[:, 8:]).abs().amax(dim=(0, 1)).min() > 0.01

    def test_they_are_put_around_the_median_by_hand(self):
        net = make(quantiles=(0.2, 0.7), instance_norm=None)
        inputs = draw(net)
        with torch.no_grad():
            net.spread.bias.copy_(torch.tensor([0.0, 1.0, -1.0, 2.0]))
        heads = net(**inputs)
        step = torch.nn.functional.softplus(net.spread.bias.detach()).view(2, 2)
        assert_close(heads[..., 1], heads[..., 0] - step[:, 0])
        assert_close(heads[..., 2], heads[..., 0] + step[:, 1])

    def test_weights_on_request_change_no_quantile(self):
        net = wide()
        inputs = draw(net)
        assert_close(net(**inputs, need_weights=True)[0], net(**inputs))


def test_unseen_category_uses_the_mean_of_the_seen_rows():
    net = make(cardinalities=(4, 3))
    inputs = draw(net)
    inputs["categories"][..., 0] = 2
    net.mark_seen(torch.tensor([[0, 0], [1, 1], [1, 2]]))
    actual = net(**inputs)
    for embed in (net.encoder_embedding, net.decoder_embedding):
        rows = embed.tables[0].weight.data
        rows[0] = (rows[0] + rows[1]) / 2
    inputs["categories"][..., 0] = 0
    assert_close(actual, net(**inputs))


def test_weights_on_request_change_nothing_and_sum_to_one():
    net = make(e_layers=(3, 1), d_layers=2, factor=2)
    inputs = draw(net)
    output, weights = net(**inputs, need_weights=True)
    assert_close(output, net(**inputs))
    assert isinstance(weights, AttentionWeights)
    assert [w.shape[2:] for w in weights.encoder] == [
        (23, 23),
        (12, 12),
        (6, 6),
        (11, 11),
    ]
    assert [w.shape[2:] for w in weights.decoder_self] == [(30, 30)] * 2
    # the last layer crosses with the 17 rows to be forecast alone
    shapes = [w.shape[2:] for w in weights.decoder_cross]
    assert shapes == [(30, 6 + 11), (17, 6 + 11)]
    for w in (*weights.encoder, *weights.decoder_self, *weights.decoder_cross):
        assert w.shape[:2] == (B, 2)
        assert_close(w.sum(-1), torch.ones(w.shape[:-1]))


@pytest.mark.parametrize(
    "options",
    [
        {"attention": "full", "d_layers": 2},
        {"decoder_attention": "prob"},
        {"decoder_attention": "prob", "mix": True},
        {"cross_attention": "prob"},
    ],
    ids=str,
)
def test_weights_on_request_change_no_forecast(options):
    net = make(factor=1, **options)
    inputs = draw(net)
    assert_close(net(**inputs, need_weights=True)[0], net(**inputs))


def test_covariates_are_optional():
    net = make(n_covariates=0, cardinalities=())
    values = draw(net)["values"]
    assert_close(net(values, torch.zeros(B, L, 0)), net(values))
    assert net(values).shape == (B, 17, 2)


@pytest.mark.parametrize(
    "copy_of", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
@pytest.mark.parametrize("options", VARIANTS[:6], ids=str)
def test_copies_forecast_the_same(copy_of, options):
    net = make(**options)
    net.mark_seen(torch.tensor([[0, 1]]))
    inputs = draw(net)
    assert torch.equal(copy_of(net)(**inputs), net(**inputs))


def test_state_is_complete():
    net, other = make(), make()
    torch.manual_seed(1)
    other = Informer(**SIZES).eval()
    net.mark_seen(torch.tensor([[0, 1]]))
    other.load_state_dict(net.state_dict())
    inputs = draw(net)
    assert torch.equal(other(**inputs), net(**inputs))


def test_training_learns_the_level_of_a_category():
    net = make(
        n_inputs=1, n_targets=1, n_covariates=0, cardinalities=(2,), dropout=0.0
    ).train()
    codes = torch.randint(0, 2, (B, L, 1), generator=torch.Generator().manual_seed(3))
    values = codes.float()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(40):
        loss = (net(values[:, :23], categories=codes) - values[:, 23:]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.02  # guessing one half costs 0.25


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        (
            "values",
            (B, 22, 3),
            r"values must have shape \(B, 23, 3\), got \(4, 22, 3\)",
        ),
        ("covariates", (B, 23, 5), r"covariates must have shape \(B, 40, 5\)"),
        ("categories", (B, 40, 1), r"categories must have shape \(B, 40, 2\)"),
        ("covariates", None, r"covariates must have shape \(B, 40, 5\), got None"),
    ],
)
def test_inputs_of_another_shape(name, shape, message):
    net = make()
    wrong = None if shape is None else torch.zeros(shape)
    with pytest.raises(ValueError, match=message):
        net(**draw(net) | {name: wrong})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_heads": 3}, "d_model must be divisible by n_heads.*d_model=22.*n_heads=3"),
        ({"label_len": 24}, "label_len must be at most seq_len=23, got 24"),
        ({"n_targets": 4}, "n_targets must be at most n_inputs=3, got 4"),
        ({"pred_len": 0}, "pred_len must be an int of at least 1, got 0"),
        ({"label_len": -1}, "label_len must be an int of at least 0, got -1"),
        ({"d_ff": 2.5}, "d_ff must be an int of at least 1, got 2.5"),
        ({"d_layers": True}, "d_layers must be an int of at least 1, got True"),
        ({"e_layers": 0}, "e_layers must be an int of at least 1, got 0"),
        ({"e_layers": ()}, r"e_layers must be an int or a sequence of them, got \(\)"),
        ({"e_layers": "3,2"}, "e_layers must be an int or a sequence of them"),
        ({"e_layers": (2, 0)}, "Each of e_layers must be .* at least 1, got 0"),
        ({"e_layers": (1,) * 6}, "e_layers must have at most 5 entries .*seq_len=23"),
        ({"cardinalities": (7, 0)}, "Each of cardinalities must be .* got 0"),
        ({"dropout": 1.0}, r"dropout must be a number in \[0, 1\), got 1.0"),
        (
            {"attention": "sparse"},
            "attention must be one of .*'full', 'prob'.*'sparse'",
        ),
        ({"decoder_attention": None}, "decoder_attention must be one of .* got None"),
        ({"cross_attention": "log"}, "cross_attention must be one of .* got 'log'"),
        ({"activation": "tanh"}, "activation must be one of .*'gelu', 'relu'.*'tanh'"),
        ({"embedding": "timeF"}, "embedding must be one of .*'learned', 'fixed'"),
        ({"instance_norm": "z"}, "instance_norm must be one of .*'mean_std'.*'z'"),
        ({"quantiles": (0.9, 0.1)}, r"quantiles=\(0.9, 0.1\) must be numbers between"),
        ({"lazy_context": "max"}, "lazy_context must be one of .*'mean', 'sum'.*'max'"),
    ],
)
def test_constructor_names_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)


def test_deepest_stack_that_fits():
    net = make(e_layers=(1, 1, 1, 1, 1))  # 23, 11, 5, 2 and 1 rows
    _, weights = net(**draw(net), need_weights=True)
    assert weights.decoder_cross[0].shape[-1] == 42


def test_numpy_integers_are_integers():
    net = make(pred_len=np.int64(17), e_layers=np.int32(2), factor=np.int64(1))
    assert net(**draw(net)).shape == (B, 17, 2)


def test_defaults_are_the_papers():
    parameters = inspect.signature(Informer).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values())
    defaults = {n: p.default for n, p in parameters.items()}
    expected = {"d_model": 512, "n_heads": 8, "d_ff": 2048, "factor": 5}
    assert expected.items() <= defaults.items()
    assert (defaults["attention"], defaults["decoder_attention"]) == ("prob", "full")
    assert defaults["cross_attention"] == "full"
    assert (defaults["mix"], defaults["lazy_context"]) == (False, "mean")


class TestInsideOtherTools:
    """The shortcuts for a CPU step aside where they cannot be looked into."""

    def net(self):
        return make(factor=1).eval()

    def test_no_window_gives_no_forecast(self):
        net = self.net()
        inputs = {name: x[:0] for name, x in draw(net).items()}
        assert net(**inputs).shape == (0, net.pred_len, net.n_targets)

    def test_back_under_autocast(self):
        net = self.net()
        inputs = draw(net)
        net(**inputs).mean().backward()
        expected = [p.grad.clone() for p in net.parameters() if p.grad is not None]
        net.zero_grad()
        loss = net(**inputs).mean()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss.backward()
        actual = [p.grad for p in net.parameters() if p.grad is not None]
        for one, other in zip(actual, expected, strict=True):
            # torch's own ways back take their products in bfloat16 here
            torch.testing.assert_close(one, other, rtol=0.1, atol=0.01)

    # torch has no batching rule of its own for its attention on a CPU
    @pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")
    def test_transforms_of_torch_func(self):
        net = self.net()
        inputs = draw(net)

        def alone(values, covariates, categories):
            one = (x.unsqueeze(0) for x in (values, covariates, categories))
            return net(*one)[0]

        assert_close(torch.func.vmap(alone)(*inputs.values()), net(**inputs))
        values = inputs.pop("values").requires_grad_()
        grad = torch.func.grad(lambda x: net(x, **inputs).sum())(values)
        net(values, **inputs).sum().backward()
        torch.testing.assert_close(grad, values.grad, rtol=1e-4, atol=1e-5)

    # torch deprecates its tracer, and warns of Python's branches in any module
    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    @pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
    def test_traced_and_saved(self, tmp_path):
        net = self.net()
        inputs = draw(net)
        traced = torch.jit.trace(net, tuple(inputs.values()), check_trace=False)
        traced.save(str(tmp_path / "net.pt"))
        again = torch.jit.load(str(tmp_path / "net.pt"))
        assert_close(again(*inputs.values()), net(**inputs))
