"""Numbers, stamps and spans of time in plain words."""

import math
import re
from typing import Any

import pandas as pd

__all__ = [
    "counted",
    "listed",
    "number",
    "percent",
    "relative",
    "some",
    "span",
    "stamp",
    "step_name",
]

UNITS = {"D": "day", "B": "business day", "W": "week", "h": "hour", "min": "minute"}
UNITS |= {"s": "second", "MS": "month", "ME": "month", "M": "month", "Q": "quarter"}
UNITS |= {"QS": "quarter", "QE": "quarter", "YS": "year", "YE": "year", "Y": "year"}


def number(value: Any, digits: int = 3) -> str:
    """Write a number with as many digits as one can use.

    >>> [number(v) for v in (1234.56, 12.345, 0.00123, -3.0, 0, float("nan"))]
    ['1,235', '12.3', '0.00123', '−3.00', '0', '–']
    """
    value = float(value)
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size < -6 or size > 14:
        return f"{value:.{digits - 1}e}".replace("-", "−")
    text = f"{value:,.{max(digits - 1 - size, 0)}f}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """Write a share in per cent.

    >>> percent(0.8765), percent(float("nan"))
    ('87.6%', '–')
    """
    return f"{100 * share:.1f}%" if math.isfinite(share) else "–"


def relative(ratio: float) -> str:
    """Say how an error compares with another one.

    >>> relative(0.58), relative(1.034), relative(0.9999)
    ('42% less', '3% more', 'within 1%')
    """
    if not math.isfinite(ratio):
        return "–"
    change = round(100 * (ratio - 1))
    if change == 0:
        return "within 1%"
    return f"{abs(change):,}% {'less' if change < 0 else 'more'}"


def span(n: int, step: str) -> str:
    """Say how long n steps are.

    >>> span(24, "h"), span(1, "D"), span(12, "MS"), span(96, "15min"), span(3, "")
    ('24 hours', '1 day', '12 months', '96 steps of 15 minutes', '3 rows')
    """
    if not step or "," in step:
        return counted(n, "row")
    size, code = re.findall(r"^(\d*)([^-]*)", step)[0]
    unit = UNITS.get(code)
    if unit is None:
        return f"{counted(n, 'step')} of {step}"
    if size in ("", "1"):
        return counted(n, unit)
    return f"{counted(n, 'step')} of {counted(int(size), unit)}"


def step_name(step: str) -> str:
    """Name a step.

    >>> step_name("h"), step_name("15min"), step_name("B")
    ('1 hour', '15 minutes', '1 business day')
    """
    return span(1, step).removeprefix("1 step of ")


def counted(n: int, what: str) -> str:
    """Write a number of things.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def stamp(when: Any, step: str = "") -> str:
    """Write a stamp; the time of day only where there is one.

    >>> stamp(pd.Timestamp("2024-03-01 07:00"), "h"), stamp(17)
    ('2024-03-01 07:00', 'row 17')
    """
    if isinstance(when, pd.Period):
        return str(when)
    if not isinstance(when, pd.Timestamp):
        return f"row {when:,}"
    is_date = when == when.normalize() and not re.search(r"(h|min|s|ms|us|ns)$", step)
    if is_date:
        return f"{when:%Y-%m-%d}"
    return f"{when:%Y-%m-%d %H:%M}" + (f":{when:%S}" if when.second else "")


def listed(words: list[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def some(values: list, most: int) -> str:
    """Write names, of very many the first ones.

    >>> some(["a", "b"], 2), some(["a", "b", "c"], 1)
    ('a, b', 'a and 2 more')
    """
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(map(str, values[:most])) + more
