"""What holds for every call: an answer by the rules, or an error of ours; no traces."""

import linecache
import os
import random
import re
import traceback
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import sklearn
import torch

import skinformer
from skinformer.exceptions import SkinformerWarning

__all__ = ["Done", "attempt", "state_of"]

PACKAGE = os.path.dirname(skinformer.__file__) + os.sep
SCIKIT_LEARN = os.path.dirname(sklearn.__file__) + os.sep

# what scikit-learn says of input that it checks for us
PUBLIC = re.compile(
    r"^Found array with (0 sample|0 feature|dim)"
    r"|^Found array with \d+ feature\(s\)"
    r"|^Expected (a )?2(D array|-dimensional container)"
    r"|^Found input variables with inconsistent numbers of samples"
    r"|^The feature names should match those that were passed"
    r"|^X has \d+ features?, but "
    r"|^X does not have valid feature names"
    r"|^Complex data not supported"
    r"|^Sparse data was passed"
    r"|^The '\w+' parameter of \w+ must "
    r"|^Sample weights must (be 1D|contain at least one non-zero)"
    r"|^sample_weight.shape == "
    r"|^Input (X|y|sample_weight) contains (NaN|infinity)"
    r"|^Singleton array .* cannot be considered a valid collection"
    r"|^Input should have at least 1 dimension"
    r"|^Expected sequence or array-like, got "
    r"|^dtype='numeric' is not compatible with arrays of bytes/strings"
    r"|^Feature names are only supported if all input features have string names"
    r"|^This \w+ instance is not fitted yet"
)
PUBLIC_WARNING = re.compile(
    r"^X has feature names, but \w+ was fitted without feature names"
    r"|^X does not have valid feature names, but \w+ was fitted with feature names"
    # newer numpy refuses arrays for numbers, and so do we then
    r"|^Conversion of an array with ndim > 0 to a scalar is deprecated"
)
# what an error of ours tells the user to do
REMEDY = re.compile(
    r"\b(give|gives|given|convert|drop|leave|make|replace|rename|correct|lower|pass|align|"
    r"update|fill|keep|sort|name|set|clip|clipping|round|fit|ask|must|raise|look|shorten|"
    r"widen|reshape|read|check|write|call|scale|needs?|requires?|required|supported|"
    r"encode|put|save|get|close|its columns are|has the columns)\b",
    re.IGNORECASE,
)
# those of pandas keep things aside
SCALARS = (
    *(str, bytes, int, float, complex, type(None), np.generic),
    *(pd.Period, pd.Timestamp, pd.Timedelta, pd.offsets.BaseOffset),
)
OPTIONS = ("display.max_rows", "display.precision", "compute.use_numexpr")


class Done(NamedTuple):
    """What a call has left: an answer, or an error that was ours."""

    answer: Any
    error: Exception | None

    @property
    def refused(self) -> bool:
        return self.error is not None


def attempt(call: Callable, *args: Any, keeps: Any = None, **kwargs: Any) -> Done:
    """Call, and hold what comes of it against the rules that need no knowledge of it.

    ``keeps`` is an estimator that an error has to leave as it was.
    """
    given = [seen(arg) for arg in (*args, *kwargs.values())]
    before = None if keeps is None else state_of(keeps)
    stir()
    around = surroundings()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        filters = list(warnings.filters)
        try:
            done = Done(call(*args, **kwargs), None)
        except Exception as error:
            check_error(error)
            done = Done(None, error)
        assert warnings.filters == filters, "the filters of warnings have changed"
    for warning in told:
        check_warning(warning)
    assert surroundings() == around, "global state has changed"
    assert [seen(arg) for arg in (*args, *kwargs.values())] == given, (
        "input has changed"
    )
    if done.refused and keeps is not None:
        assert state_of(keeps) == before, f"{done.error!r} has changed the estimator"
    return done


# Errors


def check_error(error: Exception) -> None:
    """Fail for an error that a user could not have been prepared for."""
    problem = problem_of(error)
    if problem is not None:
        shown = "".join(traceback.format_exception(error))
        raise AssertionError(f"{problem}\n{shown}") from error


def problem_of(error: BaseException) -> str | None:
    """Say what is wrong with an error, None if it is a documented one."""
    if not isinstance(error, ValueError | TypeError):
        return f"a {type(error).__name__} is no documented error"
    frame = list(traceback.walk_tb(error.__traceback__))[-1]
    code, line = (
        frame[0].f_code,
        linecache.getline(frame[0].f_code.co_filename, frame[1]),
    )
    if code.co_filename.startswith(SCIKIT_LEARN):
        if PUBLIC.search(str(error)):
            return None
        return "an error of scikit-learn's that says nothing of our input"
    if not code.co_filename.startswith(PACKAGE):
        return "the error was raised outside of the package"
    if not line.strip().startswith("raise"):
        return f"no raise of ours: {line.strip()!r} let it out"
    if code.co_name == "naming" and error.__cause__ is not None:
        return problem_of(error.__cause__)  # it has put the name of a series in front
    if not REMEDY.search(str(error)):
        return "the message names no remedy"
    return None


def check_warning(warning: warnings.WarningMessage) -> None:
    """Fail for a warning that is not ours."""
    is_ours = issubclass(warning.category, SkinformerWarning)
    if not is_ours and not PUBLIC_WARNING.search(str(warning.message)):
        raise AssertionError(
            f"{warning.filename}:{warning.lineno}: {warning.message!r}"
        )


# What must not change


def state_of(value: Any, known: dict | None = None) -> Any:
    """Return all that an object holds, as text: parameters, and what it learned.

    What pandas has worked out and kept aside, such as whether an index is sorted, is
    no state.
    """
    known = {} if known is None else known  # objects by their ids, kept alive
    if isinstance(value, SCALARS):
        return repr(value)
    if id(value) in known:
        return "known"
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index | np.ndarray):
        return seen(value)
    known[id(value)] = value
    if isinstance(value, torch.Tensor):
        return [str(value.dtype), value.tolist().__repr__()]
    if isinstance(value, np.random.RandomState):
        return state_of(value.get_state(), known)
    if isinstance(value, np.random.Generator):
        return state_of(value.bit_generator.state, known)
    if isinstance(value, dict):
        return [(key_of(key), state_of(item, known)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(state_of(item, known) for item in value)]
    if (hasattr(value, "__dict__") and not callable(value)) or is_module(value):
        return [type(value).__name__, state_of(vars(value), known)]
    return repr(value)


def key_of(key: Any) -> Any:
    """Name a key; those of an optimizer are the weights themselves."""
    return id(key) if isinstance(key, torch.Tensor) else repr(key)


def is_module(value: Any) -> bool:
    return isinstance(value, torch.nn.Module)


def seen(value: Any) -> Any:
    """Return what a user sees of a value, as text: it may hold objects of any kind."""
    if isinstance(value, pd.DataFrame):
        columns = [seen_values(value.iloc[:, i]) for i in range(value.shape[1])]
        names = repr(list(value.columns))
        return [names, seen(value.index), repr(value.attrs), columns]
    if isinstance(value, pd.Series | pd.Index):
        index = seen(value.index) if isinstance(value, pd.Series) else None
        return [seen_values(value), repr(value.name), index]
    if isinstance(value, np.ndarray):
        return [value.dtype.str, value.shape, repr(value.tolist())]
    return repr(value)


def seen_values(value: pd.Series | pd.Index) -> list:
    """Return the values of a column or an index; of times what they are made of."""
    if isinstance(value, pd.DatetimeIndex | pd.PeriodIndex):
        return [repr(value.dtype), value.asi8.tobytes()]
    return [repr(value.dtype), repr(list(value))]


def stir() -> None:
    """Draw from each generator: one that is as seeded hides who seeds it again."""
    np.random.random()  # noqa: NPY002
    random.random()
    torch.rand(1)


def surroundings() -> list:
    """Return what belongs to the process, and to nobody's fit."""
    _, words, *rest = np.random.get_state()  # noqa: NPY002
    return [
        hash(words.tobytes()),
        rest,
        hash(random.getstate()),
        hash(torch.get_rng_state().numpy().tobytes()),
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        np.geterr(),
        np.get_printoptions()["precision"],
        sklearn.get_config(),
        [pd.get_option(name) for name in OPTIONS],
        dict(os.environ),
        os.getcwd(),
    ]
