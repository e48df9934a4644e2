"""The place of a process among others."""

import pytest

from skinformer.forecasting import ranks


@pytest.mark.parametrize(
    ("rank", "size", "several", "writes"),
    [(0, 1, False, True), (0, 3, True, True), (2, 3, True, False)],
)
def test_among_those_that_have_joined(monkeypatch, rank, size, several, writes):
    met = []
    for name, answer in (("get_rank", rank), ("get_world_size", size)):
        monkeypatch.setattr(ranks.distributed, name, lambda answer=answer: answer)
    monkeypatch.setattr(ranks.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(ranks.distributed, "barrier", lambda: met.append(rank))
    assert (ranks.several_processes(), ranks.writes_here()) == (several, writes)
    ranks.meet()
    assert met == [rank]


def test_one_that_has_joined_none_is_alone():
    assert not ranks.several_processes()
    assert ranks.writes_here()
    ranks.meet()
