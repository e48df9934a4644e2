"""The classes that a model file may hold, and the fields of each.

Nothing else is ever made of a file: a class that is not listed here has no name in it,
and a field that is not listed is refused both ways. Fields are given with their type.
"""

from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, get_type_hints

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from skinformer import baselines
from skinformer.baselines import arima, state_space
from skinformer.forecasting import (
    bounds,
    covariate_design,
    covariate_links,
    covariate_parts,
    covariate_path,
    covariate_regressor,
    covariate_trend,
    highway,
    regressor,
    residual_log,
    ridge_map,
    training,
    windowing,
)
from skinformer.pipeline import ForecastPipeline
from skinformer.preprocessing import SeriesScaler, TimeFeatures, series_scales
from skinformer.series import covariates, filled, grid, history, panel, schema

__all__ = ["CLASSES", "NAMES", "SHARED", "Held"]


@dataclass(frozen=True)
class Held:
    """A class, and what objects of it hold.

    Attributes
    ----------
    made : type
    fields : dict of str to type
        What every object has; of an estimator, once it is fitted.
    sometimes : dict of str to type
        What some have besides; of a dataclass, fields with a default, which the files
        of releases before they were added do not have.
    """

    made: type
    fields: dict[str, Any]
    sometimes: dict[str, Any]

    @property
    def hints(self) -> dict[str, Any]:
        """Types of all fields."""
        return self.fields | self.sometimes

    @property
    def is_estimator(self) -> bool:
        """Whether objects have parameters, and may be unfitted."""
        return issubclass(self.made, BaseEstimator)

    @property
    def is_data(self) -> bool:
        """Whether objects are made of their fields by the constructor."""
        return is_dataclass(self.made) or issubclass(self.made, tuple)


def data(made: type) -> Held:
    """Return what a dataclass or a named tuple holds: its fields."""
    hints = get_type_hints(made)
    needed: dict[str, Any] = {}
    sometimes: dict[str, Any] = {}
    for name, has_default in fields_of(made):
        (sometimes if has_default else needed)[name] = hints[name]
    return Held(made, needed, sometimes)


def fields_of(made: Any) -> list[tuple[str, bool]]:
    """List the fields of a dataclass or a named tuple, and which have a default."""
    if is_dataclass(made):
        return [(field.name, field.default is not MISSING) for field in fields(made)]
    return [(name, name in made._field_defaults) for name in made._fields]


def record(made: type, **hints: Any) -> Held:
    """Return what an object of any other class holds."""
    return Held(made, hints, {})


ARRAY = np.ndarray
NAMES_OF_X = {"feature_names_in_": ARRAY}
OUTPUT = {"_sklearn_output_config": dict}

HISTORY = {
    "_schema": schema.Schema,
    "_columns": covariates.Columns,
    "_one_axis": bool,
    "target_names_": list,
    "n_targets_": int,
    "_bounds": bounds.Bounds | None,
    "_panel": panel.Panel,
    "_pred_len": int,
    "_n_fitted": list,
    "n_features_in_": int,
    "_log": residual_log.ResidualLog | None,
}
SOME_HISTORIES = NAMES_OF_X | {"_log_from": list, "_units": ARRAY}
NET = {
    "seq_len_": int,
    "_fitted_identity": dict,
    "_scaler": windowing.WindowScaler,
    "net_": training.ForecastNet,
    "n_iter_": int,
    "best_epoch_": int,
    "loss_curve_": list,
    "validation_loss_curve_": list | None,
}


def forecaster(made: type, **hints: Any) -> Held:
    """Return what a fitted forecaster holds beside the history."""
    return Held(made, HISTORY | hints, SOME_HISTORIES)


CLASSES: dict[str, Held] = {
    # steps of a pipeline
    "Pipeline": Held(Pipeline, {}, OUTPUT),
    "ForecastPipeline": Held(ForecastPipeline, {}, OUTPUT),
    "TimeFeatures": Held(
        TimeFeatures,
        {
            "n_features_in_": int,
            "features_": list,
            "encodings_": dict,
            "_time_position": int | None,
            "_own_days": ARRAY,
            "_event_days": dict,
        },
        NAMES_OF_X | OUTPUT,
    ),
    "SeriesScaler": Held(
        SeriesScaler,
        {
            "n_features_in_": int,
            "_method": str,
            "_series": object,
            "_numeric": ARRAY,
            "_flags": ARRAY,
            "scalers_": list,
            "_by_series": series_scales.SeriesScales | None,
            "scaled_": ARRAY,
            "series_": ARRAY | None,
            "center_": ARRAY | None,
            "scale_": ARRAY | None,
        },
        NAMES_OF_X | OUTPUT,
    ),
    # forecasters
    "InformerRegressor": forecaster(
        regressor.InformerRegressor,
        **NET,
        highway_len_=int | None,
        _highway=highway.Highway | None,
        blend_=ARRAY,
    ),
    "LSTMForecaster": forecaster(baselines.LSTMForecaster, **NET),
    "TransformerForecaster": forecaster(baselines.TransformerForecaster, **NET),
    "SeasonalNaive": forecaster(
        baselines.SeasonalNaive, season_=int, _by_clock=bool, _means=list
    ),
    "RidgeForecaster": forecaster(
        baselines.RidgeForecaster,
        seq_len_=int,
        _highway=highway.Highway,
        coef_=ARRAY,
        pull_=ARRAY,
    ),
    "LagForecaster": forecaster(
        baselines.LagForecaster,
        lags_=ARRAY,
        windows_=ARRAY,
        _season=int,
        _steps=int,
        _allows_nan=bool,
        _as_codes=bool,
        _mean=ARRAY,
        _reach=ARRAY,
        regressors_=list,
    ),
    "ARIMAForecaster": forecaster(
        baselines.ARIMAForecaster,
        _order=state_space.Order,
        _season=int | None,
        n_fourier_=int,
        _models=list,
        params_=ARRAY,
        n_iter_=ARRAY,
    ),
    "ProphetForecaster": forecaster(baselines.ProphetForecaster, models_=list),
    "CovariateRegressor": Held(
        covariate_regressor.CovariateRegressor,
        {
            "_columns": covariates.Columns,
            "n_features_in_": int,
            "_link": covariate_links.LogLink | covariate_links.IdentityLink,
            "link_": str,
            "_trend": covariate_trend.Trend,
            "_design": covariate_design.CovariateDesign,
            "linear_model_": BaseEstimator,
            "_range": tuple,
            "boosting_": BaseEstimator,
            "n_iter_": int,
        },
        NAMES_OF_X,
    ),
    # histories
    "Schema": data(schema.Schema),
    "Columns": data(covariates.Columns),
    "Covariates": data(covariates.Covariates),
    "Observed": data(history.Observed),
    "Filled": data(filled.Filled),
    "Stretch": data(history.Stretch),
    "Panel": data(panel.Panel),
    "Bounds": data(bounds.Bounds),
    "RowGrid": data(grid.RowGrid),
    "ClockGrid": data(grid.ClockGrid),
    "CalendarGrid": data(grid.CalendarGrid),
    "PeriodGrid": data(grid.PeriodGrid),
    # what was learned
    "ResidualLog": data(residual_log.ResidualLog),
    "ColumnScale": data(windowing.ColumnScale),
    "WindowScaler": record(
        windowing.WindowScaler,
        seq_len=int,
        pred_len=int,
        per_series=bool,
        value_scaler_=windowing.ColumnScale,
        target_scaler_=windowing.ColumnScale,
        covariate_scaler_=windowing.ColumnScale | None,
    ),
    "Highway": record(
        highway.Highway,
        regressor=object,
        columns=covariates.Columns,
        seq_len=int,
        pred_len=int,
        selective=bool,
        kept_=ARRAY | None,
        per_series=bool,
        path_=covariate_path.CovariatePath | None,
        scaler_=windowing.WindowScaler,
        ridge_=ridge_map.RidgeMap,
    ),
    "RidgeMap": record(
        ridge_map.RidgeMap,
        seq_len=int,
        pred_len=int,
        season=int,
        edges_=list,
        center_=ARRAY,
        prior_=ARRAY | None,
        penalties_=list,
        pull_=ARRAY,
        coef_=ARRAY,
        block_coef_=ARRAY | None,
    ),
    "CovariatePath": record(
        covariate_path.CovariatePath,
        regressor=object,
        columns=covariates.Columns,
        _typical=ARRAY,
        regressors_=list,
        kept_=ARRAY,
        honest_=ARRAY | None,
    ),
    "CovariateDesign": data(covariate_design.CovariateDesign),
    "Discrete": data(covariate_parts.Discrete),
    "Spline": data(covariate_parts.Spline),
    "Trend": data(covariate_trend.Trend),
    "LogLink": data(covariate_links.LogLink),
    "IdentityLink": data(covariate_links.IdentityLink),
    "SeriesScales": data(series_scales.SeriesScales),
    "SeriesMoments": data(series_scales.Moments),
    "SeriesCenters": data(series_scales.Scales),
    "ArimaFitted": data(arima.Fitted),
    "ArimaOrder": data(state_space.Order),
    "ArimaFound": data(state_space.FittedOrder),
}

NAMES: dict[type, str] = {held.made: name for name, held in CLASSES.items()}
# histories of many series share one grid, and are compared by it
SHARED = (grid.Grid,)
