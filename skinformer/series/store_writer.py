"""Histories of series, appended to the arrays of a panel store."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from skinformer.exceptions import FilledRowsWarning, warn

from .chunks import chunks, let_go
from .covariates import Columns
from .grid import Grid
from .history import Stretch
from .rows import Rows
from .snapping import distances, warn_of_moves
from .store_columns import write_columns
from .store_files import append_rows, map_array, write_manifest
from .store_grids import write_grids
from .store_rows import TableReader

__all__ = ["StoreWriter"]

CODE = np.dtype("<i4")  # of a category: fewer bytes than a code has in memory


class StoreWriter:
    """Append series to the arrays of a folder, and close them with a manifest.

    Parameters
    ----------
    folder : Path
        Empty.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.arrays: dict[str, tuple[str, list[int]]] = {}  # type and shape
        self.lengths: list[int] = []
        self.grids: list[Grid] = []
        self.n_absent, self.n_moved, self.farthest = 0, 0, 0
        self._files: dict[str, Any] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self._open.close()

    def append(self, stretches: list[Stretch], indexes: list[pd.Index]) -> None:
        """Write the rows of some series."""
        rows = Rows.of(stretches)
        if rows.has_gaps and "last" not in self.arrays:
            self._begin_fills(rows.values)
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
        self._count(stretches, indexes)

    def finish(self, reader: TableReader, **named: Any) -> None:
        """Write what is known only when all rows are, and then the manifest."""
        if not self.grids or reader.known is None:
            raise ValueError("The source has no rows; a store needs some.")
        self._open.close()
        known = self._number_missing(reader.known)
        steps, firsts = write_grids(self.grids)
        self._write_whole("lengths", np.array(self.lengths))
        self._write_whole("firsts", firsts)
        manifest = {
            **named,
            "columns": reader.columns,
            "known": write_columns(known),
            "past": write_columns(reader.past),
            "labels": list(reader.labels),
            "grid": steps,
            "arrays": self.arrays,
        }
        write_manifest(self.folder, manifest)
        self._warn()

    def _count(self, stretches: Sequence[Stretch], indexes: list[pd.Index]) -> None:
        """Note what the manifest has to say of series, and what to warn of."""
        self.grids += [stretch.grid for stretch in stretches]
        self.lengths += [stretch.n_known for stretch in stretches]
        self.n_absent += sum(int((~s.given).sum()) for s in stretches)
        if stretches[0].grid.snaps:
            far = np.concatenate(list(map(distances, stretches, indexes)))
            self.n_moved += int((far > 0).sum())
            self.farthest = max(self.farthest, int(far.max()))

    def _put(self, name: str, rows: np.ndarray) -> None:
        """Append rows to a file, which has the type of the first ones."""
        if name not in self.arrays:
            dtype = rows.dtype.newbyteorder("<").str
            self.arrays[name] = dtype, [0, *rows.shape[1:]]
            file = (self.folder / name).open("wb")
            self._files[name] = self._open.enter_context(file)
        dtype, shape = self.arrays[name]
        append_rows(self._files[name], rows.astype(dtype, copy=False))
        shape[0] += len(rows)

    def _begin_fills(self, like: np.ndarray) -> None:
        """Write the fills of the series so far, of which no value was missing."""
        k = like.shape[1]
        self._put("between", like[:0])
        self._put("ahead", like[:0])
        self._put("last", np.empty((0, k), CODE))
        if not self.lengths:
            return
        self._files["values"].flush()
        written = map_array(self.folder, "values", {"arrays": self.arrays})
        for n, end in zip(self.lengths, np.cumsum(self.lengths), strict=True):
            values = written[end - n : end]
            self._put("between", values)
            self._put("ahead", values)
            self._put("last", np.repeat(np.arange(n, dtype=CODE)[:, None], k, axis=1))
            let_go(values)

    def _number_missing(self, known: Columns) -> Columns:
        """Give missing categories, -1 so far, the number after the known ones.

        Return the columns that know which of them have some.
        """
        found = np.zeros(len(known.missing_codes), dtype=bool)
        dtype, shape = self.arrays["codes"]
        if 0 not in shape:
            codes = np.memmap(self.folder / "codes", dtype, "r+", shape=tuple(shape))
            for part in chunks(len(codes)):
                missing = codes[part] < 0
                found |= missing.any(axis=0)
                if missing.any():
                    codes[part] = np.where(missing, known.missing_codes, codes[part])
                let_go(codes[part])
            codes.flush()
        of_column = iter(found.tolist())
        flags = (c is not None and next(of_column) for c in known.categories)
        return replace(known, missing=tuple(flags))

    def _write_whole(self, name: str, array: np.ndarray) -> None:
        self.arrays[name] = "<i8", list(array.shape)
        array.astype("<i8").tofile(self.folder / name)

    def _warn(self) -> None:
        """Warn once of stamps that are absent, and of those that were moved."""
        n, grid = sum(self.lengths), self.grids[-1]
        if grid.snaps:
            warn_of_moves(grid, self.n_moved, n - self.n_absent, self.farthest)
        if self.n_absent:
            warn(
                f"{self.n_absent} of {n} rows are absent from the grid in steps of "
                f"{grid.freq.freqstr!r}: they count as missing.",
                FilledRowsWarning,
            )
