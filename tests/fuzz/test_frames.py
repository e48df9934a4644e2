"""Frames with something odd: answers are by the rules, and errors are ours."""

import copy
import warnings
from functools import partial
from typing import Any

import numpy as np
from hypothesis import assume, example, given
from numpy.testing import assert_allclose

from .cases import Case, Frames
from .causality import (
    check_added_rows,
    check_later_covariates,
    check_replaced_rows,
    check_windows,
    timed,
)
from .defects import REFUSED, SAME, build
from .profiles import PROFILE
from .rules import attempt, state_of
from .strategies import cases
from .widths import check_intervals, check_quantiles, check_within


def check(case: Case) -> list[str] | None:
    """Walk through the methods; return what was refused, for who looks on."""
    frames, good = build(case), case.flawless.frames()
    if frames is None:
        return None
    model, told = case.model(frames.params), []
    done = fit(model, frames)
    if must_refuse(case):
        assert done.refused
    if done.refused:
        told.append(f"fit: {done.error}")
        assert not hasattr(last_of(model), "n_features_in_")
        # a fit that is refused leaves the one before
        model = case.model(good.params)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(*good.train)
        kept = last_of(model).get_params(deep=False)
        vars(last_of(model)).update(frames.params)
        assert fit(model, frames).refused
        vars(last_of(model)).update(kept)
    told += check_predict(model, frames)
    if not told and case.defects and all(d[:2] in SAME for d in case.defects):
        check_same(model, frames, good, case)
    told += check_quantiles(model, last_of(model), frames.asked.X)
    told += check_also(model, frames, case)
    told += check_update(model, frames, case)
    told += check_predict(model, frames)
    told += check_partial_fit(model, frames)
    return told


def must_refuse(case: Case) -> bool:
    """Tell whether the one thing that is odd is one that fit refuses."""
    if len(case.defects) != 1 or case.layout != "plain" or "period" in case.clock:
        return False
    [(kind, name, where)] = case.defects
    is_read = kind != "index" or case.clock != "rows"
    return (kind, name) in REFUSED and where in ("train", "all") and is_read


def last_of(model: Any) -> Any:
    """Return the forecaster itself."""
    return model[-1] if hasattr(model, "steps") else model


def fit(model: Any, frames: Frames) -> Any:
    # a pipeline of scikit-learn's keeps the steps in front that it has fitted
    kept = last_of(model)
    if frames.weights is None:
        return attempt(model.fit, *frames.train, keeps=kept)
    return attempt(model.fit, *frames.train, sample_weight=frames.weights, keeps=kept)


def check_predict(model: Any, frames: Frames) -> list[str]:
    """Ask for rows, then for the same in another order."""
    X, before = frames.asked.X, state_of(model)
    done = attempt(model.predict, X)
    assert state_of(model) == before
    if done.refused:
        return [f"predict: {done.error}"]
    answer = done.answer
    assert answer.dtype == np.float64
    assert len(answer) == len(X)
    check_within(answer, last_of(model).bounds)
    if timed(X, last_of(model).time):
        order = np.random.default_rng(0).permutation(len(X))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert_allclose(model.predict(X.iloc[order]), answer[order], rtol=1e-5)
    return []


def check_also(model: Any, frames: Frames, case: Case) -> list[str]:
    """Hold forecasts against one rule more."""
    X, last = frames.asked.X, last_of(model)
    if case.also == "fitted values":
        check_replaced_rows(model, last, *frames.train, 7 * case.n_rows)
    if case.also == "later covariates":
        check_later_covariates(model.predict, X, last, case.n_rows)
    if case.also == "windows":
        check_windows(model, last, *frames.later, case.n_rows)
    if case.also == "intervals":
        return check_calibrated(copy.deepcopy(model), frames, case.n_rows)
    return []


def check_calibrated(model: Any, frames: Frames, cut: int) -> list[str]:
    """Ask for intervals, of as many rows as there are to say how wide they are."""
    done = attempt(model.calibrate, *frames.later, keeps=model)
    told = [f"calibrate: {done.error}"] if done.refused else []
    return told + check_intervals(model, last_of(model), frames.asked.X, cut)


def check_same(model: Any, frames: Frames, good: Frames, case: Case) -> None:
    """Hold forecasts against those of frames without what is to be read alike."""
    other = case.model(good.params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.fit(*good.train)
        expected, answer = other.predict(good.asked.X), model.predict(frames.asked.X)
    assert_allclose(answer.reshape(expected.shape), expected, rtol=2e-3, atol=1e-2)


def check_update(model: Any, frames: Frames, case: Case) -> list[str]:
    """Append rows; those that were there before keep their fitted values."""
    update = partial(attempt, model.update, *frames.later, keeps=model)
    if case.also == "fitted values":
        rows = frames.train.X, frames.later.X
        done = check_added_rows(update, model.predict, *rows, last_of(model))
    else:
        done = update()
    return [f"update: {done.error}"] if done.refused else []


def check_partial_fit(model: Any, frames: Frames) -> list[str]:
    if not hasattr(model, "partial_fit"):
        return []
    done = attempt(model.partial_fit, *frames.later, keeps=model)
    return [f"partial_fit: {done.error}"] if done.refused else []


# what was let out once
@PROFILE
@given(cases())
@example(Case(defects=(("target", "text among numbers", "train"),)))
@example(Case(defects=(("target", "NA as object", "later"),)))
@example(Case(defects=(("index of y", "Int64 with NA", "train"),)))
@example(Case(defects=(("index of y", "dates as objects", "train"),)))
@example(Case(defects=(("X", "ragged lists", "asked"),)))
@example(Case(layout="panel", defects=(("label", "lists", "train"),)))
@example(Case(layout="panel", defects=(("names", "numbers", "asked"),)))
@example(Case(defects=(("number", "inf", "train"),)))
@example(Case(defects=(("index", "NaT, in order", "train"),)))
@example(Case(defects=(("rows", "one twice", "all"),)))
@example(Case("informer", defects=(("weights", "text", "train"),)))
def test_any_case(case):
    assume(check(case) is not None)
