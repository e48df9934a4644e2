"""Seeds: fresh ones, and those of regressors that have none."""

from collections.abc import Callable
from contextvars import ContextVar
from numbers import Integral
from typing import Any

import numpy as np

__all__ = ["AGREE", "check_seed", "draw_seed", "seed_all"]

# of a seed that each of several processes has drawn, the one that all take
AGREE: ContextVar[Callable[[int], int]] = ContextVar("agree", default=int)


def check_seed(random_state: Any) -> Any:
    """Refuse what seeds no generator."""
    seeds = Integral | np.random.RandomState | None
    if isinstance(random_state, seeds) and not isinstance(random_state, bool):
        return random_state
    raise ValueError(
        f"random_state={random_state!r} must be an int, an instance of "
        "numpy.random.RandomState, or None."
    )


def draw_seed(random_state: int | np.random.RandomState | None) -> int:
    """Return a seed; None asks the operating system, not numpy's globals."""
    if random_state is None:
        return AGREE.get()(int(np.random.SeedSequence().generate_state(1)[0]))
    if isinstance(random_state, np.random.RandomState):
        return AGREE.get()(int(random_state.randint(np.iinfo(np.int32).max)))
    return int(random_state)


def seed_all(regressor: Any, random_state: Any) -> None:
    """Seed the generators of a regressor that have no seed of their own."""
    unseeded = [
        name
        for name, value in regressor.get_params().items()
        if name.split("__")[-1] == "random_state" and value is None
    ]
    if unseeded:
        regressor.set_params(**dict.fromkeys(unseeded, draw_seed(random_state)))
