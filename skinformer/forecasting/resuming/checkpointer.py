"""Stores a training after each epoch, and puts a stored one back before the first."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from skinformer.exceptions import CheckpointError

from ..callbacks import ProgressBar
from ..processes import by_first, team
from .facts import differences
from .files import (
    locked,
    parsed,
    path_in,
    read_data,
    remove_checkpoint,
    write_checkpoint,
)
from .states import numpy_state, put_back, set_numpy_state, state_of

__all__ = ["Checkpointer", "resumable"]

# a name of its own, by which the command line finds what is said here
logger = logging.getLogger("skinformer.resuming")


@contextmanager
def resumable(
    folder: str | os.PathLike, facts: dict[str, Any], random_state: Any
) -> Iterator["Checkpointer"]:
    """Keep the training of a block in a folder, which no other fit uses meanwhile.

    If the block reaches its end, the checkpoint is removed; else it stays.

    Raises
    ------
    CheckpointError
        If a checkpoint is there that is damaged or of other ``facts``, or another fit
        uses the folder.
    """
    path, held = path_in(folder), ExitStack()

    def take() -> bytes:
        held.enter_context(locked(Path(folder)))
        data = read_data(path)
        return data if goes_on(parsed(data, path), facts, path) else b""

    with held:
        # other machines may not see the folder
        stored = parsed(by_first(take), path)
        checkpointer = Checkpointer(path, facts, stored)
        checkpointer.draw_from(random_state)
        yield checkpointer
        if leads():
            remove_checkpoint(path)


def leads() -> bool:
    """Say whether this process keeps the training: the first of those that train."""
    members = team()
    return members is None or members.rank == 0


def goes_on(stored: dict | None, facts: dict[str, Any], path: Path) -> bool:
    """Say whether a stored training can be gone on with.

    Raises
    ------
    CheckpointError
        If an epoch is stored of a training on other data or parameters.
    """
    if stored is None:
        return False
    other, n = differences(stored["facts"], facts), len(stored["state"]["epochs"])
    if other and n:
        raise CheckpointError(
            f"{path} is of another fit: {other}. Call fit as before to go on after "
            f"epoch {n}, or delete the file, or give another checkpoint_dir, to train "
            "from the beginning."
        )
    return not other  # before the first epoch nothing is lost


class Checkpointer:
    """Keeps one training in a file.

    Parameters
    ----------
    path : Path
    facts : dict
        What the training hangs on; see :func:`~.facts.facts_of`.
    stored : dict or None
        What the file holds, if the training can go on from it.

    Attributes
    ----------
    random : int or RandomState
        What the seeds of the training are drawn from.
    """

    random: Any

    def __init__(self, path: Path, facts: dict[str, Any], stored: dict | None):
        self.path, self.facts, self._stored = path, facts, stored

    def draw_from(self, random_state: Any) -> None:
        """Choose what seeds are drawn from: as the stored training did."""
        self.random, self._generator = random_state, None
        if random_state is None:
            self.random = np.random.RandomState(np.random.MT19937())
        if not isinstance(self.random, np.random.RandomState):
            return
        if self._stored is None:
            self._generator = numpy_state(self.random)
        else:
            self._generator = self._stored["generator"]
            set_numpy_state(self.random, self._generator)

    def begin(self, net: Any) -> int:
        """Put the stored training in place of one that begins.

        Returns
        -------
        int
            How many epochs there are still to train.

        Raises
        ------
        OSError
            If the checkpoint cannot be written: before the training, not after it.
        """
        self._n_before = len(net.history)
        if self._stored is None:
            self.store(net)
            return net.max_epochs
        state, is_over = self._stored["state"], self._stored["is_over"]
        self._stored = None  # of no more use, and as large as the network
        put_back(net, state)
        n = len(state["epochs"])
        for _, callback in net.callbacks_:
            if isinstance(callback, ProgressBar):
                callback.bar_.update(n)
        logger.info("going on after epoch %d, from %s", n, self.path)
        return 0 if is_over else net.max_epochs - n

    def store(self, net: Any, is_over: bool = False) -> None:
        """Store the training as it is; ``is_over``, if no epoch is to follow.

        Raises
        ------
        OSError
            If the checkpoint cannot be written; the one before stays.
        """
        if not leads():
            return
        content = {
            "facts": self.facts,
            "generator": self._generator,
            "state": state_of(net, self._n_before),
            "is_over": is_over,
        }
        try:
            write_checkpoint(self.path, content)
        except OSError as error:
            raise self._not_written(error, len(net.history) - self._n_before) from error

    def drop(self) -> None:
        """Remove what is stored of a training that is given up for good."""
        if leads():
            remove_checkpoint(self.path)

    def _not_written(self, error: OSError, n: int) -> OSError:
        """Return the error that says what to do."""
        told = f"{self.path} could not be written ({error.strerror or error})"
        if not self.path.parent.is_dir():
            told += ": its folder is gone. Make it, and call fit again."
        elif n == 0:
            told += ". Make room, or give another checkpoint_dir."
        else:
            told += (
                f" after epoch {n}; the checkpoint before it is whole. Make room, and "
                "call fit again with the same data and parameters to go on from it."
            )
        other = type(error)(told)
        other.errno = error.errno
        return other
