"""Parquet files as tables of whole series, a few at a time."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skinformer._extras import import_extra
from skinformer._validation import did_you_mean

__all__ = ["ParquetSource", "edges_of_labels"]

OWNER, EXTRA = "PanelStore", "parquet"
BATCH = 2**16  # rows that are decoded together
GROUP = 2**18  # rows of whole series that are written together
INDEX_LEVEL = re.compile(r"__index_level_\d+__")  # an index without a name, of pandas


class ParquetSource:
    """The rows of one file or of many, as they follow one another.

    Parameters
    ----------
    source : path, or list of paths
        A file; a folder, whose files (``*.parquet``, in subfolders too) are read in the
        order of their names, and folders called ``name=value`` add a column; or files
        in their order.
    """

    def __init__(self, source: Any):
        self.arrow = import_extra("pyarrow", OWNER, EXTRA)
        self.files = files_of(source)
        self._schema_of(self.files[0])  # what is wrong with it is named better here
        dataset = import_extra("pyarrow.dataset", OWNER, EXTRA).dataset
        files = [str(file) for file in self.files]
        self.dataset = dataset(files, format="parquet", partitioning="hive")

    @property
    def names(self) -> list[str]:
        """The columns, but for an index that has no name."""
        names = self.dataset.schema.names
        return [name for name in names if not INDEX_LEVEL.fullmatch(name)]

    def type_of(self, name: str) -> str:
        """Return what Arrow calls the type of a column."""
        return str(self.dataset.schema.field(name).type)

    def check_has(self, names: Sequence[str], parameter: str) -> None:
        """Refuse a column that the files lack."""
        held = set(self.dataset.schema.names)
        for name in names:
            if name not in held:
                raise ValueError(
                    f"{parameter} names {name!r}, which the source does not have. Its "
                    f"columns are {', '.join(map(repr, self.names))}."
                    f"{did_you_mean(name, self.names)}"
                )

    def check_types(self, names: Sequence[str], takes_all: bool) -> None:
        """Refuse a file in which a column is absent, or of another type than before.

        If all columns are taken, also one that only a later file has.
        """
        first = types_of(self._schema_of(self.files[0]))
        wanted = {name: first[name] for name in names if name in first}
        for file in self.files[1:]:
            theirs = types_of(self._schema_of(file))
            for name in theirs.keys() - first.keys() if takes_all else ():
                raise ValueError(
                    f"Column {name!r} is in {file}, and not in {self.files[0]}. Name "
                    "the covariates without it, or write it to all files."
                )
            for name, kind in wanted.items():
                found = theirs.get(name, "absent")
                if value_type(found) != value_type(kind):
                    raise ValueError(
                        f"Column {name!r} is {found} in {file}, and {kind} in "
                        f"{self.files[0]}. Give it one type in all files."
                    )

    def _schema_of(self, file: Path) -> Any:
        """Return the columns of a file, each of which has a name of its own."""
        with reading(file):
            schema = import_extra("pyarrow.parquet", OWNER, EXTRA).read_schema(file)
        for name, n in Counter(schema.names).items():
            if n > 1:
                raise ValueError(
                    f"{file} has {n} columns of the name {name!r}. Rename all but one."
                )
        return schema

    def tables(self, names: Sequence[str], series: str) -> Iterator[Any]:
        """Yield tables of whole series, as long as their rows stand together."""
        held: list = []
        n, wanted = 0, GROUP
        for batch in self._batches(names):
            held.append(batch)
            n += batch.num_rows
            if n < wanted:
                continue
            table = self._joined(held)
            cut = int(edges_of_labels(table[series].to_pandas())[-2])
            if cut:
                yield table.slice(0, cut)
            table = table.slice(cut)
            held, n = table.to_batches(), table.num_rows
            wanted = max(GROUP, 2 * n)  # a series longer than a group is joined seldom
        if n:
            yield self._joined(held)

    def _batches(self, names: Sequence[str]) -> Iterator[Any]:
        fragments = {f.path: f for f in self.dataset.get_fragments()}
        settings = {"batch_readahead": 1, "fragment_readahead": 1, "use_threads": False}
        for file in self.files:
            batches = fragments[str(file)].to_batches(
                schema=self.dataset.schema,
                columns=list(names),
                batch_size=BATCH,
                **settings,
            )
            while True:  # what the caller does with a batch is no error of the file
                with reading(file):
                    batch = next(batches, None)
                if batch is None:
                    break
                yield batch

    def _joined(self, batches: list) -> Any:
        return self.arrow.Table.from_batches(batches).unify_dictionaries()


def files_of(source: Any) -> list[Path]:
    """Return the files of a source, in their order."""
    if not isinstance(source, str | os.PathLike):
        files = listed(source)
    elif Path(source).is_dir():
        files = sorted(
            file
            for file in Path(source).rglob("*.parquet")
            if not any(p.startswith(("_", ".")) for p in file.relative_to(source).parts)
            and not file.is_dir()  # Spark calls a folder of files so
        )
    else:
        files = [Path(source)]
    absent = [file for file in files if not file.is_file()]
    if absent or not files:
        what = f"there is no file {absent[0]}" if absent else "no file is *.parquet"
        raise FileNotFoundError(
            f"source={source!r}: {what}. Give a Parquet file, a folder of them, or a "
            "list."
        )
    return [file.absolute() for file in files]


def listed(source: Any) -> list[Path]:
    """Return the paths of a list of files."""
    try:
        if not hasattr(source, "columns"):  # a frame is a list of its columns' names
            return [Path(file) for file in source]
    except TypeError:
        pass
    raise TypeError(
        "source must be the path of a Parquet file or of a folder of them, or a list "
        f"of paths; got {type(source).__name__}. A frame is written to a file first: "
        "frame.to_parquet(path)."
    )


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Name the file that cannot be read."""
    try:
        yield
    except (ValueError, OSError) as error:
        reason = str(error).rstrip(".")
        raise ValueError(
            f"{file} is no Parquet file, or is damaged: {reason}. Write it again, or "
            "leave it out."
        ) from error


def types_of(schema: Any) -> dict[str, Any]:
    """Return the type of each column that has a name."""
    named = zip(schema.names, schema.types, strict=True)
    return {name: kind for name, kind in named if not INDEX_LEVEL.fullmatch(name)}


def value_type(kind: Any) -> Any:
    """Return the type of the values, where they are held as codes of a dictionary."""
    return ("dictionary", kind.value_type) if hasattr(kind, "value_type") else kind


def edges_of_labels(labels: pd.Series) -> np.ndarray:
    """Return where the label changes from row to row, with the first row and the end.

    >>> edges_of_labels(pd.Series(["a", "a", "b"]))
    array([0, 2, 3])
    """
    codes, _ = pd.factorize(labels)
    inside = np.flatnonzero(np.diff(codes)) + 1
    return np.concatenate([[0], inside, [len(codes)]])
