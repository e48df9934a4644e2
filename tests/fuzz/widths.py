"""How wide intervals are, and how quantiles lie: by rank, one in another, in bounds."""

from functools import partial
from typing import Any

import numpy as np
from numpy.testing import assert_allclose

from .causality import check_later_covariates
from .rules import attempt

__all__ = ["check_intervals", "check_quantiles", "check_within"]

# of the few rows that calibrate, 5 windows do for the wider one
NARROW, WIDE = 0.3, 0.6


def check_within(values: np.ndarray, bounds: Any) -> None:
    """Check that values (n_rows, ...) are finite, and in bounds that are a pair."""
    assert np.isfinite(values).all()
    if bounds is not None and np.ndim(bounds) == 1:
        low, high = bounds
        assert low is None or (values >= low).all()
        assert high is None or (values <= high).all()


def check_intervals(model: Any, last: Any, X: Any, cut: int) -> list[str]:
    """Ask for a narrow interval and a wide one, and for paths."""
    done = attempt(model.predict_interval, X, NARROW, keeps=model)
    if done.refused:
        return [f"predict_interval: {done.error}"]
    narrow = done.answer
    check_ends(narrow, X, last.bounds)
    again = partial(model.predict_interval, coverage=NARROW)
    check_later_covariates(again, X, last, cut)
    done = attempt(model.predict_interval, X, WIDE)
    if done.refused:
        return [f"predict_interval: {done.error}"]
    wide = done.answer
    check_ends(wide, X, last.bounds)
    assert (wide[..., 0] <= narrow[..., 0]).all()
    assert (narrow[..., 1] <= wide[..., 1]).all()
    return check_paths(model, last, X)


def check_ends(ends: np.ndarray, X: Any, bounds: Any) -> None:
    """Check one interval for each row."""
    assert len(ends) == len(X)
    check_within(ends, bounds)
    assert (ends[..., 0] <= ends[..., 1]).all()


def check_paths(model: Any, last: Any, X: Any) -> list[str]:
    """Draw a few paths."""
    done = attempt(model.sample_paths, X, 3, random_state=0)
    if done.refused:
        return [f"sample_paths: {done.error}"]
    assert done.answer.shape[:2] == (3, len(X))
    check_within(done.answer, last.bounds)
    return []


def check_quantiles(model: Any, last: Any, X: Any) -> list[str]:
    """Ask for quantiles, whose median is the forecast."""
    if getattr(last, "loss", None) != "quantile":
        return []
    answer, done = attempt(model.predict, X), attempt(model.predict_quantiles, X)
    if done.refused:
        return [f"predict_quantiles: {done.error}"]
    heads = done.answer
    check_within(heads, last.bounds)
    assert (np.diff(heads, axis=-1) >= 0).all()
    levels = np.asarray(last.quantiles)
    point = answer.answer.reshape(heads.shape[:2])[..., None]
    slack = 1e-6 * (1 + np.abs(point))
    assert (heads[..., levels < 0.5] <= point + slack).all()
    assert (heads[..., levels > 0.5] >= point - slack).all()
    assert_allclose(heads[..., levels == 0.5], point, rtol=1e-6)
    return []
