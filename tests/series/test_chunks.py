"""Arrays in files, and their parts."""

import numpy as np
import pytest

from skinformer.series import chunks as module
from skinformer.series.chunks import any_missing, chunks, is_mapped


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
