"""Which rows the network looks at."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .attention_checks import (
    check_attends,
    check_kind,
    pick_heads,
    pick_layer,
    read_weights,
    share_note,
)
from .attention_drawing import (
    SIZE,
    draw_active,
    draw_keys,
    draw_scale,
    draw_weights,
)
from .cells import Cells
from .display import Display
from .fitted import unwrap_fitted
from .forecast_rows import rows_of_series, take_rows

__all__ = ["AttentionDisplay"]

NAMES = {
    "cross": "Cross-attention",
    "encoder": "Encoder self-attention",
    "decoder": "Decoder self-attention",
}


class AttentionDisplay(Display):
    """Picture of attention: how much each query looks at each key.

    Queries run down, keys to the right; the weights of a query sum to one. Above stands
    the mean weight of each row looked at, beside a dotted line at what it would be if
    all were looked at alike. Where queries are ranked (ProbSparse attention), bars on
    the right say in how many of the heads a query is *active*, and attends exactly. A
    query that is *lazy* in all of them gets the mean of all rows, and is hatched.

    Use :meth:`from_estimator` or :meth:`from_weights` to make one.

    Parameters
    ----------
    weights : ndarray of shape (n_heads, n_queries, n_keys)
        Attention weights.
    queries, keys : Cells
        What attends, and what is attended to.
    active : ndarray of shape (n_heads, n_queries), bool
        Which queries attend exactly.
    heads : list of int
        The heads that the mean is taken of.
    kind : {"cross", "encoder", "decoder"}, default="cross"
        Which attention it is.
    title : str, default=""
        What is written above, after the kind and the heads.
    note : str, default=""
        A second line.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The weights.
    keys_ax_ : matplotlib Axes
        The mean weight by key, above.
    active_ax_ : matplotlib Axes or None
        How many heads a query is active in; None where all are, in every head.
    figure_ : matplotlib Figure

    See Also
    --------
    InformerRegressor : The forecaster whose attention it shows.
    """

    def __init__(
        self,
        *,
        weights: np.ndarray,
        queries: Cells,
        keys: Cells,
        active: np.ndarray,
        heads: Sequence[int],
        kind: str = "cross",
        title: str = "",
        note: str = "",
    ):
        self.weights, self.queries, self.keys = weights, queries, keys
        self.active, self.heads = active, heads
        self.kind, self.title, self.note = kind, title, note

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        kind: str = "cross",
        layer: int | None = None,
        head: int | None = None,
        row: int = 0,
        series: Any = None,
        ax: Any = None,
    ) -> Self:
        """Draw what the network looks at to forecast a block of rows.

        The network forecasts ``pred_len`` rows, all targets of them, in one pass; what
        it looks at is the same for all targets. Where it corrects a highway, the
        picture says how much the correction counts: what the highway reads is not
        drawn.

        Parameters
        ----------
        estimator : fitted InformerRegressor or TransformerForecaster
            Or a pipeline or a search that ends in one.
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows to forecast, as for ``predict``.
        kind : {"cross", "encoder", "decoder"}, default="cross"
            "cross": which past rows the rows of the forecast look at. "encoder": which
            past rows past rows look at. "decoder": which rows of the start token and
            of the forecast the rows of the forecast look at.
        layer : int, default=None
            Which layer, from 0; of a stack of encoders, one encoder after the other.
            None takes the first one of the encoder, which sees every row, and the last
            one of the decoder.
        head : int, default=None
            Which head, from 0; None takes the mean of all.
        row : int, default=0
            Which row of ``X``; the block that it is forecast in is shown.
        series : label, default=None
            A series, where there are many; ``row`` then counts its rows.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        AttentionDisplay

        Raises
        ------
        TypeError
            If the forecaster has no network, or one without attention.
        ValueError
            If there is no such row, series, layer or head; if the network would read
            rows before the history; and as ``predict`` does.

        Notes
        -----
        Distilling leaves fewer positions than rows. One after n halvings lies over row
        2ⁿ·j and is drawn as wide as the rows nearest to it, among which the weight of a
        cross-attention is spread evenly. Each position has also looked at other rows
        in the encoder: read the picture by the hour, not by the minute.

        With ``mix=True`` the decoder joins the rows of its heads otherwise than in
        time; the weights are drawn as they are.

        Examples
        --------
        >>> from skinformer import AttentionDisplay, InformerRegressor, make_load_series
        >>> X, y = make_load_series(24 * 14, random_state=0)
        >>> model = InformerRegressor(
        ...     highway=None, seq_len=48, label_len=12, pred_len=24, d_model=8,
        ...     n_heads=2, d_ff=16, max_epochs=1, random_state=0,
        ... ).fit(X[:-24], y[:-24])
        >>> display = AttentionDisplay.from_estimator(model, X[-24:])
        >>> display.weights.shape
        (2, 24, 48)
        """
        check_kind(kind)
        transform, forecaster = unwrap_fitted(estimator, cls.__name__)
        check_attends(forecaster)
        from skinformer.forecasting.attended import attended

        rows = transform(X)
        if series is not None:
            rows = take_rows(rows, rows_of_series(forecaster, rows, series))
        found = attended(forecaster, rows, row)
        number = pick_layer(found.layers[kind], kind, layer)
        chosen = found.layers[kind][number]
        return cls(
            weights=chosen.weights,
            queries=Cells(found.index, chosen.query_cells),
            keys=Cells(found.index, chosen.key_cells),
            active=chosen.active,
            heads=pick_heads(len(chosen.weights), head),
            kind=kind,
            title=f"layer {number}",
            note=share_note(found.shares, forecaster.target_names_),
        ).plot(ax=ax)

    @classmethod
    def from_weights(
        cls,
        weights: ArrayLike,
        *,
        queries: pd.Index | None = None,
        keys: pd.Index | None = None,
        active: ArrayLike | None = None,
        kind: str = "cross",
        head: int | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw weights that are at hand, as a network returns with ``need_weights``.

        Parameters
        ----------
        weights : array-like of shape (n_queries, n_keys)
            Of one window; or (n_heads, n_queries, n_keys).
        queries, keys : Index of n_queries and n_keys stamps, default=None
            When they were; None numbers them.
        active : array-like of shape (n_heads, n_queries) or (n_queries,), default=None
            Which queries are active; None for all.
        kind : {"cross", "encoder", "decoder"}, default="cross"
            Which attention it is.
        head : int, default=None
            Which head, from 0; None takes the mean of all.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        AttentionDisplay

        Raises
        ------
        ValueError
            If shapes do not fit, or there is no such head.

        Examples
        --------
        >>> from skinformer import AttentionDisplay
        >>> display = AttentionDisplay.from_weights([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
        >>> float(display.keys_ax_.patches[1].get_height())
        0.5
        """
        check_kind(kind)
        weights, active = read_weights(weights, active)
        n_heads, n_queries, n_keys = weights.shape
        return cls(
            weights=weights,
            queries=Cells.of_rows("queries", queries, n_queries),
            keys=Cells.of_rows("keys", keys, n_keys),
            active=active,
            heads=pick_heads(n_heads, head),
            kind=kind,
        ).plot(ax=ax)

    def _size(self) -> tuple[float, float]:
        return SIZE

    def _draw(self, ax: Any) -> None:
        mean = self.weights[self.heads].mean(axis=0)  # (n_queries, n_keys)
        n_active = self.active[self.heads].sum(axis=0)  # (n_queries,)
        cells, even = (self.queries, self.keys), self._even()
        mesh = draw_weights(ax, mean, n_active == 0, *cells, self.kind, even)
        draw_scale(ax, mesh, beside_strip=not self._all_active())
        self.keys_ax_ = draw_keys(ax, mean.mean(axis=0), self.keys, even)
        self.active_ax_ = None
        if not self._all_active():
            self.active_ax_ = draw_active(ax, n_active, self.queries, len(self.heads))
        self.keys_ax_.set_title(
            self._title(), loc="left", fontsize=10, parse_math=False
        )

    def _even(self) -> float | None:
        """Return the weight of a row if all were looked at alike.

        None of the decoder, whose rows do not all see the same keys.
        """
        return None if self.kind == "decoder" else 1 / self.weights.shape[2]

    def _all_active(self) -> bool:
        return bool(self.active[self.heads].all())

    def _title(self) -> str:
        n, all_heads = len(self.heads), len(self.heads) == len(self.weights)
        which = f"mean of {n} heads" if all_heads and n > 1 else f"head {self.heads[0]}"
        lines = [", ".join(filter(None, [NAMES[self.kind], self.title, which]))]
        lines += [self.note] if self.note else []
        if not self._all_active():
            lines.append(
                "Bars: heads in which a query is active. Hatched: lazy in all."
            )
        return "\n".join(lines)
