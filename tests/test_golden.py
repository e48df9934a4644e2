"""The authors' network: its stored outputs, and every option of its configuration.

Three outputs of the reference implementation are stored. For the options that they do
not cover, `reference_forecast` computes its forward pass in numpy and float64 from
`tests/data/README.md`, on the names that it gives its weights. It is first held against
the stored outputs, then the package's network against it.
"""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from skinformer.network import load_informer2020_state_dict

FILES = sorted((Path(__file__).parent / "data").glob("*.npz"))


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# The reference, one function for each part


def linear(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def circular_conv(w, name, x):
    """Kernel 3 over (B, L, C): y[t] = Σ_k W[:, :, k] x[t + k − 1]."""
    kernel = w[f"{name}.weight"]
    y = sum(np.roll(x, 1 - k, axis=1) @ kernel[:, :, k].T for k in range(3))
    return y + w[f"{name}.bias"]


def pointwise_conv(w, name, x):
    return x @ w[f"{name}.weight"][:, :, 0].T + w[f"{name}.bias"]


def layer_norm(w, name, x):
    x = x - x.mean(axis=-1, keepdims=True)
    x = x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5)
    return x * w[f"{name}.weight"] + w[f"{name}.bias"]


def activate(kind, x):
    if kind == "relu":
        return np.maximum(x, 0)
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def attend_full(q, k, v, masked):
    """One head: (L_Q, D), (L_K, D) and (L_K, D)."""
    rows = []
    for i, query in enumerate(q):
        n = i + 1 if masked else len(k)
        rows.append(softmax(k[:n] @ query / math.sqrt(len(query))) @ v[:n])
    return np.array(rows)


def attend_prob(q, k, v, masked, factor):
    """One head, with evenly spaced keys where the reference draws them at random."""
    n_keys = min(len(k), factor * math.ceil(math.log(len(k))))
    n_active = min(len(q), factor * math.ceil(math.log(len(q))))
    sample = [int((i + 0.5) * len(k) / n_keys) for i in range(n_keys)]
    measure = [(k[sample] @ row).max() - (k[sample] @ row).mean() for row in q]
    active = np.argsort(measure)[len(q) - n_active :]
    if masked:
        rows = np.cumsum(v, axis=0)
    else:
        rows = np.repeat(v.mean(axis=0, keepdims=True), len(q), axis=0)
    rows[active] = attend_full(q, k, v, masked)[active]
    return rows


def attention(w, name, c, x, source, kind, masked=False, mix=False):
    q = linear(w, f"{name}.query_projection", x)
    k = linear(w, f"{name}.key_projection", source)
    v = linear(w, f"{name}.value_projection", source)
    width = c["d_model"] // c["n_heads"]
    result = np.empty_like(x)
    for b in range(len(x)):
        heads = []
        for start in range(0, c["d_model"], width):
            one = [t[b][:, start : start + width] for t in (q, k, v)]
            if kind == "full":
                heads.append(attend_full(*one, masked))
            else:
                heads.append(attend_prob(*one, masked, c["factor"]))
        if mix:
            result[b] = np.stack(heads).reshape(x.shape[1:])
        else:
            result[b] = np.concatenate(heads, axis=1)
    return linear(w, f"{name}.out_projection", result)


def feed_forward(w, name, c, x):
    inner = activate(c["activation"], pointwise_conv(w, f"{name}.conv1", x))
    return pointwise_conv(w, f"{name}.conv2", inner)


def positions(n_rows, width):
    table = np.empty((n_rows, width))
    for p, j in itertools.product(range(n_rows), range(width)):
        angle = p / 10000 ** ((j - j % 2) / width)
        table[p, j] = math.cos(angle) if j % 2 else math.sin(angle)
    return table


TABLES = {"month": 13, "day": 32, "weekday": 7, "hour": 24, "minute": 4}


def tables_of(c):
    if c["embed"] == "timeF":
        return []
    return [name for name in TABLES if name != "minute" or c["freq"] == "t"]


def embedding(w, name, c, x, marks):
    rows = circular_conv(w, f"{name}.value_embedding.tokenConv", x)
    rows = rows + positions(x.shape[1], c["d_model"])
    if c["embed"] == "timeF":
        return rows + linear(w, f"{name}.temporal_embedding.embed", marks)
    suffix = ".emb" if c["embed"] == "fixed" else ""
    for column, table in enumerate(tables_of(c)):
        table = w[f"{name}.temporal_embedding.{table}_embed{suffix}.weight"]
        rows = rows + table[marks[:, :, column].astype(int)]
    return rows


def distil(w, name, x):
    x = circular_conv(w, f"{name}.downConv", x)
    x = x - w[f"{name}.norm.running_mean"]
    x = x / np.sqrt(w[f"{name}.norm.running_var"] + 1e-5)
    x = x * w[f"{name}.norm.weight"] + w[f"{name}.norm.bias"]
    x = np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)
    starts = range(0, x.shape[1], 2)  # windows of three around every other row
    return np.stack([x[:, max(t - 1, 0) : t + 2].max(axis=1) for t in starts], axis=1)


def encoder(w, name, c, x, depth):
    for i in range(depth):
        layer = f"{name}.attn_layers.{i}"
        x = x + attention(w, f"{layer}.attention", c, x, x, c["attn"])
        x = layer_norm(w, f"{layer}.norm1", x)
        x = layer_norm(w, f"{layer}.norm2", x + feed_forward(w, layer, c, x))
        if c["distil"] and i < depth - 1:
            x = distil(w, f"{name}.conv_layers.{i}", x)
    return layer_norm(w, f"{name}.norm", x)


def decoder(w, c, x, memory):
    for i in range(c["d_layers"]):
        layer = f"decoder.layers.{i}"
        masked = attention(
            w, f"{layer}.self_attention", c, x, x, c["attn"], True, c["mix"]
        )
        x = layer_norm(w, f"{layer}.norm1", x + masked)
        cross = attention(w, f"{layer}.cross_attention", c, x, memory, "full")
        x = layer_norm(w, f"{layer}.norm2", x + cross)
        x = layer_norm(w, f"{layer}.norm3", x + feed_forward(w, layer, c, x))
    return layer_norm(w, "decoder.norm", x)


def reference_forecast(w, c, x_enc, x_mark_enc, x_dec, x_mark_dec):
    w = {name: np.asarray(weight, dtype=np.float64) for name, weight in w.items()}
    x = embedding(w, "enc_embedding", c, x_enc, x_mark_enc)
    if c["stack"]:
        parts = []
        for j, depth in enumerate(c["e_layers"]):
            part = x[:, x.shape[1] - x.shape[1] // 2**j :]
            parts.append(encoder(w, f"encoder.encoders.{j}", c, part, depth))
        memory = np.concatenate(parts, axis=1)
    else:
        memory = encoder(w, "encoder", c, x, c["e_layers"])
    rows = decoder(w, c, embedding(w, "dec_embedding", c, x_dec, x_mark_dec), memory)
    return linear(w, "projection", rows)[:, -c["out_len"] :]


# Ours, on the same input


def our_forecast(weights, config, x_enc, x_mark_enc, x_mark_dec):
    network = load_informer2020_state_dict(weights, config)
    marks = [x_mark_enc, x_mark_dec[:, config["label_len"] :]]
    marks = torch.tensor(np.concatenate(marks, axis=1))
    if config["embed"] == "timeF":
        inputs = {"covariates": marks.float()}
    else:
        inputs = {"categories": marks.long()}
    with torch.no_grad():
        return network(torch.tensor(x_enc, dtype=torch.float32), **inputs).numpy()


def assert_close(actual, expected):
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, atol=1e-5, rtol=0)


# Stored outputs


def read(path):
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    config = json.loads(str(arrays.pop("config")))
    prefix = "state_dict/"
    weights = {
        name.removeprefix(prefix): arrays.pop(name)
        for name in list(arrays)
        if name.startswith(prefix)
    }
    return config, weights, arrays


by_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_three_outputs_are_stored():
    assert [path.stem for path in FILES] == [
        "informer2020_full",
        "informer2020_prob_all_queries",
        "informer2020_stack_learned",
    ]


@by_file
def test_decoder_input_follows_from_the_window(path):
    config, _, arrays = read(path)
    n = config["label_len"]
    np.testing.assert_array_equal(arrays["x_dec"][:, :n], arrays["x_enc"][:, -n:])
    np.testing.assert_array_equal(arrays["x_dec"][:, n:], 0)
    np.testing.assert_array_equal(
        arrays["x_mark_dec"][:, :n], arrays["x_mark_enc"][:, -n:]
    )


@by_file
def test_network_returns_the_stored_output(path):
    config, weights, arrays = read(path)
    forecast = our_forecast(
        weights, config, arrays["x_enc"], arrays["x_mark_enc"], arrays["x_mark_dec"]
    )
    assert_close(forecast, arrays["output"])


@by_file
def test_oracle_returns_the_stored_output(path):
    config, weights, arrays = read(path)
    output = arrays.pop("output")
    assert_close(reference_forecast(weights, config, **arrays), output)


# Every option, on random weights

BASE = {
    "enc_in": 3,
    "dec_in": 3,
    "c_out": 3,
    "seq_len": 29,
    "label_len": 11,
    "out_len": 7,
    "factor": 5,
    "d_model": 22,
    "n_heads": 2,
    "e_layers": 2,
    "d_layers": 1,
    "d_ff": 13,
    "dropout": 0.05,
    "attn": "prob",
    "embed": "timeF",
    "freq": "h",
    "activation": "gelu",
    "distil": True,
    "mix": True,
    "stack": False,
}


def shapes_of(c):
    """Names and shapes of the reference's weights."""
    d, marks = c["d_model"], 5 if c["freq"] == "t" else 4
    shapes = {}

    def layer(name, *shape):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = shape, shape[:1]

    def block(name, attentions, n_norms):
        for attention_name in attentions:
            for part in ("query", "key", "value", "out"):
                layer(f"{name}.{attention_name}.{part}_projection", d, d)
        layer(f"{name}.conv1", c["d_ff"], d, 1)
        layer(f"{name}.conv2", d, c["d_ff"], 1)
        for i in range(1, n_norms + 1):
            layer(f"{name}.norm{i}", d)

    def encoder_of(name, depth):
        for i in range(depth):
            block(f"{name}.attn_layers.{i}", ["attention"], 2)
        for i in range(depth - 1 if c["distil"] else 0):
            layer(f"{name}.conv_layers.{i}.downConv", d, d, 3)
            layer(f"{name}.conv_layers.{i}.norm", d)
            shapes[f"{name}.conv_layers.{i}.norm.running_mean"] = (d,)
            shapes[f"{name}.conv_layers.{i}.norm.running_var"] = (d,)
            shapes[f"{name}.conv_layers.{i}.norm.num_batches_tracked"] = ()
        layer(f"{name}.norm", d)

    for side in ("enc", "dec"):
        layer(f"{side}_embedding.value_embedding.tokenConv", d, c["enc_in"], 3)
        if c["embed"] == "timeF":
            layer(f"{side}_embedding.temporal_embedding.embed", d, marks)
        suffix = ".emb" if c["embed"] == "fixed" else ""
        for name in tables_of(c):
            table = f"{side}_embedding.temporal_embedding.{name}_embed{suffix}.weight"
            shapes[table] = (TABLES[name], d)
    if c["stack"]:
        for j, depth in enumerate(c["e_layers"]):
            encoder_of(f"encoder.encoders.{j}", depth)
    else:
        encoder_of("encoder", c["e_layers"])
    for i in range(c["d_layers"]):
        block(f"decoder.layers.{i}", ["self_attention", "cross_attention"], 3)
    layer("decoder.norm", d)
    layer("projection", c["c_out"], d)
    return shapes


def random_weights(c, seed=0):
    """Weights under which every part moves the output."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes_of(c).items():
        if name.endswith("_embed.emb.weight"):
            weight = positions(*shape)
        elif name.endswith("_embed.weight"):
            weight = rng.normal(size=shape)
        elif name.endswith("num_batches_tracked"):
            weight = np.array(5)
        elif name.endswith((".bias", "running_mean")):
            weight = 0.3 * rng.normal(size=shape)
        elif len(shape) == 1:  # scales of normalisation layers
            weight = rng.uniform(0.5, 1.5, size=shape)
        else:
            weight = 1.5 * rng.normal(size=shape) / math.sqrt(math.prod(shape[1:]))
        weights[name] = weight.astype(np.float32 if shape else np.int64)
    return weights


def random_inputs(c, n_windows=2, seed=1):
    rng = np.random.default_rng(seed)
    length = c["seq_len"] + c["out_len"]
    x_enc = rng.normal(size=(n_windows, c["seq_len"], c["enc_in"]))
    x_enc = x_enc.astype(np.float32)
    if c["embed"] == "timeF":
        marks = rng.uniform(
            -0.5, 0.5, (n_windows, length, 5 if c["freq"] == "t" else 4)
        )
        marks = marks.astype(np.float32)
    else:
        rows = [TABLES[name] for name in tables_of(c)]
        marks = rng.integers(0, rows, (n_windows, length, len(rows)))
    start = c["seq_len"] - c["label_len"]
    zeros = np.zeros((n_windows, c["out_len"], c["enc_in"]), dtype=np.float32)
    return {
        "x_enc": x_enc,
        "x_mark_enc": marks[:, : c["seq_len"]],
        "x_dec": np.concatenate([x_enc[:, start:], zeros], axis=1),
        "x_mark_dec": marks[:, start:],
    }


def assert_network_equals_oracle(c):
    weights, inputs = random_weights(c), random_inputs(c)
    expected = reference_forecast(weights, c, **inputs)
    del inputs["x_dec"]
    assert np.ptp(expected, axis=(0, 1)).max() > 0.1  # else equality says nothing
    assert_close(our_forecast(weights, c, **inputs), expected)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_random_weights_have_the_references_names_and_shapes(path):
    config, weights, _ = read(path)
    expected = {name: weight.shape for name, weight in weights.items()}
    assert shapes_of(config) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"attn": "full"},
        {"factor": 2},
        {"factor": 29},
        {"activation": "relu"},
        {"distil": False},
        {"mix": False},
        {"n_heads": 11},
    ],
    ids=str,
)
def test_options_change_the_forecast(change):
    """Else an option could be ignored, and the tests below would not notice."""
    c = BASE | {"factor": 1}
    weights, inputs = random_weights(c), random_inputs(c)
    before = reference_forecast(weights, c, **inputs)
    after = reference_forecast(weights, c | change, **inputs)
    assert np.abs(after - before).max() > 0.01


@pytest.mark.parametrize("mix", [False, True])
@pytest.mark.parametrize("distil", [False, True])
@pytest.mark.parametrize("activation", ["gelu", "relu"])
@pytest.mark.parametrize(
    ("embed", "freq"),
    [("timeF", "h"), ("timeF", "t"), ("fixed", "h"), ("fixed", "t")]
    + [("learned", "h"), ("learned", "t")],
)
@pytest.mark.parametrize(("attn", "factor"), [("full", 5), ("prob", 29), ("prob", 1)])
def test_options(attn, factor, embed, freq, activation, distil, mix):
    assert_network_equals_oracle(
        BASE
        | {
            "attn": attn,
            "factor": factor,
            "embed": embed,
            "freq": freq,
            "activation": activation,
            "distil": distil,
            "mix": mix,
        }
    )


@pytest.mark.parametrize("attn", ["full", "prob"])
@pytest.mark.parametrize("distil", [False, True])
@pytest.mark.parametrize(("e_layers", "d_layers"), [(1, 1), (1, 3), (3, 2), (4, 1)])
def test_depths(e_layers, d_layers, distil, attn):
    assert_network_equals_oracle(
        BASE
        | {"e_layers": e_layers, "d_layers": d_layers, "distil": distil, "attn": attn}
    )


@pytest.mark.parametrize("attn", ["full", "prob"])
@pytest.mark.parametrize("distil", [False, True])
@pytest.mark.parametrize("depths", [[3, 2, 1], [1, 3], [2]])
def test_stacks(depths, distil, attn):
    assert_network_equals_oracle(
        BASE | {"stack": True, "e_layers": depths, "distil": distil, "attn": attn}
    )


@pytest.mark.parametrize("mix", [False, True])
@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5])
def test_factors(factor, mix):
    """With 29, 15 and 18 rows: all lazy queries there can be, to none but a few."""
    assert_network_equals_oracle(BASE | {"factor": factor, "mix": mix})


@pytest.mark.parametrize(
    "sizes",
    [
        {"c_out": 1},  # the task "MS"
        {"enc_in": 1, "dec_in": 1, "c_out": 1},
        {"n_heads": 1},
        {"n_heads": 11},
        {"label_len": 0, "mix": False},
        {"label_len": 29},
        {"seq_len": 96, "label_len": 48, "out_len": 24, "e_layers": 3},
        {"out_len": 1},
    ],
    ids=str,
)
def test_sizes(sizes):
    assert_network_equals_oracle(BASE | sizes)
