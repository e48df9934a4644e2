"""Series whose forecasts can be told by hand, cut into partitions."""

import weakref

import dask.dataframe as dd
import numpy as np
import pandas as pd

from skinformer import SeasonalNaive

# unpicklings in this process
ARRIVALS = []


class Counted(SeasonalNaive):
    """The last value again; it notes when it arrives somewhere."""

    def __setstate__(self, state):
        ARRIVALS.append("model")
        super().__setstate__(state)


class CountedFrame(pd.DataFrame):
    """A frame that notes when it arrives somewhere; its parts are plain frames."""

    @property
    def _constructor(self):
        return pd.DataFrame

    def __setstate__(self, state):
        ARRIVALS.append("frame")
        super().__setstate__(state)


def arrivals():
    return list(ARRIVALS)


def forget():
    ARRIVALS.clear()


def hourly(names, n, first="2024-01-01"):
    """Return n hours of some series, targets and all in one frame.

    The load of series k in hour i is 100 * k + i, its price ten times that.
    """
    index = pd.date_range(first, periods=n, freq="h", name="when")
    parts = []
    for name in names:
        load = 100.0 * int(name[1:]) + np.arange(n)
        frame = pd.DataFrame({"store": name, "load": load, "price": 10 * load}, index)
        parts.append(frame)
    return pd.concat(parts)


def cut(frame, *groups):
    """Return a Dask frame with a partition for each group of series."""
    parts = [frame[frame["store"].isin(names)] for names in groups]
    return dd.concat(
        [dd.from_pandas(part, npartitions=1, sort=False) for part in parts]
    )


def naive(frame, targets="load", cls=SeasonalNaive, **settings):
    """Return a fitted forecaster that repeats the last value of each series."""
    model = cls(**{"pred_len": 3, "season": 1, "series": "store"} | settings)
    return model.fit(frame[["store"]], frame[targets])


class Refusing(SeasonalNaive):
    """A forecaster that is not fitted on 72 rows."""

    def _fit_panel(self, panel):
        if panel[0].n_known == 72:
            raise ValueError(f"no fit on {panel[0].n_known} rows")
        super()._fit_panel(panel)


# frames of make_part that this process holds, and the most that there were
ALIVE, PEAK = [], [0]


def make_part(number):
    """Return hours 20 to 24 of a series; it is noted while it lives."""
    frame = hourly([f"s{number}"], 25)[20:]
    ARRIVALS.append("part")
    ALIVE.append(number)
    PEAK[0] = max(PEAK[0], len(ALIVE))
    weakref.finalize(frame, ALIVE.remove, number)
    return frame


def most_at_once():
    return PEAK[0]
