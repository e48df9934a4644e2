"""Python's filters of warnings, which are one list for all threads."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from skinformer._forks import new_lock

__all__ = ["muted", "predicted"]

# Who changes the filters for a while holds this. Where that overlapped, each would put
# back what the other had in place, and some would stay for good.
_alone = new_lock()


@contextmanager
def muted(*categories: type[Warning]) -> Iterator[None]:
    """Ignore warnings of some categories in the block, one thread at a time."""
    with _alone, warnings.catch_warnings():
        for category in categories:
            warnings.simplefilter("ignore", category)
        yield


def predicted(regressor: Any, table: Any) -> Any:
    """Return what a regressor of scikit-learn says, to one thread at a time.

    scikit-learn changes the filters wherever it works through its Parallel, as boosted
    trees do to read categories; other threads would be warned that it must not be.
    """
    with _alone:
        return regressor.predict(table)
