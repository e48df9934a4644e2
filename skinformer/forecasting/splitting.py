"""Which windows train, which validate, and which have come since."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from skinformer.exceptions import NoValidationWarning, warn
from skinformer.series.chunks import is_mapped
from skinformer.series.history import Stretch
from skinformer.series.runs import Runs
from skinformer.series.timeline import last_part
from skinformer.series.windows import windows_within

from .jobs import Jobs

__all__ = ["Split", "known_rows", "new_windows", "rows_to_learn", "split_in_time"]


class Split(NamedTuple):
    """The windows that train and that validate, and the rows that train.

    Attributes
    ----------
    train, valid : list of (stretch, starts)
        Those of every series.
    n_train : list of int
        Rows of each series, from the first on, that train.
    """

    train: Jobs
    valid: Jobs
    n_train: list[int]

    @property
    def n_valid(self) -> int:
        """Count the windows that validate."""
        return sum(len(starts) for _, starts in self.valid)


def split_in_time(
    histories: Sequence[Stretch],
    validation: float | int | None,
    seq_len: int,
    pred_len: int,
) -> Split:
    """Split windows in time: targets of the last rows validate, and never train.

    Parameters
    ----------
    histories : sequence of Stretch
        Each is split by itself; one too short for both parts trains only.
    validation : float, int or None
        How many of the last rows of each validate, as a fraction or a number.
    seq_len, pred_len : int

    Warns
    -----
    NoValidationWarning
        If one of the parts would have no window; all windows train then.
    """
    lengths = seq_len, pred_len
    parts = [split_one(history, validation, *lengths) for history in histories]
    train = [(h, part[0]) for h, part in zip(histories, parts, strict=True)]
    valid = [(h, part[1]) for h, part in zip(histories, parts, strict=True)]
    split = Split(train, valid, [part[2] for part in parts])
    if validation is None or (split.n_valid and sum(len(s) for _, s in train)):
        return split
    n = sum(history.n_known for history in histories)
    n_valid = sum(last_part(h.n_known, validation) for h in histories)
    warn(too_few_windows(n, n_valid, *lengths), NoValidationWarning)
    return split_in_time(histories, None, *lengths)


def split_one(
    history: Stretch, validation: float | int | None, seq_len: int, pred_len: int
) -> tuple[Any, Any, int]:
    """Return the starts that train and validate, and how many rows train."""
    n = history.n_known
    known = known_rows(history)
    listed = not is_mapped(history.observed.values)

    def starts(first: int, stop: int) -> Any:
        found = windows_within(first, stop, seq_len, pred_len)
        found = with_targets(found, known, pred_len)
        return found if listed else in_runs(found)

    n_train = n - last_part(n, validation)
    train = starts(0, n_train)
    if len(train) == 0:  # too short for both parts
        return starts(0, n), np.empty(0, dtype=np.int64), n
    return train, starts(n_train, n), n_train


def with_targets(starts: np.ndarray, known: np.ndarray, pred_len: int) -> np.ndarray:
    """Keep the windows that have at least one known row to forecast."""
    seen = np.concatenate([[0], np.cumsum(known)])
    return starts[seen[starts + pred_len] > seen[starts]]


def in_runs(starts: np.ndarray) -> range | Runs:
    """Return starts, of which a file may have too many to list, as what says them all.

    >>> in_runs(np.array([4, 5, 6]))
    range(4, 7)
    """
    if len(starts) == 0:
        return range(0)
    first, last = int(starts[0]), int(starts[-1])
    if last - first + 1 == len(starts):
        return range(first, last + 1)
    return Runs.of([starts])


def too_few_windows(n: int, n_valid: int, seq_len: int, pred_len: int) -> str:
    """Say why there is no validation part."""
    return (
        f"Of {n} rows the last {n_valid} would validate; that leaves no window of "
        f"seq_len + pred_len = {seq_len + pred_len} rows to train on, or none of "
        f"pred_len = {pred_len} rows to validate. All rows are trained on, for all "
        "max_epochs, and a network beside a highway counts for nothing. Give more "
        "rows, lower seq_len or pred_len, or choose validation_fraction."
    )


def rows_to_learn(history: Stretch, n_train: int) -> np.ndarray:
    """Return which of the rows that train were given and count, (n_train,) of bool."""
    given, weights = history.given[:n_train], history.observed.weights
    return given if weights is None else given & (weights[:n_train] > 0)


def known_rows(history: Stretch) -> np.ndarray:
    """Return the rows of which a target is known and counts, (n_known,) of bool."""
    rows = rows_to_learn(history, history.n_known)
    if history.filled.last is None:  # no value is missing
        return rows
    return rows & ~np.isnan(history.targets).all(axis=1)


def new_windows(
    histories: Sequence[Stretch], before: list[int], seq_len: int, pred_len: int
) -> Jobs:
    """Return the windows whose last row came after ``before`` rows of the grid."""
    jobs = []
    before = before + [0] * (len(histories) - len(before))
    for history, n in zip(histories, before, strict=True):
        first = max(n - history.offset - pred_len + 1, 0)
        starts = windows_within(first, history.n_known, seq_len, pred_len)
        jobs.append((history, with_targets(starts, known_rows(history), pred_len)))
    return [job for job in jobs if len(job[1])]
