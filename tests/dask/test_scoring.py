"""Forecasts and backtests by partition, in threads of this process."""

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

import skinformer
from skinformer import RidgeForecaster, SeasonalNaive, TimeFeatures, backtest
from skinformer.dask import backtest as dask_backtest
from skinformer.dask import predict
from skinformer.dask.parts import parts_of
from skinformer.dask.scoring import names_of

from .panels import cut, hourly, naive

S2_HAS_A_GAP = pytest.mark.filterwarnings(
    "ignore::skinformer.exceptions.FilledRowsWarning"
)
# Dask writes Parquet by what pandas 3.1 deprecates
DASK_BEHIND_PANDAS = pytest.mark.filterwarnings("ignore:The inplace keyword")

NAMES = ["s1", "s2", "s3", "s4", "s5"]


@pytest.fixture(autouse=True)
def _here():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.fixture(scope="module")
def rows():
    """Return 31 hours of five series, the first 20 of them to be fitted on."""
    frame = hourly(NAMES, 31)
    known = frame.index < "2024-01-01 20:00"
    return frame[known], frame[~known]


def test_each_series_goes_on_as_it_ended(rows):
    known, later = rows
    frame = cut(later[["store"]], ["s4", "s1"], ["s2"], ["s5", "s3"])
    forecast = predict(naive(known), frame)
    assert isinstance(forecast, dd.DataFrame)
    assert forecast.npartitions == 3
    assert_frame_equal(forecast._meta, forecast.compute().iloc[:0], check_dtype=True)
    got = forecast.compute()
    assert got.columns.tolist() == ["store", "load"]
    assert got.index.name == "when"
    assert len(got) == len(later)
    last = {name: 100.0 * int(name[1:]) + 19 for name in NAMES}
    assert_array_equal(got["load"], got["store"].astype(object).map(last))


def test_nothing_is_forecast_before_it_is_asked_for(rows, monkeypatch):
    known, later = rows

    def refused(self, X):
        raise AssertionError("forecast too early")

    monkeypatch.setattr(SeasonalNaive, "predict", refused)
    forecast = predict(naive(known), cut(later[["store"]], NAMES))
    with pytest.raises(AssertionError, match="too early"):
        forecast.compute()


def test_many_targets_and_a_pipeline(rows):
    known, later = rows
    model = make_pipeline(
        TimeFeatures(features=["hour"]), RidgeForecaster(pred_len=3, series="store")
    )
    model.fit(known[["store"]], known[["load", "price"]])
    got = predict(model, cut(later, NAMES[:2], NAMES[2:])).compute()
    assert got.columns.tolist() == ["store", "load", "price"]
    assert_allclose(got[["load", "price"]], model.predict(later[["store"]]), rtol=1e-12)


@pytest.fixture(scope="module")
def calibrated():
    """Return a model of five days, calibrated on two more, and the rows after these."""
    rng = np.random.default_rng(0)
    frame = hourly(NAMES, 24 * 7 + 5)
    frame["load"] += rng.normal(size=len(frame))
    fitted, seen = frame.index < "2024-01-06", frame.index < "2024-01-08"
    model = naive(frame[fitted], ["load", "price"])
    between = frame[seen & ~fitted]
    model.calibrate(between[["store"]], between[["load", "price"]])
    return model, frame[~seen]


def test_intervals_stand_beside_their_targets(calibrated):
    model, later = calibrated
    frame = cut(later[["store"]], NAMES[:3], NAMES[3:])
    got = predict(model, frame, coverage=0.5).compute()
    ends = model.predict_interval(later[["store"]], 0.5)
    names = [f"{y}{end}" for y in ("load", "price") for end in ("", "_lower", "_upper")]
    assert got.columns.tolist() == ["store", *names]
    assert_allclose(got[["price_lower", "price_upper"]], ends[:, 1])
    assert_allclose(got[["load_lower", "load_upper"]], ends[:, 0])
    assert_allclose(got[["load", "price"]], model.predict(later[["store"]]))


def test_intervals_are_refused_before_any_work(rows, calibrated):
    model, later = calibrated
    frame = cut(later, NAMES)
    with pytest.raises(ValueError, match="calibrate"):
        predict(naive(rows[0]), frame, coverage=0.5)
    with pytest.raises(ValueError, match=r"coverage=1\.5"):
        predict(model, frame, coverage=1.5)
    with pytest.raises(ValueError, match="leave coverage out"):
        predict(model, frame, coverage=0.5, targets="load")


def test_names_of_two_columns_that_would_be_one():
    assert names_of(["a", 7], 0.5) == [
        *("a", "a_lower", "a_upper"),
        *("7", "7_lower", "7_upper"),
    ]
    with pytest.raises(ValueError, match="two columns of one name"):
        names_of(["a", "a_lower"], 0.5)


def test_histories_that_come_with_the_frame(rows):
    known, later = rows
    # s1 is known by its first rows, s9 not at all
    model = naive(known[known["store"] == "s1"], new_series="allow")
    new = hourly(["s9"], 31)
    frame = pd.concat([later[later["store"] == "s1"], new])
    ahead = frame.index >= "2024-01-02 05:00"  # hour 29 and on
    frame.loc[ahead, "load"] = np.nan
    shuffled = frame.sample(frac=1, random_state=0)
    answer = predict(model, cut(shuffled, ["s1"], ["s9"]), targets="load").compute()
    assert answer["load"].tolist() == [128.0, 128.0, 928.0, 928.0]
    assert answer["store"].tolist() == ["s1", "s1", "s9", "s9"]
    assert answer.index.hour.tolist() == [5, 6, 5, 6]
    assert model._panel[0].n_known == 20  # it is left as it was


def test_rows_that_the_model_has_let_go_are_passed_over():
    frame = hourly(NAMES[:2], 24 * 18 + 3)
    known = frame[frame.index < "2024-01-18"]
    settings = {"pred_len": 3, "seq_len": 4, "series": "store"}
    kept = {
        size: RidgeForecaster(**settings, history_size=size).fit(
            known[["store"]], known["load"]
        )
        for size in ("all", "context")
    }
    assert kept["context"]._panel[0].offset > 0
    frame.loc[frame.index >= "2024-01-19", "load"] = np.nan
    first, second = (
        predict(model, cut(frame, ["s1"], ["s2"]), targets="load").compute()
        for model in kept.values()
    )
    assert len(first) == 6
    assert_allclose(second["load"], first["load"], rtol=1e-9)


def test_a_hole_among_targets_is_history(rows):
    known, _ = rows
    model = naive(known[known["store"] == "s1"])
    frame = hourly(["s1"], 26)[20:]
    frame.iloc[[1, 4, 5], 1] = np.nan  # hours 21, 24 and 25
    answer = predict(model, cut(frame, ["s1"]), targets="load").compute()
    assert answer.index.hour.tolist() == [0, 1]
    assert answer["load"].tolist() == [123.0, 123.0]


def test_a_partition_whose_targets_are_all_known_has_nothing_to_forecast(rows):
    known, later = rows
    frame = cut(later, ["s1"], ["s2"])
    frame["load"] = frame["load"].where(frame["store"] == "s1")
    answer = predict(naive(known), frame, targets="load").compute()
    assert set(answer["store"]) == {"s2"}
    assert answer["load"].unique().tolist() == [219.0]


def test_a_frame_whose_targets_are_all_known_is_refused_at_once(rows):
    known, later = rows
    message = r"No row comes after .* target in \['load'\].*leave targets out"
    shuffled = later.sample(frac=1, random_state=0)
    holes = shuffled["store"].isin(["s1", "s2"]) & (shuffled.index.hour == 4)
    shuffled.loc[holes, "load"] = np.nan
    for frame in (cut(shuffled, NAMES[:2], NAMES[2:]), cut(later, ["nobody"])):
        with pytest.raises(ValueError, match=message):
            predict(naive(known), frame, targets="load")
    dask_backtest(naive(known), cut(later, NAMES), "load")  # has rows of its own


def test_an_empty_partition_has_no_forecast(rows):
    known, later = rows
    frame = cut(later, ["s1"], ["nobody"], ["s2"])
    assert len(predict(naive(known), frame[["store"]]).compute()) == 2 * 11
    frame["load"] = frame["load"].where(frame["store"] == "s2")
    assert len(predict(naive(known), frame, targets="load").compute()) == 11


# A time in a column


def test_a_time_in_a_column(rows):
    known, later = (part.reset_index() for part in rows)
    model = SeasonalNaive(pred_len=3, season=1, series="store", time="when")
    model.fit(known[["when", "store"]], known["load"])
    got = predict(model, cut(later, NAMES[:2], NAMES[2:])).compute()
    assert got.columns.tolist() == ["store", "when", "load"]
    assert_array_equal(got["load"], model.predict(later[["when", "store"]]))
    whole = backtest(model, later[["when", "store"]], later["load"], stride=2)
    parts = dask_backtest(model, cut(later, NAMES[3:], NAMES[:3]), "load", stride=2)
    assert_allclose(parts.metric("mae"), whole.metric("mae"))


# Parquet


@DASK_BEHIND_PANDAS
def test_a_file_for_each_partition(rows, tmp_path):
    known, later = rows
    for i, names in enumerate((NAMES[:2], NAMES[2:])):
        later[later["store"].isin(names)].to_parquet(tmp_path / f"part-{i}.parquet")
    forecast = predict(naive(known), tmp_path)
    assert forecast.npartitions == 2
    got = forecast.compute()
    assert_array_equal(got["load"], naive(known).predict(later[["store"]]))
    assert got.index.name == "when"
    forecast.to_parquet(tmp_path / "out")
    read = dd.read_parquet(tmp_path / "out").compute()
    assert_array_equal(read["load"], got["load"])
    assert read.index.equals(got.index)


def test_a_folder_for_each_series(rows, tmp_path):
    known, later = rows
    for half in (later[:27], later[27:]):  # two files of s3
        half.to_parquet(
            tmp_path,
            partition_cols=["store"],
            basename_template=f"{len(half)}-{{i}}.parquet",
        )
    forecast = predict(naive(known), str(tmp_path))
    assert forecast.npartitions == 5
    got = forecast.compute()
    assert_array_equal(got["load"], naive(known).predict(later[["store"]]))
    result = dask_backtest(naive(known), str(tmp_path), "load")
    whole = backtest(naive(known), later[["store"]], later["load"])
    assert_allclose(result.metric("mae"), whole.metric("mae"))


def test_of_files_only_what_is_needed_is_read(rows, tmp_path):
    later = rows[1]
    later.assign(more=1.0).to_parquet(tmp_path / "a.parquet")
    parts = parts_of(tmp_path, ["store", "load"], "store")
    [frame] = dask.compute(*parts.frames)
    assert frame.columns.tolist() == ["store", "load"]
    assert frame.index.name == "when"
    assert_frame_equal(parts.meta, frame.iloc[:0])


@DASK_BEHIND_PANDAS
def test_a_frame_that_dask_wrote(rows, tmp_path):
    known, later = rows
    later = later.rename_axis(None)
    cut(later, NAMES[:2], NAMES[2:]).to_parquet(tmp_path)
    got = predict(naive(known), tmp_path).compute()
    assert got.index.name is None
    assert got.index.equals(later.index)
    assert_array_equal(got["load"], naive(known).predict(later[["store"]]))


# Backtests


@pytest.fixture(scope="module")
def ragged():
    """Return rows whose series begin and end at different hours, and a hole."""
    rng = np.random.default_rng(0)
    frame = hourly(NAMES, 31)
    frame[["load", "price"]] += rng.normal(size=(len(frame), 2))
    hour = (frame.index - frame.index[0]) // pd.Timedelta("1h")
    late = frame["store"].isin(["s2"]) & (hour < 22) & (hour >= 20)
    short = frame["store"].isin(["s4"]) & (hour >= 26)
    frame = frame[~late & ~short]
    hole = (frame["store"] == "s5") & (frame.index.hour == 23)
    frame = frame.assign(load=frame["load"].mask(hole))
    known = frame.index < "2024-01-01 20:00"
    return frame[known], frame[~known]


@pytest.mark.filterwarnings(
    "ignore::skinformer.exceptions.FilledRowsWarning"
)  # s2 has a gap
@pytest.mark.parametrize("settings", [{}, {"stride": 3}, {"horizon": 5, "gap": 1}])
def test_errors_are_those_of_the_whole_frame(ragged, settings):
    known, later = ragged
    model = naive(known, ["load", "price"])
    frame = cut(later, ["s5", "s2"], ["s1"], ["s4", "s3"])
    whole = backtest(model, later[["store"]], later[["load", "price"]], **settings)
    parts = dask_backtest(model, frame, ["load", "price"], **settings)
    for by in (None, "step", "target", "series"):
        for standardized in (False, True):
            asked = {"by": by, "standardized": standardized}
            ours, theirs = parts.scores(**asked), whole.scores(**asked)
            assert_frame_equal(ours.loc[theirs.index], theirs, rtol=1e-12)
            assert ours.attrs == theirs.attrs
    assert_allclose(parts.metric("rmsse"), whole.metric("rmsse"))
    assert parts.metric("mae", by="step").shape == (parts.reach.horizon,)


@S2_HAS_A_GAP
def test_windows_are_those_of_the_whole_frame(ragged):
    known, later = ragged
    model = naive(known)
    whole = backtest(model, later[["store"]], later["load"], stride=2)
    parts = dask_backtest(model, cut(later, NAMES[2:], NAMES[:2]), "load", stride=2)
    keys = ["series", "origin", "step"]

    def in_order(frame):
        frame = frame.astype({"series": object, "target": object})
        return frame.sort_values(keys, ignore_index=True)

    lazy = parts.to_frame()
    assert_frame_equal(lazy._meta, lazy.compute().iloc[:0])
    assert_frame_equal(in_order(lazy.compute()), in_order(whole.to_frame()))
    joined = parts.compute()
    assert_frame_equal(in_order(joined.to_frame()), in_order(whole.to_frame()))
    assert_allclose(joined.metric("mase"), whole.metric("mase"))
    assert joined.starts.tolist() == sorted(joined.starts)


def test_scores_are_summed_once(rows, monkeypatch):
    known, later = rows
    result = dask_backtest(naive(known), cut(later, NAMES), "load")
    first = result.scores()
    monkeypatch.setattr(dask, "compute", None)
    assert_frame_equal(result.scores(by=None), first)
    assert len(result.scores(by="series")) == 5


@pytest.mark.parametrize("sizes", [(1e200, 2e200), (1e200, 1), (1e-200, 0), (0, 0)])
@pytest.mark.parametrize("turn", [1, -1])
def test_squares_of_errors_that_are_no_numbers(rows, sizes, turn):
    known, later = rows
    # forecasts are 119 and 219
    size = later["store"].map(dict(zip(["s1", "s2"], sizes, strict=True))).fillna(0)
    last = np.where(later["store"] == "s1", 119.0, 219.0)
    if max(sizes) < 1:  # too small to be seen beside them
        known, last = known.assign(load=0.0), 0.0
    later = later.assign(load=last + size.to_numpy())
    model = naive(known)
    frame = cut(later, *[["s1"], ["s2"]][::turn])
    got = dask_backtest(model, frame, "load", stride=11)  # one window each
    first, second = sizes
    pooled = np.hypot(first, second) / np.sqrt(2)
    assert_allclose(got.metric("rmse"), pooled, rtol=1e-12)
    each = got.metric("rmse", by="series")[::turn]
    assert_allclose(each, sizes, rtol=1e-12, atol=1e-100 * max(sizes))
    assert_allclose(got.metric("mae"), (first + second) / 2, rtol=1e-12)


def test_series_that_fit_did_not_see(rows):
    known, later = rows
    model = naive(known[known["store"] != "s5"], new_series="allow")
    whole = backtest(model, later[["store"]], later["load"])
    parts = dask_backtest(model, cut(later, ["s5"], NAMES[:4]), "load")
    assert_allclose(parts.metric("mae"), whole.metric("mae"))
    scores = parts.scores(by="series", standardized=True)
    assert scores.index.tolist() == ["s5", "s1", "s2", "s3", "s4"]
    assert np.isnan(scores.loc["s5", "mae"])


def test_a_model_that_keeps_no_training_rows():
    frame = hourly(NAMES, 24 * 18)  # holes take two weeks to fill
    known, later = frame[frame.index.day < 18], frame[frame.index.day == 18]
    model = RidgeForecaster(
        pred_len=3, seq_len=4, series="store", history_size="context"
    )
    model.fit(known[["store"]], known["load"])
    result = dask_backtest(model, cut(later, NAMES[:2], NAMES[2:]), "load")
    whole = backtest(model, later[["store"]], later["load"])
    assert_allclose(result.metric("mae"), whole.metric("mae"))
    assert np.isnan(result.scores()["mase"].item())
    with pytest.raises(ValueError, match="with_training"):
        result.scores(standardized=True)
    with pytest.raises(ValueError, match="with_training"):
        result.metric("mase")


# Mistakes


def test_a_series_in_two_partitions_is_named(rows, tmp_path):
    known, later = rows
    frame = dd.concat([cut(later[:20], NAMES), cut(later[20:], NAMES)])
    with pytest.raises(ValueError, match=r"'s2' is in partition 0 and in partition 1"):
        predict(naive(known), frame)
    with pytest.raises(ValueError, match=r"frame\.shuffle\('store'\)"):
        dask_backtest(naive(known), frame, "load")
    later[:20].to_parquet(tmp_path / "a.parquet")
    later[20:].to_parquet(tmp_path / "b.parquet")
    with pytest.raises(
        ValueError, match=r"'s2' is in .*a\.parquet and in .*b\.parquet"
    ):
        predict(naive(known), tmp_path)


def test_a_shuffle_brings_series_together(rows):
    known, later = rows
    frame = dd.concat([cut(later[:20], NAMES), cut(later[20:], NAMES)])
    together = frame.shuffle("store")
    result = dask_backtest(naive(known), together, "load")
    whole = backtest(naive(known), later[["store"]], later["load"])
    assert_allclose(result.metric("mae"), whole.metric("mae"))


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (SeasonalNaive(series="store"), NotFittedError, "not fitted"),
        (TimeFeatures(), TypeError, r"model must be .* got TimeFeatures"),
        (None, TypeError, r"model must be .* got NoneType"),
        ("alone", ValueError, "single series.*series='column'"),
    ],
)
def test_models_that_are_none(rows, model, error, message):
    known, later = rows
    if model == "alone":
        one = known[known["store"] == "s1"]
        model = SeasonalNaive(pred_len=3).fit(one[[]], one["load"])
    with pytest.raises(error, match=message):
        predict(model, cut(later, NAMES))


def test_frames_that_are_none(rows, tmp_path):
    known, later = rows
    with pytest.raises(TypeError, match=r"Dask DataFrame.*got DataFrame"):
        predict(naive(known), later)
    with pytest.raises(ValueError, match="no column 'store'"):
        predict(naive(known), cut(later, NAMES)[["load"]])
    with pytest.raises(ValueError, match="targets=None"):
        dask_backtest(naive(known), cut(later, NAMES), None)
    with pytest.raises(FileNotFoundError, match=r"no folder '.*nowhere'.*Parquet"):
        predict(naive(known), tmp_path / "nowhere")
    for use in (predict, dask_backtest):
        with pytest.raises(TypeError, match=r"name of a column.*got Series"):
            use(naive(known), cut(later, NAMES), targets=later["load"])
    with pytest.raises(FileNotFoundError, match="no Parquet file"):
        predict(naive(known), tmp_path)
    with pytest.raises(FileNotFoundError):
        predict(naive(known), tmp_path / "nowhere")
    nobody = cut(later, ["nobody"])
    with pytest.raises(ValueError, match="has no row"):
        dask_backtest(naive(known), nobody, "load")
    with pytest.raises(ValueError, match="horizon=0"):
        dask_backtest(naive(known), cut(later, NAMES), "load", horizon=0)


def test_a_column_that_is_absent_is_named_beside_all_there_are(rows, tmp_path):
    known, later = rows
    later.to_parquet(tmp_path, partition_cols=["store"])
    message = (
        "^targets='loud': The frame has no column 'loud'; it has "
        r"\['load', 'price', 'store'\]. Did you mean 'load'[?]$"
    )
    frame = cut(later, NAMES)[["load", "price", "store"]]
    for source in (frame, tmp_path):
        for use in (predict, dask_backtest):
            with pytest.raises(ValueError, match=message):
                use(naive(known), source, targets="loud")
    with pytest.raises(ValueError, match=r"^The frame has no column 'store'; it"):
        predict(naive(known), frame[["price", "load"]])


def test_columns_are_taken_by_name_whatever_their_order(rows):
    known, later = rows
    model = RidgeForecaster(pred_len=3, seq_len=4, series="store")
    model.fit(known[["price", "store"]], known["load"])
    frame = cut(later, NAMES)[["load", "store", "price"]]
    got = predict(model, frame).compute()
    assert_array_equal(got["load"], model.predict(later[["price", "store"]]))
    for ask in (predict, lambda *given: dask_backtest(*given, "load")):
        with pytest.raises(ValueError, match="no column 'price'"):
            ask(model, frame[["load", "store"]])


def test_a_name_that_two_columns_have_is_refused_at_once(rows):
    known, later = rows
    twice = later[["store", "load", "load"]]
    frame = dd.from_map(lambda _: twice, [0], meta=twice.iloc[:0])
    with pytest.raises(ValueError, match=r"The frame has .* one .* 'load'; "):
        dask_backtest(naive(known), frame, "load")


def test_targets_of_another_number_are_refused_at_once(rows):
    known, later = rows
    frame = cut(later, NAMES)
    for targets in (["load", "price"], []):
        with pytest.raises(ValueError, match="columns; the model was fitted on 1"):
            dask_backtest(naive(known), frame, targets)
        with pytest.raises(ValueError, match="columns; the model was fitted on 1"):
            predict(naive(known), frame, targets=targets)


def test_rows_of_no_series_are_named_before_any_work(rows):
    known, later = rows
    later = later.assign(store=later["store"].astype(object))
    frames = [later.copy(), later.copy()]
    for frame in frames:
        frame.iloc[0, frame.columns.get_loc("store")] = None
    delayed = [dask.delayed(frame) for frame in frames]
    frame = dd.from_delayed(delayed, meta=later.iloc[:0], verify_meta=False)
    with pytest.raises(ValueError, match=r"'store'.* no value in rows of partition 0"):
        predict(naive(known), frame)


def test_stamps_of_two_zones_are_refused_at_once(rows):
    known, later = rows
    ours = later["store"] == "s1"
    parts = [later[ours], later[~ours].tz_localize("UTC")]
    delayed = [dask.delayed(part) for part in parts]
    frame = dd.from_delayed(delayed, meta=later.iloc[:0], verify_meta=False)
    with pytest.raises(ValueError, match="of no zone, DatetimeIndex of the zone UTC"):
        dask_backtest(naive(known), frame, "load")


def test_what_a_partition_is_refused_for_names_the_series(rows):
    known, later = rows
    model = naive(known)
    with pytest.raises(ValueError, match="unknown: 's9'"):
        predict(model, cut(hourly(["s9"], 31), ["s9"])).compute()
    both = pd.concat([known[-3:], later[later["store"] == "s5"]])
    with pytest.raises(ValueError, match=r"Series 's5': .* is not after the history"):
        dask_backtest(model, cut(both, ["s5"]), "load").scores()


def test_axes_that_are_none(rows):
    known, later = rows
    result = dask_backtest(naive(known), cut(later, NAMES), "load")
    with pytest.raises(ValueError, match=r"by='window'.*to_frame"):
        result.scores(by="window")
    with pytest.raises(ValueError, match="by='weekday'"):
        result.metric("mae", by="weekday")
    with pytest.raises(ValueError, match="metric='smape'"):
        result.metric("smape")
    short = dask_backtest(naive(known), cut(later, NAMES), "load", horizon=99)
    with pytest.raises(ValueError, match="no window of horizon=99"):
        short.scores()


def test_without_dask_the_extra_is_named(rows, monkeypatch):
    monkeypatch.setattr(
        "importlib.import_module",
        lambda name: (_ for _ in ()).throw(ModuleNotFoundError(name=name)),
    )
    with pytest.raises(ModuleNotFoundError, match=r"skinformer\[distributed\]"):
        predict(naive(rows[0]), "folder")


def test_the_package_does_not_import_dask():
    assert "dask" not in skinformer.__all__
