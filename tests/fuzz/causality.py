"""What changes after a row, or is added after it, changes no forecast made before it.

Each rule makes a forecast again where later rows are others, or absent, and compares
what was made before them. Other rows hold what earlier rows of the same frame hold, so
that they can be read wherever these can.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose

from skinformer import backtest

from .rules import Done, attempt

__all__ = [
    "check_added_rows",
    "check_later_covariates",
    "check_replaced_rows",
    "check_windows",
    "timed",
]

CLOSE = {"rtol": 1e-5}


def timed(X: Any, time: Any) -> bool:
    """Tell whether each row says when it was."""
    if not isinstance(X, pd.DataFrame):
        return False
    return time is not None or isinstance(X.index, pd.DatetimeIndex | pd.PeriodIndex)


# Rows after others


def stamps_of(X: Any, time: Any) -> pd.Index:
    """Return when each row was, the number of a row without time."""
    if not timed(X, time):
        return pd.RangeIndex(X.shape[0] if hasattr(X, "shape") else len(X))
    return X.index if time is None else pd.Index(X[time])


def ranks_of(stamps: pd.Index) -> np.ndarray:
    """Number rows by time; those of one stamp alike."""
    return pd.factorize(stamps, sort=True)[0]


def take(rows: Any, which: np.ndarray) -> Any:
    """Take some rows, in that order."""
    if isinstance(rows, pd.DataFrame | pd.Series):
        return rows.iloc[which]
    return [rows[i] for i in which] if isinstance(rows, list) else rows[which]


def can_take(rows: Any) -> bool:
    """Tell whether these are rows that can be taken."""
    is_array = isinstance(rows, np.ndarray) and rows.ndim > 0
    return is_array or isinstance(rows, pd.DataFrame | pd.Series | list)


def with_others(rows: Any, late: np.ndarray, keep: tuple = ()) -> Any:
    """Put what the first rows hold into late ones; some columns stay as they are."""
    source = np.arange(len(late))
    source[late] = np.arange(late.sum())
    other = take(rows, source)
    if isinstance(rows, pd.DataFrame | pd.Series):
        other = other.set_axis(rows.index, axis=0)
    return other.assign(**{name: rows[name] for name in keep}) if keep else other


def others_ahead(X: Any, late: np.ndarray, model: Any) -> Any | None:
    """Put other covariates into late rows, each with its time and its series.

    None where odd names leave it open which columns these are.
    """
    roles = [role for role in (model.time, model.series) if role is not None]
    if not isinstance(X, pd.DataFrame):
        return None if roles else with_others(X, late)
    known = all(isinstance(role, str) and role in X.columns for role in roles)
    if not known or not X.columns.is_unique:
        return None
    return with_others(X, late, tuple(roles))


# The rules


def check_later_covariates(forecast: Callable, X: Any, model: Any, cut: int) -> None:
    """Forecast, without the later rows too, and with other covariates in them."""
    done = attempt(forecast, X)
    if done.refused or not can_take(X):
        return
    answer = done.answer
    ranks = ranks_of(stamps_of(X, model.time))
    late = ranks > cut % (ranks.max() + 1)
    if not late.any():
        return
    shorter = attempt(forecast, take(X, np.flatnonzero(~late)))
    assert not shorter.refused, shorter.error
    assert_allclose(shorter.answer, answer[~late], **CLOSE)
    others = others_ahead(X, late, model)
    if others is not None:
        changed = attempt(forecast, others)
        assert not changed.refused, changed.error
        assert_allclose(changed.answer[~late], answer[~late], **CLOSE)


def check_added_rows(
    update: Callable, predict: Callable, X: Any, later: Any, model: Any
) -> Done:
    """Update; fitted values of rows that were there before stay as they are.

    Return what the update has come to.
    """
    if not timed(X, model.time):
        return update()
    before, done = attempt(predict, X), update()
    if before.refused or done.refused or model.history_size == "context":
        return done
    # a row given late may close a hole, and is read from then on
    first = stamps_of(later, model.time).min()
    check_early_values(predict, X, before.answer, model, first)
    return done


def check_replaced_rows(model: Any, last: Any, X: Any, y: Any, cut: int) -> None:
    """Put other targets into the late rows of the history."""
    if not timed(X, last.time) or not can_take(y) or len(X) != len(y):
        return
    before = attempt(model.predict, X)
    if before.refused:
        return
    stamps = stamps_of(X, last.time)
    late = ranks_of(stamps) > cut % len(X)
    rows = np.flatnonzero(late)
    model, others = copy.deepcopy(model), take(with_others(y, late), rows)
    done = attempt(model.update, take(X, rows), others, on_conflict="replace")
    if not done.refused:  # none are late, or what is kept is the context
        check_early_values(model.predict, X, before.answer, last, stamps[late].min())


def check_early_values(
    predict: Callable, X: Any, before: np.ndarray, model: Any, first: Any
) -> None:
    """Compare fitted values up to the first row that is another."""
    # the block of that row starts at it, or before it
    early = np.asarray(stamps_of(X, model.time) <= first)
    after = attempt(predict, X)
    assert not after.refused, after.error
    assert_allclose(after.answer[early], before[early], **CLOSE)


def check_windows(model: Any, last: Any, X: Any, y: Any, cut: int) -> None:
    """Roll over rows, and again over fewer, and over other targets in late ones."""
    done = attempt(backtest, model, X, y)
    if done.refused or not (can_take(X) and can_take(y)):
        return
    if last.series is not None and not timed(X, last.time):
        return  # rows count within their series, and those of X from end to end
    stamps = stamps_of(X, last.time)
    ranks, windows = ranks_of(stamps), windows_of(done.answer)
    at = cut % 3 + 1
    late = ranks > at
    if late.any():
        others = attempt(backtest, model, X, with_others(y, late))
        assert not others.refused, others.error
        end = stamps[ranks == at][0]
        known = {key for key in windows if key[1] <= end}
        check_same_windows(windows, windows_of(others.answer), known)
    early = np.flatnonzero(ranks <= at + 3)
    fewer = attempt(backtest, model, take(X, early), take(y, early))
    if not fewer.refused:  # too few for a window
        fewer = windows_of(fewer.answer)
        check_same_windows(windows, fewer, set(fewer))


def windows_of(result: Any) -> dict[tuple, np.ndarray]:
    """Return the forecasts of each window, by its series and its last known row."""
    series = result.series if result.series is not None else [None] * len(result.starts)
    keys = zip(series, result.origins, strict=True)
    return dict(zip(keys, result.y_pred, strict=True))


def check_same_windows(windows: dict, others: dict, which: set) -> None:
    """Compare the forecasts of some windows."""
    assert which <= set(others)
    for key in which:
        assert_allclose(others[key], windows[key], err_msg=str(key), **CLOSE)
