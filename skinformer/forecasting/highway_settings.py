"""What a parameter ``highway`` can be, and the highway that it asks for."""

from typing import Any

from sklearn.base import clone, is_regressor

from skinformer.series.panel import Panel

from .covariate_regressor import CovariateRegressor
from .highway import Highway
from .seeds import seed_all

__all__ = ["check_highway", "make_highway"]


def check_highway(highway: Any) -> None:
    """Refuse what is no regressor from a row's covariates to its target.

    Raises
    ------
    ValueError
        For classes, classifiers, forecasters.
    """
    if highway is None or isinstance(highway, str):
        return
    is_class = isinstance(highway, type)
    if is_class or not is_regressor(highway) or hasattr(highway, "pred_len"):
        raise ValueError(
            f"highway={highway!r} must be 'auto', 'ridge', or an instance of a "
            "scikit-learn regressor of covariates, such as "
            "HistGradientBoostingRegressor(); no class, classifier or forecaster."
        )


def choose_regressor(highway: Any, random_state: Any = 0) -> Any:
    """Return the regressor that a parameter ``highway`` puts in front, or None.

    It is a copy, whose generators are seeded.
    """
    if isinstance(highway, str):
        return CovariateRegressor() if highway == "auto" else None
    regressor = clone(highway)
    seed_all(regressor, random_state)
    return regressor


def make_highway(
    forecaster: Any, panel: Panel, seq_len: int, random_state: Any = 0
) -> Highway:
    """Make the highway that the parameters of a forecaster ask for, not fitted.

    Raises
    ------
    ValueError
        If it has a regressor of covariates and there are many series.
    """
    named, in_panel = forecaster.highway, panel.keys is not None
    if in_panel and not isinstance(named, str):
        raise ValueError(
            f"highway={named!r} cannot be combined with series={forecaster.series!r}: "
            "one regressor of covariates says nothing of the levels of many series. "
            "Give 'auto' or 'ridge'."
        )
    return Highway(
        None if in_panel else choose_regressor(named, random_state),
        forecaster._columns,
        seq_len,
        forecaster.pred_len,
        selective=isinstance(named, str) and named == "auto",
        per_series=in_panel and forecaster.per_series,
    )
