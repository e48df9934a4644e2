"""Processes that a launcher has started."""

import os
from types import SimpleNamespace

import pytest

pytest.importorskip("accelerate")

from skinformer.forecasting import launched
from skinformer.forecasting.launched import (
    check_accelerator,
    make_accelerator,
    process_device,
    refuse_worker,
)


def accelerator_of(kind, size=1):
    return SimpleNamespace(
        distributed_type=SimpleNamespace(value=kind), num_processes=size
    )


def test_alone():
    assert process_device().startswith(("cpu", "cuda"))
    assert make_accelerator().num_processes == 1


def test_what_the_configuration_asks_for_beside_is_left_out(monkeypatch):
    monkeypatch.setenv("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", "4")
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    accelerator = make_accelerator()
    assert accelerator.gradient_accumulation_steps == 1
    assert accelerator.mixed_precision == "no"


def test_launched_and_taken_to_be_alone(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert launched.launched() == 3
    with pytest.raises(ValueError, match="3 processes were launched"):
        check_accelerator(accelerator_of("NO"))


def test_the_network_itself_is_not_shared_out():
    with pytest.raises(ValueError, match="asks for FSDP"):
        check_accelerator(accelerator_of("FSDP"))


def test_one_that_has_left_does_not_begin_again():
    with pytest.raises(RuntimeError, match="has left the others"):
        check_accelerator(accelerator_of("MULTI_CPU", size=2))


def test_a_worker_of_joblib(monkeypatch):
    worker = SimpleNamespace(name="LokyProcess-3")
    monkeypatch.setattr(launched.multiprocessing, "current_process", lambda: worker)
    refuse_worker()  # nothing was launched: it is alone
    monkeypatch.setitem(os.environ, "WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="n_jobs=None"):
        refuse_worker()
