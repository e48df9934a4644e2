"""What the network of a fitted forecaster attends to, for one block of its forecast."""

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from skinformer._turns import as_it_is
from skinformer.network.distilled import cell_edges, encoder_cells, memory_shares
from skinformer.network.quantiles import median_of
from skinformer.network.recording import (
    AttentionMap,
    NetworkAttention,
    attend_and_record,
)
from skinformer.series.history import Stretch
from skinformer.series.timeline import block_of

from .batches import to_device
from .blocks import Ask
from .jobs import Jobs
from .placing import Asked

__all__ = ["Attended", "LayerAttention", "attended"]


class LayerAttention(NamedTuple):
    """What one layer of a network does for one block.

    Attributes
    ----------
    weights : ndarray of shape (n_heads, n_queries, n_keys)
    active : ndarray of shape (n_heads, n_queries), bool
        Which queries attend exactly; all of them in dense attention.
    sparsity : ndarray of shape (n_heads, n_queries) or None
        By which they were ranked.
    query_cells : ndarray of shape (n_queries + 1,)
        Where the queries begin and end, as rows counted from the first one that the
        network reads; row i reaches from i - 0.5 to i + 0.5.
    key_cells : ndarray of shape (n_keys + 1,)
        The same of the keys.
    """

    weights: np.ndarray
    active: np.ndarray
    sparsity: np.ndarray | None
    query_cells: np.ndarray
    key_cells: np.ndarray


class Attended(NamedTuple):
    """What a network attends to, for one block.

    Attributes
    ----------
    index : Index of seq_len + pred_len stamps
        The rows that it reads, and those that it forecasts.
    seq_len : int
    forecast : ndarray of shape (pred_len, n_targets)
        What the network says, standardised: of quantiles the median.
    shares : ndarray of shape (n_targets,) or None
        How much of that counts beside a highway; None where there is none.
    layers : dict of str to list of LayerAttention
        Of "encoder", "decoder" and "cross"; the keys of the latter are rows, whose
        weights are those of the positions that stand for them.
    """

    index: pd.Index  # type: ignore[assignment]  # a tuple has index(); no one calls it
    seq_len: int
    forecast: np.ndarray
    shares: np.ndarray | None
    layers: dict[str, list[LayerAttention]]


def attended(forecaster: Any, X: Any, row: int) -> Attended:
    """Return what the network attends to for the block that holds a row of ``X``.

    Parameters
    ----------
    forecaster : fitted NetForecaster
    X : DataFrame or array-like of shape (n_rows, n_columns)
        Rows to forecast, as ``predict`` takes them.
    row : int
        Which of them.

    Raises
    ------
    ValueError
        If there is no such row; if the network reads rows before the history.
    """
    forecaster = as_it_is(forecaster)
    job = find_block(forecaster, X, row)
    inputs = forecaster._network_windows([job]).inputs(slice(None))
    net, seq_len = forecaster.net_, inputs["values"].shape[1]
    index = stamps_of(job, seq_len, forecaster._pred_len)
    kind = torch.device(net.device).type
    with torch.inference_mode(), torch.autocast(kind, enabled=False):
        forecast, attention = attend_and_record(
            net.module_, to_device(inputs, net.device)
        )
    has_highway = getattr(forecaster, "_highway", None) is not None
    return Attended(
        index,
        seq_len,
        median_of(forecast)[0].cpu().numpy(),
        forecaster.blend_ if has_highway else None,
        layers_of(net.module_, attention, seq_len, forecaster._pred_len),
    )


# The block


def find_block(forecaster: Any, X: Any, row: int) -> tuple[Stretch, np.ndarray]:
    """Return the rows that the block of a row is forecast from, and where it starts."""
    ask, position = pick_row(forecaster._ask(X), row)
    pred_len, n_known = forecaster._pred_len, ask.history.n_known
    start = int(block_of(np.array([position]), n_known, pred_len)[0])
    # a block after the history is fed with the forecasts of those before it
    first = start if start < n_known else n_known
    ask = ask.of((ask.positions >= first) & (ask.positions < start + pred_len))
    seen: list = []

    def noting(jobs: Jobs) -> np.ndarray:
        seen.extend(jobs)
        return forecaster._forecast_point(jobs)

    rows = np.arange(len(ask.positions))
    forecaster._answer(Asked(pd.RangeIndex(len(rows)), [ask], [rows]), noting)
    stretch, _ = seen[-1]
    return stretch, np.array([start + ask.history.offset - stretch.offset])


def pick_row(asked: Asked, row: int) -> tuple[Ask, int]:
    """Return what the series of a row is asked for, and the position of the row."""
    n = len(asked.index)
    if isinstance(row, bool) or not isinstance(row, Integral) or not -n <= row < n:
        raise ValueError(
            f"row={row!r} must be an int from {-n} to {n - 1}: there are {n} rows."
        )
    [(ask, rows)] = [(ask, rows) for ask, rows in asked.each() if row % n in rows]
    return ask, int(ask.positions[rows == row % n][0])


def stamps_of(job: tuple[Stretch, np.ndarray], seq_len: int, pred_len: int) -> pd.Index:
    """Return the stamps that a network reads, and those that it forecasts."""
    stretch, [start] = job
    at, grid = stretch.offset + int(start), stretch.grid
    if start < seq_len:
        begin = -(-seq_len // pred_len) * pred_len
        raise ValueError(
            f"The block that starts at {grid.stamps(at, at + 1)[0]} has {start} rows "
            f"before it, and the network reads {seq_len}: it sees the first row over "
            "and over. Ask for a row from "
            f"{grid.stamps(at - start + begin, at - start + begin + 1)[0]} on."
        )
    return grid.stamps(at - seq_len, at + pred_len)


# Its layers


def layers_of(
    net: Any, attention: NetworkAttention, seq_len: int, pred_len: int
) -> dict[str, list[LayerAttention]]:
    """Return the layers of one block, with the rows that their positions stand for."""
    ahead = seq_len + cell_edges(pred_len, 0)
    layers: dict[str, list[LayerAttention]] = {
        "encoder": [],
        "decoder": [],
        "cross": [],
    }
    if attention.encoder:
        cells = encoder_cells(net.encoder, seq_len)
        layers["encoder"] = [
            layer_of(each, edges, edges)
            for each, edges in zip(attention.encoder, cells, strict=True)
        ]
    for each in attention.decoder:
        n_rows = each.weights.shape[-1]
        keys = seq_len + pred_len - n_rows + cell_edges(n_rows, 0)
        layers["decoder"].append(layer_of(last_queries(each, pred_len), ahead, keys))
    if attention.cross:
        shares = torch.from_numpy(memory_shares(net.encoder, seq_len))
        keys = cell_edges(seq_len, 0)
    for each in attention.cross:
        each = last_queries(each, pred_len)
        weights = each.weights.cpu().double() @ shares  # (B, H, L_Q, S) @ (S, seq_len)
        layers["cross"].append(layer_of(each._replace(weights=weights), ahead, keys))
    return layers


def last_queries(each: AttentionMap, n: int) -> AttentionMap:
    """Return the last ``n`` queries: the rows that are forecast."""
    scores = None if each.sparsity is None else each.sparsity[..., -n:]
    return AttentionMap(each.weights[..., -n:, :], each.active[..., -n:], scores)


def layer_of(
    each: AttentionMap, query_cells: np.ndarray, key_cells: np.ndarray
) -> LayerAttention:
    """Return the only block of a batch, as arrays."""
    weights, active = (t[0].cpu().numpy() for t in (each.weights, each.active))
    scores = None if each.sparsity is None else each.sparsity[0].cpu().numpy()
    return LayerAttention(weights, active, scores, query_cells, key_cells)
