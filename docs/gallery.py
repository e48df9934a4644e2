"""The gallery: in which order the examples stand, and which of them can run here."""

import re
from pathlib import Path

from sphinx_gallery.sorting import FileNameSortKey

from skinformer import fetch_bike_sharing, fetch_ett
from skinformer.exceptions import DatasetUnavailableError

# From the first forecast on, each a little further from it.
ORDER = (
    "plot_first_forecast.py",
    "plot_own_csv.py",
    "plot_pipeline_grid_search.py",
    "plot_search_with_pruning.py",
    "plot_past_only_columns.py",
    "plot_many_series.py",
    "plot_dask.py",
    "plot_intervals.py",
    "plot_hourly_update.py",
    "plot_comparing.py",
    "plot_bike_sharing.py",
    "plot_etth1.py",
)

# Examples on measured series, and what says whether the series is on this machine.
LOADERS = {"plot_bike_sharing": fetch_bike_sharing, "plot_etth1": fetch_ett}

UNDERLINE = re.compile(r"^={3,}\n", re.M)  # of the title
NOT_RUN = """
.. note::

   This example was not run when these pages were built, because its data set was not on
   that machine: what it prints and draws is absent.

"""


class ReadingOrder(FileNameSortKey):
    """Sort as ``ORDER`` has it; what it does not name comes last, by name."""

    def __call__(self, filename):
        """Return what to sort a file by."""
        name = Path(filename).name
        place = ORDER.index(name) if name in ORDER else len(ORDER)
        return f"{place:03d} {name}"


def without_data():
    """Return the examples whose data set is not here. Nothing is downloaded."""
    absent = []
    for example, loader in LOADERS.items():
        try:
            loader(download_if_missing=False)
        except DatasetUnavailableError:
            absent.append(example)
    return absent


def runs(absent):
    """Return the pattern of the examples to run: all but those."""
    others = "".join(f"(?!{name})" for name in absent)
    return rf"/{others}plot_"


def say_not_run(absent):
    """Return a reader of sources that puts a note below the title of those pages."""

    def put_note(app, docname, source):
        folder, _, name = docname.rpartition("/")
        if folder == "auto_examples" and name in absent:
            source[0] = UNDERLINE.sub(rf"\g<0>{NOT_RUN}", source[0], count=1)

    return put_note
