"""Which categories the rows that train hold."""

from collections.abc import Sequence

import numpy as np

from skinformer.series.chunks import chunks, is_mapped, let_go
from skinformer.series.history import Stretch

__all__ = ["codes_seen"]


def codes_seen(histories: Sequence[Stretch], n_train: Sequence[int]) -> np.ndarray:
    """Return the codes that training rows hold, (n_rows, n_categories).

    Those of the past are hidden (0) in rows to come. Of rows in a file larger than
    memory, each code is listed once.
    """
    pairs = list(zip(histories, n_train, strict=True))
    known = [history.covariates.codes[:n] for history, n in pairs]
    past = [history.observed.codes[:n] for history, n in pairs]
    if any(is_mapped(parts[0]) for parts in (known, past)):
        hidden = [np.union1d(column, [0]) for column in distinct(past)]
        return in_columns([*distinct(known), *hidden])
    return written_out(np.concatenate(known), np.concatenate(past))


def written_out(known: np.ndarray, past: np.ndarray) -> np.ndarray:
    """Return known codes beside those of the past, and a row in which these are hidden.

    >>> written_out(np.array([[3], [4]]), np.array([[1], [2]]))
    array([[3, 1],
           [4, 2],
           [4, 0]])
    """
    if past.shape[1] == 0:
        return known
    hidden = np.concatenate([known[-1:], np.zeros_like(past[-1:])], axis=1)
    return np.concatenate([np.concatenate([known, past], axis=1), hidden])


def distinct(parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the codes that each column of some parts (n, k) holds.

    >>> distinct([np.array([[2, 0], [1, 0]]), np.array([[2, 3]])])
    [array([1, 2]), array([0, 3])]
    """
    seen = [np.zeros(0, dtype=bool)] * parts[0].shape[1]
    for part in parts if seen else ():
        for rows in chunks(len(part)):
            for c, codes in enumerate(part[rows].T):
                there = np.bincount(codes, minlength=len(seen[c])) > 0
                there[: len(seen[c])] |= seen[c]
                seen[c] = there
            let_go(part[rows])
    return [np.flatnonzero(column) for column in seen]


def in_columns(each: Sequence[np.ndarray]) -> np.ndarray:
    """Return codes of each column, their first one repeated to the longest, (n, k).

    >>> in_columns([np.array([1, 2]), np.array([7])])
    array([[1, 7],
           [2, 7]])
    """
    n = max(map(len, each), default=0)
    table = np.empty((n, len(each)), dtype=np.int64)
    for c, codes in enumerate(each):
        table[:, c] = codes[0]
        table[: len(codes), c] = codes
    return table
