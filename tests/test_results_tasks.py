"""The rows and the models of accuracy runs, on frames of row numbers."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.results import data, models, tasks


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
                models.make(model, task, task.horizons_of(model)[0], 0)

    def test_the_gallery_counts_weekdays_from_sunday(self):
        index = pd.DatetimeIndex(["2012-01-01 05:00", "2012-01-02 06:00"])
        frame = models.with_calendar(pd.DataFrame({"temp": [1.0, 2.0]}, index))
        assert frame["weekday"].tolist() == [0, 1]
        assert frame["hour"].tolist() == [5, 6]
