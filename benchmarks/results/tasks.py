"""What is measured: rows, horizons, models and seeds of each task."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.results import data
from benchmarks.results.variants import OF_COLUMNS, VARIANTS

__all__ = ["TASKS", "VERSION", "Task", "version_of"]

# Part of a record's key: raise it when defaults change, and all is run again.
VERSION = 1
# ... or only these models, where the others are as they were. 2: each target's pull to
# its mean is chosen by its past; 3: the highway of all rows chooses its penalties anew;
# 4 (ridge 3): the pull asks how far a series goes back, penalties may draw to a season,
# and a network counts as far as quarters of the validation rows agree
BESIDE_A_HIGHWAY = [n for n, v in VARIANTS.items() if v.get("highway", "auto")]
OWN_VERSION: dict[str, int] = {"ridge": 3} | dict.fromkeys(
    ("informer", *BESIDE_A_HIGHWAY), 4
)


SEEDS, ONE = (0, 1, 2), (0,)
ALL = (24, 48, 96, 168, 192, 336, 720)
IN_COMMON = {"informer": SEEDS, "ridge": ONE, "naive": ONE, "lags": ONE}
STEP_BY_STEP = {"lstm": ONE, "transformer": ONE}
# beside the variants of the Informer, on selection rows
BESIDE = {"ridge": ONE, "lags": ONE, "naive": ONE, "covariates": ONE}


@dataclass(frozen=True)
class Task:
    """Rows, and what is done with them.

    Attributes
    ----------
    name, title : str
    load : callable
        Returns the parts, each of which is one fit.
    horizons : tuple of int
    models : dict
        The seeds of each model.
    stride : int or None
        Rows from one window to the next; None forecasts the rows of each part at once.
    time : dict or None
        Settings of the ``TimeFeatures`` in front; None is without.
    settings : dict
        Of networks, beside their defaults.
    season : "auto" or int
        Of the naive forecast.
    only : dict
        The horizons of models that have not all.
    reads_test : bool
        Whether rows of a test part are read.
    fit : str
        Tasks of the same one share their fits.
    """

    name: str
    title: str
    load: Callable[[], list[data.Part]]
    horizons: tuple[int, ...]
    models: dict[str, tuple[int, ...]]
    stride: int | None = 1
    time: dict[str, Any] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    season: str | int = "auto"
    only: dict[str, tuple[int, ...]] = field(default_factory=dict)
    reads_test: bool = True
    fit: str = ""

    @property
    def fitted_as(self) -> str:
        """Return what names its fits."""
        return self.fit or self.name

    def horizons_of(self, model: str) -> tuple[int, ...]:
        """Return the horizons of a model."""
        return self.only.get(model, self.horizons)


def version_of(model: str) -> int:
    """Return the version of the code of a model, as part of a key."""
    return OWN_VERSION.get(model, VERSION)


def variant_seeds() -> dict[str, tuple[int, ...]]:
    """Return the models of selection: every variant, and the baselines."""
    return dict.fromkeys(VARIANTS, ONE) | BESIDE


ON_VALIDATION = {"validation_fraction": data.N_FIT - data.N_TRAIN}

TEST_TASKS = [
    Task(
        "ett_m",
        "ETTh1, seven targets, every window",
        data.ett_seven,
        ALL,
        {**IN_COMMON, **STEP_BY_STEP, "paper": SEEDS},
        settings=ON_VALIDATION,
        only={"paper": (24,)},
    ),
    Task(
        "ett_s",
        "ETTh1, `OT` alone, every window",
        data.ett_one,
        (24, 48, 168, 336, 720),
        {**IN_COMMON, **STEP_BY_STEP},
        settings=ON_VALIDATION,
        fit="ett_one",
    ),
    Task(
        "ett_s24",
        "ETTh1, `OT` alone, a window a day",
        data.ett_one,
        ALL,
        {**IN_COMMON, **STEP_BY_STEP, "arima": ONE, "prophet": ONE, "timed": ONE},
        stride=24,
        settings=ON_VALIDATION,
        fit="ett_one",
    ),
    Task(
        "bike",
        "Bike sharing, five folds",
        data.bike_folds,
        (168,),
        {**IN_COMMON, "covariates": ONE, "hgb": ONE, "hgb_poisson": ONE},
        stride=None,
        time={},
        season=168,
    ),
]
SELECTION_TASKS = [
    Task(
        "sel_ett",
        "ETTh1 before its test rows, three origins",
        data.ett_selection,
        (24, 96, 336),
        # nothing is known ahead: no column, and none for a regressor of covariates
        {
            name: seeds
            for name, seeds in variant_seeds().items()
            if name not in (*OF_COLUMNS, "covariates")
        },
        reads_test=False,
    ),
    Task(
        "sel_bike",
        "Bike sharing before its test rows, three folds",
        data.bike_selection,
        (168,),
        variant_seeds(),
        stride=None,
        time={},
        season=168,
        reads_test=False,
    ),
    Task(
        "sel_load",
        "Load series, two seeds and two levels of noise",
        data.load_selection,
        (48,),
        variant_seeds(),
        stride=24,
        time={"country": "DE"},
        reads_test=False,
    ),
]
TASKS: dict[str, Task] = {task.name: task for task in TEST_TASKS + SELECTION_TASKS}
