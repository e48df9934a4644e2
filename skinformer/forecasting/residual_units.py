"""Units in which the residuals of different series can be compared."""

import numpy as np

from skinformer._powers import root_mean_square
from skinformer.series.history import Stretch

__all__ = ["has_a_unit", "unit_of"]

# known rows that tell the unit of one series among many
LEAST_ROWS = 20


def has_a_unit(history: Stretch) -> bool:
    """Tell whether the rows of a series say in what unit its targets move."""
    known = ~np.isnan(history.targets)
    enough = (known.sum(axis=0) >= LEAST_ROWS).all()
    moves = np.fmax.reduce(history.targets) > np.fmin.reduce(history.targets)
    return bool(enough and moves.all())


def unit_of(targets: np.ndarray) -> np.ndarray:
    """Return the deviation of targets (n, n_targets), 1 where they never moved."""
    targets = targets.astype(np.float64, copy=False)
    known = ~np.isnan(targets)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, targets, 0.0).sum(axis=0) / count
    deviation = root_mean_square(targets - mean, count)
    return np.where(deviation > 0, deviation, 1.0)
