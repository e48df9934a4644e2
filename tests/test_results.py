"""The accuracy runs: what a run measures, its record, and which runs are missing."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor

from benchmarks.results import data, measure, models, records, runner, tasks, worker
from benchmarks.results.__main__ import main
from benchmarks.results.records import Key
from skinformer import SeasonalNaive
from skinformer.exceptions import NotConvergedWarning

from .toy_records import record, table_of

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
        for module in (tasks, measure, runner):
            monkeypatch.setattr(module, "TASKS", table)

    return put


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
        def warn(self, history):
            warnings.warn("not there yet", NotConvergedWarning, stacklevel=1)
            return fit(self, history)

        fit = SeasonalNaive._fit_panel
        monkeypatch.setattr(SeasonalNaive, "_fit_panel", warn)
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
        assert not records.counts(record(version=0))
        before = record()
        monkeypatch.setattr(tasks, "OWN_VERSION", {"informer": 7})
        assert not records.counts(before)
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

    @pytest.mark.slow
    def test_a_process_of_its_own(self, tmp_path):
        command = ["run", "--task", "sel_load", "--model", "naive"]
        assert main(["--records", str(tmp_path), *command]) == 0
        (found,) = records.read(tmp_path)
        assert len(found["parts"]) == 4
        assert found["threads"] == 1
        with pytest.raises(RuntimeError, match="KeyError: 'nothing'"):
            runner.execute(runner.Job("nothing", 48, 0, ("sel_load",)))
