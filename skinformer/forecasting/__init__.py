"""Forecasters around a network, and the base class that all forecasters share."""

from skinformer._forks import prepare_forks

from .base import BaseForecaster
from .covariate_regressor import CovariateRegressor
from .paper_setting import PAPER_SETTING
from .pruning import PruningCallback
from .regressor import InformerRegressor

__all__ = [
    "PAPER_SETTING",
    "BaseForecaster",
    "CovariateRegressor",
    "InformerRegressor",
    "PruningCallback",
]

prepare_forks()
