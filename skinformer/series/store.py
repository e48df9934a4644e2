"""A panel in files that are mapped, not read: more rows than memory holds."""

import os
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from skinformer._files import new_folder

from .covariates import Covariates
from .filled import Filled
from .grid import Grid
from .history import Observed, Stretch
from .offsets import as_offset
from .rows import edges_of
from .schema import Schema
from .store_columns import read_columns
from .store_files import damaged, load_array, map_array, read_manifest
from .store_grids import read_grids
from .store_manifest import FILLS
from .store_roles import read_roles
from .store_rows import TableReader
from .store_source import ParquetSource
from .store_writer import StoreWriter
from .stored_panel import StoredPanel

__all__ = ["PanelStore"]

NAMES = ("values", "past_codes", "numeric", "codes", "given")


class PanelStore:
    """A panel of many series on the disk, to train from with little memory.

    :meth:`write` makes a store of Parquet files, once, :meth:`open` opens one that is
    there, as does ``PanelStore(path)``. ``fit`` of the networks and of
    :class:`~skinformer.RidgeForecaster` takes the store in the place of ``X``, without
    ``y``. Rows are read from the files as windows are drawn.

    Parameters
    ----------
    path : path
        The folder that :meth:`write` has made.

    Attributes
    ----------
    n_rows : int
        Rows of all series, those absent from the source included.
    labels : Index of n_series
        Names of the series, in the order of the source.
    columns : list of str
        The columns of ``X``, in their order, the time aside.
    series : str
        The column of them that names the series.
    time : str or None
        The column that said when each row was.
    targets : list of str
        Names of the targets.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from skinformer import PanelStore, RidgeForecaster
    >>> hours = pd.date_range("2024-01-01", periods=90, freq="h")
    >>> frame = pd.DataFrame({"shop": ["a"] * 90, "time": hours, "sold": range(90)})
    >>> folder = tempfile.TemporaryDirectory()
    >>> frame.to_parquet(f"{folder.name}/sold.parquet")
    >>> store = PanelStore.write(
    ...     f"{folder.name}/store",
    ...     f"{folder.name}/sold.parquet",
    ...     series="shop",
    ...     time="time",
    ...     targets="sold",
    ... )
    >>> store
    PanelStore: 90 rows of 1 series, 1 target, 0 covariates
    >>> model = RidgeForecaster(series="shop", pred_len=3, history_size="context")
    >>> ahead = pd.DataFrame({"shop": "a"}, hours[-3:] + pd.Timedelta("3h"))
    >>> model.fit(store).predict(ahead).round()
    array([90., 91., 92.])
    >>> folder.cleanup()
    """

    def __init__(self, path: Any):
        self.path = Path(path).absolute()
        self._manifest = read_manifest(self.path)
        self.series: str = self._manifest["series"]
        self.time: str | None = self._manifest["time"]
        self.columns: list[str] = self._manifest["columns"]
        self.targets: list[str] = self._manifest["targets"]
        self.labels = pd.Index(self._manifest["labels"])

    @classmethod
    def open(cls, path: Any) -> "PanelStore":
        """Open a store that :meth:`write` has written.

        Parameters
        ----------
        path : path
            The folder.

        Returns
        -------
        PanelStore

        Raises
        ------
        FileNotFoundError
            If there is none, or its writing was broken off.
        ValueError
            If it is damaged, or of another version.
        """
        return cls(path)

    @classmethod
    def write(
        cls,
        path: Any,
        source: Any,
        *,
        series: str,
        targets: str | list[str],
        time: str | None = None,
        covariates: str | list[str] | None = None,
        past_covariates: str | list[str] | None = None,
        freq: Any = None,
        transform: Any = None,
    ) -> "PanelStore":
        """Write a store from Parquet files, some hundred thousand rows at a time.

        The rows of a series stand together, in time order; series may stand in any
        order, and go on from one file to the next. The store is there whole or not at
        all.

        Parameters
        ----------
        path : path
            The folder to make.
        source : path or list of paths
            A Parquet file, or files in their order; or a folder, of which all
            ``*.parquet`` are read in the order of their names. Folders in it that are
            called ``name=value`` add a column.
        series : str
            Column that names the series of each row: text or whole numbers.
        targets : str or list of str
            Columns to forecast, null or NaN where missing. Of one that is given as
            text, forecasts have one axis.
        time : str or None, default=None
            Column of timestamps. Without one the rows of a series follow one another.
        covariates : str, list of str or None, default=None
            Columns that are known ahead, or only up to now; None takes all others.
            Dictionaries are categories, anything else has to be numbers.
        past_covariates : str, list of str or None, default=None
            Those of them that are known only up to now.
        freq : str, offset or None, default=None
            Step of the time; None reads it off the stamps.
        transform : transformer or None, default=None
            Makes of the columns of ``X``, with the time as their index, those that are
            stored, such as :class:`~skinformer.TimeFeatures`. It is given some rows at
            a time, and has to be fitted already if it learns from rows.

        Returns
        -------
        PanelStore

        Raises
        ------
        FileExistsError
            If there is something at the path.
        FileNotFoundError
            If the source or the folder around the path is not there.
        ValueError
            If a column is absent or of no use; if rows are out of order, repeated or
            on no grid; with the names of the series and the column.

        Warns
        -----
        FilledRowsWarning
            If stamps are absent from the grid of a series.
        SnappedRowsWarning
            If stamps beside the grid were moved to its nearest step.
        """
        path = Path(path).absolute()
        refuse_place(path)
        if freq is not None:
            as_offset(freq)
        origin = ParquetSource(source)
        roles = read_roles(
            origin, series, targets, time, covariates, past_covariates, transform
        )
        origin.check_types(roles.used, takes_all=covariates is None)
        with new_folder(path) as folder:
            write_tables(folder, origin, TableReader(roles, freq, transform))
            refuse_place(path)  # another writer may have been faster
        return cls(path)

    @property
    def n_rows(self) -> int:
        """Rows of all series."""
        return int(self._manifest["arrays"]["given"][1][0])

    @property
    def one_axis(self) -> bool:
        """Whether the target was named alone, so that forecasts have one axis."""
        return bool(self._manifest["one_axis"])

    def __len__(self) -> int:
        """Count the series."""
        return len(self.labels)

    def __repr__(self) -> str:
        n_targets, n_covariates = len(self.targets), len(self.columns) - 1
        return (
            f"{type(self).__name__}: {self.n_rows} rows of {len(self)} series, "
            f"{n_targets} target{'s'[: n_targets != 1]}, "
            f"{n_covariates} covariate{'s'[: n_covariates != 1]}"
        )

    def schema(self, time: str | None = None, allow_missing: bool = True) -> Schema:
        """Return what the columns are, of frames whose time is a column or the index.

        Parameters
        ----------
        time : str or None, default=None
            The column of the time; None where it is the index.
        allow_missing : bool, default=True
            Whether numbers and categories may be missing.

        Returns
        -------
        Schema
        """
        names = list(self.columns)
        if time is not None:
            names.insert(self._manifest["time_at"], time)
        known, past = (
            read_columns(self._manifest[part], allow_missing)
            for part in ("known", "past")
        )
        return Schema(tuple(names), known, past, self.series, time)

    def panel(self) -> StoredPanel:
        """Return the histories of the series, as views of the files.

        Returns
        -------
        StoredPanel

        Raises
        ------
        FileNotFoundError
            If the store is there no more.
        ValueError
            If it has changed since it was opened, or is damaged.
        """
        self._refuse_changed()
        of, n_targets = self._arrays(), len(self.targets)
        edges, grids = self._series_laid_out()
        stretches = []
        for i, grid in enumerate(grids):
            rows = slice(int(edges[i]), int(edges[i + 1]))
            observed = Observed(of["values"][rows], of["past_codes"][rows])
            filled = Filled.whole(observed.values)
            if "last" in of:
                filled = Filled(*(of[name][rows] for name in FILLS))
            known = Covariates(of["numeric"][rows], of["codes"][rows])
            given = of["given"][rows]
            stretches.append(
                Stretch(observed, given, known, grid, n_targets, filled, series=i)
            )
        return StoredPanel(tuple(stretches), self.labels)

    def _refuse_changed(self) -> None:
        """Refuse a store that is another by now: its rows would be read as other."""
        if read_manifest(self.path) != self._manifest:
            raise ValueError(
                f"The store at {self.path} has been written anew since it was opened. "
                "Open it again with PanelStore.open."
            )

    def _series_laid_out(self) -> tuple[np.ndarray, list[Grid]]:
        """Return where the rows of each series begin and end, and their grids."""
        lengths, firsts = (
            load_array(self.path, name, self._manifest)
            for name in ("lengths", "firsts")
        )
        if (lengths < 1).any() or lengths.sum() != self.n_rows:
            raise damaged(f"{self.path / 'lengths'} has not the rows of each series")
        try:
            return edges_of(lengths), read_grids(self._manifest["grid"], firsts)
        except (ValueError, IndexError, KeyError) as error:  # of steps, zones, stamps
            raise damaged(
                f"The grids of {self.path} cannot be read ({error})"
            ) from None

    def _arrays(self) -> dict[str, np.ndarray]:
        """The arrays that have a row for each row of the panel, mapped."""
        names = [*NAMES, *(n for n in FILLS if n in self._manifest["arrays"])]
        return {name: map_array(self.path, name, self._manifest) for name in names}

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse to be rows in memory, wherever they are asked for."""
        raise TypeError(
            "A PanelStore is taken by fit alone, of networks and of RidgeForecaster. "
            "Give predict, update, calibrate, score and backtest frames of later rows, "
            "and searches a frame of some of the series; of a Pipeline, give "
            "PanelStore.write the fitted steps before the last as transform=."
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return the path alone: the rows stay where they are."""
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        type(self).__init__(self, state["path"])


def refuse_place(path: Path) -> None:
    """Refuse a path that is taken, or in no folder."""
    if os.path.lexists(path):
        raise FileExistsError(
            f"There is something at {path} already. Open it with PanelStore.open, "
            "remove it, or give another path."
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"path={str(path)!r}: there is no folder {path.parent}. Make it, or give "
            "another path."
        )


def write_tables(folder: Path, source: ParquetSource, reader: TableReader) -> None:
    """Write all rows of a source to an empty folder."""
    roles = reader.roles
    with StoreWriter(folder) as writer:
        for table in source.tables(roles.used, roles.series):
            writer.append(*reader.read(table))
        writer.finish(
            reader,
            series=roles.series,
            time=roles.time,
            time_at=roles.time_at,
            targets=roles.targets,
            one_axis=roles.one_axis,
        )
