"""``TimeFeatures``: the calendar of each row as columns."""

import datetime
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._docs_link import DocsLink
from .._turns import changed_at_once
from .._validation import (
    check_features,
    check_params,
    names_in,
    output_container,
    remember_features,
)
from .calendar_columns import calendar_columns
from .calendar_fields import NANOSECONDS, column_names
from .feature_choice import (
    check_encoding,
    check_features_asked,
    check_names,
    choose_features,
    encoding_of,
)
from .holiday_calendar import (
    HOLIDAY_FEATURES,
    check_country,
    country_holidays,
    parse_days,
    parse_events,
)
from .stamps import Table, check_zone, find_time, wall_time

__all__ = ["TimeFeatures"]


class TimeFeatures(DocsLink, TransformerMixin, BaseEstimator):
    """Turn the time of each row into columns that a model can use.

    The time stands in the index, in a named column, or in the input itself. The other
    columns pass through unchanged, and the features come after them; a column that
    held the time is replaced by them, or stays (``time``). Each row is read on its own,
    on the local clock.

    =================== ======== =================== ===================================
    feature             values   cycle               meaning
    =================== ======== =================== ===================================
    second              0 to 59  60                  second of the minute
    minute              0 to 59  60                  minute of the hour
    hour                0 to 23  24                  hour of the day, local time
    weekday             0 to 6   7                   Monday is 0
    day_of_month        1 to 31  days in the month   day of the month
    day_of_year         1 to 366 365 or 366          1 January is 1
    week_of_year        1 to 53  52 or 53            week of the ISO year
    week_of_month       1 to 5   4 or 5              days 1 to 7 are week 1
    month               1 to 12  12                  January is 1
    quarter             1 to 4   4                   January to March is 1
    weekend             0, 1                         Saturday or Sunday
    month_start         0, 1                         first day of the month
    month_end           0, 1                         last day of the month
    holiday             0, 1                         the day is a holiday
    day_before_holiday  0, 1                         the next day is a holiday
    day_after_holiday   0, 1                         the day before was a holiday
    days_to_holiday     0 to 30                      days to the next holiday, 0 on one,
                                                     30 for all that are farther
    =================== ======== =================== ===================================

    With v a value, l and h its lowest and highest one, and c the length of its cycle:

    =================== ===========================================================
    encoding            column or columns
    =================== ===========================================================
    linear              ``hour``: (v - l) / (h - l) - 0.5, in [-0.5, 0.5], as in the
                        Informer paper: v / 23 - 0.5 for the hour
    cyclic              ``hour_sin`` and ``hour_cos``: sine and cosine of
                        2 pi (v - l) / c; months and years have the length they have
    ordinal             ``hour``: a pandas categorical of all values from l to h,
                        whether seen or not; in an array the code v - l
    =================== ===========================================================

    Flags are 0.0 or 1.0 in each encoding.

    Parameters
    ----------
    features : "auto" or list of str, default="auto"
        The features, in the order of the columns. ``"auto"`` takes them from the step
        of the stamps seen in ``fit``, the median distance of neighbouring ones, each
        stamp once, however many series share it:

        ============== ===================================== =======================
        step           features                              with two years or more
        ============== ===================================== =======================
        below 1 min    second, minute, hour, weekday,        day_of_year
                       day_of_month
        below 1 hour   minute, hour, weekday, day_of_month   day_of_year
        below 1 day    hour, weekday, day_of_month           day_of_year
        below 1 week   weekday, day_of_month                 day_of_year
        below 28 days  day_of_month                          week_of_year
        below 89 days                                        month
        below 360 days                                       quarter
        longer
        ============== ===================================== =======================

        Yearly features are left out where ``fit`` saw fewer than two years, first
        stamp to last stamp plus one step: they would tell the rows apart and teach
        nothing. With ``encoding="ordinal"``, ``month`` stands for ``day_of_year``,
        whose table of 366 rows would be seen one day a year each. The four holiday
        features follow where ``country`` or ``extra_holidays`` is given. The rest
        (``weekend`` follows from ``weekday``) is made when it is named.
    encoding : {"linear", "cyclic", "ordinal"} or dict, default="linear"
        One encoding for all, or a dict from feature to encoding, in which features
        that are absent are linear. ``days_to_holiday`` is no cycle: it stays linear
        where all are cyclic.
    country : str or None, default=None
        ISO 3166-1 code of the country whose public holidays count, such as ``"CN"``.
        They come from the ``holidays`` package, for the years of the rows at hand,
        those after ``fit`` too.
    subdivision : str or None, default=None
        A part of the country with its own holidays, such as ``"BY"`` in ``"DE"``.
    extra_holidays : date, list of dates or None, default=None
        Further holidays: dates, stamps, ISO strings such as ``"2024-07-04"``, or
        periods, which stand for all their days. The time of day of a stamp does not
        count, nor does its zone.
    events : dict or None, default=None
        A dict from name to date or dates; each name becomes a flag after the features.
    column : str, int or None, default=None
        Name of the time column of a frame, or its position in an array. By default a
        frame is read by its index, or with ``unit`` by its first column, as is an
        array. The index stays as it is, and the column is gone: a forecaster behind,
        which needs it, is told by ``time`` instead.
    unit : {"W", "D", "h", "m", "s", "ms", "us", "ns"} or None, default=None
        Unit of numeric time, counted from 1970-01-01 (UTC where ``tz`` is given);
        "m" is a minute. Fractions are rounded to a millisecond.
    tz : str, tzinfo or None, default=None
        The zone whose clock is read. By default the clock of the stamps' own zone.
    time : hashable or None, default=None
        Name of a time column of a frame that stays among the columns, for a forecaster
        behind with the same ``time``. In place of ``column``.

    Attributes
    ----------
    features_ : list of str
        The features, as chosen or as found; events are not among them.
    encodings_ : dict
        The encoding of each of ``features_``; "flag" for flags.
    n_features_in_ : int
        Number of columns seen in ``fit``, the time column included.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all of them are strings.

    Raises
    ------
    TypeError
        If ``X`` holds no rows (None, text, a dict), or a holiday or event is no date.
    ValueError
        If ``X`` carries no time or a row lacks it (NaT, NaN, infinity), time is text or
        outside the years 1678 to 2261, a date is written otherwise than in ISO format,
        a name is unknown (feature, encoding, country, subdivision, column, zone), a
        holiday feature has no holidays, stamps without a zone meet ``tz``, or a column
        that passes through has the name of a feature.

    See Also
    --------
    SeriesScaler : Scales the numeric columns, and leaves these categories and flags.

    Notes
    -----
    A period is read at its start. ``ColumnTransformer([("time", TimeFeatures(), [])])``
    makes nothing: scikit-learn skips a transformer with an empty list of columns, and
    an index is no column. Put ``TimeFeatures`` in front of it in a ``Pipeline``.

    References
    ----------
    Zhou et al., *Informer: Beyond Efficient Transformer for Long Sequence Time-Series
    Forecasting*, AAAI 2021, arXiv:2012.07436: the linear encoding as time features.

    Examples
    --------
    >>> import pandas as pd
    >>> from skinformer.preprocessing import TimeFeatures
    >>> hours = pd.date_range("2024-07-03 22:00", periods=3, freq="h")
    >>> X = pd.DataFrame({"price": [40.0, 38.5, 37.0]}, index=hours)
    >>> time = TimeFeatures(["hour", "holiday", "day_before_holiday"], country="US")
    >>> time.fit_transform(X).round(2)
                         price  hour  holiday  day_before_holiday
    2024-07-03 22:00:00   40.0  0.46      0.0                 1.0
    2024-07-03 23:00:00   38.5  0.50      0.0                 1.0
    2024-07-04 00:00:00   37.0 -0.50      1.0                 0.0
    """

    _parameter_constraints: ClassVar[dict] = {
        "features": [str, list, tuple],
        "encoding": [str, Mapping],
        "country": [str, None],
        "subdivision": [str, None],
        "extra_holidays": "no_validation",  # parse_days reads many forms, and says so
        "events": [Mapping, None],
        "column": "no_validation",  # a name can be anything hashable
        "unit": [str, None],
        "tz": [str, datetime.tzinfo, None],
        "time": "no_validation",
    }

    def __init__(
        self,
        features: str | Sequence[str] = "auto",
        *,
        encoding: str | Mapping[str, str] = "linear",
        country: str | None = None,
        subdivision: str | None = None,
        extra_holidays: Any = None,
        events: Mapping[str, Any] | None = None,
        column: Any = None,
        unit: str | None = None,
        tz: str | datetime.tzinfo | None = None,
        time: Any = None,
    ) -> None:
        self.features = features
        self.encoding = encoding
        self.country = country
        self.subdivision = subdivision
        self.extra_holidays = extra_holidays
        self.events = events
        self.column = column
        self.unit = unit
        self.tz = tz
        self.time = time

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters, and see which features the stamps call for.

        Parameters
        ----------
        X : DataFrame, Series, DatetimeIndex, PeriodIndex or ndarray
            Of shape (n_rows, n_columns), rows with their time: a frame with a time
            index or a time column, stamps alone (also of shape (n_rows,)), or numbers
            in ``unit``.
        y : None
            Ignored.

        Returns
        -------
        TimeFeatures
            This object.
        """
        self._check()
        with changed_at_once(self) as later:
            later._learn(X)
        return self

    def _learn(self, X: Any) -> None:
        """See which features the stamps call for."""
        table = find_time(X, self.column, self.unit, self.time)
        wall = wall_time(table.stamps(), self.unit, self.tz)
        remember_features(self, table.data)
        has_holidays = self.country is not None or self.extra_holidays is not None
        self.features_ = choose_features(
            self.features, wall, self.encoding, has_holidays
        )
        self.encodings_ = {n: encoding_of(n, self.encoding) for n in self.features_}
        self._time_position = table.position
        listed = [] if self.extra_holidays is None else self.extra_holidays
        self._own_days = parse_days(listed, "extra_holidays")
        self._event_days = parse_events({} if self.events is None else self.events)
        self._refuse_collisions()

    def transform(self, X: Any) -> Any:
        """Return the columns that pass through, then the features, then the events.

        Parameters
        ----------
        X : DataFrame, Series, DatetimeIndex, PeriodIndex or ndarray
            Of shape (n_rows, n_columns), rows with their time, as in ``fit``.

        Returns
        -------
        DataFrame or ndarray
            Of shape (n_rows, n_columns_out). A frame with the index of ``X`` where
            ``X`` is one, a Series or an index; else an array of float64, unless
            ``set_output`` says otherwise.
        """
        check_is_fitted(self)
        table = find_time(X, self.column, self.unit, self.time)
        check_features(self, table.data)
        self._check_position(table)
        wall = wall_time(table.stamps(), self.unit, self.tz)
        columns = calendar_columns(
            wall, self.encodings_, self._event_days, self._holidays
        )
        if isinstance(table.data, pd.DataFrame):
            return self._as_frame(table.passing(), columns)
        if output_container(self) == "pandas":
            return self._as_frame(pd.DataFrame(table.passing()), columns)
        return _as_array(table.passing(), columns)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns that ``transform`` makes.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the columns that went in; those seen in ``fit`` by default.

        Returns
        -------
        ndarray of str
            Of shape (n_columns_out,).
        """
        check_is_fitted(self)
        names = self._passing_names(input_features)
        return np.array([*names, *self._made_names()], dtype=object)

    def _check(self) -> None:
        """Check whatever needs no data."""
        check_params(self)
        check_features_asked(self.features)
        if self.unit is not None:
            check_names([self.unit], tuple(NANOSECONDS), "unit")
        check_encoding(self.encoding)
        check_country(self.country, self.subdivision)
        check_zone(self.tz)
        if self.time is not None and self.column is not None:
            raise ValueError(
                f"column={self.column!r} is replaced by the features, and "
                f"time={self.time!r} stays: give one of them."
            )

    def _refuse_collisions(self) -> None:
        """Refuse two columns of one name in what ``transform`` makes."""
        made = pd.Index(self._made_names())
        if made.has_duplicates:
            twice = made[made.duplicated()][0]
            raise ValueError(
                f"The column {twice!r} would be made twice: name a feature once, and "
                "give an event another name than a feature."
            )
        for name in self._passing_names():
            if name in made:
                raise ValueError(
                    f"The column {name!r} of X passes through and has the name of a "
                    "feature or an event: rename it, or leave that one out with "
                    "features=[...]."
                )

    def _check_position(self, table: Table) -> None:
        if table.position != self._time_position:
            place = [
                "its index" if at is None else f"column {at}"
                for at in (self._time_position, table.position)
            ]
            raise ValueError(
                f"fit read the time of X from {place[0]}; now it stands in {place[1]}."
            )

    def _made_names(self) -> list[str]:
        made = (column_names(name, self.encodings_[name]) for name in self.features_)
        return [*chain.from_iterable(made), *self._event_days]

    def _passing_names(self, input_features: Any = None) -> list[str]:
        names = names_in(self, input_features)
        gone = self._time_position if self.time is None else None
        return [name for i, name in enumerate(names) if i != gone]

    def _holidays(self, numbers: np.ndarray) -> np.ndarray:
        """Return the sorted holidays around some days; none if no feature asks."""
        if self.country is None or not set(HOLIDAY_FEATURES) & set(self.features_):
            return self._own_days
        public = country_holidays(self.country, self.subdivision, numbers)
        return np.union1d(public, self._own_days)

    def _as_frame(self, passing: pd.DataFrame, columns: dict) -> pd.DataFrame:
        # The columns are new and nobody else's: stacking them would copy them all.
        made = pd.DataFrame(columns, index=passing.index, copy=False)
        frame = pd.concat([passing, made], axis=1)
        frame.columns = self.get_feature_names_out()
        return frame


def _as_array(passing: np.ndarray, columns: dict) -> np.ndarray:
    """Return float64, with the codes of what a frame would hold as categories."""
    numbers = [
        values.codes if isinstance(values, pd.Categorical) else values
        for values in columns.values()
    ]
    return np.column_stack([passing, *numbers]).astype(np.float64, copy=False)
