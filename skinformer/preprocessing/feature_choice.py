"""Which features a ``TimeFeatures`` makes, and in which encoding."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from .._validation import did_you_mean
from .calendar_fields import CALENDAR_FLAGS, FIELDS, NANOSECONDS
from .holiday_calendar import HOLIDAY_FEATURES

__all__ = [
    "FEATURES",
    "auto_features",
    "check_encoding",
    "check_features_asked",
    "check_names",
    "choose_features",
    "encoding_of",
    "typical_step",
]

FEATURES = (*FIELDS, *CALENDAR_FLAGS, *HOLIDAY_FEATURES)
FLAGS = (*CALENDAR_FLAGS, *HOLIDAY_FEATURES[:3])
ENCODINGS = ("linear", "cyclic", "ordinal")


def check_names(names: Iterable, known: tuple[str, ...], parameter: str) -> None:
    """Raise an error for the first name that is not known.

    Examples
    --------
    >>> check_names(["huor"], FEATURES, "features")
    Traceback (most recent call last):
    ...
    ValueError: features: 'huor' is unknown. Did you mean 'hour'? Known are ['secon...
    """
    for name in names:
        if name not in known:
            raise ValueError(
                f"{parameter}: {name!r} is unknown.{did_you_mean(name, known)} "
                f"Known are {list(known)}."
            )


def check_features_asked(features: str | Sequence[str]) -> None:
    """Raise an error for what is neither "auto" nor a list of features."""
    if not isinstance(features, str):
        return check_names(features, FEATURES, "features")
    if features == "auto":
        return
    hint = did_you_mean(features, ("auto", *FEATURES))
    if features in FEATURES:
        hint = f" Give features=[{features!r}]."
    raise ValueError(
        f"features must be 'auto' or a list of names; got {features!r}.{hint}"
    )


def check_encoding(encoding: str | Mapping[str, str]) -> None:
    """Raise an error for an unknown encoding, or one that a feature cannot have."""
    if not isinstance(encoding, Mapping):
        return check_names([encoding], ENCODINGS, "encoding")
    check_names(encoding, FEATURES, "encoding")
    check_names(encoding.values(), ENCODINGS, "encoding")
    if encoding.get("days_to_holiday") == "cyclic":
        raise ValueError(
            "encoding: 'days_to_holiday' is no cycle; encode it 'linear' or 'ordinal'."
        )


def encoding_of(name: str, encoding: str | Mapping[str, str]) -> str:
    """Return the encoding of one feature: "linear", "cyclic", "ordinal" or "flag".

    Examples
    --------
    >>> [encoding_of(name, {"hour": "cyclic"}) for name in ("hour", "month", "holiday")]
    ['cyclic', 'linear', 'flag']
    """
    if name in FLAGS:
        return "flag"
    if isinstance(encoding, Mapping):
        return encoding.get(name, "linear")
    # Asked for everything, cyclic means the cycles among them.
    return "linear" if (name, encoding) == ("days_to_holiday", "cyclic") else encoding


def choose_features(
    features: str | Sequence[str],
    wall: np.ndarray,
    encoding: str | Mapping[str, str],
    has_holidays: bool,
) -> list[str]:
    """Return the features by name, those of "auto" found in the stamps.

    Examples
    --------
    >>> choose_features(["hour", "holiday"], np.empty(0), "linear", has_holidays=False)
    Traceback (most recent call last):
    ...
    ValueError: features: 'holiday' needs holidays: give country=... or extra_holid...
    """
    if isinstance(features, str):
        found = auto_features(wall, encoding_of("day_of_year", encoding))
        return [*found, *(HOLIDAY_FEATURES if has_holidays else ())]
    lacking = [name for name in features if name in HOLIDAY_FEATURES]
    if lacking and not has_holidays:
        raise ValueError(
            f"features: {lacking[0]!r} needs holidays: give country=... or "
            "extra_holidays=..."
        )
    return list(features)


class _Step(NamedTuple):
    """What ``"auto"`` takes for steps shorter than ``limit``."""

    limit: float  # days
    features: tuple[str, ...]
    yearly: str | None = None  # only where two years were seen


_DAILY = ("weekday", "day_of_month")
_STEPS = (
    _Step(1 / 1440, ("second", "minute", "hour", *_DAILY), "day_of_year"),
    _Step(1 / 24, ("minute", "hour", *_DAILY), "day_of_year"),
    _Step(1, ("hour", *_DAILY), "day_of_year"),
    _Step(7, _DAILY, "day_of_year"),
    _Step(28, ("day_of_month",), "week_of_year"),
    _Step(89, (), "month"),
    _Step(360, (), "quarter"),
    _Step(np.inf, ()),
)


def auto_features(wall: np.ndarray, encoding: str = "linear") -> list[str]:
    """Return the features that tell the rows of ``wall`` apart.

    Examples
    --------
    >>> auto_features(np.arange(48) * NANOSECONDS["h"])
    ['hour', 'weekday', 'day_of_month']
    """
    step = typical_step(wall)
    days = step / NANOSECONDS["D"]
    _, features, yearly = next(entry for entry in _STEPS if days < entry.limit)
    if yearly is None or not _spans_two_years(wall, step):
        return list(features)
    if yearly == "day_of_year" and encoding == "ordinal":
        yearly = "month"  # a table of 366 rows would see each of them one day a year
    return [*features, yearly]


def typical_step(wall: np.ndarray) -> int:
    """Return the median distance of neighbouring stamps, in nanoseconds.

    The median, because a hole in the series is not its frequency.
    """
    steps = np.diff(wall)
    if (steps < 0).any():
        steps = np.diff(np.sort(wall))
    steps = steps[steps > 0]  # many series can share their stamps
    if len(steps) == 0:
        n = len(wall)
        raise ValueError(
            "features='auto' reads the frequency from the stamps and needs two "
            f"different ones in fit; got {n} sample{'s' * (n != 1)} of one time. "
            "Name the features instead: features=['hour', ...]."
        )
    return int(np.median(steps))


def _spans_two_years(wall: np.ndarray, step: int) -> bool:
    """Tell whether first stamp to last stamp plus one step is two years or more."""
    # Microseconds reach beyond the year 2262, where nanoseconds end.
    first, last = (
        pd.Timestamp(int(at)).as_unit("us") for at in (wall.min(), wall.max())
    )
    return last + pd.Timedelta(step).as_unit("us") >= first + pd.DateOffset(years=2)
