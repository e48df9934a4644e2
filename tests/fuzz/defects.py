"""What may be odd about the frames, the parameters and the weights of a case.

A defect is (kind, name, where); where is "train", "later" or "asked", or "all" for the
same change everywhere. Many are none: they only have to be read right.
"""

import datetime
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

from .cases import Case, Frames
from .columns import LABELS, NUMBERS, SAME_NUMBERS
from .indexes import ORDERS, SAME_STAMPS, STAMPS

__all__ = ["DEFECTS", "REFUSED", "SAME", "WHERE", "build", "fits"]

WHERE = ("train", "later", "asked", "all")


def renamed(names: Callable) -> Callable:
    """Give a frame other names."""

    def changed(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.copy(deep=False)
        frame.columns = names(list(frame.columns))
        return frame

    return changed


def first_name(name: object) -> Callable:
    return renamed(lambda names: pd.Index([name, *names[1:]], dtype=object))


NAMES = {
    "twice": renamed(lambda names: [names[0]] * len(names)),
    "numbers": renamed(lambda names: range(len(names))),
    "floats": renamed(lambda names: [0.5 + i for i in range(len(names))]),
    "mixed": first_name(7),
    "None": first_name(None),
    "NaN": first_name(float("nan")),
    "empty": first_name(""),
    "blank": first_name(" "),
    "a tuple": first_name(("a", 1)),
    "a stamp": first_name(pd.Timestamp("2024")),
    "bool": first_name(True),
    "bytes": first_name(b"temp"),
    "unicode": first_name("t\u0301emp\u202e\U0001f600"),
    "a new line": first_name("te\nmp"),
    "braces": first_name("{temp}%s"),
    "very long": first_name("x" * 10_000),
    "that of the target": first_name("load"),
    "levels": renamed(lambda names: pd.MultiIndex.from_product([["a"], names])),
    "other case": renamed(lambda names: [str(name).upper() for name in names]),
    "other order": lambda frame: frame[list(frame.columns[::-1])],
    "one lacks": lambda frame: frame.drop(columns=frame.columns[:1]),
    "the last lacks": lambda frame: frame.drop(columns=frame.columns[-1:]),
    "one more": lambda frame: frame.assign(more=1.0),
    "many more": lambda frame: frame.join(
        pd.DataFrame(0.0, frame.index, [f"m{i}" for i in range(50)])
        if frame.index.is_unique
        else pd.DataFrame(index=frame.index[:0])
    ),
    "none": lambda frame: frame.iloc[:, :0],
    "that of the columns": lambda frame: frame.rename_axis(columns="temp"),
    "other categories": lambda frame: (
        frame.assign(kind=frame["kind"].cat.rename_categories(list("xyz")))
        if "kind" in frame
        else frame
    ),
    "a new category": lambda frame: (
        frame.assign(kind=frame["kind"].cat.rename_categories({"u": "z"}))
        if "kind" in frame
        else frame
    ),
    "categories of numbers": lambda frame: (
        frame.assign(kind=frame["kind"].cat.rename_categories([1, 2, 3]))
        if "kind" in frame
        else frame
    ),
}

SHAPES: dict[str, Callable] = {
    "array": lambda X: X.to_numpy(),
    "array of floats": lambda X: X.iloc[:, :1].to_numpy(float, na_value=np.nan),
    "array of objects": lambda X: X.to_numpy(object),
    "array of text": lambda X: X.astype(str).to_numpy(str),
    "records": lambda X: X.to_records(),
    "one axis": lambda X: np.arange(len(X)),
    "three axes": lambda X: np.zeros((len(X), 1, 1)),
    "no axis": lambda X: np.float64(3),
    "no columns": lambda X: np.empty((len(X), 0)),
    "no rows": lambda X: np.empty((0, X.shape[1])),
    "lists": lambda X: [[1.0]] * len(X),
    "ragged lists": lambda X: [[1.0], [1.0, 2.0]] * (len(X) // 2),
    "tuples": lambda X: tuple((1.0,) for _ in range(len(X))),
    "series": lambda X: X.iloc[:, 0] if X.shape[1] else pd.Series(0.0, X.index),
    "index": lambda X: X.index,
    "dict": lambda X: X.to_dict("list"),
    "text": lambda X: "load.csv",
    "None": lambda X: None,
    "a number": lambda X: 7,
    "a range": lambda X: range(len(X)),
    "a generator": lambda X: (row for row in range(3)),
    "a set": lambda X: {1, 2},
    "a class": lambda X: pd.DataFrame,
    "sparse": lambda X: scipy.sparse.csr_matrix(np.eye(len(X), 2)),
    "complex": lambda X: np.ones((len(X), 1)) * 1j,
    "masked": lambda X: np.ma.masked_array(np.ones((len(X), 1)), np.eye(len(X), 1)),
    "datetimes": lambda X: np.array([["2024-01-01"]] * len(X), "datetime64[ns]"),
    "another byte order": lambda X: np.ones((len(X), 2), ">f8"),
    "fortran": lambda X: np.asfortranarray(np.ones((len(X), 2))),
    "read only": lambda X: frozen(np.ones((len(X), 2))),
    "strided": lambda X: np.ones((2 * len(X), 4))[::2, ::2],
    "transposed": lambda X: X.T,
    "a copy with attrs": lambda X: with_attrs(X),
    "pyarrow table": lambda X: X.convert_dtypes(dtype_backend="pyarrow"),
}


def frozen(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


def with_attrs(X: pd.DataFrame) -> pd.DataFrame:
    X = X.copy()
    X.attrs["note"] = {"any": [1]}
    return X


def array_of(y: Any) -> np.ndarray:
    return np.asarray(y, dtype=float)


SAME_TARGETS: dict[str, Callable] = {
    "array": array_of,
    "list": lambda y: array_of(y).tolist(),
    "object array": lambda y: array_of(y).astype(object),
    "strided": lambda y: np.repeat(array_of(y), 2, axis=0)[::2],
    "read only": lambda y: frozen(array_of(y).copy()),
    "fortran": lambda y: np.asfortranarray(array_of(y)),
    "float32": lambda y: array_of(y).astype(np.float32),
    "int": lambda y: array_of(y).astype(int),
    "another byte order": lambda y: array_of(y).astype(">f8"),
}
TARGETS = SAME_TARGETS | {
    "column": lambda y: array_of(y).reshape(len(y), -1),
    "frame": lambda y: pd.DataFrame(y),
    "three axes": lambda y: array_of(y).reshape(len(y), -1, 1),
    "no axis": lambda y: np.float64(1),
    "no columns": lambda y: np.empty((len(y), 0)),
    "frame without columns": lambda y: pd.DataFrame(index=y.index),
    "no rows": lambda y: y[:0],
    "shorter": lambda y: y[:-1],
    "longer": lambda y: np.r_[array_of(y), array_of(y)],
    "None": lambda y: None,
    "text": lambda y: "load",
    "a number": lambda y: 3.0,
    "dict": lambda y: {"load": array_of(y)},
    "a range": lambda y: range(len(y)),
    "an index": lambda y: pd.Index(array_of(y).reshape(len(y), -1)[:, 0]),
    "ragged": lambda y: [[1.0], [1.0, 2.0]] * (len(y) // 2),
    "text array": lambda y: array_of(y).astype(str),
    "complex array": lambda y: array_of(y) * 1j,
    "datetime array": lambda y: array_of(y).astype("datetime64[s]"),
    "bool array": lambda y: array_of(y) > 50,
    "half": lambda y: array_of(y).astype(np.float16),
    "masked": lambda y: np.ma.masked_array(array_of(y), array_of(y) > 50),
    "sparse": lambda y: scipy.sparse.csr_matrix(array_of(y).reshape(len(y), -1)),
    "NaN array": lambda y: array_of(y) * np.nan,
    "inf array": lambda y: array_of(y) / 0.0 if len(y) < 0 else array_of(y) + np.inf,
    "name of a tuple": lambda y: y.rename(("a", 1)) if y.ndim == 1 else y,
    "without a name": lambda y: y.rename(None) if y.ndim == 1 else y,
    "name of 0": lambda y: y.rename(0) if y.ndim == 1 else y,
    "one name": lambda y: pd.concat([pd.DataFrame(y)] * 2, axis=1),
    "three targets": lambda y: np.tile(array_of(y).reshape(len(y), -1)[:, :1], 3),
    "other names": lambda y: pd.DataFrame(y).add_prefix("x"),
    "other order": lambda y: y[list(y.columns[::-1])] if y.ndim > 1 else y,
}

WEIGHTS: dict[str, Callable] = {
    "ones": np.ones,
    "list": lambda n: [1.0] * n,
    "series": lambda n: pd.Series(np.ones(n)),
    "some zero": lambda n: np.arange(n) % 3,
    "all zero": np.zeros,
    "negative": lambda n: np.arange(n) - 5.0,
    "NaN": lambda n: np.r_[np.nan, np.ones(n - 1)] if n else [],
    "inf": lambda n: np.r_[np.inf, np.ones(n - 1)] if n else [],
    "shorter": lambda n: np.ones(max(n - 1, 0)),
    "two axes": lambda n: np.ones((n, 1)),
    "a number": lambda n: 2.0,
    "text": lambda n: ["heavy"] * n,
    "objects": lambda n: [None] * n,
    "complex": lambda n: np.ones(n) * 1j,
    "bool": lambda n: np.arange(n) > 5,
    "tiny": lambda n: np.full(n, 1e-300),
    "huge": lambda n: np.full(n, 1e300),
    "dict": lambda n: {0: 1.0},
}

ODD = (0, -1, 1, 3, 2.5, 1.5, 1.0, 10**9, 10**30, True, None, "", "auto", "x", [], [1])
ODD += ({}, (), (1, 2), float("nan"), float("inf"), np.int64(2), np.float64(0.5), len)
ODD += (np.array([1, 2]), pd.Series([1]), object, "temp", "kind", "store", "when")

FREQS = (
    "h",
    "15min",
    "D",
    "B",
    "W",
    "ME",
    "MS",
    "M",
    "QE",
    "YS",
    "s",
    "ns",
    "2h",
    "7h",
)
FREQS += ("banana", "", "0h", "-1h", "10000000D", "1000000h", "WOM-2TUE", "C", "bh")
FREQS += (pd.Timedelta("1h"), datetime.timedelta(hours=1), pd.offsets.Hour(0))
FREQS += (pd.DateOffset(months=1), pd.DateOffset(hours=1), pd.offsets.Day(1), pd.NaT)

PAIRS = ((0, 100), (0, None), (None, None), (100, 0), (1, 1), (0,), (0, 1, 2), "ab")
PAIRS += (
    (np.nan, 1),
    ("a", "b"),
    [(0, 100)],
    [(0, 100)] * 2,
    [(0, 9)] * 3,
    (0, np.inf),
)
PAIRS += ((-np.inf, 50), (True, False), np.array([0, 100]), {0: 1, 1: 2}, {0, 100}, 5)
PAIRS += ((10**400, None), (1j, 2), (60, 70), [None], [[0, 100]], ([0], [1]), len)

COLUMNS = (
    "temp",
    "zz",
    ["temp"],
    ["temp", "zz"],
    ["temp", "temp"],
    [True],
    [True, False],
)
COLUMNS += (0, -1, 99, [0], [99], slice("temp", None), slice("zz", None), slice(0, 1))
COLUMNS += (slice(None, None, -1), lambda X: ["temp"], lambda X: "zz", lambda X: X)
COLUMNS += ("kind", ["kind"], ("temp",), {"temp"}, np.array(["temp"]), [["temp"]], 0.5)
COLUMNS += (None, "from_dtype", [], {}, {"temp": 1}, float("nan"), [None], b"temp", len)
COLUMNS += (pd.Index(["temp"]), pd.Series(["temp"]), [pd.NA], pd.NaT, "store", "when")

VALUES = {
    "pred_len": ODD,
    "seq_len": ODD,
    "season": ODD,
    "lags": (*ODD, [1, 1], [1, -1], [2.5], range(3), "12", [10**9]),
    "freq": FREQS + ODD,
    "bounds": PAIRS,
    "past_covariates": COLUMNS,
    "categorical_features": COLUMNS,
    "series": COLUMNS,
    "time": COLUMNS,
    "calibration_fraction": (*ODD, 0.3, 8, 0.99),
    "validation_fraction": (*ODD, 0.3, 8, 0.99),
    "history_size": ("context", "all", *ODD),
    "new_series": ("allow", "refuse", *ODD),
    "per_series": (False, *ODD),
    "random_state": (np.random.default_rng(0), np.random.RandomState(0), *ODD),
    "highway": ("ridge", "auto", *ODD),
    "max_epochs": ODD,
    "loss": ("mae", "huber", "quantile", *ODD),
    "batch_size": ODD,
}


def apply_number(frames: Frames, where: str, change: Callable) -> None:
    frames.change(where, X=lambda X: X.assign(temp=change(X["temp"])))


def apply_target(frames: Frames, where: str, change: Callable) -> None:
    def changed(y: Any) -> Any:
        return y.assign(load=change(y["load"])) if y.ndim > 1 else change(y)

    frames.change(where, y=changed)


def apply_label(frames: Frames, where: str, change: Callable) -> None:
    def changed(X: pd.DataFrame) -> pd.DataFrame:
        return X.assign(store=change(X["store"]).set_axis(X.index))

    frames.change(where, X=changed)


def apply_time(frames: Frames, where: str, change: Callable) -> None:
    def changed(X: pd.DataFrame) -> pd.DataFrame:
        stamps = change(pd.Index(X["when"]))
        return X.assign(when=stamps.array if hasattr(stamps, "array") else stamps)

    frames.change(where, X=changed)


def apply_index(frames: Frames, where: str, change: Callable) -> None:
    def changed(part: Any) -> Any:
        return part.set_axis(change(part.index), axis=0)

    frames.change(where, X=changed, y=changed)


def apply_both(frames: Frames, where: str, change: Callable) -> None:
    frames.change(where, X=change, y=change)


def apply_x(frames: Frames, where: str, change: Callable) -> None:
    frames.change(where, X=change)


def apply_y(frames: Frames, where: str, change: Callable) -> None:
    frames.change(where, y=change)


def on_index(frames: Frames, where: str, change: Callable, of: str) -> None:
    frames.change(where, **{of: lambda p: p.set_axis(change(p.index), axis=0)})


def apply_weights(frames: Frames, where: str, change: Callable) -> None:
    frames.weights = change(len(frames.train.y))


KINDS: dict[str, tuple[dict[str, Any], Callable]] = {
    "number": (NUMBERS, apply_number),
    "target": (NUMBERS, apply_target),
    "label": (LABELS, apply_label),
    "time": (STAMPS, apply_time),
    "index": (STAMPS, apply_index),
    "index of X": (STAMPS, lambda *args: on_index(*args, of="X")),
    "index of y": (STAMPS, lambda *args: on_index(*args, of="y")),
    "rows": (ORDERS, apply_both),
    "rows of X": (ORDERS, apply_x),
    "rows of y": (ORDERS, apply_y),
    "names": (NAMES, apply_x),
    "X": (SHAPES, apply_x),
    "y": (TARGETS, apply_y),
    "weights": (WEIGHTS, apply_weights),
}

# numbers first, then rows and names, then what makes no frame of a frame
ORDER = [*KINDS, "param"]
DEFECTS: dict[str, list[str]] = {
    kind: list(known) for kind, (known, _) in KINDS.items()
}
DEFECTS["param"] = [
    f"{name} {i}" for name, of in VALUES.items() for i in range(len(of))
]

# read as what they are without: forecasts are the same, whichever part has them
SAME = {("number", name) for name in SAME_NUMBERS}
SAME |= {("target", name) for name in SAME_NUMBERS}
SAME |= {("index", name) for name in SAME_STAMPS}
SAME |= {("time", name) for name in SAME_STAMPS}
SAME |= {("y", name) for name in SAME_TARGETS}
SAME |= {("X", "a copy with attrs"), ("weights", "ones"), ("weights", "list")}
SAME |= {("names", "that of the columns")}

# the page on rows says that fit refuses these, whatever else could be made of them
REFUSED = {("number", "inf"), ("number", "-inf"), ("number", "text")}
REFUSED |= {("number", "complex"), ("number", "datetime"), ("target", "inf")}
REFUSED |= {("target", "all NaN"), ("target", "text"), ("target", "category")}
REFUSED |= {("index", "NaT, in order"), ("index", "text"), ("index", "levels")}
REFUSED |= {("index", "mixed offsets"), ("index", "all the same")}
REFUSED |= {("rows", "reversed"), ("rows", "one twice"), ("rows", "none")}

WEIGHED = ("informer", "both")


def fits(case: Case) -> bool:
    """Tell whether the frames of a case can be built, and are in order without it."""
    if case.forecaster == "lags" and case.layout == "panel":
        return False  # it has no series
    if case.clock == "rows" and (
        case.layout != "plain" or case.forecaster == "features"
    ):
        return False
    if case.bounded and "bounds" not in parameters(case.forecaster):
        return False
    return all(may_have(case, kind, name) for kind, name, _ in case.defects)


@cache
def parameters(forecaster: str) -> frozenset[str]:
    """Return the names of the parameters of a forecaster, or of the last step."""
    model = Case(forecaster).model({})
    return frozenset(
        getattr(model, "steps", [(0, model)])[-1][1].get_params(deep=False)
    )


def may_have(case: Case, kind: str, name: str) -> bool:
    """Tell whether there is what the defect is about."""
    return {
        "param": name.partition(" ")[0] in parameters(case.forecaster),
        "number": case.n_columns > 0,
        "label": case.layout == "panel",
        "time": case.layout == "column",
        "weights": case.forecaster in WEIGHED,
    }.get(kind, True)


def build(case: Case) -> Frames | None:
    """Build what the methods are given; None where one defect undoes another."""
    frames = case.frames()
    for kind, name, where in sorted(case.defects, key=lambda d: ORDER.index(d[0])):
        if kind == "param":
            parameter, _, which = name.partition(" ")
            frames.params[parameter] = VALUES[parameter][int(which)]
            continue
        known, apply = KINDS[kind]
        try:
            apply(frames, where, known[name])
        except Exception:  # of pandas: there is no such frame
            return None
    return frames
