"""From a name and settings to a forecaster that is not fitted yet."""

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import skinformer
from skinformer._validation import did_you_mean
from skinformer.forecasting.base import BaseForecaster
from skinformer.pipeline import ForecastPipeline, make_forecast_pipeline
from skinformer.preprocessing import TimeFeatures
from skinformer.preprocessing.feature_choice import FEATURES
from skinformer.preprocessing.holiday_calendar import HOLIDAY_FEATURES, check_country

from ..kinds import KINDS, ModelName
from ..options import ModelOptions, TableOptions
from ..reading.data import Data, read_data
from ..talk import on_terminal

__all__ = [
    "check_horizon",
    "check_settings",
    "fitting",
    "make_model",
    "place_of_checkpoint",
    "read_for",
]

# parameters that options of their own stand for
OPTIONS = {
    "pred_len": "--horizon",
    "series": "--series",
    "past_covariates": "--past",
    "freq": "--freq",
    "random_state": "--seed",
    "calibration_fraction": "--calibration",
    "country": "--country",
    "checkpoint_dir": "--checkpoint-dir",
}
# a forecaster needs the rows of its horizon a few times to learn from
LEAST_HORIZONS = 3


def class_of(name: ModelName) -> type[BaseForecaster]:
    """Return the class of a forecaster."""
    return getattr(skinformer, KINDS[name].name)


def parameters_of(name: ModelName) -> set[str]:
    """Return the names of its parameters."""
    return set(class_of(name)._get_param_names())


def read_for(
    name: ModelName, path: str, table: TableOptions, options: ModelOptions
) -> tuple[dict[str, Any], Data]:
    """Return the settings of a forecaster, and the rows of a table as it takes them.

    Settings are held against what is allowed before the table is read.
    """
    settings = check_settings(options.settings, [name])[name]
    return settings, fitting(name, read_data(path, table), options.country)


def fitting(name: ModelName, data: Data, country: str | None = None) -> Data:
    """Return the rows as a forecaster takes them.

    Some have no use for columns of the past; and columns that the calendar makes too
    are left out, if nobody has named them.

    Raises
    ------
    ValueError
        If it forecasts one series, and there are many; if a column that is named is one
        of the calendar's.
    """
    check_country(country, None)
    known = parameters_of(name)
    if data.roles.series is not None and "series" not in known:
        able = [kind for kind in ModelName if "series" in parameters_of(kind)]
        raise ValueError(
            f"The model {name} forecasts one series; with --series take one of "
            f"{', '.join(able)}."
        )
    useless = data.roles.past
    if "past_covariates" in known:
        made = calendar_names(name, country)
        refuse_calendar_names(data, made)
        useless = tuple(column for column in useless if column in made)
    return data.without(useless) if useless else data


def calendar_names(name: ModelName, country: str | None) -> set[str]:
    """Return the columns that the calendar in front of a forecaster may make."""
    if not KINDS[name].calendar:
        return set()
    return set(FEATURES) - (set() if country else set(HOLIDAY_FEATURES))


def refuse_calendar_names(data: Data, made: set[str]) -> None:
    """Refuse a column known ahead that has the name of one of the calendar's."""
    twice = [column for column in data.roles.known if column in made]
    if twice:
        raise ValueError(
            f"--known names {twice[0]!r}, a column that the calendar makes by itself "
            "(holidays by --country); leave one of them out, or rename the column."
        )


def make_model(
    name: ModelName,
    data: Data,
    options: ModelOptions,
    freq: str | None,
    settings: dict[str, Any],
    calibration: float | int | None = None,
) -> ForecastPipeline:
    """Return a pipeline of calendar features, where they help, and the forecaster."""
    known, kind = parameters_of(name), KINDS[name]
    wanted = {
        "pred_len": options.horizon,
        "freq": freq,
        "random_state": options.seed,
        "past_covariates": list(data.roles.past) or None,
        "series": data.roles.series,
        "calibration_fraction": calibration,
        "country": options.country,
        "verbose": int(on_terminal()),
        **kind.settings,
        **settings,
    }
    own = {key: value for key, value in wanted.items() if key in known}
    forecaster = class_of(name)(**own)
    if not kind.calendar:
        return make_forecast_pipeline(forecaster)
    return make_forecast_pipeline(TimeFeatures(country=options.country), forecaster)


def check_horizon(horizon: int, data: Data, n_rows: int | None = None) -> None:
    """Refuse a horizon that the rows cannot teach."""
    n = data.n_steps if n_rows is None else n_rows
    if horizon * LEAST_HORIZONS > n:
        raise ValueError(
            f"--horizon {horizon} is too long for the {n:,} rows to learn from in "
            f"{data.name}; give at most {max(n // LEAST_HORIZONS, 1):,}, or more rows."
        )


def place_of_checkpoint(name: ModelName, folder: Path) -> dict[str, Any]:
    """Return the setting of a forecaster that keeps its training in a folder.

    Raises
    ------
    ValueError
        If it trains no network.
    """
    able = [kind for kind in ModelName if "checkpoint_dir" in parameters_of(kind)]
    if name not in able:
        raise ValueError(
            f"--checkpoint-dir is for the training of a network ({', '.join(able)}), "
            f"and the model {name} trains none; leave it out."
        )
    return {"checkpoint_dir": folder}


# --set


def check_settings(
    given: Sequence[str] | None, names: Sequence[ModelName]
) -> dict[ModelName, dict[str, Any]]:
    """Read ``name=value`` and ``model.name=value``, for each of some forecasters.

    A name without a model goes to every forecaster that has it.

    Raises
    ------
    ValueError
        If none of them has such a parameter, an option stands for it, or the value is
        not allowed.
    """
    settings: dict[ModelName, dict[str, Any]] = {name: {} for name in names}
    for text in given or ():
        key, mark, value = text.partition("=")
        if not mark:
            raise ValueError(f"--set {text} has no value; write it as max_epochs=4.")
        model, _, parameter = key.strip().rpartition(".")
        takers = [name for name in names if model in ("", name)]
        has_it = [name for name in takers if parameter in parameters_of(name)]
        if not has_it or parameter in OPTIONS:
            raise ValueError(no_setting_message(key, parameter, takers, names))
        for name in has_it:
            settings[name][parameter] = read_value(value)
    for name in names:
        class_of(name)(**KINDS[name].settings | settings[name])._validate_params()
    return settings


def no_setting_message(
    key: str, parameter: str, takers: Sequence[ModelName], names: Sequence[ModelName]
) -> str:
    """Say why something cannot be set."""
    if parameter in OPTIONS:
        return f"--set {key} has an option of its own; give {OPTIONS[parameter]}."
    if not takers:
        return f"--set {key} names another model than {', '.join(names)}."
    known = sorted(set().union(*map(parameters_of, takers)) - set(OPTIONS))
    return (
        f"--set {key} is no parameter of {', '.join(takers)}."
        f"{did_you_mean(parameter, known)} There are {', '.join(known)}."
    )


def read_value(text: str) -> Any:
    """Read a value as Python does; what it cannot read is text."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text.strip()
