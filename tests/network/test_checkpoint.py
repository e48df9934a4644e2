"""How a checkpoint is read; what its network computes is in `tests/test_golden.py`."""

import argparse
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from skinformer.network import Informer, load_informer2020_state_dict

DATA = Path(__file__).parents[1] / "data"


def read(name):
    with np.load(DATA / f"informer2020_{name}.npz") as stored:
        config = json.loads(str(stored["config"]))
        weights = {
            key.removeprefix("state_dict/"): torch.tensor(stored[key])
            for key in stored.files
            if key.startswith("state_dict/")
        }
    return weights, config


@pytest.fixture
def full():
    return read("full")


def assert_same_state(network, other):
    for (name, ours), (same, theirs) in zip(
        network.state_dict().items(), other.state_dict().items(), strict=True
    ):
        assert name == same
        assert torch.equal(ours, theirs), name


def test_network_is_the_references(full):
    weights, config = full
    network = load_informer2020_state_dict(weights, config | {"attn": "prob"})
    assert isinstance(network, Informer)
    assert not network.training
    masked = network.decoder.layers[0].self_attention
    assert (masked.attention, masked.mix, masked.lazy_context) == ("prob", True, "sum")
    assert masked.causal
    cross = network.decoder.layers[0].cross_attention
    assert (cross.attention, cross.mix, cross.causal) == ("full", False, False)
    inside = network.encoder.layers[1].attention
    assert (inside.attention, inside.mix, inside.causal) == ("prob", False, False)
    assert network.instance_norm is None


def test_every_weight_is_taken(full):
    weights, config = full
    network = load_informer2020_state_dict(weights, config)
    parts = []
    for name, weight in network.state_dict().items():
        parts += weight.chunk(3) if "in_projection" in name else [weight]
    taken = sorted(part.double().sum().item() for part in parts)
    given = sorted(t.double().sum().item() for t in weights.values())
    assert taken == given


def test_projections_are_joined_queries_keys_values(full):
    weights, config = full
    network = load_informer2020_state_dict(weights, config)
    ours = {
        "encoder.attn_layers.1.attention": network.encoder.layers[1].attention,
        "decoder.layers.0.self_attention": network.decoder.layers[0].self_attention,
        "decoder.layers.0.cross_attention": network.decoder.layers[0].cross_attention,
    }
    for theirs, attention in ours.items():
        for kind in ("weight", "bias"):
            joined = getattr(attention.in_projection, kind)
            for part, rows in zip(
                ("query", "key", "value"), joined.chunk(3), strict=True
            ):
                expected = weights[f"{theirs}.{part}_projection.{kind}"]
                assert torch.equal(rows, expected), (theirs, part, kind)


def test_kernel_of_one_becomes_linear(full):
    weights, config = full
    network = load_informer2020_state_dict(weights, config)
    expected = weights["encoder.attn_layers.1.conv1.weight"][:, :, 0]
    assert torch.equal(network.encoder.layers[1].feed_forward.expand.weight, expected)


def test_tables_get_a_row_for_unknown():
    weights, config = read("stack_learned")
    network = load_informer2020_state_dict(weights, config)
    names = ["month", "day", "weekday", "hour"]
    for table, name in zip(network.encoder_embedding.tables, names, strict=True):
        rows = weights[f"enc_embedding.temporal_embedding.{name}_embed.weight"]
        assert torch.equal(table.weight[:-1], rows)
        assert torch.equal(table.weight[-1], rows.mean(dim=0))
        unknown = table(torch.tensor(len(rows)))
        torch.testing.assert_close(unknown, rows.mean(dim=0))


def test_arrays_prefix_and_position_tables(full):
    weights, config = full
    expected = load_informer2020_state_dict(weights, config)
    wrapped = {f"module.{name}": weight.numpy() for name, weight in weights.items()}
    for weight in wrapped.values():
        weight.flags.writeable = False
    for side in ("enc", "dec"):
        wrapped[f"module.{side}_embedding.position_embedding.pe"] = np.zeros(
            (1, 50, 32)
        )
    assert_same_state(load_informer2020_state_dict(wrapped, config), expected)


def test_checkpoint_is_not_shared(full):
    weights, config = full
    network = load_informer2020_state_dict(weights, config)
    before = weights["projection.bias"].clone()
    network.projection.bias.data += 1
    assert torch.equal(weights["projection.bias"], before)


def test_namespace_with_pred_len(full):
    weights, config = full
    expected = load_informer2020_state_dict(weights, config)
    config["pred_len"] = config.pop("out_len")
    del config["stack"]
    args = argparse.Namespace(**config, model="informer", s_layers=[3, 2, 1], padding=0)
    before = vars(args).copy()
    assert_same_state(load_informer2020_state_dict(weights, args), expected)
    assert vars(args) == before


@pytest.mark.parametrize("s_layers", ["2, 1", [2, 1], (2, 1)])
def test_stack_of_the_command_line(s_layers):
    weights, config = read("stack_learned")
    expected = load_informer2020_state_dict(weights, config)
    del config["stack"]
    args = argparse.Namespace(
        **config | {"e_layers": 2, "s_layers": s_layers, "model": "informerstack"}
    )
    assert_same_state(load_informer2020_state_dict(weights, args), expected)


def test_missing_and_unexpected_weights_are_named(full):
    weights, config = full
    weights["projektion.bias"] = weights.pop("projection.bias")
    del weights["encoder.conv_layers.0.downConv.weight"]
    message = (
        r"Missing: encoder\.conv_layers\.0\.downConv\.weight, projection\.bias\. "
        r"Unexpected: projektion\.bias\."
    )
    with pytest.raises(ValueError, match=message):
        load_informer2020_state_dict(weights, config)


def test_a_missing_projection_has_the_references_name(full):
    weights, config = full
    name = "decoder.layers.0.cross_attention.key_projection.bias"
    weights["in_projection.bias"] = weights.pop(name)
    message = rf"Missing: {re.escape(name)}\. Unexpected: in_projection\.bias\."
    with pytest.raises(ValueError, match=message):
        load_informer2020_state_dict(weights, config)


@pytest.mark.parametrize(
    "shape",
    [
        (5, 32),
        (32, 5),
        (32,),
    ],
    ids=str,
)
def test_a_projection_of_another_shape_has_the_references_name(full, shape):
    weights, config = full
    name = "decoder.layers.0.self_attention.value_projection.weight"
    weights[name] = torch.zeros(shape)
    message = re.escape(f"than configured: {name} {shape}.")
    with pytest.raises(ValueError, match=message):
        load_informer2020_state_dict(weights, config)


def test_weights_of_another_configuration_are_named(full):
    weights, config = full
    with pytest.raises(ValueError, match=r"Unexpected: encoder\.conv_layers\.0\.downC"):
        load_informer2020_state_dict(weights, config | {"distil": False})
    with pytest.raises(
        ValueError, match=r"Missing: encoder\.attn_layers\.2\.attention"
    ):
        load_informer2020_state_dict(weights, config | {"e_layers": 3})
    with pytest.raises(ValueError, match=r"Missing: .*\.month_embed\.emb\.weight"):
        load_informer2020_state_dict(weights, config | {"embed": "fixed"})


def test_wrong_shapes_are_named(full):
    weights, config = full
    weights["projection.weight"] = torch.zeros(5, 32)
    weights["decoder.layers.0.conv1.weight"] = torch.zeros(64, 32, 3)
    message = (
        r"another shape.*decoder\.layers\.0\.conv1\.weight \(64, 32, 3\), "
        r"projection\.weight \(5, 32\)"
    )
    with pytest.raises(ValueError, match=message):
        load_informer2020_state_dict(weights, config)


def test_layer_over_the_marks_must_be_there(full):
    weights, config = full
    del weights["enc_embedding.temporal_embedding.embed.weight"]
    with pytest.raises(
        ValueError, match=r"enc_embedding\.temporal_embedding\.embed\.weight"
    ):
        load_informer2020_state_dict(weights, config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dec_in": 5}, "enc_in and dec_in must be equal.* got 7 and 5"),
        ({"padding": 1}, "padding must be 0.* got 1"),
        ({"embed": "onehot"}, r"embed must be one of .*'timeF'.* got 'onehot'"),
        ({"attn": "log"}, r"attention must be one of .*'prob'.* got 'log'"),
        ({"stack": True}, "e_layers must be a sequence, got 2"),
        ({"distil": "yes"}, "distil must be a bool, or 0 or 1, got 'yes'"),
        ({"mix": "no"}, "mix must be a bool, or 0 or 1, got 'no'"),
        ({"mix": 2}, "mix must be a bool.* got 2"),
        ({"stack": "no", "e_layers": [2]}, "stack must be a bool.* got 'no'"),
        ({"stack": True, "e_layers": "3,x"}, "'3,2,1', got '3,x'"),
        ({"stack": True, "e_layers": ""}, "'3,2,1', got ''"),
        ({"freq": "q"}, r"freq must be one of .*'15min'; got 'q'"),
        ({"freq": 15}, "freq must be one of .* got 15"),
        ({"c_out": 8}, "n_targets must be at most n_inputs=7, got 8"),
    ],
)
def test_configurations_that_this_network_cannot_be(full, changes, message):
    weights, config = full
    with pytest.raises(ValueError, match=message):
        load_informer2020_state_dict(weights, config | changes)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda w: None, TypeError, r"mapping of names .*torch\.load.*; got NoneType"),
        (lambda w: [w], TypeError, "state_dict must be a mapping .*; got list"),
        (
            lambda w: {"epoch": 5, "state_dict": w},
            ValueError,
            r"state_dict\['state_dict'\] is a mapping.*pass checkpoint\['state_dict'\]",
        ),
        (lambda w: {1: 2}, TypeError, "name in state_dict must be a str, got 1"),
        (
            lambda w: w | {"projection.bias": None},
            TypeError,
            r"Weight 'projection\.bias' must be a Tensor .* got NoneType",
        ),
        (
            lambda w: w | {"projection.bias": w["projection.bias"] * float("nan")},
            ValueError,
            r"NaN or infinite: projection\.bias\. Load",
        ),
        (
            lambda w: w | {"projection.bias": w["projection.bias"] * 1j},
            ValueError,
            r"Weights are complex.*: projection\.bias\.",
        ),
    ],
)
def test_what_is_no_state_dict(full, change, error, message):
    weights, config = full
    with pytest.raises(error, match=message):
        load_informer2020_state_dict(change(weights), config)


@pytest.mark.parametrize("config", [None, [1], "x", [("enc_in", 7)]])
def test_what_is_no_configuration(full, config):
    message = r"config must be a mapping or an argparse\.Namespace.*; got "
    with pytest.raises(TypeError, match=message):
        load_informer2020_state_dict(full[0], config)


@pytest.mark.parametrize("freq", ["t", "min", "15min", "15t"])
def test_minutes_have_a_table(freq):
    weights, config = read("stack_learned")
    with pytest.raises(ValueError, match=r"Missing: .*\.minute_embed\.weight"):
        load_informer2020_state_dict(weights, config | {"freq": freq})
    for side in ("enc", "dec"):
        name = f"{side}_embedding.temporal_embedding.minute_embed.weight"
        weights[name] = torch.full((4, config["d_model"]), 0.25)
    network = load_informer2020_state_dict(weights, config | {"freq": freq})
    assert any(len(own) == 5 and (own == 0.25).all() for own in network.parameters())


def test_flags_may_be_numbers(full):
    weights, config = full
    expected = load_informer2020_state_dict(weights, config)
    flags = {"distil": 1, "mix": np.True_, "stack": 0, "freq": "3h"}
    assert_same_state(load_informer2020_state_dict(weights, config | flags), expected)


def test_lacking_entries_are_named(full):
    weights, config = full
    del config["out_len"], config["mix"]
    with pytest.raises(ValueError, match="configuration lacks out_len, mix"):
        load_informer2020_state_dict(weights, config)
