"""A synthetic electricity load that behaves like a measured one.

The load is a sum of parts that a forecaster can learn (calendar, weather) and one that
it can learn only for a few hours ahead (autocorrelated noise). Each part is a function
of the row's time and of the random numbers up to that row, so that a longer series
continues a shorter one.
"""

import datetime
from numbers import Integral, Real
from typing import Any

import holidays
import numpy as np
import pandas as pd
from scipy.signal import lfilter

__all__ = ["make_load_series"]

# About the mean, for a region of some ten million people.
NOMINAL_LOAD = 6000.0  # MW
GROWTH = 0.01  # of the nominal load, per year
HOURS_PER_YEAR = 24 * 365.25

# How much of a working day's business is done, from Monday to Sunday; holidays are
# Sundays.
BUSINESS = np.array([0.97, 1.0, 1.01, 1.0, 0.94, 0.40, 0.18])
SUNDAY = 6

HEATING_BELOW, COOLING_ABOVE = 15.0, 22.0  # °C
HEATING, COOLING = 0.011, 0.014  # of the nominal load, per °C

# Memories in hours: of weather systems, of clouds and fronts, of a building's walls,
# and of the noise.
SLOW_WEATHER, FAST_WEATHER, BUILDING, NOISE = 90.0, 8.0, 18.0, 10.0


def make_load_series(
    n_rows: int = 17_520,
    *,
    start: str | pd.Timestamp = "2022-01-01",
    tz: str | datetime.tzinfo | None = None,
    country: str | None = "DE",
    noise: float = 0.01,
    random_state: int | np.random.RandomState | np.random.Generator | None = None,
) -> tuple[pd.DataFrame, pd.Series]:
    """Make an hourly electricity load with the temperature that drives part of it.

    The load has a daily cycle that differs between working days, Saturdays, and
    Sundays and public holidays; a yearly cycle of lighting; heating below 15 °C and
    cooling above 22 °C, both with the inertia of buildings; a slow growth; and
    autocorrelated noise. The temperature has a daily and a yearly cycle of the middle
    latitudes of the northern hemisphere, and anomalies that last from hours to days.

    Parameters
    ----------
    n_rows : int, default=17_520
        Number of hours; the default is two years. With the same seed, a longer series
        continues a shorter one.
    start : str or Timestamp, default="2022-01-01"
        The first hour.
    tz : str or tzinfo, default=None
        Time zone of the index, such as ``"Europe/Berlin"``. Cycles and holidays follow
        local time; steps are hours of real time. If None, the index is naive.
    country : str, default="DE"
        Code of the country whose public holidays count, as the ``holidays`` library
        knows it. If None, there are none.
    noise : float, default=0.01
        Standard deviation of the noise, as a fraction of the nominal load of 6,000 MW.
        With 0, the load follows from the time and the temperatures up to then.
    random_state : int, RandomState or Generator, default=None
        Source of randomness. The same int gives the same series; an instance is drawn
        from, and moves on; None draws fresh entropy from the operating system. Global
        random state is neither read nor changed.

    Returns
    -------
    X : DataFrame of shape (n_rows, 1)
        What is known ahead: ``temperature`` in °C, as a forecast that comes true. The
        index has the frequency ``"h"``.
    y : Series of shape (n_rows,)
        ``load`` in MW, with the same index.

    Raises
    ------
    ValueError
        ``n_rows`` below 1, ``noise`` negative or not finite, unknown ``country`` or
        ``tz``, ``start`` no time or of another zone than ``tz``, ``random_state``
        negative.
    TypeError
        ``n_rows`` not an integer, ``noise`` not a number, ``start``, ``tz``,
        ``country`` or ``random_state`` of another type than above.

    Examples
    --------
    >>> from skinformer.datasets import make_load_series
    >>> X, y = make_load_series(24 * 7, random_state=0)
    >>> X.columns.to_list()
    ['temperature']
    >>> y.name, y.index[-1], y.index.freqstr
    ('load', Timestamp('2022-01-07 23:00:00'), 'h')
    >>> bool(y["2022-01-03"].mean() > y["2022-01-02"].mean())  # Monday, Sunday
    True
    """
    _check(n_rows, noise)
    _check_country(country)
    _check_start(start, tz)
    index = pd.date_range(start, periods=n_rows, freq="h", tz=tz)
    # One row of numbers per hour, filled row by row: the first rows are the same
    # numbers whatever n_rows.
    shocks = _generator(random_state).standard_normal((n_rows, 3))
    temperature = _temperature(index, shocks[:, 0], shocks[:, 1])
    elapsed_years = np.arange(n_rows) / HOURS_PER_YEAR
    share = (
        (1 + GROWTH * elapsed_years) * _calendar_share(index, country)
        + _weather_share(_felt_indoors(temperature))
        + noise * _autoregressive(shocks[:, 2], NOISE)
    )
    X = pd.DataFrame({"temperature": temperature}, index=index)
    return X, pd.Series(NOMINAL_LOAD * share, index=index, name="load")


def _check(n_rows: object, noise: object) -> None:
    if not isinstance(n_rows, Integral) or isinstance(n_rows, bool):
        raise TypeError(_must_be("n_rows", "an integer", n_rows))
    if n_rows < 1:
        raise ValueError(_must_be("n_rows", "at least 1", n_rows))
    if not isinstance(noise, Real):
        raise TypeError(_must_be("noise", "a number", noise))
    if not 0 <= float(noise) < np.inf:
        raise ValueError(_must_be("noise", "finite and at least 0", noise))


def _check_country(country: object) -> None:
    if country is not None and not isinstance(country, str):
        raise TypeError(_must_be("country", "a code such as 'DE', or None", country))


def _check_start(start: object, tz: object) -> None:
    """Refuse a start that is no time, or one that ``tz`` cannot read."""
    if not isinstance(start, str | datetime.date | np.datetime64):
        raise TypeError(_must_be("start", "a time such as '2022-01-01'", start))
    try:
        first = pd.Timestamp(start)
    except ValueError as error:
        message = _must_be("start", "a time such as '2022-01-01'", start)
        raise ValueError(message) from error
    if first is pd.NaT:
        raise ValueError(_must_be("start", "a time such as '2022-01-01'", start))
    if tz is not None:
        _check_zone(first, tz)


def _check_zone(first: pd.Timestamp, tz: object) -> None:
    if not isinstance(tz, str | datetime.tzinfo):
        raise TypeError(_must_be("tz", "a zone such as 'Europe/Berlin', or None", tz))
    try:
        zone = pd.Timestamp(0, tz=tz).tz
    # an unknown name is a KeyError, "" an IndexError, the name of a folder an OSError
    except (KeyError, ValueError, IndexError, OSError) as error:
        message = _must_be("tz", "a known zone such as 'Europe/Berlin', or None", tz)
        raise ValueError(message) from error
    if first.tz is not None and str(first.tz) != str(zone):
        raise ValueError(
            f"start={str(first)!r} is in the zone {first.tz}, and tz={str(tz)!r} is "
            "another: give start without a zone, or convert it with tz_convert(tz)."
        )


def _must_be(parameter: str, allowed: str, given: object) -> str:
    return (
        f"The {parameter!r} parameter of make_load_series must be {allowed}. "
        f"Got {given!r} instead."
    )


def _generator(
    random_state: int | np.random.RandomState | np.random.Generator | None,
) -> np.random.Generator | np.random.RandomState:
    # Not scikit-learn's check_random_state: its None is the global generator.
    if isinstance(random_state, np.random.RandomState):
        return random_state
    try:
        return np.random.default_rng(random_state)
    except (TypeError, ValueError) as error:
        allowed = "an int of at least 0, a RandomState, a Generator or None"
        raise type(error)(_must_be("random_state", allowed, random_state)) from error


def _autoregressive(shocks: np.ndarray, memory: float) -> np.ndarray:
    """Turn white noise into an AR(1) of unit variance, stationary from row 0 on.

    ``x[t] = phi * x[t - 1] + sqrt(1 - phi**2) * shocks[t]`` with
    ``phi = exp(-1 / memory)``, ``memory`` in rows.
    """
    phi = np.exp(-1 / memory)
    scaled = np.sqrt(1 - phi**2) * shocks
    scaled[0] = shocks[0]
    return lfilter([1.0], [1.0, -phi], scaled)


def _hour(index: pd.DatetimeIndex) -> np.ndarray:
    return (index.hour + index.minute / 60).to_numpy(dtype=float)


def _winter(index: pd.DatetimeIndex, coldest: float) -> np.ndarray:
    """Return 1 on the day of the year ``coldest``, -1 half a year later."""
    day = index.day_of_year + _hour(index) / 24
    return np.cos(2 * np.pi * (day.to_numpy() - coldest) / 365.25)


def _bump(hour: np.ndarray, centre: Any, width: float) -> np.ndarray:
    """Return a bell over the clock of height 1; ``width`` is its sigma in hours."""
    angle = 2 * np.pi / 24
    return np.exp((np.cos(angle * (hour - centre)) - 1) / (angle * width) ** 2)


def _step(hour: np.ndarray, at: float, width: float) -> np.ndarray:
    return 1 / (1 + np.exp((at - hour) / width))


def _temperature(
    index: pd.DatetimeIndex, slow: np.ndarray, fast: np.ndarray
) -> np.ndarray:
    """Return °C: the year and the day, weather systems, clouds and fronts."""
    winter = _winter(index, coldest=20)
    afternoon = np.cos(2 * np.pi * (_hour(index) - 15) / 24)
    climate = 10.5 - 9.5 * winter + (3.2 - 1.6 * winter) * afternoon
    systems = (3.1 + 0.4 * winter) * _autoregressive(slow, SLOW_WEATHER)
    return climate + systems + 0.8 * _autoregressive(fast, FAST_WEATHER)


def _felt_indoors(temperature: np.ndarray) -> np.ndarray:
    """Average the temperature with its own fading past, which walls remember."""
    keep = np.exp(-1 / BUILDING)
    # The filter starts as if the first temperature had always been.
    remembered, _ = lfilter(
        [1 - keep], [1.0, -keep], temperature, zi=[keep * temperature[0]]
    )
    return 0.5 * (temperature + remembered)


def _weather_share(temperature: np.ndarray) -> np.ndarray:
    """Return heating and cooling as a fraction of the nominal load."""
    heating = HEATING * np.maximum(HEATING_BELOW - temperature, 0)
    cooling = COOLING * np.maximum(temperature - COOLING_ABOVE, 0)
    return heating + cooling


def _calendar_share(index: pd.DatetimeIndex, country: str | None) -> np.ndarray:
    """Return what the clock and the calendar ask for, as a fraction of the nominal."""
    hour = _hour(index)
    return (
        0.70
        + BUSINESS[_day_type(index, country)] * _business(hour)
        + _households(hour)
        + _lighting(hour, _winter(index, coldest=-10))
    )


def _day_type(index: pd.DatetimeIndex, country: str | None) -> np.ndarray:
    """Return 0 for Monday to 6 for Sunday, in local time; holidays are Sundays."""
    day_of_week = index.day_of_week.to_numpy()
    return np.where(_is_holiday(index, country), SUNDAY, day_of_week)


def _is_holiday(index: pd.DatetimeIndex, country: str | None) -> np.ndarray:
    if country is None:
        return np.zeros(len(index), dtype=bool)
    try:
        days = holidays.country_holidays(country, years=index.year.unique().tolist())
    except NotImplementedError as error:
        raise ValueError(
            _must_be(
                "country", "a code that the holidays library knows, or None", country
            )
        ) from error
    dates = index.tz_localize(None).normalize()
    return dates.isin(pd.to_datetime(list(days)))


def _business(hour: np.ndarray) -> np.ndarray:
    """Return offices, shops and factories on a full working day: nothing at night."""
    opening, closing = _step(hour, 6.3, 0.7), _step(hour, 18.2, 1.1)
    return 0.27 * (opening - closing) + 0.02 * _bump(hour, 11.0, 1.5)


def _households(hour: np.ndarray) -> np.ndarray:
    """Return homes: breakfast, lunch, a high evening, and a trough at four."""
    meals = 0.03 * _bump(hour, 8.5, 1.3) + 0.07 * _bump(hour, 12.3, 1.4)
    return meals + 0.16 * _bump(hour, 19.5, 2.6) + 0.06 * _bump(hour, 16.0, 5.0)


def _lighting(hour: np.ndarray, winter: np.ndarray) -> np.ndarray:
    """Return lamps: from dusk on, earlier and more of them in winter."""
    dusk = 19.5 - 1.7 * winter
    return (0.055 + 0.035 * winter) * _bump(hour, dusk, 1.6)
