"""Numbers as people write them where fields are not separated by commas: 1.234,5."""

import pandas as pd

__all__ = ["COMMA_NUMBER", "read_commas"]

COMMA_NUMBER = r"^\s*[+-]?(?:\d{1,3}(?:\.\d{3})+|\d*),\d+\s*$"
THOUSANDS = r"^\s*[+-]?[1-9]\d{0,2}(?:\.\d{3})+\s*$"
BELOW = r"^\s*[+-]?\d{1,3}\s*$"


def read_commas(frame: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """Read decimal commas, and points between thousands.

    Parameters
    ----------
    frame, raw : DataFrame
        The table as pandas reads it, and its fields as they are written.
    """
    commas = any(raw[name].str.match(COMMA_NUMBER, na=False).any() for name in raw)
    columns = {}
    for name in map(str, frame.columns):
        text = raw[name].dropna()
        if text.str.match(COMMA_NUMBER).any():
            columns[name] = with_points(text)
        elif has_thousands(text, commas):
            columns[name] = pd.to_numeric(text.str.replace(".", ""))
    return frame.assign(**{k: v.reindex(frame.index) for k, v in columns.items()})


def has_thousands(text: pd.Series, commas: bool) -> bool:
    """Tell whether points part thousands: 1.234 beside 987, and never 1.23 or 1234.

    Where all numbers have a point, ``commas`` elsewhere in the table decide.
    """
    pointed = text.str.contains(".", regex=False)
    if not pointed.any() or not text[pointed].str.match(THOUSANDS).all():
        return False
    rest = text[~pointed]
    if len(rest) > 0:
        return bool(rest.str.match(BELOW).all())
    return commas or bool((text.str.count(r"\.") > 1).any())


def with_points(text: pd.Series) -> pd.Series:
    """Read numbers such as 1.234,5; the odd ones stay text, and are named later."""
    points = text.str.replace(".", "").str.replace(",", ".")
    numbers = pd.to_numeric(points, errors="coerce")
    if numbers.isna().any():
        return text.where(numbers.isna(), points)
    return numbers
