"""Small files that ask for much: room, time, or numbers that are places in memory."""

import io
import json
import struct
import sys
import zipfile

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import SGDRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVR

from skinformer import LagForecaster, load, save
from skinformer.exceptions import ModelFileError
from skinformer.persistence import foreign
from skinformer.persistence.kinds import Malformed

from .crafted import entries_of, naive, parts, rewrite
from .test_crafted import refused

LONG = {"range_index": [0, 10**8, 1, None]}
WIDE = {"array": ["<U4194304", [1], ["a"]]}
# -1 and -2 have one hash, and so have tuples of them
ALIKE = [{"tuple": [-1 - (i >> j & 1) for j in range(13)]} for i in range(2**13)]
PRIME = sys.hash_info.modulus


@pytest.fixture
def path(tmp_path):
    return save(naive(), tmp_path / "model.skinf")


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([{"frame": [[1.0], LONG, {"index": ["numpy", None, ["O", [0], []]]}]}], "far"),
        ([{"series": [LONG, LONG, "a"]}], "far larger"),
        ([{"intervals": [LONG, LONG, "left", "a"]}], "far larger"),
        ([{"levels": [[{"range": [0, 10**9, 1]}], [], ["a"]]}], "far larger"),
        ([WIDE] * 20, "far larger"),
        ([{"scalar": ["<U4194304", "a"]}] * 20, "far larger"),
        ([{"set": ALIKE}], "told apart"),
        ([{"dict": [[k * PRIME, 0] for k in range(1, 9999)]}], "told apart"),
        ([{"array": ["O", [10**4000] * 4000, []]}], "a shape"),
        ([{"array": ["O", [2**62] * 32, []]}], "as many items"),
    ],
    ids=range(10),
)
def test_little_that_becomes_much(path, nodes, words):
    rewrite(path, lambda content: parts(content)[0].update(season=nodes))
    refused(path, words)


def test_what_is_shared_is_a_grid_alone(path):
    twice = [{"tuple": [{"shared": 0}] * 2}]
    rewrite(path, lambda content: content["shared"].extend(twice))
    refused(path, "a grid that histories share")


def test_an_array_that_is_held_very_often(path):
    from safetensors.numpy import load as arrays_of
    from safetensors.numpy import save as packed

    arrays = arrays_of(entries_of(path)["arrays.safetensors"])
    number = len(arrays)
    arrays[str(number)] = np.zeros((300, 400))
    node = {"tensor": ["", ["<f8", [400, 300], number, "F"]]}
    rewrite(
        path,
        lambda content: parts(content)[0].update(season=[node] * 9999),
        arrays_safetensors=packed(arrays),
    )
    refused(path, "far larger")


@pytest.mark.parametrize("place", [-1, 625, -(10**9), 2**31, 1.5, True])
def test_a_generator_whose_place_is_elsewhere(path, place):
    key = {"array": ["O", [624], [1] * 624]}
    node = {"random_state": ["MT19937", key, place, 0, 0.0]}
    rewrite(path, lambda content: parts(content)[0].update(season=node))
    refused(path, "a place in it")


@pytest.mark.parametrize("tag", ["bc" * 10**6, "object"])
def test_an_error_is_short(path, tag):
    node = {tag: ["a" * 10**6, {}]}
    rewrite(path, lambda content: parts(content)[0].update(season=node))
    with pytest.raises(ModelFileError) as caught:
        load(path)
    assert len(str(caught.value)) < 500 + len(str(path))


def test_a_directory_by_way_of_another(path):
    """Of a zip beyond 4 GiB, whose directory is as large as it likes."""
    data = path.read_bytes()
    end, start = data[-22:], struct.unpack("<L", data[-6:-2])[0]
    size = len(data) - 22 - start
    more = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 4, 4, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(data) - 22, 1)
    path.write_bytes(data[:-22] + more + locator + end)
    refused(path, "cut short")


def offset(name, n=1, *pairs):
    return {"offset": [name, n, False, list(pairs)]}


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("ClockGrid", {"step": 0, "snaps": False}, "steps forward"),
        ("ClockGrid", {"step": -(10**9), "snaps": False}, "steps forward"),
        ("CalendarGrid", {"freq": offset("Day", 0)}, "steps forward"),
        ("CalendarGrid", {"freq": offset("Day", -1)}, "steps forward"),
        (
            "CalendarGrid",
            {"freq": offset("DateOffset", 1, ["nanoseconds", 1])},
            "steps of a calendar",
        ),
        ("CalendarGrid", {"freq": offset("Nano", 1)}, "steps of a calendar"),
        ("CalendarGrid", {"freq": offset("YearEnd", 10**6)}, "would reach beyond"),
    ],
    ids=str,
)
def test_a_grid_that_is_never_walked_to_its_end(path, name, fields, words):
    def change(content):
        grid = content["shared"][0]["object"]
        grid[:] = [name, {"first": grid[1]["first"], **fields}]

    rewrite(path, change)
    refused(path, words)


@pytest.mark.parametrize("steps", [0, -5, 10**9])
def test_a_forecast_of_no_length(path, steps):
    rewrite(path, lambda content: parts(content)[1].update(_pred_len=steps))
    refused(path, "steps ahead")


# What skops trusts


def made_again(step):
    return foreign.unpack(foreign.pack([step]))[0]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"drop": "first"},
        {"drop": "if_binary"},
        {"min_frequency": 5},
        {"max_categories": 2, "drop": "first"},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [float, str])
def test_categories_that_are_good(params, kind):
    X = np.random.default_rng(0).integers(0, 5, (23, 3)).astype(kind).astype(object)
    X = X.astype(kind) if kind is float else X
    encoder = OneHotEncoder(**params).fit(X)
    again = made_again(encoder)
    assert (encoder.transform(X) != again.transform(X)).nnz == 0


@pytest.mark.parametrize(
    ("params", "change"),
    [
        ({}, {"_n_features_outs": [1]}),
        ({"drop": "first"}, {"_drop_idx_after_grouping": np.array([9], dtype=object)}),
        ({}, {"categories_": [np.array([3.0, 1.0, 2.0])]}),
        (
            {"min_frequency": 2},
            {"_default_to_infrequent_mappings": [np.array([0, 10**6, 1])]},
        ),
    ],
    ids=range(4),
)
def test_categories_that_have_no_column(params, change):
    encoder = OneHotEncoder(**params).fit([[1.0], [1.0], [2.0], [2.0], [3.0]])
    vars(encoder).update(change)
    with pytest.raises(Malformed):
        made_again(encoder)


def test_steps_that_hold_one_another_twice():
    def held(number, parts):
        name = {"__class__": "list", "__module__": "builtins", "__id__": number}
        return {**name, "__loader__": "ListNode", "content": parts}

    node = held(1, [])
    for i in range(2, 60):
        node = held(i, [node, held(i - 1, [])])
    text = json.dumps(node | {"protocol": 2, "_skops_version": "0.16.0"})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", text)
    with pytest.raises(Malformed, match="far larger"):
        foreign.unpack(buffer.getvalue())


def test_a_generator_of_a_step_whose_place_is_elsewhere():
    generator = np.random.RandomState(0)
    step = SGDRegressor(random_state=generator)
    assert made_again(step).random_state.uniform() == generator.uniform()
    kind, key, _, *rest = generator.get_state()
    generator.set_state((kind, key, -(10**9), *rest))
    with pytest.raises(Malformed, match="a place in it"):
        made_again(step)


@pytest.mark.parametrize("made", [SVR, KNeighborsRegressor])
def test_a_step_whose_numbers_are_places(made, tmp_path):
    with pytest.raises(ModelFileError, match=made.__name__):
        save(LagForecaster(made()), tmp_path / "a")
    with pytest.raises(Malformed, match="types that are trusted"):
        made_again(made().fit([[1.0], [2.0]] * 5, [1.0, 2.0] * 5))


def test_the_cache_of_a_step_holds_pickles():
    step = SGDRegressor()
    step.memory = "folder"
    with pytest.raises(Malformed, match="without a cache"):
        made_again(step)


@pytest.mark.parametrize(
    "change",
    [
        {"is_categorical_": np.array([1, 0, 1], dtype=np.uint8)},
        {"is_categorical_": np.array([0, 0], dtype=np.uint8)},
    ],
    ids=["fewer", "none"],
)
def test_trees_of_other_columns(tmp_path, change):
    from skinformer.persistence.boosting import read_boosting, write_boosting
    from skinformer.persistence.foreign import pack, unpack
    from skinformer.persistence.reading import Reader
    from skinformer.persistence.writing import Writer

    X = np.random.default_rng(0).integers(0, 4, (60, 2)).astype(float)
    model = HistGradientBoostingRegressor(max_iter=3, categorical_features=[0])
    model.fit(X, X[:, 0] % 2)
    for attributes in ({}, change):
        vars(model._bin_mapper).update(attributes)
        writer = Writer()
        node = write_boosting(model, "a", writer)
        reader = Reader(writer.arrays, pack(writer.steps), room=2**26)
        assert unpack(pack(writer.steps))
        if not attributes:
            again = read_boosting(node, reader)
            assert (again.predict(X) == model.predict(X)).all()
            continue
        with pytest.raises(Malformed, match="columns of"):
            read_boosting(node, reader)
