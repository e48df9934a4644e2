"""Loader of the Electricity Transformer Dataset (ETT)."""

import os
from typing import Literal, overload

import pandas as pd
from sklearn.utils import Bunch

from skinformer._validation import did_you_mean
from skinformer.datasets._download import RemoteFile, find_or_fetch

__all__ = ["fetch_ett"]

_URL = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/{}.csv"

# The source publishes no checksums. ETTh1: taken from a copy whose MD5 is the one that
# several libraries record for it (8381763947c85f4be6ac456c508460d6; darts and
# others). The MD5 sums of the other three are those same libraries', with the sizes
# 2,417,960, 10,360,719 and 9,677,236 bytes.
_CHECKSUMS = {
    "ETTh1": "sha256:f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
    "ETTh2": "md5:51a229a3fc13579dd939364fefe9c7ab",
    "ETTm1": "md5:82d6bd89109c63d075d99c1077b33f38",
    "ETTm2": "md5:7687e47825335860bf58bccb31be0c56",
}
_TARGETS = ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")

_DESCR = """\
Electricity Transformer Dataset (ETT-small), {name}
---------------------------------------------------

Measurements at one electricity transformer in China, from 2016-07-01 to 2018-06-26,
one row {step} ({name} as in the source; 1 and 2 are two transformers).

:Rows: {rows:,}, none missing. Naive local time.
:Columns: six power loads, high, middle and low each useful and useless (HUFL, HULL,
    MUFL, MULL, LUFL, LULL), and OT, the oil temperature in degrees Celsius. The
    source gives no unit for the loads.
:Known ahead: nothing. All seven columns are measurements, so `data` has no columns.
:Usual split: 12, 4 and 4 months of 30 days for training, validation and test, {split}
    rows; the rest of the file is not used.
:Source: https://github.com/zhouhaoyi/ETDataset
:Licence: CC BY-ND 4.0, https://creativecommons.org/licenses/by-nd/4.0/
:Reference: H. Zhou et al., "Informer: Beyond Efficient Transformer for Long Sequence
    Time-Series Forecasting", AAAI 2021, arXiv:2012.07436.
"""


@overload
def fetch_ett(
    name: str = ...,
    *,
    target: str | None = ...,
    data_home: str | os.PathLike | None = ...,
    download_if_missing: bool = ...,
    return_X_y: Literal[False] = ...,
) -> Bunch: ...


@overload
def fetch_ett(
    name: str = ...,
    *,
    target: None = ...,
    data_home: str | os.PathLike | None = ...,
    download_if_missing: bool = ...,
    return_X_y: Literal[True],
) -> tuple[pd.DataFrame, pd.DataFrame]: ...


@overload
def fetch_ett(
    name: str = ...,
    *,
    target: str,
    data_home: str | os.PathLike | None = ...,
    download_if_missing: bool = ...,
    return_X_y: Literal[True],
) -> tuple[pd.DataFrame, pd.Series]: ...


def fetch_ett(
    name: str = "ETTh1",
    *,
    target: str | None = None,
    data_home: str | os.PathLike | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Bunch | tuple[pd.DataFrame, pd.DataFrame | pd.Series]:
    """Load one series of the Electricity Transformer Dataset.

    Six loads and the oil temperature of a transformer over two years: hourly in
    ``"ETTh1"`` and ``"ETTh2"`` (17,420 rows), every 15 minutes in ``"ETTm1"`` and
    ``"ETTm2"`` (69,680 rows).

    The file is read from the folder that the environment variable ``SKINFORMER_DATA``
    names, else from ``data_home``, else downloaded to ``data_home``; its checksum is
    verified each time.

    Parameters
    ----------
    name : {"ETTh1", "ETTh2", "ETTm1", "ETTm2"}, default="ETTh1"
        Which series.
    target : {"HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"}, default=None
        The column to forecast, as a Series. If None, all seven as a frame.
    data_home : str or path-like, default=None
        Folder of the downloaded files. If None, see
        :func:`~skinformer.datasets.get_data_home`.
    download_if_missing : bool, default=True
        If False, a file that is in neither folder is an error.
    return_X_y : bool, default=False
        If True, return ``(data, target)``.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : DataFrame of shape (n_rows, 0)
            No columns, because nothing is known ahead, and a DatetimeIndex with its
            frequency.
        target : DataFrame of shape (n_rows, 7) or Series of shape (n_rows,)
            What to forecast; ``OT`` in degrees Celsius, the loads without a unit.
        frame : DataFrame of shape (n_rows, 7)
            All columns of the file.
        feature_names, target_names : list of str
            The columns of ``data`` (none) and of ``target``.
        DESCR : str
            Description, source and licence.
        filename : str
            The file that was read.

    (data, target) : tuple if ``return_X_y`` is True
        The two attributes above.

    Raises
    ------
    ValueError
        Unknown ``name`` or ``target``; ``data_home`` in a home that is not known.
    TypeError
        ``data_home`` neither a string nor path-like.
    DatasetUnavailableError
        The file is nowhere to be had, or has the wrong checksum.

    Notes
    -----
    Source: https://github.com/zhouhaoyi/ETDataset, licence CC BY-ND 4.0. The data are
    not part of this package.

    Examples
    --------
    >>> from skinformer.datasets import fetch_ett
    >>> X, y = fetch_ett("ETTh1", target="OT", return_X_y=True)  # doctest: +SKIP
    >>> y.head(2)  # doctest: +SKIP
    date
    2016-07-01 00:00:00    30.531000
    2016-07-01 01:00:00    27.787001
    Freq: h, Name: OT, dtype: float64
    >>> fetch_ett("ETTh3")
    Traceback (most recent call last):
    ...
    ValueError: The 'name' parameter of fetch_ett must be one of 'ETTh1', 'ETTh2',
    'ETTm1', 'ETTm2'. Got 'ETTh3' instead. Did you mean 'ETTh2'?
    """
    _check_choice("name", name, tuple(_CHECKSUMS))
    if target is not None:
        _check_choice("target", target, _TARGETS)
    path = find_or_fetch(_remote(name), data_home, download_if_missing)
    frame = _read(path, _frequency(name))
    X, y = frame[[]], frame.copy() if target is None else frame[target]
    if return_X_y:
        return X, y
    return Bunch(
        data=X,
        target=y,
        frame=frame,
        feature_names=[],
        target_names=list(_TARGETS) if target is None else [target],
        DESCR=_describe(name),
        filename=str(path),
    )


def _check_choice(parameter: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(
            f"The {parameter!r} parameter of fetch_ett must be one of "
            f"{', '.join(map(repr, known))}. Got {value!r} instead."
            f"{did_you_mean(value, known)}"
        )


def _remote(name: str) -> RemoteFile:
    return RemoteFile(f"{name}.csv", _URL.format(name), _CHECKSUMS[name])


def _frequency(name: str) -> str:
    return "h" if name.startswith("ETTh") else "15min"


def _read(path: os.PathLike, frequency: str) -> pd.DataFrame:
    frame = pd.read_csv(path, index_col="date", parse_dates=["date"])
    frame.index = pd.DatetimeIndex(frame.index, freq=frequency)
    return frame


def _describe(name: str) -> str:
    hourly = _frequency(name) == "h"
    per_hour = 1 if hourly else 4
    return _DESCR.format(
        name=name,
        step="per hour" if hourly else "every 15 minutes",
        rows=17_420 * per_hour,
        split=", ".join(f"{rows * per_hour:,}" for rows in (8640, 2880, 2880)),
    )
