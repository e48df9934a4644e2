"""The page of results: means, goals, tables and pictures, from records by hand."""

import doctest

import numpy as np
import pytest

from benchmarks.results import (
    ablation,
    goals,
    models,
    page,
    pictures,
    scores,
    tables,
    tasks,
)
from benchmarks.results.goals import Goal

from .toy_records import record, table_of


def test_a_mean_over_seeds():
    found = table_of(*(record(seed=s, mse=m) for s, m in enumerate((0.2, 0.3, 0.7))))
    mean = scores.mean_of(found, "ett_m", "informer", 24)
    assert mean == pytest.approx((0.4, 0.2, 0.7, 3, 3))
    assert scores.mean_of(found, "ett_m", "informer", 48) is None


def test_missed_goals_come_first_and_unfinished_ones_are_not_judged():
    rows = [record(seed=s, mse=0.2) for s in range(3)]
    rows += [record(horizon=48, seed=s, mse=0.4) for s in range(3)]
    rows += [record(horizon=96, seed=0, mse=0.1)]
    found = goals.goals(table_of(*rows))
    met = [goal.met for goal in found]
    assert met == sorted(met, key=[False, None, True].index)
    by_name = {goal.check: goal for goal in found}
    assert by_name["ETTh1, seven targets, MSE at 24"].met is True
    assert by_name["ETTh1, seven targets, MSE at 48"].met is False
    unfinished = by_name["ETTh1, seven targets, MSE at 96"]
    assert (unfinished.met, unfinished.detail) == (None, "1 of 3 seeds")


def test_a_goal_that_is_just_reached_is_reached():
    assert Goal("a", 0.3, 0.3).met is True
    assert Goal("a", 0.3, 0.3001).met is False
    assert Goal("a", 0.3, None).met is None


def test_the_whole_against_the_better_of_its_parts():
    rows = [record(seed=s, mse=0.33) for s in range(3)]
    rows += [record(model="ridge", mse=0.30), record(model="lags", mse=0.60)]
    found = table_of(*rows)
    row = next(goal for goal in goals.parts(found) if "anywhere" in goal.check)
    assert row.reached == pytest.approx(1.1)
    assert (row.met, row.detail) == (
        None,
        "worst: ett_m 24 mse; not all are measured",
    )
    assert any(
        line.endswith("| .3300 | .3000 | .6000 |  | 1.100 |")
        for line in tables.parts_table(found)
    )


def test_baselines_that_are_absent_are_counted():
    rows = [record("ett_s24", "arima", h) for h in tasks.ALL]
    assert goals.present(table_of(*rows)).reached == 28


def test_the_error_table_holds_published_figures_too():
    lines = tables.error_table(table_of(record(seed=1, mse=0.3149)), "ett_m")
    assert lines[0] == "| MSE | 24 | 48 | 96 | 168 | 192 | 336 | 720 |"
    assert lines[2].startswith("| Informer | .315 (1 of 3 seeds) |  |")
    assert "| *NLinear* |  |  | .374 |  | .408 | .429 | .440 |" in lines


def test_the_bike_table_has_means_over_seeds_of_each_fold():
    def of(seed, *maes):
        parts = [{"name": "", "original": {"mae": m, "rmse": 2 * m}} for m in maes]
        return record("bike", "informer", 168, seed, maes[0], parts=parts)

    lines = tables.bike_table(table_of(of(0, 0.1, 0.2), of(1, 0.3, 0.4)))
    assert lines[2].endswith("| .2000 / .4000 | .3000 / .6000 |")


def test_the_ablation_is_relative_to_the_default(monkeypatch):
    monkeypatch.setitem(models.VARIANTS, "wide", {"d_model": 128})
    rows = [
        record("sel_load", "default", 48, mse=0.2),
        record("sel_load", "wide", 48, 0, mse=0.2),
        record("sel_load", "wide", 48, 1, mse=0.28),
        record("sel_load", "naive", 48, mse=0.5),
    ]
    lines = ablation.ablation(table_of(*rows))
    assert "| `default` | .2000 | +0.0% | .2000 |" in lines
    assert "| `wide` | .2400 | +20.0% | .2400 |" in lines
    assert "| *seasonal naive* | .5000 | +150.0% | .5000 |" in lines


def test_all_readings_are_listed_and_old_ones_are_in_no_other_table():
    rows = [
        record(mse=0.111, version=0, commit="old"),
        record(seed=1, dirty=True),
        record(horizon=48, seed=1, dirty=True),
        record("sel_load", "naive", 48),
    ]
    lines = page.readings(rows)
    assert lines[2:] == [
        "| ett_m | Informer | 24 | 0 | 1 | old | 2026-01-02 |",
        "| ett_m | Informer | 24, 48 | 1 | 2 | abc+ | 2026-01-02 |",
    ]
    text = page.render(rows, "What was tried.", "Before.")
    assert ".111" not in text
    for part in ("What was tried.", "Before.", "a machine", "torch 2.13"):
        assert part in text


def test_it_can_be_written_without_a_record(tmp_path):
    page.write(tmp_path / "results.md", [])
    assert "No variant has been measured yet" in (tmp_path / "results.md").read_text()


def test_pictures_are_saved_beside_it(tmp_path):
    rows = [
        record("ett_s24", model, h, mse=0.1 * h)
        for model in ("informer", "arima", "lags")
        for h in (24, 96)
    ]
    page.write(tmp_path / "results.md", rows)
    saved = sorted(path.name for path in (tmp_path / "_static").iterdir())
    assert saved == ["results_error.png", "results_time.png"]


def test_labels_are_moved_apart_and_keep_their_order():
    rng = np.random.default_rng(0)
    places = rng.uniform(size=11)
    moved = pictures.spread_out(places, 0.07)
    assert (np.argsort(moved) == np.argsort(places)).all()
    assert np.diff(np.sort(moved)).min() >= 0.07 - 1e-9
    far = np.array([0.9, 0.1, 0.5])
    assert (pictures.spread_out(far, 0.07) == far).all()


@pytest.mark.parametrize("module", [tables, pictures])
def test_the_examples_in_docstrings(module):
    done = doctest.testmod(module)
    assert done.attempted > 0
    assert done.failed == 0


def test_the_short_tables_mark_what_is_shown_as_best():
    rows = [record(seed=s, mse=m) for s, m in enumerate((0.2, 0.3, 0.4))]
    rows += [record(model="ridge", mse=0.3004), record(model="naive", mse=0.5)]
    rows += [record(model="naive", horizon=48, mse=0.6)]
    lines = tables.short_table(table_of(*rows), "ett_m")
    assert lines[0] == "| MSE | 24 | 48 | 96 | 168 | 192 | 336 | 720 |"
    assert "| Informer | **.300** |  |  |  |  |  |  |" in lines
    assert "| ridge | **.300** |  |  |  |  |  |  |" in lines
    assert "| seasonal naive | .500 | **.600** |  |  |  |  |  |" in lines
    rows = [record(mse=0.3), record(model="paper", mse=0.1)]
    lines = tables.short_table(table_of(*rows), "ett_m")
    assert lines[2:] == ["| Informer | **.300**† |  |  |  |  |  |  |"]
    assert (
        "Transformer at 720 (windows_per_epoch=1200, max_epochs=4)" in page.shortened()
    )
    bike = [record("bike", m, 168, mse=e) for m, e in (("naive", 0.1), ("hgb", 0.04))]
    lines = tables.short_bike_table(table_of(*bike))
    assert [line.split(" | ")[1] for line in lines[2:]] == [".0400", ".1000"]


def test_seeds_that_agree_to_the_last_digit_had_no_network():
    rows = [record(seed=seed, mse=0.3) for seed in range(3)]
    rows += [record(horizon=48, seed=seed, mse=0.3 + 1e-5 * seed) for seed in range(3)]
    rows += [record(horizon=96, seed=seed, mse=0.3) for seed in range(2)]
    assert scores.agreeing(table_of(*rows), "ett_m", "informer") == [24]
    assert "(of seven targets at 24)" in page.unused(table_of(*rows))
    assert page.unused(table_of(*rows[3:])) == ""


def test_a_model_that_is_only_timed_has_no_errors():
    found = table_of(record("ett_s24", "timed"), record("ett_s24", "ridge"))
    assert scores.models_of(found, "ett_s24") == ["ridge"]
    assert not any("counted" in x for x in tables.error_table(found, "ett_s24"))
    assert list(pictures.errors(found)) == ["ridge"]
    assert list(pictures.times(found)) == ["ridge", "informer"]
    times = tables.time_table(found, "one_forecast_seconds")
    assert times[2].startswith("| Informer, its network counted | 10 ms |")
    assert not any("counted" in x for x in tables.time_table(found, "fit_seconds"))
