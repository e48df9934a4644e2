"""Files made to harm, with checksums that hold: nothing is run, nothing is built."""

import io
import json
import time
import zipfile

import numpy as np
import pytest

from skinformer import CovariateRegressor, load, save
from skinformer.exceptions import ModelFileError
from skinformer.persistence.archive import parse_json

from .crafted import X, Y, entries_of, informer, naive, parts, rewrite, zip_of


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return the bytes of the file of a forecaster, a pipeline, and a regressor."""
    folder = tmp_path_factory.mktemp("saved")
    regressor = CovariateRegressor(max_iter=3, n_trend=0).fit(X[:50], Y[:50])
    made = {"naive": naive(), "informer": informer(), "regressor": regressor}
    return {k: save(model, folder / k).read_bytes() for k, model in made.items()}


@pytest.fixture
def path(tmp_path, saved):
    (tmp_path / "naive").write_bytes(saved["naive"])
    return tmp_path / "naive"


@pytest.fixture
def network(tmp_path, saved):
    (tmp_path / "informer").write_bytes(saved["informer"])
    return tmp_path / "informer"


@pytest.fixture
def trees(tmp_path, saved):
    (tmp_path / "regressor").write_bytes(saved["regressor"])
    return tmp_path / "regressor"


def refused(path, words="holds no model that can be built"):
    began = time.process_time()
    with pytest.raises(ModelFileError, match=words) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))
    assert time.process_time() - began < 2


def test_the_files_are_good_before_they_are_changed(path, network, trees):
    for file in (path, network, trees):
        rewrite(file, lambda content: None)
        load(file)


@pytest.mark.parametrize(
    "node",
    [
        {"object": ["os.system", {}]},
        {"object": ["Thread", {}, {}]},
        {"object": ["BaseEstimator", {}, {}]},
        {"object": ["SeasonalNaive", {"__class__": "x"}, {}]},
        {"object": ["SeasonalNaive", {}, {"__class__": {"object": ["RowGrid", {}]}}]},
        {"object": ["SeasonalNaive", {}, {"predict": 1}]},
        {"object": ["SeasonalNaive", {"pred_len": -3}, {}]},
        {"object": ["SeasonalNaive", {"pred_len": "a"}, {}]},
        {"object": ["SeasonalNaive", {"pred_len": {"float": "nan"}}, {}]},
        {"object": ["SeasonalNaive", [], {}]},
        {"object": ["SeasonalNaive"]},
        {"object": [["SeasonalNaive"], {}, {}]},
        {"object": ["Pipeline", {"steps": [], "memory": "/tmp"}, {}]},
        {"object": ["Pipeline", {}, {}]},
        {"object": ["RowGrid", {}]},
        {"reduce": ["os.system", ["true"]]},
        {"__class__": "SeasonalNaive"},
        {"tuple": 1, "list": 2},
        {"step": 0},
        {"shared": 99},
        {"shared": -1},
        {"optimizer": "Optimizer.__init__"},
        {"zone": ["zoneinfo", "../../../../etc/passwd"]},
        {"offset": ["os", 1, False, []]},
        {"array": ["<f8", [3], 10**9, "C"]},
        {"array": ["<U99999999", [1], ["a"]]},
        {"array": ["O", [10**12], []]},
        {"array": ["i4,f8", [1], 0, "C"]},
        {"scalar": ["<U99999999", "a"]},
        {"scalar": ["__import__('os')", 1]},
        None,
        [],
        7,
        "SeasonalNaive",
    ],
    ids=str,
)
def test_a_model_that_is_none(path, node):
    rewrite(path, lambda content: content.update(model=node))
    refused(path)


def fields_of(content):
    return parts(content)[1]


def stretch_of(content):
    return fields_of(content)["_panel"]["object"][1]["stretches"]["tuple"][0]["object"][
        1
    ]


@pytest.mark.parametrize("name", ["_panel", "_schema", "season_", "_pred_len"])
def test_a_field_that_is_missing(path, name):
    rewrite(path, lambda content: fields_of(content).pop(name))
    refused(path, "expected all attributes of a fitted SeasonalNaive")


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("_panel", None),
        ("_pred_len", "24"),
        ("_pred_len", True),
        ("season_", 2.5),
        ("_one_axis", 1),
        ("target_names_", {"tuple": ["a"]}),
        ("_schema", {"object": ["RowGrid", {}]}),
    ],
    ids=str,
)
def test_a_field_of_another_type(path, name, node):
    rewrite(path, lambda content: fields_of(content).update({name: node}))
    refused(path)


@pytest.mark.parametrize("name", ["observed", "given", "covariates", "filled", "grid"])
def test_a_history_without_a_part(path, name):
    rewrite(path, lambda content: stretch_of(content).pop(name))
    refused(path, "the fields of a Stretch")


def test_a_history_whose_parts_have_other_rows(path):
    def fewer(content):
        given = stretch_of(content)["given"]["array"]
        given[1] = [given[1][0] - 1]

    rewrite(path, fewer)
    refused(path, "an array")

    def swapped(content):
        stretch_of(content)["given"] = fields_of(content)["_means"][0]

    rewrite(path, swapped)
    refused(path, "as many rows in all of a history")


def test_arrays_of_another_shape(path):
    from safetensors.numpy import load as arrays_of
    from safetensors.numpy import save as packed

    arrays = arrays_of(entries_of(path)["arrays.safetensors"])
    for change in (lambda a: a[:1], lambda a: a.astype(np.float32)):
        rewrite(
            path, arrays_safetensors=packed({k: change(a) for k, a in arrays.items()})
        )
        refused(path)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff" * 8, b"\x08" + b"\0" * 7 + b"{}", b"\x02" + b"\0" * 7 + b"{}"],
    ids=["empty", "huge", "cut", "none"],
)
def test_arrays_that_are_none(path, data):
    rewrite(path, arrays_safetensors=data)
    refused(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10**6,
        '{"a":' * 10**5,
        '{"header": {}, "notes": null, "shared": [], "model": ' + "9" * 10**6 + "}",
        '{"header": {}, "notes": null, "shared": [], "model": NaN}',
        '{"header": {}}',
        "",
        "\\",
    ],
    ids=["deep lists", "deep dicts", "a long number", "nan", "parts", "empty", "text"],
)
def test_json_that_is_none(path, text):
    rewrite(path, model_json=text.encode())
    refused(path)


def test_nodes_that_lie_deep_in_one_another(path):
    node = 1
    for _ in range(400):
        node = {"tuple": [node]}
    text = json.dumps({"header": {}, "notes": None, "shared": [], "model": node})
    rewrite(path, model_json=text.encode())
    refused(path)


# Networks


def net_of(content):
    step = content["model"]["object"][1]["steps"][1]["tuple"][1]
    return step["object"][2]["net_"]["net"]


def setting(content, name):
    """Return the pair of name and value of a setting of the net."""
    [pair] = [p for p in net_of(content)["settings"]["dict"] if p[0] == name]
    return pair


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("module__d_model", 10**9),
        ("module__d_model", 6),
        ("module__e_layers", 10**9),
        ("module__seq_len", 10**12),
        ("module__seq_len", "24"),
        ("module__n_heads", 0),
        ("module__activation", "__import__"),
        ("module__dropout", {"float": "nan"}),
        ("optimizer", {"scalar": ["<f8", 1.0]}),
        ("optimizer", "torch.optim.SGD"),
        ("lr", "fast"),
    ],
    ids=str,
)
def test_a_network_of_other_settings(network, name, value):
    def change(content):
        setting(content, name)[1] = value

    rewrite(network, change)
    refused(network)


@pytest.mark.parametrize(
    "name",
    [
        "train_split",
        "dataset",
        "module",
        "criterion",
        "_modules",
        "predict",
        "__class__",
    ],
)
def test_a_setting_that_is_none(network, name):
    def change(content):
        net_of(content)["settings"]["dict"].append([name, 1])

    rewrite(network, change)
    refused(network, "settings of a net")


@pytest.mark.parametrize("name", ["net", "network", "module", "optimizer", "loss"])
def test_a_net_without_a_part(network, name):
    rewrite(network, lambda content: net_of(content).pop(name))
    refused(network)


def test_a_net_of_another_forecaster(network):
    rewrite(network, lambda content: net_of(content).update(net="TeacherForcedNet"))
    refused(network, "the net of its forecaster")


def test_weights_that_are_missing(network):
    rewrite(network, lambda content: net_of(content)["module"]["dict"].pop())
    refused(network, "weights of the shapes")


# What skops writes


def steps_of(path):
    data = io.BytesIO(entries_of(path)["steps.skops"])
    with zipfile.ZipFile(data) as steps:
        return [(name, steps.read(name)) for name in steps.namelist()]


def put_steps(path, pairs, compression=zipfile.ZIP_STORED):
    inner = path.with_name("inner")
    zip_of(inner, pairs, compression)
    rewrite(path, steps_skops=inner.read_bytes())


def test_steps_of_a_type_that_is_not_trusted(trees):
    pairs = dict(steps_of(trees))
    schema = pairs["schema.json"].decode()
    harmful = schema.replace('"sklearn.linear_model._glm.glm"', '"subprocess"')
    harmful = harmful.replace('"PoissonRegressor"', '"Popen"')
    harmful = harmful.replace('"RidgeCV"', '"Popen"').replace('"Ridge"', '"Popen"')
    assert harmful != schema
    put_steps(trees, (pairs | {"schema.json": harmful.encode()}).items())
    refused(trees, "types that are trusted, not .*Popen")


def test_steps_that_are_compressed(trees):
    put_steps(trees, steps_of(trees), zipfile.ZIP_DEFLATED)
    refused(trees, "steps that are not compressed")


def test_steps_that_are_none(trees):
    rewrite(trees, steps_skops=b"PK\3\4")
    refused(trees)


# Trees, which scikit-learn follows without looking


def nodes_of(content):
    boosting = fields_of(content)["boosting_"]["boosting"]
    return dict(dict(boosting["trees"]["dict"])["nodes"]["dict"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("left", 0),  # a circle
        ("right", 2**32 - 1),
        ("feature_idx", -1),
        ("feature_idx", 10**6),
        ("bitset_idx", 2**31),
    ],
)
def test_nodes_that_lead_astray(trees, name, value):
    from safetensors.numpy import load as arrays_of
    from safetensors.numpy import save as packed

    entries = entries_of(trees)
    nodes = nodes_of(parse_json(entries["model.json"]))
    arrays = arrays_of(entries["arrays.safetensors"])
    changed = {nodes[name]["array"][2]: value}
    if name == "bitset_idx":
        changed[nodes["is_categorical"]["array"][2]] = 1
    for number, with_value in changed.items():
        key = str(number)
        arrays[key] = np.full_like(arrays[key], with_value)
    rewrite(trees, arrays_safetensors=packed(arrays))
    refused(trees, "nodes that lead on|of a tree")


def test_trees_that_are_fewer_than_counted(trees):
    def change(content):
        boosting = fields_of(content)["boosting_"]["boosting"]
        dict(boosting["trees"]["dict"])["in_iteration"][0] = 5

    rewrite(trees, change)
    refused(trees, "trees to iterate")
