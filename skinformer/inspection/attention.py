"""Which rows the network looks at."""

import math
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
from .cells import Cells, stamp_text
from .display import Display
from .fitted import unwrap_fitted
from .forecast_rows import rows_of_series, take_rows
from .style import FORECAST, HINT, label_stamps, tidy

__all__ = ["AttentionDisplay"]

NAMES = {
    "cross": "Cross-attention",
    "encoder": "Encoder self-attention",
    "decoder": "Decoder self-attention",
}
# inches
SIZE = (7.2, 4.6)
LAZY, HATCH = "0.88", "0.68"  # of queries that look at nothing in particular
KEYS = "#2171B5"  # a dark tone of the weights' own colours
# what asks, and what is looked at
WORDS = {
    "cross": ("row that is forecast", "past row looked at"),
    "encoder": ("past row that looks", "past row looked at"),
    "decoder": ("row that is forecast", "row looked at"),
}
# how many times the even weight the darkest colour stands for, at least
STRONG = 3


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
        self._draw_weights(ax)
        self._draw_keys(ax)
        self._draw_active(ax)
        self._write_title()

    # What is drawn

    def _mean(self) -> np.ndarray:
        """Return the weights that are drawn, (n_queries, n_keys)."""
        return self.weights[self.heads].mean(axis=0)

    def _n_active(self) -> np.ndarray:
        """Return in how many of the heads a query is active, (n_queries,)."""
        return self.active[self.heads].sum(axis=0)

    def _even(self) -> float | None:
        """Return the weight of a row if all were looked at alike.

        None of the decoder, whose rows do not all see the same keys.
        """
        return None if self.kind == "decoder" else 1 / self.weights.shape[2]

    def _draw_weights(self, ax: Any) -> None:
        mean, even = self._mean(), self._even()
        lazy = np.broadcast_to(self._n_active()[:, None] == 0, mean.shape)
        drawn = np.ma.masked_array(mean, lazy)
        # what is nearly even is not to look strong
        most = max(float(mean.max()), STRONG * (even or 0.0))
        mesh = ax.pcolormesh(
            self.keys.on_axis(),
            self.queries.on_axis(),
            drawn,
            cmap="Blues",
            vmin=0,
            vmax=most,
        )
        # hatched too, so that it is told from pale blue in grey print
        ax.patch.set(facecolor=LAZY, hatch="////", edgecolor=HATCH, linewidth=0)
        ax.invert_yaxis()
        if self.kind == "decoder":  # where the rows that are forecast begin
            ax.axvline(self.queries.on_axis()[0], color="black", lw=1, ls=":")
        self._label(ax)
        place = ax.inset_axes([1.02 if self._all_active() else 1.17, 0, 0.025, 1])
        ax.figure.colorbar(mesh, cax=place, label="weight")

    def _label(self, ax: Any) -> None:
        """Name the axes, with stamps."""
        asks, answers = WORDS[self.kind]
        label_stamps(ax, self.keys.index, "x")
        label_stamps(ax, self.queries.index, "y")
        has_time = ax.get_xlabel() != "row"
        ax.set_xlabel(f"{answers}, {ax.get_xlabel()}" if has_time else answers)
        first = math.ceil(self.queries.edges[0])
        ax.set_ylabel(f"{asks}, from {stamp_text(self.queries.index[first])}")
        formatter = ax.yaxis.get_major_formatter()
        if hasattr(formatter, "show_offset"):  # it would lie under the strip above
            formatter.show_offset = False

    def _draw_keys(self, ax: Any) -> None:
        """Draw the mean weight of each key above."""
        edges, mean = self.keys.on_axis(), self._mean().mean(axis=0)
        strip = ax.inset_axes([0, 1.03, 1, 0.2], sharex=ax)
        width, even = np.diff(edges), self._even()
        strip.bar(edges[:-1], mean, width, align="edge", color=KEYS, lw=0)
        strip.set_yticks([])
        if even is not None:
            strip.axhline(even, **HINT)
            strip.set_yticks([even], ["even"])
        strip.tick_params(labelbottom=False)
        strip.set_ylabel("mean\nweight")
        tidy(strip)
        self.keys_ax_ = strip

    def _all_active(self) -> bool:
        return bool(self.active[self.heads].all())

    def _draw_active(self, ax: Any) -> None:
        """Draw bars on the right: in how many heads a query is active."""
        self.active_ax_ = None
        if self._all_active():
            return
        edges = self.queries.on_axis()
        strip = ax.inset_axes([1.02, 0, 0.12, 1], sharey=ax)
        height = np.diff(edges)
        strip.barh(
            edges[:-1], self._n_active(), height, align="edge", color=FORECAST, lw=0
        )
        strip.set_xlim(0, len(self.heads))
        strip.set_xticks([0, len(self.heads)])
        strip.set_xlabel("active\nheads")
        strip.xaxis.set_label_position("top")  # below, the other axis has its date
        strip.tick_params(labelleft=False)
        tidy(strip)
        self.active_ax_ = strip

    def _write_title(self) -> None:
        n, all_heads = len(self.heads), len(self.heads) == len(self.weights)
        which = f"mean of {n} heads" if all_heads and n > 1 else f"head {self.heads[0]}"
        lines = [", ".join(filter(None, [NAMES[self.kind], self.title, which]))]
        lines += [self.note] if self.note else []
        if not self._all_active():
            lines.append(
                "Bars: heads in which a query is active. Hatched: lazy in all."
            )
        title = "\n".join(lines)
        self.keys_ax_.set_title(title, loc="left", fontsize=10, parse_math=False)
