"""Months, quarters and weeks as dates: the first day of each."""

import pandas as pd

from .date_values import Dates, refuse_other

__all__ = ["from_spans", "span_format"]

# as pandas reads them; a week is read by its Monday
FORMATS = {
    "%Y-%m": "year-month",
    "%Y/%m": "year/month",
    "%m/%Y": "month/year",
    "%m-%Y": "month-year",
    "%b %Y": "month and year",
    "%B %Y": "month and year",
    "%b-%Y": "month-year",
    "%b-%y": "month-year",
    "%Y %b": "year and month",
    "%G-W%V-%u": "year and week",
}
QUARTER = r"^(\d{4})[- ]?[Qq]([1-4])$"
WEEK = r"^(\d{4})-?W(\d{2})$"


def span_format(values: pd.Series) -> str | None:
    """Return the format of months, quarters or weeks; None if the first is none."""
    first = as_read(values.head(1))
    read = [f for f in FORMATS if read_by(first, f).notna().all()]
    return read[0] if read else None


def from_spans(text: pd.Series, format: str) -> Dates:
    """Read months, quarters or weeks as their first days."""
    stamps = read_by(as_read(text), format)
    refuse_other(text, stamps.isna())
    is_quarter = text.str.strip().str.match(QUARTER).iloc[0]
    what = "year and quarter" if is_quarter else FORMATS[format]
    return Dates(stamps, f"{what}, the first day of each")


def as_read(text: pd.Series) -> pd.Series:
    """Write quarters as their first month, and weeks with their Monday."""
    plain = text.astype(str).str.strip()
    plain = plain.str.replace(WEEK, r"\1-W\2-1", regex=True)
    return plain.str.replace(
        QUARTER, lambda found: f"{found[1]}-{3 * int(found[2]) - 2:02d}", regex=True
    )


def read_by(text: pd.Series, format: str) -> pd.Series:
    """Read dates by a format, NaT where one does not have it."""
    return pd.to_datetime(text, format=format, errors="coerce")
