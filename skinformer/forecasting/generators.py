"""Torch's generators of random numbers: seeded for a while, read and put back."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from skinformer._forks import new_lock

__all__ = ["generator_states", "seed_torch", "seeded", "set_generators"]

# torch has one generator for all threads: fits in several threads take turns
ONE_AT_A_TIME = new_lock()


@contextmanager
def seeded(seed: int, device: str) -> Iterator[None]:
    """Seed torch in the block, and put its generators back as they were.

    One thread at a time: the generator is torch's, and common to all.
    """
    on_gpu = torch.device(device).type == "cuda"
    devices = [torch.device(device).index or 0] if on_gpu else []
    with ONE_AT_A_TIME, torch.random.fork_rng(devices=devices):
        seed_torch(seed, device)
        yield


def seed_torch(seed: int, device: str) -> None:
    """Seed torch's generator, and that of a device."""
    # torch.manual_seed would seed all devices, and only one is put back
    torch.default_generator.manual_seed(seed)
    if torch.device(device).type == "cuda":
        with torch.cuda.device(torch.device(device).index or 0):
            torch.cuda.manual_seed(seed)


def generator_states(device: str) -> dict[str, torch.Tensor]:
    """Return the states of the generators that training on a device draws from."""
    states = {"cpu": torch.get_rng_state()}
    if torch.device(device).type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_generators(device: str, states: dict[str, torch.Tensor]) -> None:
    """Let generators go on from where they were."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
