"""Gradient boosting of scikit-learn, whose trees skops does not trust.

skops writes the estimator without its trees; these are arrays, and are checked node by
node, because scikit-learn follows them without looking where they lead.
"""

import copy
from functools import partial
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder
from sklearn.utils.validation import check_array

from skinformer._validation import TreePredictor, record_of_nodes

from .kinds import Kind, need, refuse, register

__all__ = ["BOOSTING"]

BITSETS = "binned_left_cat_bitsets", "raw_left_cat_bitsets"
WORDS = 8  # of 32 bits, one for each category
MADE = (HistGradientBoostingRegressor, HistGradientBoostingClassifier)
# what the columns that are no categories pass through
KNOWN_CHECKS = {"dtype", "ensure_all_finite", "force_all_finite"}


# Writing


def write_boosting(value: Any, path: str, writer: Any) -> dict:
    """Write the estimator by skops, and its trees as arrays of all of their nodes."""
    if not hasattr(value, "_predictors"):
        return {"step": writer.add_step(value, path), "trees": None}
    rest, checks = without_functions(value, path)
    trees = [tree for iteration in value._predictors for tree in iteration]
    nodes = np.concatenate([tree.nodes for tree in trees] or [no_nodes()])
    bitsets = {
        name: np.concatenate(
            [getattr(tree, name) for tree in trees]
            or [np.empty((0, WORDS), dtype=np.uint32)]
        )
        for name in BITSETS
    }
    parts = {
        "in_iteration": [len(iteration) for iteration in value._predictors],
        "n_nodes": [len(tree.nodes) for tree in trees],
        "n_bitsets": [len(tree.raw_left_cat_bitsets) for tree in trees],
        "nodes": {name: nodes[name].copy() for name in nodes.dtype.names or ()},
        "bitsets": bitsets,
        "checks": checks,
    }
    return {"step": writer.add_step(rest, path), "trees": writer.write(parts, path)}


def without_functions(value: Any, path: str) -> tuple[Any, Any]:
    """Return a copy without trees and without a function, and what that one checks."""
    rest = copy.copy(value)
    rest._predictors = []
    if rest._preprocessor is None:
        return rest, None
    rest._preprocessor = copy.deepcopy(rest._preprocessor)
    checks = None
    for step in functions_of(rest._preprocessor):
        is_known = isinstance(step.func, partial) and step.func.func is check_array
        if not is_known or not step.func.keywords.keys() <= KNOWN_CHECKS:
            raise refuse(path, step.func, "Keep the model with joblib.dump.")
        checks = {**step.func.keywords, "dtype": "float64"}
        step.func = None
    return rest, checks


def functions_of(columns: ColumnTransformer) -> list[FunctionTransformer]:
    """Return the steps that are functions."""
    pairs = [*columns.transformers, *columns.transformers_]
    return [step for _, step, _ in pairs if isinstance(step, FunctionTransformer)]


def no_nodes() -> np.ndarray:
    """Return the nodes of no tree."""
    return np.empty(0, dtype=record_of_nodes())


# Reading


def read_boosting(node: Any, reader: Any) -> Any:
    """Put the trees back into an estimator."""
    model, parts = reader.step(node["step"]), reader.read(node["trees"])
    need(type(model) in MADE, "an estimator with trees")
    if parts is None:
        return model
    put_functions(model, parts["checks"])
    trees, n = read_trees(parts), int(model.n_features_in_)
    check_columns(model._preprocessor, n)
    categorical = np.asarray(model._bin_mapper.is_categorical_)
    need(categorical.dtype.kind in "bu", "which columns are categories")
    need(categorical.shape == (n,), "columns of trees")
    for tree in trees:
        check_tree(tree, categorical)
    sizes = parts["in_iteration"]
    need(sum(sizes) == len(trees) and min(sizes, default=0) >= 0, "trees to iterate")
    each = iter(trees)
    model._predictors = [[next(each) for _ in range(size)] for size in sizes]
    return model


def put_functions(model: Any, checks: Any) -> None:
    """Give the columns that are no categories their check back."""
    if model._preprocessor is None:
        need(checks is None, "no checks")
        return
    need(type(checks) is dict and checks.keys() <= KNOWN_CHECKS, "checks")
    need(checks["dtype"] == "float64", "checks of numbers")
    for step in functions_of(model._preprocessor):
        need(step.func is None, "no function")
        step.func = partial(check_array, **{**checks, "dtype": [np.float64]})


def read_trees(parts: dict) -> list[Any]:
    """Cut the nodes and bitsets of all trees into trees."""
    columns, record = parts["nodes"], record_of_nodes()
    need(
        columns.keys() == set(record.names or ()), "nodes as this scikit-learn has them"
    )
    n_nodes, n_bitsets = parts["n_nodes"], parts["n_bitsets"]
    need(len(n_nodes) == len(n_bitsets), "as many bitsets as trees")
    nodes = np.empty(sum(n_nodes), dtype=record)
    for name, column in columns.items():
        need(column.dtype == record[name], f"nodes with {name} of its type")
        need(column.shape == nodes.shape, f"as many {name} as nodes")
        nodes[name] = column
    for name in BITSETS:
        shape = (sum(n_bitsets), WORDS)
        bits = parts["bitsets"][name]
        need(bits.dtype == np.uint32 and bits.shape == shape, "bitsets")
    by_tree = [np.split(nodes, np.cumsum(n_nodes)[:-1])]
    by_tree += [
        np.split(parts["bitsets"][name], np.cumsum(n_bitsets)[:-1]) for name in BITSETS
    ]
    trees = zip(*by_tree, strict=True) if n_nodes else []
    return [TreePredictor(*map(np.ascontiguousarray, tree)) for tree in trees]


def check_columns(columns: ColumnTransformer | None, n: int) -> None:
    """Raise unless the trees get as many columns as there are."""
    if columns is None:
        return
    masks = [np.zeros(n, dtype=int)]
    for _, step, mask in columns.transformers_:
        if type(step) is str:
            need(step == "drop", "no other columns")
            continue
        need(type(step) in (OrdinalEncoder, FunctionTransformer), "an encoder")
        need(mask.dtype == bool and mask.shape == (n,), "columns of an encoder")
        masks.append(mask)
    need(bool((np.sum(masks, axis=0) == 1).all()), "each column once")


def check_tree(tree: Any, categorical: np.ndarray) -> None:
    """Raise unless every node leads to a later one of the tree, and to its end."""
    nodes, n = tree.nodes, len(tree.nodes)
    need(n > 0, "a tree with a root")
    inner = nodes["is_leaf"] == 0
    for side in ("left", "right"):
        to = nodes[side][inner]
        ahead = (to > np.flatnonzero(inner)) & (to < n)
        need(bool(ahead.all()), "nodes that lead on")
    column = nodes["feature_idx"][inner]
    known = (column >= 0) & (column < len(categorical))
    need(bool(known.all()), "columns of a tree")
    by_category = nodes["feature_idx"][inner & (nodes["is_categorical"] != 0)]
    need(categorical[by_category].all(), "columns of a tree")
    bitset = nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)]
    need(bool((bitset < len(tree.raw_left_cat_bitsets)).all()), "bitsets of a tree")


KIND = register("boosting", write_boosting, read_boosting)
# by exact type
BOOSTING: dict[type, Kind] = dict.fromkeys(MADE, KIND)
