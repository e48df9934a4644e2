"""Long-sequence time-series forecasting with the Informer, as scikit-learn estimators.

>>> from skinformer import InformerRegressor, TimeFeatures
"""

import logging

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
from skinformer.pipeline import ForecastPipeline, make_forecast_pipeline
from skinformer.preprocessing import SeriesScaler, TimeFeatures
from skinformer.report import write_report

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
    "PanelTimeSeriesSplit",
    "ProphetForecaster",
    "RidgeForecaster",
    "SeasonalNaive",
    "SeriesScaler",
    "TimeFeatures",
    "TransformerForecaster",
    "__version__",
    "backtest",
    "compare_backtests",
    "fetch_bike_sharing",
    "fetch_ett",
    "load_informer2020_state_dict",
    "make_forecast_pipeline",
    "make_load_series",
    "make_rolling_scorer",
    "make_skipping_scorer",
    "write_report",
]

# what is logged is for the program to show, not for logging's last resort
logging.getLogger("skinformer").addHandler(logging.NullHandler())
