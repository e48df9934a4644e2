"""Frames that are in order, and what is done to them: plain data that builds frames.

A case names what it is made of, so that one that failed can be written down again.
"""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

from skinformer import (
    InformerRegressor,
    LagForecaster,
    RidgeForecaster,
    SeasonalNaive,
    SeriesScaler,
    TimeFeatures,
    make_forecast_pipeline,
)

__all__ = ["ALSO", "CLOCKS", "FORECASTERS", "LAYOUTS", "Case", "Frames"]

N_LATER, N_ASKED, PRED_LEN = 8, 6, 4
BOUNDS = (1, 99)  # of the targets

CLOCKS = {
    "hours": {"start": "2024-01-01", "freq": "h"},
    "minutes": {"start": "2024-01-01", "freq": "15min"},
    "days": {"start": "2024-01-01", "freq": "D"},
    "business": {"start": "2024-01-01", "freq": "B"},
    "weeks": {"start": "2024-01-07", "freq": "W-SUN"},
    "months": {"start": "1990-01-01", "freq": "MS"},
    "zone": {"start": "2024-03-30", "freq": "h", "tz": "Europe/Berlin"},
    "zone days": {"start": "2024-03-01", "freq": "D", "tz": "Europe/Berlin"},
    "periods": {"start": "2024-01-01", "freq": "h"},
    "period months": {"start": "1990-01", "freq": "M"},
    "rows": {},
}
ALSO = ("later covariates", "fitted values", "windows", "intervals")
LAYOUTS = ("plain", "panel", "column")

TINY = {
    "seq_len": 8,
    "label_len": 3,
    "d_model": 4,
    "n_heads": 1,
    "e_layers": 1,
    "d_ff": 5,
    "max_epochs": 1,
    "random_state": 0,
}


def naive(**params: Any) -> Any:
    return SeasonalNaive(**params)


def ridge(**params: Any) -> Any:
    return RidgeForecaster(**({"seq_len": 8} | params))


def informer(**params: Any) -> Any:
    return InformerRegressor(**(TINY | {"highway": None} | params))


def both(**params: Any) -> Any:
    """Put a highway under a network of three heads."""
    highway = {"highway": "auto", "highway_len": 8, "validation_fraction": 0.25}
    heads = {"loss": "quantile", "quantiles": (0.1, 0.5, 0.9)}
    return InformerRegressor(**(TINY | highway | heads | params))


def lags(**params: Any) -> Any:
    settings = {"lags": 3, "windows": None} | params
    return LagForecaster(LinearRegression(), **settings)


def features(**params: Any) -> Any:
    """Put the calendar and the scaler in front."""
    time, series = params.get("time"), params.get("series")
    steps = TimeFeatures(["weekday"], time=time), SeriesScaler(series=series)
    return make_forecast_pipeline(*steps, naive(**params))


# and how often each is drawn: what is read alike need not be trained each time
FORECASTERS = {
    "naive": (naive, 8),
    "ridge": (ridge, 3),
    "lags": (lags, 2),
    "features": (features, 2),
    "informer": (informer, 1),
    "both": (both, 1),
}


class Part(NamedTuple):
    """Rows of covariates and their targets."""

    X: Any
    y: Any


@dataclass
class Frames:
    """What the methods of a forecaster are given."""

    train: Part
    later: Part
    asked: Part
    params: dict = field(default_factory=dict)
    weights: Any = None

    def change(self, where: str, **parts: Any) -> None:
        """Put others in the place of X or y, by functions, in one part or in all."""
        for name in ("train", "later", "asked") if where == "all" else (where,):
            part = getattr(self, name)
            new = {key: change(getattr(part, key)) for key, change in parts.items()}
            setattr(self, name, part._replace(**new))


@dataclass(frozen=True)
class Case:
    """A forecaster, frames in order, and a few defects.

    Each defect is (kind, name, where): see ``defects.py``. ``also`` is the rule that
    its forecasts are held against besides: all of them would take too long.
    """

    forecaster: str = "naive"
    clock: str = "hours"
    layout: str = "plain"
    n_targets: int = 1
    n_columns: int = 2
    n_rows: int = 40
    bounded: bool = False
    also: str = "later covariates"
    defects: tuple[tuple[str, str, str], ...] = ()

    @property
    def flawless(self) -> "Case":
        """The same without defects."""
        return replace(self, defects=())

    def frames(self) -> Frames:
        """Build what the methods are given, the defects left out."""
        total = self.n_rows + N_LATER + N_ASKED
        whole = self._panel(total) if self.layout == "panel" else self._series(total)
        cuts = [0, self.n_rows, self.n_rows + N_LATER, total]
        parts = [self._part(*whole, *cuts[i : i + 2]) for i in range(3)]
        return Frames(*parts, params=self._params())

    def model(self, params: dict) -> Any:
        """Make the forecaster."""
        make, _ = FORECASTERS[self.forecaster]
        return make(**params)

    def _params(self) -> dict:
        params: dict = {"pred_len": PRED_LEN}
        if self.layout == "panel":
            params["series"] = "store"
        if self.layout == "column":
            params["time"] = "when"
        if self.bounded:
            params["bounds"] = BOUNDS
        return params

    def _index(self, total: int) -> pd.Index:
        if self.clock == "rows":
            return pd.RangeIndex(total)
        make = pd.period_range if "period" in self.clock else pd.date_range
        return make(periods=total, **CLOCKS[self.clock])

    def _series(self, total: int, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return whole numbers, which every type of number holds."""
        rng, index = np.random.default_rng(seed), self._index(total)
        X = pd.DataFrame(index=index)
        if self.n_columns > 0:
            X["temp"] = rng.integers(0, 100, total).astype(float)
        if self.n_columns > 1:
            kinds = pd.Categorical.from_codes(rng.integers(0, 3, total), list("uvw"))
            X["kind"] = kinds
        names = ["load", "price"][: self.n_targets]
        y = rng.integers(1, 100, (total, self.n_targets)).astype(float)
        return X, pd.DataFrame(y, index, names)

    def _panel(self, total: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return two series, row by row."""
        two = [self._series(total, seed) for seed in (0, 1)]
        X = pd.concat([X.assign(store=s) for (X, _), s in zip(two, "ab", strict=True)])
        y = pd.concat([y for _, y in two])
        order = np.arange(2 * total).reshape(2, total).T.ravel()
        return X.iloc[order], y.iloc[order]

    def _part(self, X: pd.DataFrame, y: pd.DataFrame, first: int, stop: int) -> Part:
        each = 2 if self.layout == "panel" else 1
        X, y = X[each * first : each * stop], y[each * first : each * stop]
        if self.clock == "rows" and self.layout == "panel":
            # row numbers of many series are those of the table
            X, y = X.reset_index(drop=True), y.reset_index(drop=True)
        if self.layout == "column":
            X = X.rename_axis("when").reset_index()
            y = y.reset_index(drop=True)
        return Part(X, y["load"] if self.n_targets == 1 else y)
