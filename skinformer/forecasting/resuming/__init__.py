"""A training that is killed goes on where it was: ``checkpoint_dir``.

:mod:`.keeper` stores a training after each epoch and puts it back, :mod:`.facts` tells
whether a stored one is of the same data and parameters, :mod:`.states` says what it
consists of, :mod:`.files` has the file and its lock.
"""

from .digests import told
from .facts import facts_of, start_told
from .files import check_folder
from .keeper import Keeper, resumable

__all__ = ["Keeper", "check_folder", "facts_of", "resumable", "start_told", "told"]
