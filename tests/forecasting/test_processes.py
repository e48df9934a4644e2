"""Processes that train together, seen from one."""

import logging
import warnings
from types import SimpleNamespace

import pytest
import torch

pytest.importorskip("accelerate")

from skinformer.exceptions import SkinformerWarning, warn
from skinformer.forecasting import processes
from skinformer.forecasting.processes import (
    Start,
    Team,
    difference,
    in_team,
    joined,
    team,
)
from skinformer.forecasting.seeds import draw_seed

ONE = Start(7, 2, 3, 3, 3, 1.0)


def as_seen(told, rank=1):
    """A team in which every process tells what the test says."""
    told = [[float(number) for number in row] for row in told]
    gathered = torch.tensor(told, dtype=torch.float64)
    accelerator = SimpleNamespace(
        process_index=rank,
        num_processes=len(told),
        device="cpu",
        gather=lambda mine: gathered.flatten(),
    )
    return Team(accelerator)


class TestTeam:
    def test_the_seed_is_that_of_the_first(self):
        rows = [[processes.SEED, seed, 0, 0, 0, 0, 0] for seed in (11, 13, 17)]
        assert as_seen(rows).agree(13) == 11

    def test_a_seed_is_asked_for_where_none_is_given(self):
        rows = [[processes.SEED, seed, 0, 0, 0, 0, 0] for seed in (11, 13)]
        with joined(as_seen(rows, rank=0)):
            assert draw_seed(None) == 11
            assert draw_seed(5) == 5
        assert draw_seed(None) != 11

    def test_one_at_another_place_of_the_script(self):
        rows = [[processes.SEED, 11, 0, 0, 0, 0, 0], [processes.START, *ONE]]
        with pytest.raises(RuntimeError, match="same place of the script"):
            as_seen(rows).check_start(ONE)

    def test_all_begin_the_same(self):
        as_seen([[processes.START, *ONE]] * 3).check_start(ONE)

    def test_the_first_that_differs_is_named(self):
        other = ONE._replace(n_valid=3)
        rows = [[processes.START, *start] for start in (ONE, ONE, other)]
        with pytest.raises(ValueError, match=r"Process 2 of 3.*3 windows validate"):
            as_seen(rows).check_start(ONE)

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"network": 4}, "other shapes"),
            ({"training": 4}, "max_epochs, batch_size, lr"),
            ({"generator": 4}, "random_state"),
            ({"level": 1.1}, "1.1, not 1"),
        ],
    )
    def test_what_differs_is_said(self, change, text):
        assert text in difference(ONE, ONE._replace(**change))

    def test_rounding_is_no_difference(self):
        assert difference(ONE, ONE._replace(level=1.0 + 1e-9)) is None

    def test_others_that_cannot_be_reached(self):
        def fail(mine):
            raise RuntimeError("Connection closed by peer")

        members = as_seen([[0.0] * 7] * 2)
        members.accelerator.gather = fail
        with pytest.raises(RuntimeError, match="Process 1 of 2 cannot reach"):
            members.agree(1)


class TestJoined:
    @pytest.mark.parametrize("rank", [0, 1])
    def test_only_the_first_logs_and_warns(self, rank, caplog):
        logger = logging.getLogger("skinformer")
        with (
            caplog.at_level(logging.INFO, "skinformer"),
            warnings.catch_warnings(record=True) as caught,
            joined(as_seen([[0.0] * 7] * 2, rank)),
        ):
            if rank == 0:
                warnings.simplefilter("always")
            logger.info("progress")
            warn("once", SkinformerWarning)
        assert len(caught) == len(caplog.records) == (1 if rank == 0 else 0)
        logger.warning("heard again")
        assert "heard again" in caplog.text

    def test_a_method_joins_once_and_leaves(self):
        class Forecaster:
            def __init__(self, device):
                self.device = device

            @in_team
            def outer(self):
                return team(), self.inner()

            @in_team
            def inner(self):
                return team()

        outer, inner = Forecaster("accelerate").outer()
        assert outer.size == 1
        assert inner is outer
        assert team() is None
        assert Forecaster("cpu").outer() == (None, None)
