"""The accuracy runs and their page, on toy tasks and on records made by hand."""

import doctest
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor

from benchmarks.results import (
    ablation,
    data,
    goals,
    measure,
    models,
    page,
    pictures,
    records,
    runner,
    scores,
    tables,
    tasks,
    worker,
)
from benchmarks.results.__main__ import main
from benchmarks.results.goals import Goal
from benchmarks.results.records import Key
from skinformer import SeasonalNaive
from skinformer.exceptions import NotConvergedWarning

# A toy: y is 0, 1, 2 ...; the last value once more is off by 1, 2, 3 ...


def counting(n_columns=1, tested=slice(50, 60)):
    index = pd.date_range("2024-01-01", periods=60, freq="h")
    y = np.arange(60.0)[:, None] * np.arange(1, n_columns + 1)
    names = list("abc"[:n_columns])
    X, y = pd.DataFrame(index=index), pd.DataFrame(y, index, names)
    return [data.Part("only", X, y, slice(0, 50), tested, slice(0, 5))]


def toy(name, **other):
    settings = {"horizons": (3,), "models": {"naive": (0,)}, "season": 1} | other
    return tasks.Task(name, name, settings.pop("load", counting), **settings)


@pytest.fixture
def use(monkeypatch):
    """Put toy tasks in the place of the tasks."""

    def put(*toys):
        table = {task.name: task for task in toys}
        for module in (tasks, measure, runner, scores, page, goals, tables):
            if hasattr(module, "TASKS"):
                monkeypatch.setattr(module, "TASKS", table)

    return put


def record(task="ett_m", model="informer", horizon=24, seed=0, mse=0.3, **other):
    """Return a record with one error, all metrics being the same number."""
    errors = dict.fromkeys(("mse", "mae", "rmse"), mse)
    part = {"name": "test", "original": errors, "standardized": errors}
    return {
        "task": task,
        "model": model,
        "horizon": horizon,
        "seed": seed,
        "version": tasks.VERSION,
        "overrides": models.overrides_of(model),
        "errors": {"original": errors, "standardized": errors},
        "parts": [part],
        "fit_seconds": 1.0,
        "forecast_seconds": 2.0,
        "one_forecast_seconds": {"clock": 0.02, "process": 0.01},
        "versions": {"python": "3", "torch": "2.13"},
        "commit": "abc",
        "dirty": False,
        "machine": "a machine",
        "date": "2026-01-02 03:04",
    } | other


def table_of(*rows):
    return records.current(rows)


class TestMeasure:
    def test_errors_of_every_window_by_hand(self, use):
        use(toy("a"))
        (found,) = measure.measure("naive", 3, 0, ["a"])
        assert found["n_windows"] == 8  # 10 rows, windows of 3
        assert found["errors"]["original"]["mse"] == pytest.approx(14 / 3, rel=1e-4)
        assert found["errors"]["original"]["bias"] == -2
        # rows 0 to 4 have the variance 2
        assert found["errors"]["standardized"]["mse"] == pytest.approx(7 / 3, rel=1e-4)
        assert found["per_step"]["mse"] == [0.5, 2.0, 4.5]
        # five rows have no season of 24: NaN, which no JSON can hold
        assert found["errors"]["original"]["mase"] is None
        assert json.loads(json.dumps(found, allow_nan=False)) == found
        assert found["parameters"]["season"] == 1
        assert found["one_forecast_seconds"]["process"] > 0

    def test_one_fit_serves_two_strides(self, use, monkeypatch):
        fits = []
        fit = SeasonalNaive.fit
        monkeypatch.setattr(
            SeasonalNaive, "fit", lambda *a, **k: fits.append(1) or fit(*a, **k)
        )
        use(toy("a", fit="one"), toy("b", stride=4, fit="one"))
        found = measure.measure("naive", 3, 0, ["a", "b"])
        assert [(r["task"], r["n_windows"]) for r in found] == [("a", 8), ("b", 2)]
        assert len(fits) == 1

    def test_a_fold_is_predicted_at_once_across_its_gap(self, use):
        use(toy("a", stride=None, load=lambda: counting(tested=slice(53, 60))))
        (found,) = measure.measure("naive", 3, 0, ["a"])
        # 49 is repeated, 53 to 59 came; the gap warns, as it must, and is expected
        assert found["errors"]["original"]["mae"] == 7
        assert found["n_windows"] == 1
        assert found["warnings"] == []
        assert found["per_step"] is found["one_forecast_seconds"] is None

    def test_a_regressor_of_covariates_rolls_too(self, use, monkeypatch):
        def fifty(task, horizon, seed):
            return DummyRegressor(strategy="constant", constant=50.0)

        monkeypatch.setitem(models.MODELS, "fifty", fifty)
        use(toy("a", models={"fifty": (0,)}, stride=7))
        (found,) = measure.measure("fifty", 3, 0, ["a"])
        # windows of 50, 51, 52 and of 57, 58, 59
        assert found["n_windows"] == 2
        assert found["per_step"]["mse"] == [49 / 4, 65 / 4, 85 / 4]

    def test_parts_are_averaged_and_targets_kept_apart(self, use):
        use(toy("a", load=lambda: counting(2) + counting(2, slice(50, 53))))
        (found,) = measure.measure("naive", 3, 0, ["a"])
        assert [part["n_windows"] for part in found["parts"]] == [8, 1]
        # e and 2e: (1 + 4) / 2 times 14 / 3, in both parts
        assert found["errors"]["original"]["mse"] == pytest.approx(35 / 3, rel=1e-4)
        assert found["per_target"]["mse"] == pytest.approx([7 / 3, 7 / 3], rel=1e-4)
        assert found["target_names"] == ["a", "b"]

    def test_other_warnings_are_written_down(self, use, monkeypatch):
        import warnings

        def warn(self, history):
            warnings.warn("not there yet", NotConvergedWarning, stacklevel=1)
            return fit(self, history)

        fit = SeasonalNaive._fit
        monkeypatch.setattr(SeasonalNaive, "_fit", warn)
        use(toy("a"))
        (found,) = measure.measure("naive", 3, 0, ["a"])
        assert found["warnings"] == ["NotConvergedWarning: not there yet"]

    def test_the_worker_writes_the_records(self, use, tmp_path, monkeypatch):
        monkeypatch.setattr(worker, "end_with", lambda parent: None)
        use(toy("a"))
        output = tmp_path / "out.json"
        worker.main(runner.Job("naive", 3, 0, ("a",)).text(), str(output))
        (found,) = json.loads(output.read_text())
        assert Key.of(found) == ("a", "naive", 3, 0)
        assert found["threads"] == 1


class TestRecords:
    def test_come_back_as_written(self, tmp_path):
        rows = [record(seed=seed) for seed in (0, 1)] + [record("bike")]
        for row in rows:
            records.append(row, tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "bike.jsonl",
            "ett_m.jsonl",
        ]
        assert records.read(tmp_path) == [rows[2], *rows[:2]]

    def test_a_line_that_was_cut_off_is_none(self, tmp_path):
        records.append(record(), tmp_path)
        path = tmp_path / "ett_m.jsonl"
        path.write_bytes(path.read_bytes() + b'{"task": "ett')
        assert len(records.read(tmp_path)) == 1
        records.append(record(seed=1), tmp_path)
        assert [row["seed"] for row in records.read(tmp_path)] == [0, 1]

    def test_a_bad_line_is_an_error_that_names_it(self, tmp_path):
        (tmp_path / "a.jsonl").write_text('{"task": 1\n{}\n')
        with pytest.raises(ValueError, match=r"a\.jsonl, line 1, is no record"):
            records.read(tmp_path)

    def test_only_those_of_this_version_count(self, monkeypatch):
        assert records.counts(record())
        assert not records.counts(record(version=tasks.VERSION - 1))
        monkeypatch.setattr(tasks, "OWN_VERSION", {"informer": 7})
        assert not records.counts(record())
        assert records.counts(record(version=7))
        assert records.counts(record(model="ridge"))

    def test_a_variant_that_changed_counts_no_more(self, monkeypatch):
        monkeypatch.setitem(models.VARIANTS, "wide", {"d_model": 128})
        assert not records.counts(record(model="wide", overrides={"d_model": "96"}))
        assert records.counts(record(model="wide", overrides={"d_model": "128"}))

    def test_the_latest_of_a_key_counts(self):
        (found,) = table_of(record(mse=1.0), record(mse=2.0)).values()
        assert found["errors"]["original"]["mse"] == 2.0


class TestRunner:
    def test_runs_of_a_fit_share_a_process(self):
        asked = runner.Asked(["ett_s", "ett_s24"], ["naive"], [24, 96])
        assert runner.jobs_of(runner.planned(asked)) == [
            runner.Job("naive", 24, 0, ("ett_s", "ett_s24")),
            runner.Job("naive", 96, 0, ("ett_s24",)),
        ]

    def test_models_have_their_seeds_and_horizons(self):
        keys = runner.planned(runner.Asked(["ett_m"]))
        assert [key.seed for key in keys if key[1:3] == ("informer", 96)] == [0, 1, 2]
        assert [key.seed for key in keys if key[1:3] == ("lstm", 96)] == [0]
        assert {key.horizon for key in keys if key.model == "paper"} == {24}

    def test_only_selection_takes_other_seeds(self):
        asked = runner.Asked(["ett_m", "sel_load"], seeds=[5])
        keys = runner.planned(asked)
        assert {(key.task, key.seed) for key in keys} == {("sel_load", 5)}
        assert not {key.model for key in keys} & set(tasks.BESIDE)

    def test_a_failure_leaves_no_record_and_the_others_go_on(self, tmp_path, capsys):
        def way(job):
            if job.seed == 1:
                raise RuntimeError("exit status 1\nno such thing")
            return [record(seed=job.seed)]

        jobs = [runner.Job("informer", 24, seed, ("ett_m",)) for seed in range(3)]
        log = tmp_path / "log" / "failures.log"
        report = runner.run_all(jobs, tmp_path, log, way=way)
        assert (report.done, report.failed, report.left) == (2, 1, 0)
        assert [row["seed"] for row in records.read(tmp_path)] == [0, 2]
        assert "ett_m informer horizon 24 seed 1" in log.read_text()
        assert "no such thing" in capsys.readouterr().out

    def test_a_spent_budget_starts_nothing(self, tmp_path):
        jobs = [runner.Job("naive", 24, 0, ("ett_m",))]
        report = runner.run_all(jobs, tmp_path, tmp_path / "log", minutes=0, way=None)
        assert (report.done, report.failed, report.left) == (0, 0, 1)

    def test_the_command_runs_what_is_missing(self, use, tmp_path, monkeypatch, capsys):
        use(toy("a", models={"naive": (0, 1, 2)}))
        ran = []

        def way(job):
            ran.append(job.seed)
            if job.seed == 2:
                raise RuntimeError("no")
            return [record("a", "naive", 3, job.seed)]

        records.append(record("a", "naive", 3, 0), tmp_path)
        monkeypatch.setattr(runner.run_all, "__defaults__", (1, None, way))
        monkeypatch.setattr("benchmarks.results.__main__.LOG", tmp_path / "log")
        assert main(["--records", str(tmp_path), "run", "--list"]) == 0
        assert ran == []
        assert main(["--records", str(tmp_path), "run"]) == 1
        assert ran == [1, 2]
        assert main(["--records", str(tmp_path), "run", "--seed", "1"]) == 0
        assert ran == [1, 2]
        assert "1 failed" in capsys.readouterr().err

    def test_what_does_not_exist_yet_is_left_out(self, tmp_path, monkeypatch, capsys):
        monkeypatch.setitem(models.NEEDS, "naive", "NoForecaster")
        command = ["--records", str(tmp_path), "run", "--model", "naive", "--list"]
        assert main(command) == 0
        out = capsys.readouterr().out
        assert "left out: naive: skinformer.NoForecaster does not exist yet" in out
        assert "0 fits" in out

    @pytest.mark.slow
    def test_a_process_of_its_own(self, tmp_path):
        command = ["run", "--task", "sel_load", "--model", "naive"]
        assert main(["--records", str(tmp_path), *command]) == 0
        (found,) = records.read(tmp_path)
        assert len(found["parts"]) == 4
        assert found["threads"] == 1
        with pytest.raises(RuntimeError, match="KeyError: 'nothing'"):
            runner.execute(runner.Job("nothing", 48, 0, ("sel_load",)))


class TestTasks:
    @pytest.fixture(autouse=True)
    def _data(self, monkeypatch):
        """Put row numbers in the place of the data sets, in frames of their length."""

        def frame(n, **columns):
            index = pd.date_range("2016-07-01", periods=n, freq="h")
            return pd.DataFrame(columns, index)

        def ett(*_, **__):
            rows = np.arange(17_420.0)
            return frame(17_420), frame(17_420, HUFL=rows, OT=rows)

        def bike(*_, **__):
            rows = np.arange(17_379.0)
            kinds = ["clear", "heavy_rain_snow", "light_rain_snow"]
            weather = pd.Categorical(np.take(kinds, np.arange(17_379) % 3))
            return frame(17_379, weather=weather), frame(17_379, count=rows)["count"]

        monkeypatch.setattr(data, "fetch_ett", ett)
        monkeypatch.setattr(data, "fetch_bike_sharing", bike)

    def test_rows_of_the_test_part_of_etth1(self):
        (part,) = data.ett_one()
        assert list(part.y) == ["OT"]
        assert part.y[part.fitted].to_numpy()[[0, -1], 0].tolist() == [0, 11_519]
        assert part.y[part.tested].to_numpy()[[0, -1], 0].tolist() == [11_520, 14_399]
        assert part.y[part.scaled].to_numpy()[[0, -1], 0].tolist() == [0, 8639]

    def test_selection_on_etth1_sees_no_test_row(self):
        parts = data.ett_selection()
        tested = [part.y["OT"][part.tested].iloc[[0, -1]].tolist() for part in parts]
        assert tested == [[5760, 7679], [7680, 9599], [9600, 11_519]]
        assert {len(part.X) for part in parts} == {11_520}
        assert [part.fitted.stop for part in parts] == [5760, 7680, 9600]

    def test_selection_on_bike_sharing_sees_no_test_row(self):
        parts = data.bike_selection()
        assert {len(part.X) for part in parts} == {12_331}
        assert [(p.tested.start, p.tested.stop) for p in parts] == [
            (9331, 10_331),
            (10_331, 11_331),
            (11_331, 12_331),
        ]
        spans = [(part.fitted.start, part.fitted.stop) for part in parts]
        assert spans == [(0, 9283), (283, 10_283), (1283, 11_283)]

    def test_the_folds_of_the_gallery(self):
        parts = data.bike_folds()
        assert [part.tested.start for part in parts] == [
            12_379 + 1000 * i for i in range(5)
        ]
        assert {p.fitted.stop - p.fitted.start for p in parts} == {10_000}
        assert {p.tested.start - p.fitted.stop for p in parts} == {48}
        assert parts[0].y["count"].max() == 1
        assert set(parts[0].X["weather"]) == {"clear", "light_rain_snow"}

    def test_the_load_series_end_in_720_test_rows(self):
        parts = data.load_selection()
        assert [part.name for part in parts][1] == "seed 0, noise 0.05"
        assert {(len(p.y[p.fitted]), len(p.y[p.tested])) for p in parts} == {
            (6480, 720)
        }


class TestModels:
    def test_the_informer_has_its_defaults(self):
        made = models.make("informer", tasks.TASKS["ett_m"], 96, 2)
        plain = type(made)(pred_len=96, random_state=2, validation_fraction=2880)
        assert made.get_params() == plain.get_params()
        behind = models.make("informer", tasks.TASKS["bike"], 168, 0)
        assert (
            behind[-1].get_params()
            == type(made)(pred_len=168, random_state=0).get_params()
        )

    def test_a_variant_changes_arguments_and_calendar(self, monkeypatch):
        monkeypatch.setitem(models.VARIANTS, "wide", {"d_model": 128, "time": None})
        made = models.make("wide", tasks.TASKS["sel_load"], 48, 0)
        assert (made.d_model, made.pred_len) == (128, 48)
        monkeypatch.setitem(models.VARIANTS, "wide", {"d_model": 128})
        made = models.make("wide", tasks.TASKS["sel_load"], 48, 0)
        assert made[0].country == "DE"
        assert models.overrides_of("wide") == {"d_model": "128"}
        assert models.overrides_of("ridge") is None

    def test_settings_that_an_estimator_lacks_are_left_out(self):
        made = models.make("lags", tasks.TASKS["ett_m"], 96, 0)
        assert made.pred_len == 96
        paper = models.make("paper", tasks.TASKS["ett_m"], 24, 0)
        assert (paper.seq_len, paper.d_model, paper.validation_fraction) == (
            48,
            512,
            2880,
        )

    def test_every_model_of_a_task_can_be_made(self):
        for task in tasks.TASKS.values():
            for model in task.models:
                if models.absent(model) is None:
                    models.make(model, task, task.horizons_of(model)[0], 0)

    def test_the_gallery_counts_weekdays_from_sunday(self):
        index = pd.DatetimeIndex(["2012-01-01 05:00", "2012-01-02 06:00"])
        frame = models.with_calendar(pd.DataFrame({"temp": [1.0, 2.0]}, index))
        assert frame["weekday"].tolist() == [0, 1]
        assert frame["hour"].tolist() == [5, 6]


class TestPage:
    def test_a_mean_over_seeds(self):
        found = table_of(
            *(record(seed=s, mse=m) for s, m in enumerate((0.2, 0.3, 0.7)))
        )
        mean = scores.mean_of(found, "ett_m", "informer", 24)
        assert mean == pytest.approx((0.4, 0.2, 0.7, 3, 3))
        assert scores.mean_of(found, "ett_m", "informer", 48) is None

    def test_missed_goals_come_first_and_unfinished_ones_are_not_judged(self):
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

    def test_a_goal_that_is_just_reached_is_reached(self):
        assert Goal("a", 0.3, 0.3).met is True
        assert Goal("a", 0.3, 0.3001).met is False
        assert Goal("a", 0.3, None).met is None

    def test_the_whole_against_the_better_of_its_parts(self):
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

    def test_baselines_that_are_absent_are_counted(self):
        rows = [record("ett_s24", "arima", h) for h in tasks.ALL]
        assert goals.present(table_of(*rows)).reached == 28

    def test_the_error_table_holds_published_figures_too(self):
        lines = tables.error_table(table_of(record(seed=1, mse=0.3149)), "ett_m")
        assert lines[0] == "| MSE | 24 | 48 | 96 | 168 | 192 | 336 | 720 |"
        assert lines[2].startswith("| Informer | .315 (1 of 3 seeds) |  |")
        assert "| *NLinear* |  |  | .374 |  | .408 | .429 | .440 |" in lines

    def test_the_bike_table_has_means_over_seeds_of_each_fold(self):
        def of(seed, *maes):
            parts = [{"name": "", "original": {"mae": m, "rmse": 2 * m}} for m in maes]
            return record("bike", "informer", 168, seed, maes[0], parts=parts)

        lines = tables.bike_table(table_of(of(0, 0.1, 0.2), of(1, 0.3, 0.4)))
        assert lines[2].endswith("| .2000 / .4000 | .3000 / .6000 |")

    def test_the_ablation_is_relative_to_the_default(self, monkeypatch):
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

    def test_all_readings_are_listed_and_old_ones_are_in_no_other_table(self):
        rows = [
            record(mse=0.111, version=tasks.VERSION - 1, commit="old"),
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

    def test_it_can_be_written_without_a_record(self, tmp_path):
        page.write(tmp_path / "results.md", [])
        assert (
            "No variant has been measured yet" in (tmp_path / "results.md").read_text()
        )

    def test_pictures_are_saved_beside_it(self, tmp_path):
        rows = [
            record("ett_s24", model, h, mse=0.1 * h)
            for model in ("informer", "arima", "lags")
            for h in (24, 96)
        ]
        page.write(tmp_path / "results.md", rows)
        saved = sorted(path.name for path in (tmp_path / "_static").iterdir())
        assert saved == ["results_error.png", "results_time.png"]

    def test_labels_are_moved_apart_and_keep_their_order(self):
        rng = np.random.default_rng(0)
        places = rng.uniform(size=11)
        moved = pictures.spread_out(places, 0.07)
        assert (np.argsort(moved) == np.argsort(places)).all()
        assert np.diff(np.sort(moved)).min() >= 0.07 - 1e-9
        far = np.array([0.9, 0.1, 0.5])
        assert (pictures.spread_out(far, 0.07) == far).all()

    @pytest.mark.parametrize("module", [tables, pictures])
    def test_the_examples_in_docstrings(self, module):
        done = doctest.testmod(module)
        assert done.attempted > 0
        assert done.failed == 0
