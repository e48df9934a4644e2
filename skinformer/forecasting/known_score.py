"""A score of forecasts over the rows whose truth is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_consistent_length

__all__ = ["known_score"]


def known_score(
    y_true: Any,
    y_pred: Any,
    *,
    metric: Callable = r2_score,
    sample_weight: Any = None,
) -> float:
    """Score each target over the rows whose truth is known, and average the targets.

    Parameters
    ----------
    y_true : array-like of shape (n_rows,) or (n_rows, n_targets)
        Targets; NaN where one is missing.
    y_pred : array-like of shape (n_rows,) or (n_rows, n_targets)
        Their forecasts.
    metric : callable, default=r2_score
        ``metric(y_true, y_pred)`` of one target without NaN, such as those of
        ``sklearn.metrics``; given ``sample_weight`` too where there are weights.
    sample_weight : array-like of shape (n_rows,) or None, default=None
        How much each row counts. A row of weight zero is left out.

    Returns
    -------
    float
        The plain mean over targets. A target without a known row is left out; NaN if
        there is no other.

    Examples
    --------
    >>> from sklearn.metrics import mean_absolute_error
    >>> truth = [[1.0, 5.0], [2.0, np.nan], [np.nan, np.nan]]
    >>> forecast = [[2.0, 9.0], [5.0, 0.0], [0.0, 0.0]]
    >>> known_score(truth, forecast, metric=mean_absolute_error)  # (2 + 4) / 2
    3.0
    """
    check_consistent_length(y_true, y_pred, sample_weight)
    truth, forecast = as_columns(y_true), as_columns(y_pred)
    if truth.shape != forecast.shape:
        raise ValueError(
            f"y has {truth.shape[1]} target(s), and the forecast {forecast.shape[1]}: "
            "score on the targets of fit."
        )
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=float)
    known = ~np.isnan(truth)
    if weight is not None:
        known &= (weight != 0)[:, np.newaxis]
    scores = [
        metric(t[k], f[k], **({} if weight is None else {"sample_weight": weight[k]}))
        for t, f, k in zip(truth.T, forecast.T, known.T, strict=True)
        if k.any()
    ]
    return float(np.mean(scores)) if scores else float("nan")


def as_columns(values: Any) -> np.ndarray:
    """Return float64 of shape (n_rows, n_targets), NaN for whatever stands for it."""
    if not isinstance(values, pd.DataFrame):
        values = pd.DataFrame(values)
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
