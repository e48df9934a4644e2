"""Which categories the network is told that training rows hold."""

import numpy as np
from numpy.testing import assert_array_equal

from skinformer.forecasting.codes_seen import codes_seen, distinct, in_columns
from skinformer.series.chunks import CHUNK

from ..series.stored import shops, write
from ..series.test_store import panel_of


def test_a_file_lists_each_code_once(tmp_path):
    frame, past = shops(holes=0.1), ["wind", "sky"]
    _, panel = panel_of(frame, past=past)
    stored = write(tmp_path, frame, past_covariates=past).panel()
    n_train = [80, 60, 70]
    all_codes = codes_seen(panel.stretches, n_train)
    assert all_codes.shape == (211, 2)  # kind; sky, and a row in which it is hidden
    some = codes_seen(stored.stretches, n_train)
    assert len(some) <= 4
    for ours, theirs in zip(some.T, all_codes.T, strict=True):
        assert set(ours) == set(theirs)


def test_codes_of_later_parts_and_rows_count():
    first = np.zeros((CHUNK + 1, 2), dtype=np.int32)
    first[-1, 1] = 5
    one, other = distinct([first, np.array([[3, 1]], dtype=np.int32)])
    assert (one.tolist(), other.tolist()) == ([0, 3], [0, 1, 5])
    assert_array_equal(in_columns([one, other]), [[0, 0], [3, 1], [0, 5]])


def test_without_categories_there_is_nothing_to_tell():
    assert distinct([np.empty((7, 0), dtype=np.int32)]) == []
    assert in_columns([]).shape == (0, 0)
