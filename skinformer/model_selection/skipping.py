"""Scorers for searches that skip targets which are missing."""

from collections.abc import Callable

from sklearn.metrics import (
    make_scorer,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    median_absolute_error,
    r2_score,
    root_mean_squared_error,
)

from skinformer._validation import did_you_mean
from skinformer.forecasting.known_score import known_score

__all__ = ["make_skipping_scorer"]

# by scikit-learn's names; all that begin with "neg_" are errors
METRICS = {
    "r2": r2_score,
    "neg_mean_absolute_error": mean_absolute_error,
    "neg_mean_squared_error": mean_squared_error,
    "neg_root_mean_squared_error": root_mean_squared_error,
    "neg_median_absolute_error": median_absolute_error,
    "neg_mean_absolute_percentage_error": mean_absolute_percentage_error,
}


def make_skipping_scorer(
    score: str | Callable = "neg_mean_absolute_error",
    *,
    greater_is_better: bool = True,
) -> Callable:
    """Make a scorer that skips targets which are missing.

    scikit-learn's own scorers refuse a ``y`` that holds NaN. This one scores each
    target over the rows in which it is known, and returns the mean over targets. A
    target without a known row in a fold is left out of that mean; a fold without any
    known target scores NaN.

    Parameters
    ----------
    score : str or callable, default="neg_mean_absolute_error"
        "r2", "neg_mean_absolute_error", "neg_mean_squared_error",
        "neg_root_mean_squared_error", "neg_median_absolute_error" or
        "neg_mean_absolute_percentage_error", as scikit-learn names them; or a function
        ``score(y_true, y_pred)`` of one target. One that is to be given weights takes
        ``sample_weight`` too.
    greater_is_better : bool, default=True
        Whether a greater value of the function is better, as in scikit-learn's
        ``make_scorer``. Names say it themselves.

    Returns
    -------
    callable
        ``scorer(estimator, X, y)`` of scikit-learn's own kind, to be given as
        ``scoring``; ``sample_weight`` can be routed to it.

    Raises
    ------
    ValueError
        If the name is unknown.

    See Also
    --------
    make_rolling_scorer : A scorer that rolls the origin through the rows of each fold.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyRegressor
    >>> from skinformer import make_skipping_scorer
    >>> X, y = np.zeros((3, 1)), np.array([2.0, np.nan, 7.0])
    >>> model = DummyRegressor(strategy="constant", constant=3.0).fit(X, [3.0] * 3)
    >>> make_skipping_scorer("neg_mean_absolute_error")(model, X, y)  # errors 1 and 4
    -2.5

    Of a function:

    >>> from functools import partial
    >>> from sklearn.metrics import mean_pinball_loss
    >>> high = make_skipping_scorer(
    ...     partial(mean_pinball_loss, alpha=0.9), greater_is_better=False
    ... )
    >>> round(high(model, X, y), 2)  # 0.1 * 1 and 0.9 * 4
    -1.85
    """
    if callable(score):
        metric = score
    else:
        metric = check_score(score)
        greater_is_better = not score.startswith("neg_")
    return make_scorer(known_score, greater_is_better=greater_is_better, metric=metric)


def check_score(name: str) -> Callable:
    """Look a metric up by its name."""
    if not isinstance(name, str) or name not in METRICS:
        raise ValueError(
            f"score={name!r} is unknown. Known are {', '.join(map(repr, METRICS))}, "
            f"and functions of (y_true, y_pred).{did_you_mean(name, METRICS)}"
        )
    return METRICS[name]
