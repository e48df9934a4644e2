"""Bytes that change: the file is refused, or the forecasts are those it had."""

import time

import numpy as np
import pytest

from skinformer import load, save
from skinformer.exceptions import ModelFileError

from .crafted import X, informer, rewrite


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return the bytes of a file, and the forecasts of its model."""
    model = informer()
    path = save(model, tmp_path_factory.mktemp("fuzz") / "model.skinf")
    return path.read_bytes(), model.predict(X[-7:])


def refused_or_the_same(path, data, forecast):
    """Load what has changed, and return whether it was refused."""
    path.write_bytes(data)
    began = time.process_time()
    try:
        model = load(path)
    except ModelFileError:
        return True
    finally:
        assert time.process_time() - began < 1
    np.testing.assert_array_equal(model.predict(X[-7:]), forecast)
    return False


def flipped(data, rng):
    """Return the data with one to eight bytes changed, near the ends more often."""
    data = bytearray(data)
    ends = [int(rng.integers(600)), -int(rng.integers(1, 600))]
    for _ in range(rng.integers(1, 9)):
        anywhere = int(rng.integers(len(data)))
        data[rng.choice([anywhere, *ends])] ^= int(rng.integers(1, 256))
    return bytes(data)


@pytest.mark.parametrize("n_rounds", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_flipped_bytes(saved, tmp_path, n_rounds):
    rng = np.random.default_rng(n_rounds)
    rounds = [
        refused_or_the_same(tmp_path / "a", flipped(saved[0], rng), saved[1])
        for _ in range(n_rounds)
    ]
    assert sum(rounds) > 0.8 * n_rounds


@pytest.mark.parametrize("byte", range(30))
def test_every_byte_of_the_end_and_of_the_first_header(saved, tmp_path, byte):
    data = saved[0]
    for place in (byte, len(data) - 1 - byte):
        changed = bytearray(data)
        changed[place] ^= 0xFF
        refused_or_the_same(tmp_path / "a", bytes(changed), saved[1])


def test_truncations(saved, tmp_path):
    data = saved[0]
    marks = [data.find(mark) for mark in (b"PK\1\2", b"PK\5\6", b"model.json")]
    places = {
        0,
        1,
        2,
        4,
        29,
        30,
        *marks,
        *np.linspace(0, len(data) - 1, 40).astype(int),
    }
    places |= {mark + more for mark in marks for more in (-1, 1, 10)}
    for place in places:
        assert refused_or_the_same(tmp_path / "a", data[:place], saved[1])


def test_more_at_the_end_or_before(saved, tmp_path):
    data = saved[0]
    assert refused_or_the_same(tmp_path / "a", data + b"\0", saved[1])
    assert refused_or_the_same(tmp_path / "a", data + data[:100], saved[1])
    refused_or_the_same(tmp_path / "a", b"PK" + data, saved[1])


ODD = [None, True, -1, 2**70, 0.5, "", "a", [], {}, {"tuple": []}, {"float": "nan"}]
ODD += [{"array": ["<f8", [1], 0, "C"]}, {"shared": 0}, {"dict": []}, {"nat": None}]


def places_in(node, found):
    """List every list and dict of a JSON tree with each of its keys."""
    for key in range(len(node)) if isinstance(node, list) else node:
        found.append((node, key))
        if isinstance(node[key], list | dict):
            places_in(node[key], found)
    return found


@pytest.mark.parametrize("n_rounds", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_other_nodes_with_checksums_that_hold(saved, tmp_path, n_rounds):
    rng = np.random.default_rng(n_rounds)
    path, n_refused = tmp_path / "a", 0

    def change(content):
        places = places_in({k: content[k] for k in ("shared", "model")}, [])
        for _ in range(rng.integers(1, 4)):
            node, key = places[rng.integers(len(places))]
            if isinstance(node, list) or rng.integers(2):
                node[key] = ODD[rng.integers(len(ODD))]
            else:
                node.pop(key, None)

    for _ in range(n_rounds):
        path.write_bytes(saved[0])
        rewrite(path, change)
        began = time.process_time()
        try:
            load(path)  # what it forecasts is as good as what was put in
        except ModelFileError:
            n_refused += 1
        assert time.process_time() - began < 1
    assert n_refused > 0.5 * n_rounds
