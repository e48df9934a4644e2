"""Runs of windows say what the listed starts say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer.series.runs import Runs

starts = st.sets(st.integers(0, 40), max_size=20).map(
    lambda s: np.array(sorted(s), int)
)
ranges = st.builds(lambda a, n: range(a, a + n), st.integers(0, 9), st.integers(0, 7))


@given(
    st.lists(st.one_of(starts, ranges, starts.map(lambda s: Runs.of([s])))), st.data()
)
def test_looked_up_as_if_they_were_listed(parts, data):
    if not parts:
        return
    listed = [np.asarray(p.starts if isinstance(p, Runs) else p, int) for p in parts]
    first = np.concatenate(listed)
    which = np.repeat(np.arange(len(parts)), list(map(len, listed)))
    runs = Runs.of(parts)
    assert len(runs) == len(runs.starts) == len(first)
    assert_array_equal(np.asarray(runs.starts), first)
    assert_array_equal(np.asarray(runs.which), which)
    assert_array_equal(runs.starts[3:11:2], first[3:11:2])
    if len(first):
        at = data.draw(st.lists(st.integers(0, len(first) - 1)))
        assert_array_equal(runs.starts[np.array(at, int)], first[np.array(at, int)])
        assert_array_equal(runs.which[at] if at else [], which[at] if at else [])
        mask = np.arange(len(first)) % 3 == 1
        assert_array_equal(runs.starts[mask], first[mask])


def test_a_thousand_million_windows_take_three_numbers():
    runs = Runs.of([range(7, 10**9 + 7)])
    assert len(runs) == 10**9
    assert runs.starts[np.array([0, 10**9 - 1])].tolist() == [7, 10**9 + 6]
    assert runs.first.nbytes + runs.edges.nbytes + runs.of_run.nbytes == 32
