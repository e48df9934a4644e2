"""Arrays in files, and their parts."""

import numpy as np
import pytest

from skinformer.series import chunks as module
from skinformer.series.chunks import any_missing, chunks, is_mapped, let_go, map_of


@pytest.mark.parametrize("n_rows", [0, 1, 6, 7, 8, 23])
def test_parts_cover_all_rows_once(monkeypatch, n_rows):
    monkeypatch.setattr(module, "CHUNK", 7)
    rows = np.arange(n_rows)
    parts = [rows[part] for part in chunks(n_rows)]
    assert all(0 < len(part) <= 7 for part in parts)
    np.testing.assert_array_equal(np.concatenate([rows[:0], *parts]), rows)


def test_a_missing_value_in_any_part(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    values = np.zeros((5, 3))
    assert not any_missing(values)
    values[4, 2] = np.nan
    assert any_missing(values)


def test_only_what_lies_in_a_file_is_mapped(tmp_path):
    np.save(tmp_path / "a", np.ones((11, 3)))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert is_mapped(mapped)
    assert is_mapped(np.asarray(mapped)[2:, :1])
    # numpy keeps the class where it has copied the rows into memory
    for copy in (mapped.copy(), mapped.astype("f4"), mapped + 1, np.ones(3), None):
        assert not is_mapped(copy)


class Map:
    """Counts how often memory is handed back."""

    def __init__(self):
        self.n = 0

    def madvise(self, advice):
        self.n += 1


def test_a_pass_over_a_file_hands_memory_back_from_time_to_time(tmp_path, monkeypatch):
    np.save(tmp_path / "a", np.ones((2**12, 2)))  # 64 kB
    mapped, handed = np.load(tmp_path / "a.npy", mmap_mode="r"), Map()
    monkeypatch.setattr(module, "LET_GO", 2**14)
    monkeypatch.setattr(module, "map_of", lambda array: handed)
    for first in range(0, len(mapped), 16):
        let_go(np.asarray(mapped)[first : first + 16])
    assert handed.n == 4
    assert np.asarray(mapped)[-1].tolist() == [1, 1]  # it is there as before


def test_arrays_in_memory_have_nothing_to_hand_back():
    whole = np.ones(2**22)
    assert map_of(whole[5:]) is None
    let_go(whole[5:])
    let_go(whole)
    assert (whole == 1).all()
