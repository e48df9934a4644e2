"""The partitions of a Dask DataFrame, or of a folder of Parquet files, by series."""

import os
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from .extra import dask_module

__all__ = ["Parts", "from_parts", "parts_of"]

# the name that Dask writes for an index that has none
NAMELESS = "__null_dask_index__"


class Parts(NamedTuple):
    """The partitions of a frame, none of them read yet.

    Attributes
    ----------
    frames : list of Delayed
        Each a DataFrame.
    names : list of str
        What errors call them.
    meta : DataFrame
        No rows, and the columns and index that each has.
    columns : list
        All that the frame has, also those that are not read.
    """

    frames: list
    names: list[str]
    meta: pd.DataFrame
    columns: list


def parts_of(
    frame: Any, columns: Sequence | None, series: Any, index: bool = True
) -> Parts:
    """Return the partitions of a frame.

    Parameters
    ----------
    frame : Dask DataFrame, or path of a folder of Parquet files
    columns : sequence or None
        Those to read, where the frame has them; None for all.
    series : object
        Name of the column of the series.
    index : bool
        Whether the index is to be read, where it is stored apart.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if isinstance(frame, str | os.PathLike):
        return parts_of_folder(os.fspath(frame), columns, series, index)
    if not isinstance(frame, dask_module("dask.dataframe").DataFrame):
        raise TypeError(
            "frame must be a Dask DataFrame, or the path of a folder of Parquet files "
            f"as a str; got {type(frame).__name__}. Of a frame in memory use "
            "model.predict and skinformer.backtest; of files, dask.dataframe.read_csv."
        )
    stored = list(frame.columns)
    if columns is not None:
        frame = frame[[name for name in stored if name in columns]]
    frames = frame.to_delayed()
    names = [f"partition {i}" for i in range(len(frames))]
    return Parts(frames, names, frame._meta, stored)


def from_parts(frames: list, meta: pd.DataFrame) -> Any:
    """Return delayed frames as a Dask DataFrame."""
    make = dask_module("dask.dataframe").from_delayed
    return make(frames, meta=meta, verify_meta=False)


# Folders of Parquet files


def parts_of_folder(
    folder: str, columns: Sequence | None, series: Any, index: bool
) -> Parts:
    """Return a partition for each file; for each series where folders name these."""
    open_folder = dask_module("pyarrow.dataset").dataset
    try:
        data = open_folder(folder, format="parquet", partitioning="hive")
    except FileNotFoundError as error:  # whose text is the path alone
        raise FileNotFoundError(
            f"There is no folder {folder!r}; give one that holds Parquet files, each "
            "series in one of them."
        ) from error
    groups = grouped(data, series)
    if not groups:
        raise FileNotFoundError(
            f"The folder {folder!r} holds no Parquet file; give one with files in it, "
            "each series in one of them."
        )
    wanted = chosen(data.schema, columns, index)
    read = partial(read_files, columns=wanted)
    delayed = dask_module("dask").delayed(read, pure=False)
    frames = [delayed(Files(some, data)) for some in groups.values()]
    empty = data.schema.empty_table()
    stored = list(as_pandas(empty, data.schema.names).columns)  # without the index
    return Parts(frames, list(groups), as_pandas(empty, wanted), stored)


class Files:
    """Some files of a data set, as they are sent to a worker: without the others."""

    def __init__(self, fragments: list, data: Any) -> None:
        self.fragments, self.rest = fragments, (data.schema, data.format)
        self.filesystem = data.filesystem

    def table(self, columns: list) -> Any:
        """Read them."""
        dataset = dask_module("pyarrow.dataset").FileSystemDataset
        data = dataset(self.fragments, *self.rest, self.filesystem)
        return data.to_table(columns=columns)


def grouped(data: Any, series: Any) -> dict[str, list]:
    """Return the fragments of each partition, by its name."""
    keys_of = dask_module("pyarrow.dataset").get_partition_keys
    groups: dict[str, list] = {}
    for fragment in sorted(data.get_fragments(), key=lambda fragment: fragment.path):
        keys = keys_of(fragment.partition_expression)
        name = f"{series}={keys[series]}" if series in keys else fragment.path
        groups.setdefault(name, []).append(fragment)
    return groups


def chosen(schema: Any, columns: Sequence | None, index: bool) -> list:
    """Return the columns to read from files: those asked for, and the index."""
    if columns is None:
        return list(schema.names)
    stored = (schema.pandas_metadata or {}).get("index_columns", [])
    kept = [*columns, *(stored if index else [])]
    return [name for name in schema.names if name in kept]


def read_files(files: Files, columns: list) -> pd.DataFrame:
    """Read some files into one frame."""
    return as_pandas(files.table(columns), columns)


def as_pandas(table: Any, columns: list) -> pd.DataFrame:
    """Return a table as a frame, its index restored where it was stored."""
    frame = table.select(columns).to_pandas()
    return frame.rename_axis(None) if frame.index.name == NAMELESS else frame
