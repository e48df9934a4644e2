"""Loader of the UCI Bike Sharing data set, hourly."""

import io
import os
import re
import zipfile
import zlib
from typing import Literal, overload

import pandas as pd
from sklearn.utils import Bunch

from skinformer.datasets._download import RemoteFile, find_or_fetch

__all__ = ["fetch_bike_sharing"]

_URL = "https://archive.ics.uci.edu/static/public/275/bike+sharing+dataset.zip"
_MEMBER = "hour.csv"
_UCI_HEADER = (
    "instant,dteday,season,yr,mnth,hr,holiday,weekday,workingday,weathersit,"
    "temp,atemp,hum,windspeed,casual,registered,cnt"
)
_HEADER = (
    "instant,dateday,season,year,month,hour,holiday,weekday,workingday,weathersit,"
    "temp,feelingTemp,humidity,windspeed,casual,registered,count"
)

# The codes 1, 2, 3, 4 of the file. UCI's page counts the seasons from winter, as the
# dates do (1 is 21 December to 20 March); the readme in the archive, from spring.
_SEASONS = ("winter", "spring", "summer", "fall")
_WEATHER = ("clear", "mist", "light_rain_snow", "heavy_rain_snow")

_DESCR = """\
Bike Sharing, hourly (UCI Machine Learning Repository, data set 275)
--------------------------------------------------------------------

Rental bikes of Capital Bikeshare in Washington D.C., counted per hour in 2011 and 2012.

:Rows: 17,379, from 2011-01-01 00:00 to 2012-12-31 23:00, naive local time. 165 hours
    of these two years have no row, and stay missing.
:Target: count, rented bikes in that hour.
:season: winter, spring, summer, fall (UCI's codes 1 to 4).
:holiday: 1 on a public holiday of the district, else 0.
:workingday: 1 on a day that is neither weekend nor holiday, else 0.
:weather: clear (also few or broken clouds), mist (also with clouds), light_rain_snow
    (also with thunderstorm), heavy_rain_snow (also ice pellets, fog); UCI's codes 1
    to 4 of "weathersit".
:temp: temperature, normalised: (t - (-8)) / (39 - (-8)) with t in degrees Celsius.
:feeling_temp: felt temperature, normalised: (t - (-16)) / (50 - (-16)).
:humidity: relative humidity in percent, divided by 100.
:windspeed: wind speed, divided by its maximum, 67; UCI gives no unit.
:Left out: year, month, hour and weekday, because they follow from the index;
    "casual" and "registered", because they are the two parts of which count is the
    sum: neither is known before the count is.

The two formulas of temperature are those of UCI's page. The readme in its archive says
"divided to 41 (max)" and "divided to 50 (max)" instead, which does not fit the winters
of Washington: no hour would have been below freezing.

The weather is measured, not forecast: a forecast that uses it as known ahead is better
than one that could have been made at the time.

:Source: https://archive.ics.uci.edu/dataset/275/bike+sharing+dataset
:Licence: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/
:Reference: H. Fanaee-T and J. Gama, "Event labeling combining ensemble detectors and
    background knowledge", Progress in Artificial Intelligence, 2013,
    doi:10.1007/s13748-013-0040-3.
"""


@overload
def fetch_bike_sharing(
    *,
    data_home: str | os.PathLike | None = ...,
    download_if_missing: bool = ...,
    return_X_y: Literal[False] = ...,
) -> Bunch: ...


@overload
def fetch_bike_sharing(
    *,
    data_home: str | os.PathLike | None = ...,
    download_if_missing: bool = ...,
    return_X_y: Literal[True],
) -> tuple[pd.DataFrame, pd.Series]: ...


def fetch_bike_sharing(
    *,
    data_home: str | os.PathLike | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
) -> Bunch | tuple[pd.DataFrame, pd.Series]:
    """Load the hourly counts of rented bikes in Washington D.C., with weather.

    17,379 hours of 2011 and 2012; 165 hours in between have no row and stay missing.

    The file ``bike_sharing_hour.csv`` is read from the folder that the environment
    variable ``SKINFORMER_DATA`` names, else from ``data_home``, else made in
    ``data_home`` from the archive that UCI offers; its checksum is verified each time.

    Parameters
    ----------
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

        data : DataFrame of shape (17379, 8)
            ``season`` and ``weather`` (categorical with all their values),
            ``holiday`` and ``workingday`` (0 or 1), ``temp``, ``feeling_temp``,
            ``humidity`` and ``windspeed`` (normalised, see ``DESCR``). The index has
            the hours, in naive local time. Year, month, hour and weekday follow from
            it and are left out; so are ``casual`` and ``registered``, which add up to
            the target.
        target : Series of shape (17379,)
            ``count``: rented bikes per hour.
        frame : DataFrame of shape (17379, 9)
            Both of them, side by side.
        feature_names, target_names : list of str
            Their columns.
        DESCR : str
            Description with units, source and licence.
        filename : str
            The file that was read.

    (data, target) : tuple if ``return_X_y`` is True
        The two attributes above.

    Raises
    ------
    DatasetUnavailableError
        The file is nowhere to be had, or has the wrong checksum.

    Notes
    -----
    Source: https://archive.ics.uci.edu/dataset/275/bike+sharing+dataset, licence
    CC BY 4.0. The data are not part of this package.

    ``TimeFeatures(country="US")`` makes a column ``holiday`` too, and refuses a second
    one: drop that of the data first, or leave ``country`` out.

    Examples
    --------
    >>> from skinformer.datasets import fetch_bike_sharing
    >>> X, y = fetch_bike_sharing(return_X_y=True)  # doctest: +SKIP
    >>> X.columns.to_list()  # doctest: +SKIP
    ['season', 'holiday', 'workingday', 'weather',
     'temp', 'feeling_temp', 'humidity', 'windspeed']
    >>> int(y.max())  # doctest: +SKIP
    977
    """
    path = find_or_fetch(_FILE, data_home, download_if_missing)
    X, y = _features_and_target(pd.read_csv(path))
    if return_X_y:
        return X, y
    return Bunch(
        data=X,
        target=y,
        frame=X.join(y),
        feature_names=X.columns.to_list(),
        target_names=["count"],
        DESCR=_DESCR,
        filename=str(path),
    )


def _features_and_target(raw: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Name what may be known ahead; a column not named here never reaches X."""
    raw = raw.set_axis(_hours(raw), axis=0)
    X = pd.DataFrame(
        {
            "season": _categories(raw["season"], _SEASONS),
            "holiday": raw["holiday"],
            "workingday": raw["workingday"],
            "weather": _categories(raw["weathersit"], _WEATHER),
            "temp": raw["temp"],
            "feeling_temp": raw["feelingTemp"],
            "humidity": raw["humidity"],
            "windspeed": raw["windspeed"],
        }
    )
    return X, raw["count"]


def _hours(raw: pd.DataFrame) -> pd.DatetimeIndex:
    days = pd.to_datetime(raw["dateday"], format="%d-%m-%Y")
    return pd.DatetimeIndex(days + pd.to_timedelta(raw["hour"], unit="h"), name="time")


def _categories(codes: pd.Series, names: tuple[str, ...]) -> pd.Series:
    """Turn the codes 1, 2, ... into names, all of which stay in the domain."""
    domain = pd.CategoricalDtype(list(names))
    values = pd.Categorical.from_codes((codes - 1).tolist(), dtype=domain)
    return pd.Series(values, index=codes.index)


def _canonical(archive: bytes) -> bytes:
    """Rewrite UCI's ``hour.csv`` as the file that the checksum stands for.

    UCI's has other names in the header, ISO dates and CRLF line ends.
    """
    text = _member(archive, _MEMBER).decode("ascii").replace("\r\n", "\n")
    header, _, rows = text.partition("\n")
    if header != _UCI_HEADER:
        raise ValueError(f"{_MEMBER} starts with {header[:200]!r}")
    iso = re.compile(r"^(\d+),(\d{4})-(\d\d)-(\d\d),", re.MULTILINE)
    rows = iso.sub(r"\1,\4-\3-\2,", rows)
    return f"{_HEADER}\n{rows}".encode("ascii")


def _member(archive: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.read(name)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise ValueError(f"no zip archive with {name} in it: {error}") from error


_FILE = RemoteFile(
    "bike_sharing_hour.csv",
    _URL,
    "sha256:bfd480bd2f0cacf824efd5eb08e81e785e93c3154dd56bfe8a5b464ea1da3898",
    _canonical,
)
