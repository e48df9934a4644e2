"""Tables of whole series, written to the arrays of a panel store one after another."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from skinformer.exceptions import FilledRowsWarning, SnappedRowsWarning, warn

from .chunks import chunks, let_go
from .column_choice import choose_past
from .covariates import Columns, Covariates
from .grid import Grid
from .history import Observed, Stretch
from .indexes import check_index, repeated_message
from .layout import lay_out
from .number_columns import check_finite, read_numbers
from .panel import naming, place_each
from .rows import Rows
from .snapping import distances, snap_alike
from .store_columns import grown, told_missing, with_missing, write_columns
from .store_files import append_rows, map_array, write_manifest
from .store_grids import write_grids
from .store_source import each_series

__all__ = ["Roles", "StoreWriter"]

CODE = np.dtype("<i4")  # of a category: fewer bytes than an index needs in memory
FILLS = ("between", "ahead", "last")


class Roles(NamedTuple):
    """What the columns of a source are.

    Attributes
    ----------
    series : str
    time : str or None
    time_at : int
        Place of the time among the columns of X.
    targets : list of str
    one_axis : bool
        Whether the target was named alone, so that forecasts have one axis.
    columns : list of str
        Those of X, the series among them, in the order of the source.
    past : list of str
        Those that are known only up to now, as the transformer calls them.
    """

    series: str
    time: str | None
    time_at: int
    targets: list[str]
    one_axis: bool
    columns: list[str]
    past: list[str]


class StoreWriter:
    """Append series to the arrays of a folder, and close them with a manifest.

    Parameters
    ----------
    folder : Path
        Empty.
    roles : Roles
    freq : str, offset or None
    transform : transformer or None
    """

    def __init__(self, folder: Path, roles: Roles, freq: Any, transform: Any):
        self.folder, self.roles = folder, roles
        self.freq, self.transform = freq, transform
        self.known: Columns | Any = None  # Any is None here, before the first rows
        self.past: Columns | Any = None
        self.arrays: dict[str, tuple[str, list[int]]] = {}  # of each, type and shape
        self.labels: dict[Any, None] = {}  # in their order
        self.lengths: list[int] = []
        self.grids: list[Grid] = []
        self.n_read, self.n_absent, self.n_moved, self.farthest = 0, 0, 0, 0
        self.files: dict[str, Any] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self._open.close()

    # From a table to stretches

    def add(self, table: Any) -> None:
        """Write the rows of a table of whole series."""
        frame = table.to_pandas(ignore_metadata=True)
        series = self._name_series(frame[self.roles.series])
        X, y = self._by_time(frame, series), frame[self.roles.targets]
        if self.transform is not None:
            X = self._transformed(X)
        self._see_columns(X)
        observed, covariates = self._read(X, y, series)
        indexes = [X.index[rows] for _, rows in series]
        if self.roles.time is None:
            indexes = [pd.RangeIndex(len(index)) for index in indexes]
        keys = pd.Index([label for label, _ in series])
        like = self.grids[-1] if self.grids else None
        places = place_each(indexes, keys, self.freq, snap=True, like=like)
        n_targets = len(self.roles.targets)
        stretches = snap_alike(lay_out(places, observed, covariates, n_targets))
        self._append(stretches)
        self._count(stretches, indexes)
        self.n_read += len(frame)

    def _name_series(self, column: pd.Series) -> list[tuple[Any, slice]]:
        """Return the series of some rows; none may have been there before."""
        if column.isna().any():
            raise ValueError(
                f"Column {self.roles.series!r}, which names the series of each row, has "
                f"no value in row {self.n_read + int(column.isna().argmax())}. Fill it, "
                "or drop the row."
            )
        series = each_series(column)
        for label, _ in series:
            if label in self.labels:
                raise ValueError(
                    f"The rows of series {label!r} do not stand together: those of "
                    f"another series come between them. Sort the source by "
                    f"{self.roles.series!r}, and then by time."
                )
            if not isinstance(label, str | int) or isinstance(label, bool):
                raise ValueError(
                    f"Column {self.roles.series!r} holds {column.dtype} values such as "
                    f"{label!r}; series are named by text or whole numbers."
                )
            self.labels[label] = None
        return series

    def _by_time(self, frame: pd.DataFrame, series: list) -> pd.DataFrame:
        """Return the columns of X, with the time of each row as their index."""
        X = frame[self.roles.columns]
        if self.roles.time is None:
            return X
        stamps = frame[self.roles.time]
        if getattr(stamps.dtype, "kind", "") != "M":
            raise ValueError(
                f"time names {self.roles.time!r}, a column of {stamps.dtype} values. "
                "Write it as timestamps."
            )
        index = pd.DatetimeIndex(stamps)
        for label, rows in series:
            check_stamps(index[rows], label, self.roles)
        return X.set_axis(index)

    def _transformed(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return what the transformer makes of some rows."""
        made = self.transform.transform(X)
        if not isinstance(made, pd.DataFrame) or len(made) != len(X):
            raise ValueError(
                f"transform={self.transform!r} made {type(made).__name__} of a frame of "
                f"{len(X)} rows; it has to return a frame of as many. "
                "set_output(transform='pandas') lets scikit-learn's do so."
            )
        if self.roles.series not in made:
            raise ValueError(
                f"transform={self.transform!r} dropped {self.roles.series!r}, the "
                "column of the series; let it through."
            )
        return made

    def _see_columns(self, X: pd.DataFrame) -> None:
        """Learn the columns from the first rows, and new categories from all."""
        if self.known is None:
            self._learn_columns(X)
        if [c for c in X if c != self.roles.series] != self.names:
            raise ValueError(
                f"transform={self.transform!r} made the columns {list(X)} of some rows, "
                f"and {self.names} of the first ones. Fit it first, so that all rows "
                "get the same."
            )
        self.known, self.past = grown(self.known, X), grown(self.past, X)

    def _learn_columns(self, X: pd.DataFrame) -> None:
        frame = X.drop(columns=self.roles.series)
        self.columns, self.names = list(X), list(frame)
        is_past = choose_past(frame, self.roles.past or None)
        self.known = with_missing(Columns.learn(frame.loc[:, ~is_past]))
        self.past = with_missing(Columns.learn(frame.loc[:, is_past]))
        self.missing = np.zeros(len(self.known.cardinalities), dtype=bool)

    def _read(
        self, X: pd.DataFrame, y: pd.DataFrame, series: list
    ) -> tuple[Observed, Covariates]:
        """Turn rows into arrays; an error says of which series."""
        try:
            return self._read_rows(X, y)
        except ValueError:
            for label, rows in series:
                with naming(f"Series {label!r}: "):
                    self._read_rows(X.iloc[rows], y.iloc[rows])
            raise

    def _read_rows(
        self, X: pd.DataFrame, y: pd.DataFrame
    ) -> tuple[Observed, Covariates]:
        targets = [read_numbers(y[name], name) for name in y]
        for name, column in zip(y, targets, strict=True):
            check_finite(column[:, None], X.index, [name], "y", allow_missing=True)
        known = self.known.read(X[list(self.known.names)])
        past = self.past.read(X[list(self.past.names)])
        values = np.stack([*targets, *past.numeric.T], axis=1)
        # a missing category is 0 among those of the past, the last one among others;
        # which that is shows when all are known
        observed = Observed(values, told_missing(past.codes, self.past) + 1)
        return observed, Covariates(
            known.numeric, told_missing(known.codes, self.known)
        )

    # From stretches to files

    def _count(self, stretches: Sequence[Stretch], indexes: list[pd.Index]) -> None:
        """Note what the manifest has to say of series, and what to warn of."""
        self.grids += [stretch.grid for stretch in stretches]
        self.lengths += [stretch.n_known for stretch in stretches]
        self.n_absent += sum(int((~s.given).sum()) for s in stretches)
        if stretches[0].grid.snaps:
            far = np.concatenate(list(map(distances, stretches, indexes)))
            self.n_moved += int((far > 0).sum())
            self.farthest = max(self.farthest, int(far.max()))

    def _append(self, stretches: Sequence[Stretch]) -> None:
        """Write the arrays of some series."""
        rows = Rows.of(stretches)
        self.missing |= (rows.codes < 0).any(axis=0)
        if rows.has_gaps and "last" not in self.arrays:
            self._begin_fills(rows.values.dtype)
        self._put("values", rows.values)
        self._put("past_codes", rows.past_codes.astype(CODE))
        self._put("numeric", rows.numeric)
        self._put("codes", rows.codes.astype(CODE))
        self._put("given", np.concatenate([s.given for s in stretches]))
        if "last" in self.arrays:
            last = np.concatenate([s.filled.latest() for s in stretches])
            self._put("between", rows.filled.between)
            self._put("ahead", rows.filled.ahead)
            self._put("last", last.astype(CODE))

    def _put(self, name: str, rows: np.ndarray) -> None:
        """Append rows to a file, which has the type of the first ones."""
        if name not in self.arrays:
            dtype = rows.dtype.newbyteorder("<").str
            self.arrays[name] = dtype, [0, *rows.shape[1:]]
            path = self.folder / name
            self.files[name] = self._open.enter_context(open(path, "wb"))
        dtype, shape = self.arrays[name]
        append_rows(self.files[name], rows.astype(dtype, copy=False))
        shape[0] += len(rows)

    def _begin_fills(self, dtype: np.dtype) -> None:
        """Write the fills of the series so far: no value of theirs was missing."""
        k = len(self.roles.targets) + self.past.n_numeric
        for name in FILLS:
            self._put(name, np.empty((0, k), CODE if name == "last" else dtype))
        if "values" not in self.arrays:
            return
        self.files["values"].flush()
        written = map_array(self.folder, "values", {"arrays": self.arrays})
        for n, end in zip(self.lengths, np.cumsum(self.lengths), strict=True):
            values = written[end - n : end]
            self._put("between", values)
            self._put("ahead", values)
            self._put("last", np.tile(np.arange(n, dtype=CODE)[:, None], (1, k)))
            let_go(values)

    # The end

    def finish(self) -> None:
        """Write what is known only now, and then the manifest."""
        if not self.labels:
            raise ValueError("The source has no rows; a store needs some.")
        snaps = any(getattr(grid, "snaps", False) for grid in self.grids)
        self._open.close()
        self._number_missing()
        steps, firsts = write_grids(self.grids)
        self._write_all("lengths", np.array(self.lengths))
        self._write_all("firsts", firsts)
        write_manifest(self.folder, self._manifest(steps, snaps))
        self._warn(snaps)

    def _write_all(self, name: str, array: np.ndarray) -> None:
        array = array.astype("<i8")
        self.arrays[name] = "<i8", list(array.shape)
        array.tofile(self.folder / name)

    def _number_missing(self) -> None:
        """Give missing categories, -1 so far, the number after the known ones."""
        if not self.missing.any():
            return
        dtype, shape = self.arrays["codes"]
        codes = np.memmap(self.folder / "codes", dtype, "r+", shape=tuple(shape))
        for part in chunks(len(codes)):
            rows = codes[part]
            codes[part] = np.where(rows < 0, self.known.missing_codes, rows)
        codes.flush()

    def _manifest(self, steps: dict[str, Any], snaps: bool) -> dict[str, Any]:
        roles = self.roles
        flags = iter(self.missing.tolist())
        known = [c is not None and next(flags) for c in self.known.categories]
        past = [c is not None for c in self.past.categories]
        return {
            "columns": self.columns,
            "series": roles.series,
            "time": roles.time,
            "time_at": roles.time_at,
            "targets": roles.targets,
            "one_axis": roles.one_axis,
            "known": write_columns(replace(self.known, missing=tuple(known))),
            "past": write_columns(replace(self.past, missing=tuple(past))),
            "labels": self.labels,
            "grid": {**steps, "snaps": snaps},
            "n_absent": self.n_absent,
            "arrays": self.arrays,
        }

    def _warn(self, snaps: bool) -> None:
        """Warn once of stamps that are absent, and of those that were moved."""
        n = sum(self.lengths)
        step = getattr(self.grids[0], "freq", None)
        name = getattr(step, "freqstr", "one row")
        if snaps:
            warn(
                f"{self.n_moved} of {n - self.n_absent} stamps lie beside the grid in "
                f"steps of {name!r}, and were moved to the nearest step, by "
                f"{pd.Timedelta(self.farthest, unit='ns')} at the most. Later rows are "
                "moved in the same way.",
                SnappedRowsWarning,
            )
        if self.n_absent:
            warn(
                f"{self.n_absent} of {n} rows are absent from the grid in steps of "
                f"{name!r}: they count as missing.",
                FilledRowsWarning,
            )


def check_stamps(index: pd.DatetimeIndex, label: Any, roles: Roles) -> None:
    """Refuse the rows of a series that are out of order, repeated or without a time."""
    if (index.asi8[1:] > index.asi8[:-1]).all() and not index.hasnans:
        return
    with naming(f"Series {label!r}: "):
        check_index(index, f"Column {roles.time!r}")
        repeated = index.duplicated()
        if repeated.any():
            raise ValueError(repeated_message(index, index[int(repeated.argmax())]))
        i = int((index.asi8[1:] < index.asi8[:-1]).argmax())
        raise ValueError(
            f"The rows are not in time order: {index[i + 1]} follows {index[i]}. Sort "
            f"the source by {roles.series!r} and {roles.time!r}."
        )
