"""What it takes to make a report again: parameters, code, versions."""

import inspect
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

import skinformer

__all__ = ["Parameter", "Settings", "found_by", "settings_of"]

PACKAGES = (
    "skinformer",
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "torch",
    "skorch",
    "plotly",
)
EVERYTHING = 10**9  # characters of a repr before scikit-learn cuts it


@dataclass(frozen=True)
class Parameter:
    """A parameter of the forecaster, as Python writes it."""

    name: str
    value: str
    is_default: bool


@dataclass(frozen=True)
class Settings:
    """How the forecaster was made, and by which versions.

    Attributes
    ----------
    parameters : list of Parameter
        Of the forecaster; what stands before it is in the code.
    code : str
        Makes the report again, given X and y.
    versions : dict of str to str
    has_seed : bool
        Whether another run gives the same numbers, as far as a seed can tell.
    """

    parameters: list[Parameter]
    code: str
    versions: dict[str, str]
    has_seed: bool


def settings_of(
    estimator: Any, forecaster: BaseEstimator, baselines: Any, arguments: dict
) -> Settings:
    """Describe a forecaster, unfitted, and the call that the report was made by."""
    params = forecaster.get_params(deep=False)
    return Settings(
        parameters=[
            Parameter(name, text_of(value), is_default(forecaster, name, value))
            for name, value in params.items()
        ],
        code=code_of(estimator, baselines, arguments),
        versions={"Python": platform.python_version(), **dict(versions())},
        has_seed=params.get("random_state", 0) is not None,
    )


# attributes that say nothing of what was learned, and values that are too many to read
COUNTS, MOST_VALUES = ("n_targets_", "n_features_in_"), 12


def found_by(forecaster: BaseEstimator) -> dict[str, str]:
    """Return the fitted attributes that are a few numbers.

    >>> from skinformer import SeasonalNaive
    >>> found_by(SeasonalNaive().fit([[0], [0]], [1.0, 2.0]))
    {'season_': '1'}
    """
    found = {}
    for name, value in sorted(vars(forecaster).items()):
        is_fitted = name.endswith("_") and not name.startswith("_")
        values = np.asarray(value) if is_fitted else np.array("")
        if values.dtype.kind in "if" and values.size <= MOST_VALUES:
            found[name] = ", ".join(f"{v:.4g}" for v in values.ravel().tolist())
    return {name: text for name, text in found.items() if name not in COUNTS}


def versions() -> Iterator[tuple[str, str]]:
    """Yield the installed ones of the packages that matter."""
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def text_of(value: Any) -> str:
    """Return a value as Python writes it, whole."""
    if isinstance(value, BaseEstimator):
        return value.__repr__(N_CHAR_MAX=EVERYTHING)
    text = repr(value)
    return re.sub(r" at 0x[0-9a-f]+", "", text)  # where it lay in memory


def is_default(forecaster: BaseEstimator, name: str, value: Any) -> bool:
    """Tell whether a parameter is what the constructor has."""
    parameter = inspect.signature(type(forecaster).__init__).parameters.get(name)
    return parameter is not None and text_of(parameter.default) == text_of(value)


def code_of(estimator: Any, baselines: Any, arguments: dict) -> str:
    """Write the code that makes the report again."""
    everything = [estimator, *(baselines or {}).values()]
    lines = [*imports_of(everything), "", f"forecaster = {text_of(estimator)}"]
    call = [
        "write_report(",
        "    forecaster,",
        "    X,",
        "    y,",
        '    "report.html",',
    ]
    call += [f"    {name}={value!r}," for name, value in arguments.items()]
    if baselines is not None:
        call += ["    baselines={"]
        call += [f"        {n!r}: {text_of(b)}," for n, b in baselines.items()]
        call += ["    },"]
    return "\n".join([*lines, *call, ")"])


def imports_of(estimators: list) -> list[str]:
    """Write the imports that their code needs."""
    found: dict[str, set[str]] = {"skinformer": {"write_report"}}
    for estimator in estimators:
        for cls in classes_of(estimator):
            found.setdefault(public_module(cls), set()).add(cls.__name__)
    ours = found.pop("skinformer")
    lines = [f"from {module} import {joined(n)}" for module, n in sorted(found.items())]
    return [*lines, f"from skinformer import {joined(ours)}"]


def joined(names: set[str]) -> str:
    """Write names in order."""
    return ", ".join(sorted(names))


def classes_of(estimator: Any) -> set[type]:
    """Return the classes of an estimator and of those inside it."""
    inside = estimator.get_params(deep=True).values()
    return {type(e) for e in [estimator, *inside] if isinstance(e, BaseEstimator)}


def public_module(cls: type) -> str:
    """Return where a class is imported from: the part without an underscore.

    >>> from sklearn.preprocessing import StandardScaler
    >>> public_module(StandardScaler)
    'sklearn.preprocessing'
    """
    if getattr(skinformer, cls.__name__, None) is cls:
        return "skinformer"
    parts = cls.__module__.split(".")
    private = [i for i, part in enumerate(parts) if part.startswith("_")]
    return ".".join(parts[: private[0]] if private and private[0] else parts)
