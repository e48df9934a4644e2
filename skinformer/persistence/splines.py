"""Fitted ``SplineTransformer``, whose splines of scipy skops does not trust."""

from typing import Any

from scipy.interpolate import BSpline
from sklearn.preprocessing import SplineTransformer

from .kinds import Kind, need, register

__all__ = ["SPLINES"]

# what is set besides parameters
LEARNED = {
    "bsplines_",
    "n_features_in_",
    "n_features_out_",
    "feature_names_in_",
    "_sklearn_output_config",
}


def write_splines(value: SplineTransformer, path: str, writer: Any) -> list:
    """Write parameters, what was learned, and of each spline what it is made of."""
    params = value.get_params(deep=False)
    state = {k: v for k, v in vars(value).items() if k not in params}
    if "bsplines_" in state:
        splines = [(b.t, b.c, b.k, b.extrapolate, b.axis) for b in state["bsplines_"]]
        state["bsplines_"] = splines
    return [writer.write(part, path) for part in (params, state)]


def read_splines(node: Any, reader: Any) -> SplineTransformer:
    """Make the transformer anew."""
    params, state = (reader.read(part) for part in node)
    need(type(params) is type(state) is dict, "splines")
    need(state.keys() <= LEARNED, "the attributes of a SplineTransformer")
    if "bsplines_" in state:
        state["bsplines_"] = [
            BSpline(t, c, k, extrapolate=beyond, axis=axis)
            for t, c, k, beyond, axis in state["bsplines_"]
        ]
    made = SplineTransformer(**params)
    vars(made).update(state)
    return made


SPLINES: dict[type, Kind] = {
    SplineTransformer: register("splines", write_splines, read_splines)
}
