"""A training that is killed goes on where it was: ``checkpoint_dir``.

:mod:`.checkpointer` stores a training after each epoch and puts it back, :mod:`.facts`
tells whether a stored one is of the same data and parameters, :mod:`.states` says what
it consists of, :mod:`.files` has the file and its lock.
"""

from .checkpointer import Checkpointer, resumable
from .digests import digest, told
from .facts import facts_of, start_told
from .files import check_folder

__all__ = [
    "Checkpointer",
    "check_folder",
    "digest",
    "facts_of",
    "resumable",
    "start_told",
    "told",
]
