"""Arrays that are made when asked for, and sums that come out the same from them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skinformer.forecasting import shared_regression
from skinformer.forecasting.lazy_arrays import LazyArrays, each, lengths_of
from skinformer.forecasting.ridge_map import RidgeMap


def counted(arrays):
    """Return lazy arrays, and the list of which were made."""
    made = []

    def make(i):
        made.append(i)
        return arrays[i]

    return LazyArrays(make, list(map(len, arrays))), made


def test_nothing_is_made_before_it_is_asked_for():
    arrays = [np.full(n, float(n)) for n in (2, 3, 5, 7)]
    lazy, made = counted(arrays)
    changed = each(lazy, lambda i, z: z[i:] * 2, [2, 2, 3, 4])
    assert lengths_of(changed) == [2, 2, 3, 4]
    assert len(changed) == 4
    assert made == []
    assert changed[2].tolist() == [10.0] * 3
    assert made == [2]
    assert [len(z) for z in changed] == [2, 2, 3, 4]
    assert made == [2, 0, 1, 2, 3]


def test_lists_are_changed_at_once():
    assert each([np.ones(2), np.ones(3)], lambda i, z: z + i)[1].tolist() == [2.0] * 3
    assert lengths_of([np.ones(2), np.ones(3)]) == [2, 3]


@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("together", [1, 500, 10**6])
def test_a_map_of_lazy_series_is_that_of_the_list(monkeypatch, together, n_targets):
    monkeypatch.setattr(shared_regression, "TOGETHER", together)
    rng = np.random.default_rng(0)
    # long enough for blocks of time, and for sixty seasons; one too short for a window
    columns = [
        [rng.standard_normal(n).cumsum() for n in (431, 211, 9, 307)]
        for _ in range(n_targets)
    ]
    one = RidgeMap(11, 5, season=3).fit(lambda c: columns[c], n_targets)
    other = RidgeMap(11, 5, season=3)
    other.fit(lambda c: counted(columns[c])[0], n_targets)
    # sums of groups are added up: the same to rounding
    assert_allclose(one.coef_, other.coef_, atol=1e-9)
    assert_allclose(one.block_coef_, other.block_coef_, atol=1e-9)
    assert_allclose(one.pull_, other.pull_, atol=1e-9)
    assert (one.pull_ > 0).any()
