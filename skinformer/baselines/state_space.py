"""ARIMA as statsmodels has it: parameters by maximum likelihood, states at every row.

The series are standardised; NaN stands for rows that are absent, which the Kalman
filter steps over.
"""

from typing import Any, NamedTuple

import numpy as np

from skinformer._extras import import_extra
from skinformer._filters import muted

__all__ = ["FittedOrder", "Order", "filter_states", "fit_order", "forecast_states"]

SARIMAX = "statsmodels.tsa.statespace.sarimax"  # the module
# what a filter need not keep, of all but the states that it predicts
NOT_KEPT = (
    "forecast",
    "predicted_cov",
    "filtered",
    "likelihood",
    "gain",
    "smoothing",
    "std_forecast",
)


class Order(NamedTuple):
    """The order of a seasonal ARIMA."""

    plain: tuple[int, int, int]  # (p, d, q)
    seasonal: tuple[int, int, int, int]  # (P, D, Q, rows in a season)

    @property
    def n_params(self) -> int:
        """Count the parameters, the variance among them."""
        (p, _, q), (P, _, Q, _) = self.plain, self.seasonal
        return p + q + P + Q + 1

    @property
    def n_lost(self) -> int:
        """Count the rows that differences cost."""
        return self.plain[1] + self.seasonal[1] * self.seasonal[3]


class FittedOrder(NamedTuple):
    """Parameters, and the search that found them."""

    params: np.ndarray  # (n_params,)
    n_iter: int
    converged: bool  # whether it came to an end


def make_model(values: np.ndarray, order: Order) -> Any:
    """Return the model of statsmodels over values (n,)."""
    module = import_extra(SARIMAX, "ARIMAForecaster", "baselines")
    return module.SARIMAX(values, order=order.plain, seasonal_order=order.seasonal)


def starting_points(model: Any, order: Order) -> list[np.ndarray]:
    """Return the parameters that the search starts from, each (n_params,).

    Those of statsmodels; and, from where a slow return to a level is seen that
    differences hide, one with an autoregression near 1 and a moving average near -1.
    """
    first = np.asarray(model.start_params, dtype=np.float64)
    p, _, q = order.plain
    if not p or not q:
        return [first]
    second = first.copy()
    second[: p + q] = 0.0
    second[0], second[p] = 0.9, -0.95
    return [first, second]


def describe(result: Any) -> FittedOrder:
    """Keep what is needed of a result of statsmodels, which holds much more."""
    search = result.mle_retvals
    n_iter = max(int(search["iterations"]), 1)  # 0 where it starts at its end
    # 1: out of steps; 2: no better point on its line, which is an end too
    return FittedOrder(np.asarray(result.params), n_iter, search["warnflag"] != 1)


def fit_order(values: np.ndarray, order: Order, max_iter: int) -> FittedOrder:
    """Find the parameters of the highest likelihood, the search begun twice.

    Raises
    ------
    ValueError
        If no search comes to a finite likelihood.
    """
    found = []
    # before the block: statsmodels sets filters of its own when it is imported
    import_extra(SARIMAX, "ARIMAForecaster", "baselines")
    # of starting points that were mended, and of searches, which are looked at here
    with muted(Warning):
        model = make_model(values, order)
        for start in starting_points(model, order):
            try:
                result = model.fit(start, disp=0, maxiter=max_iter, cov_type="none")
            except np.linalg.LinAlgError:
                continue
            if np.isfinite(result.llf):
                found.append((result.llf, describe(result)))
    if not found:
        raise ValueError(
            f"ARIMA of order={order.plain}, seasonal_order={order.seasonal} cannot be "
            "fitted to this series; give a lower order or more rows."
        )
    return max(found, key=lambda pair: pair[0])[1]


def filter_states(
    values: np.ndarray, order: Order, params: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run the Kalman filter once over all rows.

    Returns
    -------
    states : ndarray of shape (n_states, n + 1)
        At each row, given the rows before it.
    transition : ndarray of shape (n_states, n_states)
    design : ndarray of shape (n_states,)
    """
    model = make_model(values, order)
    for name in NOT_KEPT:
        setattr(model.ssm, f"memory_no_{name}", True)
    found = model.filter(params, return_ssm=True)
    # the matrices have an axis of time, of length 1
    return found.predicted_state, found.transition[:, :, 0], found.design[0, :, 0]


def forecast_states(
    states: np.ndarray, transition: np.ndarray, design: np.ndarray, n_steps: int
) -> np.ndarray:
    """Return the means ahead of each state, (n_origins, n_steps).

    >>> states = np.array([[1.0, 2.0]])  # one state at two origins
    >>> forecast_states(states, np.array([[0.5]]), np.array([10.0]), n_steps=3)
    array([[10. ,  5. ,  2.5],
           [20. , 10. ,  5. ]])
    """
    ahead = np.empty((states.shape[1], n_steps))
    for step in range(n_steps):
        ahead[:, step] = design @ states
        states = transition @ states
    return ahead
