"""The figures: what is drawn, and that nothing of the user's is read as markup."""

import base64
import json

import numpy as np
import pandas as pd
import pytest

from skinformer.report import figures
from skinformer.report.by_clock import by_clock
from skinformer.report.drawing import along, name_and_unit, times
from skinformer.report.forecast_figure import forecast_figure, outline, zooms
from skinformer.report.tracks import Piece

from .conftest import EVIL


def values_of(packed):
    """Return numbers as plotly packs them."""
    if isinstance(packed, list):
        return np.array(packed, dtype=float)
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])


def trace(figure, name):
    [found] = [t for t in figure["data"] if t["name"] == name]
    return found


def test_errors_by_step_are_drawn(report):
    drawn = trace(figures.step_figure(report, 0), report.name)
    expected = report.ours.metric("mae", by="step")
    assert values_of(drawn["y"]) == pytest.approx(expected, rel=1e-6)
    assert values_of(drawn["x"]).tolist() == list(range(1, 13))


def test_errors_by_step_leave_out_unknown_truths(report):
    truth = np.array([[1.0, np.nan], [3.0, np.nan]])[..., None]
    result = type(report.ours)(np.arange(2), ["y"], truth, np.zeros_like(truth))
    errors = figures.errors_by_step(result, 0)
    assert np.array_equal(errors, [2.0, np.nan], equal_nan=True)


def test_the_forecast_is_drawn_where_it_was_made(report):
    [track] = report.tracks
    figure = forecast_figure(report, track, 0, n_rows=10**6)
    observed = trace(figure, "observed")
    assert observed["x0"] == "2024-01-01 00:00:00"
    assert observed["dx"] == 3_600_000
    assert values_of(observed["y"]) == pytest.approx(track.y_true[:, 0], rel=1e-6)
    forecast = trace(figure, "forecast")
    assert forecast["x0"] == "2024-02-02 00:00:00"
    assert values_of(forecast["y"]) == pytest.approx(
        track.tested.y_pred[:, 0], rel=1e-6
    )
    ahead = trace(figure, "forecast past the end")
    assert ahead["x0"] == "2024-02-10 00:00:00"
    assert figure["layout"]["yaxis"]["title"]["text"] == "load (MW)"


def test_rows_before_are_cut_where_they_are_many(report):
    [track] = report.tracks
    drawn = trace(forecast_figure(report, track, 0, n_rows=200), "observed")
    assert len(values_of(drawn["y"])) == 200


def test_an_interval_is_drawn_around_and_parted_at_holes():
    index = pd.date_range("2024-01-01", periods=3, freq="D")
    ends = np.array([[0.0, 9.0], [1.0, 8.0], [2.0, 7.0]])[:, None]
    piece = Piece(index, np.array([1, 2, 1]), np.zeros((3, 1)), ends)
    x, y = outline(piece, np.array([4, 5, 7]), 0)
    assert y == [0.0, 1.0, 8.0, 9.0, None, 2.0, 7.0, None]
    a, b, c = times(index)
    assert x == [a, b, b, a, None, c, c, None]


def test_buttons_show_parts_of_the_time(report):
    [track] = report.tracks
    found = zooms(report, track)
    end = "2024-02-10 11:00:00"  # of the forecast past the end
    assert found["all"] == ["2024-01-01 00:00:00", end]
    assert found["test"] == ["2024-02-02 00:00:00", end]
    assert found["last"] == ["2024-02-09 00:00:00", end]
    assert found["recent"] == ["2024-02-06 12:00:00", end]  # seven blocks of 12


def test_times_are_on_the_local_clock_and_uneven_ones_are_listed():
    index = pd.date_range("2024-03-31", periods=4, freq="h", tz="Europe/Berlin")
    listed = along(index)["x"]
    assert [time[11:13] for time in listed] == ["00", "01", "03", "04"]
    months = pd.date_range("2024-01-31", periods=3, freq="ME")
    assert len(along(months)["x"]) == 3
    assert along(pd.period_range("2024-01", periods=2, freq="M"))["x"] == [
        "2024-01-01 00:00:00",
        "2024-02-01 00:00:00",
    ]


def test_coverage_in_parts_of_the_horizon(report):
    parts = figures.held_by_step(report, 0)
    assert [label for label, *_ in parts] == [
        *["1–2", "3", "4", "5–6", "7–8", "9", "10", "11–12"]
    ]
    [track] = report.tracks
    step, ends = track.tested.step, track.tested.interval[:, 0]
    third = step == 3
    inside = (ends[:, 0] <= track.truth[:, 0]) & (track.truth[:, 0] <= ends[:, 1])
    assert parts[1][1] == inside[third].mean()
    assert parts[1][2] == pytest.approx((ends[:, 1] - ends[:, 0])[third].mean())
    bars = trace(figures.coverage_figure(report, 0), "measured")
    assert values_of(bars["y"]) == pytest.approx([100 * share for _, share, _ in parts])


def test_the_calendar_is_drawn(report):
    clock = by_clock(report.results)[0]
    level = figures.clock_level_figure(report, clock, 0)
    assert values_of(trace(level, "observed")["y"]) == pytest.approx(
        clock.truth[:, 0], rel=1e-6
    )
    error = figures.clock_error_figure(report, clock, 0)
    assert {t["name"] for t in error["data"]} == set(report.results)


def test_foreign_text_is_escaped_for_plotly(panel_report):
    track = panel_report.tracks[0]
    drawn = [
        forecast_figure(panel_report, track, 1, n_rows=10**6),
        figures.step_figure(panel_report, 1),
    ]
    text = json.dumps(drawn)
    assert "<b>" not in text
    assert "&lt;b&gt;" in text
    assert (
        name_and_unit(EVIL[2], "<i>")
        == "&lt;img src=x onerror=alert(1)&gt; (&lt;i&gt;)"
    )


def test_figures_carry_no_colours_of_their_own(report):
    [track] = report.tracks
    text = json.dumps(forecast_figure(report, track, 0, n_rows=100))
    assert "var(--forecast)" in text
    assert "#" not in text
