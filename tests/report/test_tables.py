"""The tables: the right numbers, and the best of them marked."""

from dataclasses import replace

import numpy as np
import pytest

from skinformer.report import tables
from skinformer.report.by_clock import by_clock
from skinformer.report.data_facts import Hole
from skinformer.report.words import number


def column(table, title):
    i = table.head.index(title)
    return [row[i] for row in table.rows]


def names(table):
    return [row[0].text for row in table.rows]


def test_overall_errors_are_those_of_the_backtest(report):
    table = tables.overall_table(report)
    assert names(table) == ["SeasonalNaive (yours)", "SeasonalNaive", "last week"]
    for metric, title in [("mae", "MAE (MW)"), ("rmse", "RMSE (MW)"), ("mase", "MASE")]:
        values = [r.metric(metric) for r in report.results.values()]
        cells = column(table, title)
        assert [cell.text for cell in cells] == [number(v) for v in values]
        least = number(min(values))
        assert [cell.best for cell in cells] == [c.text == least for c in cells]
    assert not any(cell.best for cell in column(table, "Bias (MW)"))


def test_the_same_training_rows_measure_all(report):
    scales = [result.scale for result in report.results.values()]
    assert all(scale is scales[0] for scale in scales)
    n = report.parts.n_train
    [track] = report.tracks
    assert scales[0].std[0] == pytest.approx(np.std(track.y_true[:n, 0]))


def test_each_target_is_in_its_own_unit(panel_report):
    table = tables.by_target(panel_report)
    errors = panel_report.ours.metric("mae", by="target")
    assert [c.text for c in column(table, panel_report.name)] == list(
        map(number, errors)
    )
    unit = panel_report.data.targets[0].unit
    assert names(table)[0] == f"{panel_report.data.targets[0].name} ({unit})"


def test_the_worst_series_beside_naive_stands_first(panel_report):
    ours = panel_report.ours
    worse = ours.y_pred.copy()
    second = ours.series == ours.series.unique()[1]
    worse[second] += 5.0
    results = {**panel_report.results, panel_report.name: replace(ours, y_pred=worse)}
    table = tables.by_series(replace(panel_report, results=results))
    assert names(table) == [str(s) for s in ours.series.unique()[::-1]]


def test_errors_by_step(report):
    table = tables.step_table(report, 0)
    errors = report.ours.metric("mae", by="step")
    assert names(table) == [str(step) for step in range(1, 13)]
    assert [c.text for c in column(table, report.name)] == list(map(number, errors))


def test_long_horizons_show_every_few_steps(report):
    n, k = 119, 1
    ours = report.ours
    long = replace(
        ours, y_true=np.zeros((5, n, k)), y_pred=np.ones((5, n, k)), scale=None
    )
    results = dict.fromkeys(report.results, long)
    table = tables.step_table(replace(report, results=results, horizon=n), 0)
    assert names(table)[:3] == ["1", "4", "7"]
    assert table.caption.endswith("one step in 3")


def test_the_calendar_by_hour(report):
    clock = by_clock(report.results)[0]
    table = tables.clock_table(report, clock, 0)
    assert names(table) == [f"{hour:02d}" for hour in range(24)]
    stamps, truth = report.ours.timestamps, report.ours.y_true.ravel()
    at_seven = truth[np.asarray(stamps.hour) == 7].mean()
    assert column(table, "Observed mean")[7].text == number(at_seven, 4)


def test_coverage_by_target(panel_report):
    table = tables.coverage_table(panel_report)
    for i, row in enumerate(table.rows):
        ends = np.concatenate([t.tested.interval[:, i] for t in panel_report.tracks])
        truth = np.concatenate([t.truth[:, i] for t in panel_report.tracks])
        inside = ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()
        assert row[2].text == f"{100 * inside:.1f}%"
        assert row[3].text == number((ends[:, 1] - ends[:, 0]).mean())


def test_the_last_block_and_what_follows(report):
    [track] = report.tracks
    table = tables.forecast_table(report, track, 0)
    assert len(table.rows) == 24
    assert names(table)[0] == "2024-02-09 12:00"
    observed = column(table, "Observed")
    assert observed[0].text == number(track.y_true[-12, 0], 4)
    assert observed[12].text == "not yet"
    assert names(table)[12] == "2024-02-10 00:00"
    upper = column(table, "Upper end")
    assert upper[12].text == number(track.future.interval[0, 0, 1], 4)


def test_holes(report):
    first, last = report.data.first, report.data.last
    holes = [Hole("all", first, last, 3), Hole("load", last, last, 1)]
    table = tables.hole_table(replace(report, data=replace(report.data, holes=holes)))
    assert names(table) == ["no row", "no load"]
    assert [cell.text for cell in column(table, "Rows")] == ["3", "1"]


def test_equal_looking_numbers_are_equally_good():
    cells = tables.marked([1.0, 1.0001, 2.0])
    assert [cell.best for cell in cells] == [True, True, False]


def test_settings_tables(report):
    assert names(tables.parameter_table(report, is_default=False)) == ["pred_len"]
    assert "pred_len" not in names(tables.parameter_table(report, is_default=True))
    assert "numpy" in names(tables.version_table(report))
    assert names(tables.found_table(report)) == ["season_"]
