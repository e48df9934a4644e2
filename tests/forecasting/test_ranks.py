"""The place of a process among others."""

import pytest

from skinformer.forecasting import ranks


@pytest.mark.parametrize(("rank", "writes"), [(0, True), (2, False)])
def test_the_first_of_those_that_have_joined_writes(monkeypatch, rank, writes):
    monkeypatch.setattr(ranks.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(ranks.distributed, "get_rank", lambda: rank)
    assert ranks.writes_here() == writes


def test_one_that_has_joined_none_writes():
    assert ranks.writes_here()
