"""What all pictures share."""

import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from numpy.testing import assert_array_equal

from skinformer.inspection.style import (
    as_axis,
    import_pyplot,
    label_stamps,
    line_style,
    name_y_axis,
    new_axes,
    place_legend,
)


def ticks_of(ax, zone):
    """Return the ticks within the limits, as stamps of a zone, and what they say."""
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    said = {
        place: text.get_text()
        for place, text in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
        if low <= place <= high
    }
    stamps = pd.to_datetime(list(said), unit="D", utc=True).round("s")
    return stamps.tz_convert(zone), list(said.values())


def test_instants_run_forwards_when_the_clock_is_put_back():
    index = pd.date_range("2024-10-27", periods=26, freq="h", tz="Europe/Berlin")
    placed = as_axis(index)
    assert (np.diff(placed) == np.timedelta64(1, "h")).all()
    assert placed[0] == np.datetime64("2024-10-26T22:00")


@pytest.mark.parametrize("day", ["2024-03-31", "2024-10-27"])
def test_ticks_are_on_the_local_clock_when_it_changes(day):
    first = pd.Timestamp(day, tz="Europe/Berlin") - pd.Timedelta(1, "D")
    index = pd.date_range(first, periods=72, freq="h")
    _, ax = plt.subplots(figsize=(9, 3))
    ax.plot(as_axis(index), np.arange(72))
    label_stamps(ax, index)
    assert ax.get_xlabel() == "local time (Europe/Berlin)"
    stamps, said = ticks_of(ax, "Europe/Berlin")
    assert_array_equal(stamps.hour, 0)  # midnight on the wall, before and after
    assert len(said) == 4
    assert said[1] == day[-2:]


def test_rows_and_periods():
    _, (plain, periods) = plt.subplots(2)
    label_stamps(plain, pd.RangeIndex(5))
    assert plain.get_xlabel() == "row"
    months = pd.period_range("2024-01", periods=3, freq="M")
    assert_array_equal(
        as_axis(months), np.array(["2024-01", "2024-02", "2024-03"], "M8[ns]")
    )
    label_stamps(periods, months)
    assert periods.get_xlabel() == "time"


def test_no_two_of_twelve_lines_are_alike():
    styles = [(line_style(i)["color"], line_style(i)["ls"]) for i in range(12)]
    assert len(set(styles)) == 12
    # neighbours differ in grey print, too
    dashes = [dashes for _, dashes in styles]
    assert all(a != b for a, b in pairwise(dashes))


@pytest.mark.parametrize(("size", "label"), [(5, "error (MW)"), (0.8, "error\n(MW)")])
def test_long_name_of_an_axis_has_two_lines(size, label):
    _, ax = plt.subplots(figsize=(5, size))
    name_y_axis(ax, "error (MW)")
    assert ax.get_ylabel() == label
    name_y_axis(ax, "errors without a unit, of whatever length")
    assert "\n" not in ax.get_ylabel()


@pytest.mark.parametrize(("width", "columns"), [(9.0, 3), (4.0, 2), (2.5, 1)])
def test_legend_takes_the_columns_it_has_room_for(width, columns):
    _, ax = plt.subplots(figsize=(width, 3))
    for name in ("one", "two", "a name of some length"):
        ax.plot([0, 1], label=name)
    place_legend(ax)
    assert ax.get_legend()._ncols == columns


def test_legend_of_nothing():
    _, ax = plt.subplots()
    ax.plot([0, 1])
    place_legend(ax)
    assert ax.get_legend() is None


def test_axes_of_the_user():
    _, ax = plt.subplots()
    assert new_axes(ax, "Display") is ax
    assert new_axes(None, "Display") is not ax


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    monkeypatch.delattr(sys.modules["matplotlib"], "pyplot")
    with pytest.raises(
        ModuleNotFoundError, match=r"Some needs .* 'skinformer\[plot\]'"
    ):
        import_pyplot("Some")


def test_a_dollar_is_no_formula():
    ax = new_axes(None, "a test")
    ax.plot([1, 2], label="$\\frac{a$")
    name_y_axis(ax, "price of $ ($/MWh)")
    place_legend(ax)
    ax.figure.canvas.draw()  # matplotlib would fail for the formula
    assert not ax.yaxis.label.get_parse_math()
    plt.close(ax.figure)
