"""What a forecaster keeps of the rows that it has seen, before it learns anything.

It reads frames as those of ``fit`` were read, appends rows to the histories, and places
rows in them that are asked for.
"""

import logging
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from skinformer._docs_link import DocsLink
from skinformer._validation import StrOptions, check_features, remember_features
from skinformer.series.covariates import Covariates, as_frame
from skinformer.series.extension import extend_panel
from skinformer.series.history import Stretch
from skinformer.series.layout import warn_of_absent
from skinformer.series.panel import Given, Panel, start_panel
from skinformer.series.schema import Schema
from skinformer.series.store import PanelStore
from skinformer.series.stored_panel import StoredPanel
from skinformer.series.time_column import targets_at_time

from .bounds import read_bounds
from .panels import (
    add_series,
    check_enough_rows,
    keep_last,
    refuse_empty_targets,
    refuse_far,
    refuse_strange,
)
from .placing import Asked, place, warn_of_gap
from .reading import (
    Targets,
    check_same_targets,
    read_asked,
    read_given,
    value_names,
)
from .stored import check_store, check_stored_bounds, features_of

__all__ = ["HistoryKeeper"]

logger = logging.getLogger("skinformer")


class HistoryKeeper(DocsLink, BaseEstimator):
    """Base of :class:`BaseForecaster`: schema, targets and histories, without a model.

    A subclass has the constructor parameters ``pred_len``, ``freq`` and
    ``categorical_features``, and may have the others that are listed here.
    """

    _parameter_constraints: ClassVar[dict] = {
        "freq": [str, pd.offsets.BaseOffset, timedelta, None],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
        "past_covariates": [object],
        "series": [object],
        "time": [object],
        "new_series": [StrOptions({"refuse", "allow"})],
        "history_size": [StrOptions({"all", "context"})],
        "bounds": ["array-like", None],
    }

    # what holds where a subclass has no such parameter
    past_covariates: Any = None
    series: Any = None
    time: Any = None
    new_series: str = "refuse"
    history_size: str = "all"
    bounds: Any = None

    # what else to do where a history has too few rows
    _or_lower: ClassVar[str] = ", or lower seq_len or pred_len"
    # whether fit takes a PanelStore
    _takes_store: ClassVar[bool] = False
    # whether covariates may be missing
    _allows_missing: ClassVar[bool] = False

    def _context_rows(self) -> int | None:
        """Say how many rows before its start a block may use; None for all."""
        return None

    def _least_rows(self) -> int:
        """Say how many rows ``fit`` needs."""
        return 1

    @property
    def _history(self) -> Stretch:
        """The history where there is one series, the first one of many."""
        return self._panel[0]

    # From frames to rows

    def _learn_rows(self, X: Any, y: Any, sample_weight: Any) -> Panel:
        """Learn columns and targets, and make the histories of the rows given."""
        if isinstance(X, PanelStore):
            return self._learn_store(X, y, sample_weight)
        self._schema = Schema.learn(
            X,
            categorical_features=self.categorical_features,
            past_covariates=self.past_covariates,
            series=self.series,
            time=self.time,
            allow_missing=self._allows_missing,
        )
        self._columns = self._schema.known
        by_time = self._schema.at_time(X)
        y = targets_at_time(y, X, by_time)
        rows, targets = read_given(self._schema, by_time, y, sample_weight)
        self._one_axis, self.target_names_ = targets.one_axis, targets.names
        self.n_targets_ = len(targets.names)
        self._bounds = read_bounds(self.bounds, self.n_targets_)
        self._check_bounds(rows, targets)
        panel = self._begin_with(start_panel(rows, self.n_targets_, self.freq))
        remember_features(self, X)
        return panel

    def _learn_store(self, store: PanelStore, y: Any, sample_weight: Any) -> Panel:
        """Do the same with rows that are in files, and stay there."""
        check_store(self, store, y, sample_weight)
        self._schema = store.schema(self.time, self._allows_missing)
        self._columns = self._schema.known
        self._one_axis, self.target_names_ = store.one_axis, list(store.targets)
        self.n_targets_ = len(self.target_names_)
        self._bounds = read_bounds(self.bounds, self.n_targets_)
        panel = store.panel()
        check_stored_bounds(self._bounds, panel, self.target_names_)
        self._begin_with(panel)
        remember_features(self, features_of(store, self.time))
        return panel

    def _begin_with(self, panel: Panel) -> Panel:
        """Check the histories that ``fit`` is given, and keep them."""
        refuse_empty_targets(panel, self.target_names_)
        self._check_enough_rows(panel)
        refuse_far(panel, self.pred_len)
        logger.debug(
            "%s: fit is given %d rows of %d series, in steps of %s",
            type(self).__name__,
            sum(int(history.given.sum()) for history in panel),
            len(panel),
            getattr(getattr(panel[0].grid, "freq", None), "freqstr", "one row"),
        )
        self._panel, self._pred_len = panel, self.pred_len
        self._n_fitted = [history.n_known for history in panel]
        return panel

    def _check_enough_rows(self, panel: Panel, where: str = "") -> None:
        name, needed = type(self).__name__, self._least_rows()
        check_enough_rows(panel, needed, name, self._or_lower, where)

    def _check_bounds(self, rows: Given, targets: Targets) -> None:
        if self._bounds is not None:
            self._bounds.check(targets.values, targets.names, rows.names)

    def _check_columns(self, X: Any) -> Any:
        """Return X by its time; its columns must be those of ``fit``."""
        self._schema.check_time(X)  # where it is a column, X has to be a frame
        as_frame(X)  # says of a single row how to reshape it, before columns count
        X = self._schema.complete(X)
        is_same = isinstance(X, pd.DataFrame) and tuple(X.columns) == self._schema.names
        if not is_same:  # to say how they differ takes longer than a short forecast
            check_features(self, X)
        return self._schema.at_time(X)

    def _read_ahead(self, X: Any) -> Covariates:
        """Read covariates as they were known at an origin."""
        return self._schema.read_known(self._check_columns(X))

    def _read_observed(self, X: Any, y: Any) -> Given:
        """Read rows that are to be appended."""
        by_time = self._check_columns(X)
        y = targets_at_time(y, X, by_time)
        rows, targets = read_given(self._schema, by_time, y)
        check_same_targets(targets, y, self.target_names_)
        self._check_bounds(rows, targets)
        return rows

    # Rows that come later, and those that are asked for

    def _extended(self, rows: Given, on_conflict: str) -> Panel:
        """Return the histories with observed rows appended."""
        names = value_names(self._schema, self.target_names_)
        panel, strange = extend_panel(self._panel, rows, on_conflict, names)
        if len(strange) and self.new_series != "allow":
            remedy = "new_series='allow' takes them in by update"
            refuse_strange(panel, rows.labels[strange], remedy)
        warn_of_absent(list(panel), [history.n_known for history in self._panel])
        if len(strange) == 0:
            return panel
        new = rows.take(strange)._replace(labels=rows.labels[strange])
        return add_series(panel, new, self.target_names_, self.freq)

    def _kept(self, panel: Panel) -> Panel:
        """Return what is kept of the histories: all rows, or the context alone."""
        context = self._context_rows()
        if self.history_size == "all" or context is None:
            return panel
        # and so many that windows which end in the next rows have a context
        kept = keep_last(panel, context + self._pred_len)
        return kept.in_memory() if isinstance(kept, StoredPanel) else kept

    def _newcomers(self, panel: Panel) -> list[Stretch]:
        """Return the series whose statistics are to be learned from a longer panel.

        Those that ``fit`` did not see, by their first rows, no more than a forecast
        reads and tells: what is learned hangs neither on ``history_size``, nor on how
        the rows were cut into updates.
        """
        context = self._context_rows()
        most = np.inf if context is None else context + self._pred_len
        rows = [history.end for history in self._panel]
        rows += [0] * (len(panel) - len(rows))
        later = range(len(self._n_fitted), len(panel))
        young = [panel[series] for series in later if rows[series] < most]
        return [h.before(int(most)) if h.n_known > most else h for h in young]

    def _ask(self, X: Any) -> Asked:
        """Read rows that are to be forecast, and place them in their series."""
        rows = read_asked(self._schema, self._check_columns(X))
        allowed = self.new_series == "allow"
        remedy = "update with their rows first"
        if not allowed:
            remedy = (
                "ask for those, or fit with new_series='allow' and update with theirs"
            )
        asked = place(self._panel, rows, self.history_size, remedy)
        warn_of_gap(asked.asks)
        return asked
