"""What a forecaster learns of a panel store before it learns from its rows."""

from typing import Any

import numpy as np
import pandas as pd

from skinformer.series.chunks import let_go
from skinformer.series.frequency import grid_of
from skinformer.series.grid import RowGrid
from skinformer.series.offsets import as_offset
from skinformer.series.panel import naming
from skinformer.series.store import PanelStore
from skinformer.series.stored_panel import StoredPanel

from .bounds import Bounds

__all__ = ["check_store", "check_stored_bounds", "features_of"]


def check_store(forecaster: Any, store: PanelStore, y: Any, weights: Any) -> None:
    """Refuse what a store cannot serve, and parameters that contradict it.

    Raises
    ------
    ValueError
        With the name of the parameter.
    """
    name = type(forecaster).__name__
    if not forecaster._takes_store:
        raise ValueError(
            f"{name} does not train from a PanelStore: it needs all rows in memory. "
            "Give it X and y."
        )
    if y is not None or weights is not None:
        what = "y" if y is not None else "sample_weight"
        raise ValueError(
            f"{what} was given beside a PanelStore, which holds the targets, and no "
            "weights. Leave it out: fit(store)."
        )
    if forecaster.history_size != "context":
        raise ValueError(
            f"history_size={forecaster.history_size!r} would keep all rows of the "
            "store in memory. Give history_size='context', which keeps those that "
            "forecasts need."
        )
    if forecaster.calibration_fraction is not None:
        raise ValueError(
            f"calibration_fraction={forecaster.calibration_fraction!r} cannot be "
            "combined with a PanelStore. Leave it None, and give later rows to "
            "calibrate."
        )
    check_columns(forecaster, store)
    check_step(forecaster, store)


def check_columns(forecaster: Any, store: PanelStore) -> None:
    """Hold parameters that name columns against the store."""
    refuse_unlike("series", forecaster.series, store.series, [store.series])
    refuse_unlike("time", forecaster.time, store.time, [None, store.time])
    past = list(store.schema().past.names)
    named = forecaster.past_covariates
    named = named if named is None or isinstance(named, str) else list(named)
    refuse_unlike("past_covariates", named, past or None, [None, past])
    chosen = forecaster.categorical_features
    is_default = isinstance(chosen, str) and chosen == "from_dtype"
    if not is_default:
        raise ValueError(
            f"categorical_features={chosen!r} cannot be combined with a PanelStore, "
            "which knows its categories. Leave it 'from_dtype'."
        )


def refuse_unlike(parameter: str, given: Any, stored: Any, allowed: list) -> None:
    """Refuse a parameter that is none of what the store allows."""
    if not any(type(given) is type(ours) and given == ours for ours in allowed):
        raise ValueError(
            f"{parameter}={given!r} contradicts the store, which was written with "
            f"{stored!r}. Give {parameter}={stored!r}."
        )


def check_step(forecaster: Any, store: PanelStore) -> None:
    """Refuse a step of the time that is not the store's."""
    grid = store.panel()[0].grid if forecaster.freq is not None else RowGrid()
    if isinstance(grid, RowGrid):
        return
    if grid_of(grid.first, as_offset(forecaster.freq)).freq != grid.freq:
        raise ValueError(
            f"freq={forecaster.freq!r} is not the step of the store, which is "
            f"{grid.freq.freqstr!r}. Leave it None, or write the store with it."
        )


def check_stored_bounds(bounds: Bounds | None, panel: StoredPanel, names: list) -> None:
    """Refuse the first target outside of the bounds, by its series and its stamp."""
    if bounds is None:
        return
    for i, history in enumerate(panel):
        targets = history.targets
        low, high = np.fmin.reduce(targets), np.fmax.reduce(targets)
        if (low < bounds.low).any() or (high > bounds.high).any():
            with naming(panel.name(i)):
                stamps = history.grid.stamps(0, history.n_known)
                bounds.check(targets, names, stamps)
        let_go(targets)


def features_of(store: PanelStore, time: str | None) -> pd.DataFrame:
    """Return a frame without rows that has the columns of X."""
    return pd.DataFrame(columns=list(store.schema(time).names))
