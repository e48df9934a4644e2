"""Bytes that change: the file is refused, or the forecasts are those it had."""

import time

import numpy as np
import pytest

from skinformer import load, save
from skinformer.exceptions import ModelFileError

from .crafted import X, informer


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
