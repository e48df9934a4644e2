"""The forecasters that can be named, without importing any."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import typer

__all__ = ["KINDS", "Kind", "ModelName", "read_names"]


class ModelName(StrEnum):
    """What ``--model`` takes."""

    informer = "informer"
    ridge = "ridge"
    lag = "lag"
    naive = "naive"
    lstm = "lstm"
    transformer = "transformer"
    arima = "arima"
    prophet = "prophet"


@dataclass(frozen=True)
class Kind:
    """A class of forecasters.

    Attributes
    ----------
    name : str
        Of the class.
    calendar : bool
        Whether calendar features go in front: it reads covariates, and has no calendar
        of its own.
    settings : dict
        Parameters that differ from the defaults of the class.
    """

    name: str
    calendar: bool = True
    settings: dict[str, Any] = field(default_factory=dict)


KINDS = {
    ModelName.informer: Kind("InformerRegressor"),
    # with the regressor of calendar and covariates: the Informer without its network
    ModelName.ridge: Kind("RidgeForecaster", settings={"highway": "auto"}),
    ModelName.lag: Kind("LagForecaster"),
    ModelName.naive: Kind("SeasonalNaive", calendar=False),
    ModelName.lstm: Kind("LSTMForecaster"),
    ModelName.transformer: Kind("TransformerForecaster"),
    ModelName.arima: Kind("ARIMAForecaster", calendar=False),
    ModelName.prophet: Kind("ProphetForecaster", calendar=False),
}


def read_names(text: str) -> list[ModelName]:
    """Read names separated by commas, each once."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    known = [name.value for name in ModelName]
    for name in names:
        if name not in known:
            from skinformer._validation import did_you_mean  # slow to import

            raise typer.BadParameter(
                f"{name!r} is no model; there are {', '.join(known)}."
                f"{did_you_mean(name, known)}"
            )
    if not names:
        raise typer.BadParameter(f"name at least one model of {', '.join(known)}.")
    return [ModelName(name) for name in dict.fromkeys(names)]
