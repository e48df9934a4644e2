"""Parquet files as tables of whole series, a few at a time."""

import re
from collections.abc import Iterator, Sequence
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
        for name in names:
            if name not in self.dataset.schema.names:
                raise ValueError(
                    f"{parameter} names {name!r}, which the source does not have. Its "
                    f"columns are {', '.join(map(repr, self.names))}."
                    f"{did_you_mean(name, self.names)}"
                )

    def check_same_types(self, names: Sequence[str]) -> None:
        """Refuse a file in which a column is absent, or of another type than before."""
        schema = import_extra("pyarrow.parquet", OWNER, EXTRA).read_schema
        first = schema(self.files[0])
        wanted = {n: first.field(n).type for n in names if n in first.names}
        for file in self.files[1:]:
            theirs = schema(file)
            for name, kind in wanted.items():
                found = theirs.field(name).type if name in theirs.names else "absent"
                if value_type(found) != value_type(kind):
                    raise ValueError(
                        f"Column {name!r} is {found} in {file}, and {kind} in "
                        f"{self.files[0]}. Give it one type in all files."
                    )

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
            yield from fragments[str(file)].to_batches(
                schema=self.dataset.schema,
                columns=list(names),
                batch_size=BATCH,
                **settings,
            )

    def _joined(self, batches: list) -> Any:
        return self.arrow.Table.from_batches(batches).unify_dictionaries()


def files_of(source: Any) -> list[Path]:
    """Return the files of a source, in their order."""
    if not isinstance(source, str | Path):
        files = [Path(file) for file in source]
    elif Path(source).is_dir():
        files = sorted(
            file
            for file in Path(source).rglob("*.parquet")
            if not any(p.startswith(("_", ".")) for p in file.relative_to(source).parts)
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
