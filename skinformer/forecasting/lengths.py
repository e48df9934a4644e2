"""How many rows to read, where the user leaves it open."""

__all__ = ["context_length", "highway_length"]

SEASONS, HIGHWAY_SEASONS = 4, 21
# rows, for series whose season is short or unknown
LEAST, HIGHWAY_LEAST = 24, 96
# rows, three weeks of quarter hours: the map is solved in their cube
MOST = 2016


def whole_seasons(rows: int, season: int) -> int:
    """Round down to whole seasons; of less than one, keep the rows, at least one.

    >>> whole_seasons(60, 24), whole_seasons(20, 24), whole_seasons(0, 24)
    (48, 20, 1)
    """
    return max(rows // season * season, min(rows, season), 1)


def highway_length(n_rows: int, pred_len: int, season: int) -> int:
    """Choose the rows that the linear map reads: three weeks of hours.

    No more than a quarter of the rows that train, and no more than 2016: of minutes,
    one day.

    >>> highway_length(8640, 24, season=24), highway_length(500, 24, season=24)
    (504, 96)
    >>> highway_length(10**6, 24, season=1440)
    1440
    """
    wished = min(max(HIGHWAY_SEASONS * season, HIGHWAY_LEAST), MOST)
    return whole_seasons(min(wished, (n_rows - pred_len) // 4), season)


def context_length(n_rows: int, pred_len: int, season: int) -> int:
    """Choose the rows that the network reads: four seasons, at most 2016 rows.

    >>> context_length(8640, 24, season=24), context_length(8640, 24, season=7)
    (96, 28)
    """
    wished = min(max(SEASONS * season, LEAST), MOST)
    return whole_seasons(min(wished, (n_rows - pred_len) // 4), season)
