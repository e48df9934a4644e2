"""What a stored training and the one that is to go on must have in common, by name.

Values are written out, or known by a digest; columns by the digests of their pieces, so
that it can be said where they begin to differ. A fact is one of three: a text, a digest
(a text that begins with "#"), or the list of a column's pieces.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import torch

from skinformer._version import __version__
from skinformer.series.chunks import let_go
from skinformer.series.covariates import Columns
from skinformer.series.history import Stretch
from skinformer.series.panel import Panel
from skinformer.series.together import run_together

from ..processes import ACCELERATE
from .digests import digest, told

__all__ = ["differences", "facts_of", "start_told"]

# parameters that change nothing of the result, or are told of in another way
APART = {"checkpoint_dir", "device", "random_state", "verbose", "warm_start"}
# of a column: a difference is known to one of so many parts
PIECES = 64
MOST_TOLD = 4  # differences in a message
LONGEST = 60  # of a value in it


def facts_of(forecaster: Any, panel: Panel, device: str) -> dict[str, Any]:
    """Return what the result of a fit hangs on, by the names that errors have for it.

    Names and digests, no values of the data.
    """
    params = forecaster.get_params(deep=False)
    return {
        "the estimator": type(forecaster).__name__,
        "the release of skinformer": __version__,
        "the release of torch": str(torch.__version__),
        **{k: told(v) for k, v in params.items() if k not in APART},
        "device": device_told(params["device"], device),
        "random_state": seed_told(params.get("random_state")),
        **data_facts(forecaster, panel),
    }


def device_told(asked: str, device: str) -> str:
    """Tell a device; that of each process where several share out the windows."""
    kind, _, _ = device.partition(":")
    return f"{ACCELERATE} on {kind}" if asked == ACCELERATE else device


def seed_told(random_state: Any) -> str:
    """Tell a seed; what a generator will draw is in the checkpoint."""
    is_generator = isinstance(random_state, np.random.RandomState)
    return "a RandomState" if is_generator else told(random_state)


def start_told(net: Any) -> str:
    """Tell the network, and the state of its optimiser, that training starts from."""
    return digest([net.module_.state_dict(), net.optimizer_.state_dict()])


# The data


def data_facts(forecaster: Any, panel: Panel) -> dict[str, Any]:
    """Return facts of rows, their time and their columns."""
    schema = forecaster._schema
    return {
        "the columns of X": told(list(schema.names)),
        "the targets of y": told(list(forecaster.target_names_)),
        "the number of rows": str(sum(stretch.n_known for stretch in panel)),
        **time_facts(panel),
        "the labels of the series": "none" if panel.keys is None else told(panel.keys),
        **categories_told(schema.known),
        **categories_told(schema.past),
        **{name: pieces(column) for name, column in columns_of(forecaster, panel)},
    }


def categories_told(columns: Columns) -> dict[str, str]:
    """Tell the domain of each categorical column."""
    pairs = zip(columns.names, columns.categories, strict=True)
    named = {name: domain for name, domain in pairs if domain is not None}
    return {f"the categories of {k!r}": told(domain) for k, domain in named.items()}


def time_facts(panel: Panel) -> dict[str, str]:
    """Tell when rows were: from, to and step of one series, a digest of many."""
    if len(panel) > 1:
        return {"the time of the rows": digest(times_of(panel))}
    names = "the first row", "the last row", "the step of the rows"
    return dict(zip(names, span_of(panel[0]), strict=True))


def times_of(panel: Panel) -> list[Any]:
    """Return when the rows of many series were, without a stamp made for each."""
    grids = {id(stretch.grid): stretch.grid for stretch in panel}
    number = {key: i for i, key in enumerate(grids)}
    rows = [(number[id(s.grid)], s.offset, s.n_known) for s in panel]
    return [np.array(rows), *(grid_told(grid) for grid in grids.values())]


def grid_told(grid: Any) -> str:
    """Tell a grid by its fields."""
    return told([type(grid), *(getattr(grid, field.name) for field in fields(grid))])


def span_of(stretch: Stretch) -> tuple[str, str, str]:
    """Tell the first stamp, the last one and the step of a series."""
    grid, first, end = stretch.grid, stretch.offset, stretch.end
    freq = getattr(getattr(grid, "freq", None), "freqstr", "one row")
    ends = grid.stamps(first, first + 1)[0], grid.stamps(end - 1, end)[0]
    return str(ends[0]), str(ends[1]), freq


def columns_of(forecaster: Any, panel: Panel) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name and the values (n_rows,) of every column that training sees."""
    schema, n = forecaster._schema, forecaster.n_targets_
    seen = [stretch.observed for stretch in panel]
    values = run_together([each.values for each in seen])  # (n_rows, n_values)
    for i, name in enumerate(forecaster.target_names_):
        yield f"target {name!r} of y", values[:, i]
    past_codes = run_together([each.codes for each in seen])
    yield from named_columns(schema.past, values[:, n:], past_codes)
    known = [stretch.covariates for stretch in panel]
    numeric = run_together([each.numeric for each in known])
    codes = run_together([each.codes for each in known])
    yield from named_columns(schema.known, numeric, codes)
    yield "the presence of rows", run_together([stretch.given for stretch in panel])
    weights = [each.weights for each in seen if each.weights is not None]
    if weights:
        yield "sample_weight", run_together(weights)


def named_columns(
    columns: Columns, numeric: np.ndarray, codes: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield columns by the names that X has for them."""
    numbers, tables = iter(numeric.T), iter(codes.T)
    for name, categories in zip(columns.names, columns.categories, strict=True):
        yield f"column {name!r} of X", next(numbers if categories is None else tables)


def pieces(column: np.ndarray) -> list[str]:
    """Return the number of rows, and a digest of each piece of a column.

    >>> len(pieces(np.arange(1000)))
    64
    """
    size, digests = piece_of(len(column)), []
    for first in range(0, len(column), size):
        piece = column[first : first + size]
        digests.append(digest(piece))
        let_go(piece)
    return [str(len(column)), *digests]


def piece_of(n: int) -> int:
    """Return how many of n rows a piece has."""
    return max(-(-n // PIECES), 1)


# What differs


def differences(before: dict, now: dict) -> str:
    """Say which facts differ, and how; nothing if they are the same.

    >>> differences({"lr": "0.001", "n": "1"}, {"lr": "0.01", "n": "1"})
    'lr was 0.001, is 0.01'
    """
    names = [*now, *(name for name in before if name not in now)]
    pairs = [(name, before.get(name), now.get(name)) for name in names]
    said = [said_of(*each) for each in pairs if each[1] != each[2]]
    said = [each for each in said if each]
    more = len(said) - MOST_TOLD
    if more > 0:
        said[MOST_TOLD:] = [f"and {more} more"]
    return "; ".join(said)


def said_of(name: str, before: Any, now: Any) -> str:
    """Say how one fact differs."""
    if before is None or now is None:
        return f"{name} {'is new' if before is None else 'is gone'}"
    if isinstance(before, list) or isinstance(now, list):
        return values_said(name, before, now)
    if before.startswith("#") or now.startswith("#"):
        return f"{name} differs"
    return f"{name} was {short(before)}, is {short(now)}"


def values_said(name: str, before: list[str], now: list[str]) -> str:
    """Say in which rows two columns first differ; of other lengths, nothing.

    That the number of rows is another has been said.
    """
    if before[0] != now[0]:
        return ""
    n = int(now[0])
    pairs = zip(before[1:], now[1:], strict=True)
    first = next(i for i, (a, b) in enumerate(pairs) if a != b) * piece_of(n)
    last = min(first + piece_of(n), n) - 1
    rows = f"row {first}" if first == last else f"rows {first} to {last}"
    return f"{name} has other values, first in {rows}"


def short(text: str) -> str:
    """Cut a long text."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."
