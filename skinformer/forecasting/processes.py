"""Processes that train one network together: what they tell one another.

Each runs the same script, ``fit`` included. What is said here holds for one process
too: it is the first of one.
"""

import functools
import logging
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

import torch

from skinformer._filters import muted
from skinformer.exceptions import SkinformerWarning

from .launched import ACCELERATE, make_accelerator
from .seeds import AGREE

__all__ = ["Start", "Team", "by_first", "in_team", "several_processes", "team"]

Method = TypeVar("Method", bound=Callable)

# what a process tells the others of: a seed, the beginning of a training, or how many
# bytes it has for them
SEED, START, BYTES = 1.0, 2.0, 3.0

logger = logging.getLogger("skinformer")


class Start(NamedTuple):
    """What all processes have to have in common when a training begins.

    Attributes
    ----------
    n_train, n_valid : float
        Windows that train, and that validate.
    network, training, generator : float
        Digests, whole numbers that a float holds.
    level : float
        Of what the windows are standardised with: processors round differently.
    """

    n_train: float
    n_valid: float
    network: float
    training: float
    generator: float
    level: float


# what is said of a digest that differs
DIFFERS = {
    "network": "its network has weights of other shapes",
    "training": (
        "its max_epochs, batch_size, lr, windows_per_epoch, precision or callbacks are "
        "others"
    ),
    "generator": "its random_state is another",
}


class Team:
    """The processes that train together, as one of them sees them.

    Parameters
    ----------
    accelerator : accelerate.Accelerator
    """

    def __init__(self, accelerator: Any):
        self.accelerator = accelerator
        self.rank: int = accelerator.process_index
        self.size: int = accelerator.num_processes

    def agree(self, seed: int) -> int:
        """Return the seed of the first process; all call this together."""
        return int(self._tell(SEED, seed)[0][1])

    def check_start(self, own: Start) -> None:
        """Raise, in every process, unless all begin the same training.

        Raises
        ------
        ValueError
        """
        told = [Start(*row[1:]) for row in self._tell(START, *own)]
        for rank, other in enumerate(told):
            if (text := difference(told[0], other)) is not None:
                raise ValueError(
                    f"Process {rank} of {self.size} is to train another network than "
                    f"process 0: {text}. Give each process the same rows and "
                    "parameters; they share out the windows among themselves."
                )

    def add_up(self, numbers: torch.Tensor) -> torch.Tensor:
        """Return the sum of a tensor over all processes, in each of them."""
        with self.together():
            return self.accelerator.reduce(numbers, reduction="sum")

    def copy_first(self, tensors: Sequence[torch.Tensor]) -> None:
        """Give tensors, in place, the values that they have in the first process."""
        if self.size == 1:
            return
        with self.together(), torch.no_grad():
            for tensor in tensors:
                torch.distributed.broadcast(tensor, 0)

    def by_first(self, work: Callable[[], bytes | None]) -> bytes:
        """Let the first process do something, and return in all what came of it.

        Raises
        ------
        Exception
            What ``work`` raises; in the other processes a ValueError that says it.
        """
        said, failed = b"", None
        if self.rank == 0:
            try:
                said = work() or b""
            except Exception as error:
                said, failed = str(error).encode(), error
        (_, size, fails, *_), *_ = self._tell(BYTES, len(said), failed is not None)
        device = self.accelerator.device
        shared = torch.empty(int(size), dtype=torch.uint8, device=device)
        if self.rank == 0 and said:
            shared.copy_(torch.frombuffer(bytearray(said), dtype=torch.uint8))
        self.copy_first([shared] if size else [])
        if failed is not None:
            raise failed
        if fails:
            raise ValueError(f"Process 0: {shared.cpu().numpy().tobytes().decode()}")
        return shared.cpu().numpy().tobytes()

    def leave(self) -> None:
        """Break off, so that the others do not wait for this process."""
        if self.size > 1 and torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()

    def _tell(self, about: float, *numbers: float) -> list[list[float]]:
        """Tell all processes some numbers, and return what each told."""
        row = [about, *numbers] + [0.0] * (len(Start._fields) - len(numbers))
        if self.size == 1:
            return [row]
        mine = torch.tensor(row, dtype=torch.float64, device=self.accelerator.device)
        with self.together():
            told = self.accelerator.gather(mine).reshape(self.size, -1).tolist()
        if any(other[0] != about for other in told):
            raise RuntimeError(
                "The processes are not at the same place of the script: one of them "
                "has skipped a fit, or failed in it. Each has to make the same calls."
            )
        return told

    @contextmanager
    def together(self) -> Iterator[None]:
        """Say what it means that another process cannot be reached."""
        try:
            yield
        except (RuntimeError, ValueError) as error:  # what torch.distributed raises
            raise RuntimeError(
                f"Process {self.rank} of {self.size} cannot reach the others any "
                "more: one has ended, or failed; its own message says why. Start all "
                "of them again."
            ) from error


def difference(one: Start, other: Start) -> str | None:
    """Say how a process begins differently from the first, None if it does not.

    >>> difference(Start(9, 2, 5, 5, 5, 1.0), Start(8, 2, 5, 5, 5, 1.0))
    '8 windows train there, and 9 in process 0'
    """
    for name, what in (("n_train", "train"), ("n_valid", "validate")):
        a, b = int(getattr(one, name)), int(getattr(other, name))
        if a != b:
            return f"{b} windows {what} there, and {a} in process 0"
    for name, text in DIFFERS.items():
        if getattr(one, name) != getattr(other, name):
            return text
    if not math.isclose(one.level, other.level, rel_tol=1e-6, abs_tol=1e-12):
        return (
            f"its rows have mean and deviation {other.level:.6g}, not {one.level:.6g}"
        )
    return None


# Those that a fit in progress belongs to

_team: ContextVar[Team | None] = ContextVar("team", default=None)


def team() -> Team | None:
    """Return the processes that the fit in progress belongs to, None if it is alone."""
    return _team.get()


def by_first(work: Callable[[], bytes | None]) -> bytes:
    """Do something once for all processes that train together."""
    members = team()
    if members is None or members.size == 1:
        return work() or b""
    return members.by_first(work)


def several_processes() -> bool:
    """Say whether other processes train the same network."""
    members = team()
    return members is not None and members.size > 1


def in_team(method: Method) -> Method:
    """Let a method of a forecaster run with those of the other processes.

    Seeds are those of the first process, and only it logs and warns.
    """

    @functools.wraps(method)
    def together(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.device != ACCELERATE or team() is not None:
            return method(self, *args, **kwargs)
        with joined(Team(make_accelerator())):
            return method(self, *args, **kwargs)

    return together  # type: ignore[return-value]


@contextmanager
def joined(members: Team) -> Iterator[None]:
    """Belong to a team in the block."""
    seeds, own = AGREE.set(members.agree), _team.set(members)
    try:
        with quiet() if members.rank > 0 else nullcontext():
            yield
    finally:
        AGREE.reset(seeds)
        _team.reset(own)


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what the first process says too: messages of progress, warnings of ours."""

    def is_urgent(record: logging.LogRecord) -> bool:
        return record.levelno > logging.WARNING

    logger.addFilter(is_urgent)
    try:
        with muted(SkinformerWarning):
            yield
    finally:
        logger.removeFilter(is_urgent)
