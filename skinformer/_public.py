"""Every public name, from where it is defined; the package shows them as its own."""

from skinformer._version import __version__
from skinformer.baselines import (
    ARIMAForecaster,
    LagForecaster,
    LSTMForecaster,
    ProphetForecaster,
    RidgeForecaster,
    SeasonalNaive,
    TransformerForecaster,
)
from skinformer.datasets import fetch_bike_sharing, fetch_ett, make_load_series
from skinformer.forecasting import (
    PAPER_SETTING,
    BaseForecaster,
    CovariateRegressor,
    InformerRegressor,
    PruningCallback,
)
from skinformer.inspection import (
    AttentionDisplay,
    BacktestDisplay,
    ForecastDisplay,
    LossCurveDisplay,
)
from skinformer.model_selection import (
    BacktestResult,
    Comparison,
    PanelTimeSeriesSplit,
    backtest,
    compare_backtests,
    make_rolling_scorer,
    make_skipping_scorer,
)
from skinformer.network import Informer, load_informer2020_state_dict
from skinformer.persistence import describe, load, save
from skinformer.pipeline import ForecastPipeline, make_forecast_pipeline
from skinformer.preprocessing import SeriesScaler, TimeFeatures
from skinformer.report import write_report
from skinformer.series.store import PanelStore

__all__ = [
    "PAPER_SETTING",
    "ARIMAForecaster",
    "AttentionDisplay",
    "BacktestDisplay",
    "BacktestResult",
    "BaseForecaster",
    "Comparison",
    "CovariateRegressor",
    "ForecastDisplay",
    "ForecastPipeline",
    "Informer",
    "InformerRegressor",
    "LSTMForecaster",
    "LagForecaster",
    "LossCurveDisplay",
    "PanelStore",
    "PanelTimeSeriesSplit",
    "ProphetForecaster",
    "PruningCallback",
    "RidgeForecaster",
    "SeasonalNaive",
    "SeriesScaler",
    "TimeFeatures",
    "TransformerForecaster",
    "__version__",
    "backtest",
    "compare_backtests",
    "describe",
    "fetch_bike_sharing",
    "fetch_ett",
    "load",
    "load_informer2020_state_dict",
    "make_forecast_pipeline",
    "make_load_series",
    "make_rolling_scorer",
    "make_skipping_scorer",
    "save",
    "write_report",
]
