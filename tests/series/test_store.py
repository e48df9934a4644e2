"""A store holds the panel that the frame would have made, whatever cuts it apart."""

import json
import os
import pickle
import shutil
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal
from sklearn.preprocessing import StandardScaler

from skinformer import (
    PanelStore,
    RidgeForecaster,
    TimeFeatures,
    make_forecast_pipeline,
)
from skinformer.exceptions import FilledRowsWarning, SnappedRowsWarning
from skinformer.forecasting.reading import read_given
from skinformer.series import store_source
from skinformer.series.panel import start_panel
from skinformer.series.schema import Schema

from .stored import as_given, shops, write


def panel_of(frame, targets="load", past=None, freq=None):
    """Return the panel that fit would make of the frame."""
    X, y = as_given(frame, targets)
    schema = Schema.learn(X, past_covariates=past, series="shop")
    rows, read = read_given(schema, X, y)
    return schema, start_panel(rows, len(read.names), freq)


def assert_same_panel(store, schema, panel):
    stored = store.panel()
    assert stored.keys.tolist() == panel.keys.tolist()
    for ours, theirs in zip(stored, panel, strict=True):
        assert_array_equal(ours.observed.values, theirs.observed.values)
        assert_array_equal(ours.observed.codes, theirs.observed.codes)
        assert_array_equal(ours.covariates.numeric, theirs.covariates.numeric)
        assert_array_equal(ours.covariates.codes, theirs.covariates.codes)
        assert_array_equal(ours.given, theirs.given)
        assert_array_equal(ours.filled.between, theirs.filled.between)
        assert_array_equal(ours.filled.ahead, theirs.filled.ahead)
        assert_array_equal(ours.filled.latest(), theirs.filled.latest())
        assert ours.grid == theirs.grid
        assert (ours.series, ours.n_targets) == (theirs.series, theirs.n_targets)
    ours = store.schema()
    assert ours.names == schema.names
    assert ours.cardinalities == schema.cardinalities
    for part in ("known", "past"):
        mine, other = getattr(ours, part), getattr(schema, part)
        assert (mine.names, mine.missing) == (other.names, other.missing)
        for a, b in zip(mine.categories, other.categories, strict=True):
            assert a is b is None or a.tolist() == b.tolist()


@pytest.mark.parametrize("group", [1, 50, 10**6])
@pytest.mark.parametrize("holes", [0.0, 0.1])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])  # the clock goes forward
def test_the_panel_is_that_of_the_frame(tmp_path, monkeypatch, group, holes, zone):
    monkeypatch.setattr(store_source, "GROUP", group)
    monkeypatch.setattr(store_source, "BATCH", 11)
    frame, past = shops(holes, zone), ["wind", "sky"]
    targets = ["load", "heat"]
    store = write(tmp_path, frame, targets=targets, past_covariates=past)
    assert_same_panel(store, *panel_of(frame, targets, past))
    assert not store.one_axis
    assert store.n_rows == 341
    assert "341 rows of 3 series, 2 targets, 4 covariates" in repr(store)


@pytest.mark.parametrize("step", [TimeFeatures(), StandardScaler()])
def test_a_step_in_front_is_told_where_its_columns_go(tmp_path, step):
    store = write(tmp_path, shops(), targets="load")
    with pytest.raises(
        TypeError,
        match="write the fitted steps before the last as transform=",
    ):
        make_forecast_pipeline(step, RidgeForecaster(series="shop")).fit(store)


def test_a_first_gap_in_a_later_series_is_filled_like_any(tmp_path, monkeypatch):
    monkeypatch.setattr(store_source, "GROUP", 1)  # each series is written by itself
    frame = shops()
    frame.loc[300:303, "load"] = np.nan  # of the last one
    assert_same_panel(write(tmp_path, frame), *panel_of(frame))


def test_absent_rows_are_put_on_the_grid_and_told_once(tmp_path):
    frame = shops().drop(index=[5, 6, 150])
    with pytest.warns(FilledRowsWarning, match="3 of 341 rows are absent") as caught:
        store = write(tmp_path, frame)
    assert len(caught) == 1
    with pytest.warns(FilledRowsWarning):
        expected = panel_of(frame)
    assert_same_panel(store, *expected)


def test_stamps_beside_a_grid_that_is_given_are_snapped(tmp_path):
    frame = shops()
    frame.loc[7, "time"] += pd.Timedelta("2min")
    with pytest.warns(SnappedRowsWarning, match="1 of 341 stamps .* by 0 days 00:02"):
        store = write(tmp_path, frame, freq="h")
    with pytest.warns(SnappedRowsWarning):
        expected = panel_of(frame, freq="h")
    assert_same_panel(store, *expected)


@pytest.mark.parametrize("freq", ["D", "MS", "B", "15min", "W-MON"])
def test_grids_of_every_step_come_back(tmp_path, freq):
    frame = shops()[:97]
    frame["shop"] = "a"
    frame["time"] = pd.date_range("2024-01-01", periods=97, freq=freq, tz="Asia/Tokyo")
    assert_same_panel(write(tmp_path, frame), *panel_of(frame))


def test_rows_without_a_time_follow_one_another(tmp_path):
    frame = shops().drop(columns="time")
    store = write(tmp_path, frame, time=None)
    assert [history.n_known for history in store.panel()] == [131, 97, 113]
    assert store.panel()[1].grid.stamps(0, 2).tolist() == [0, 1]


def test_single_precision_stays_so(tmp_path):
    frame = shops(0.1).astype({"load": "float32", "price": "float32"})
    store = write(tmp_path, frame, covariates=["price"])
    history = store.panel()[0]
    assert history.observed.values.dtype == np.float32
    assert history.covariates.numeric.dtype == np.float32


def test_files_of_a_folder_follow_one_another(tmp_path):
    frame, folder = shops(), tmp_path / "parts"
    for i, part in enumerate([frame[:50], frame[50:200], frame[200:]]):
        (folder / f"day={i}").mkdir(parents=True)
        part.to_parquet(folder / f"day={i}" / "part.parquet")
    (folder / "_SUCCESS").write_text("")
    names = {"series": "shop", "time": "time", "targets": "load"}
    store = PanelStore.write(
        tmp_path / "store", folder, covariates=["price", "kind", "day"], **names
    )
    frame = frame[["price", "shop", "time", "load", "kind"]]
    frame["day"] = np.repeat([0.0, 1.0, 2.0], [50, 150, 141])
    assert_same_panel(store, *panel_of(frame))


def test_categories_of_later_files_come_after_the_earlier_ones(tmp_path):
    first, later = shops()[:131], shops()[131:]
    first["kind"] = pd.Categorical(first["kind"].astype(str), ["y", "x"])
    later["kind"] = pd.Categorical(later["kind"].astype(str).replace("x", "w"))
    first.loc[3, "kind"] = None
    files = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    for file, part in zip(files, (first, later), strict=True):
        part.to_parquet(file)
    names = {"series": "shop", "time": "time", "targets": "load"}
    store = PanelStore.write(tmp_path / "store", files, covariates=["kind"], **names)
    [categories] = store.schema().known.categories
    assert categories.tolist() == ["y", "x", "w"]
    codes = np.concatenate([s.covariates.codes[:, 0] for s in store.panel()])
    text = pd.concat([first["kind"].astype(object), later["kind"].astype(object)])
    assert_array_equal(codes, text.map({"y": 0, "x": 1, "w": 2}).fillna(3))
    assert store.schema().known.missing == (True,)


def test_a_transformer_sees_the_time_of_each_row(tmp_path):
    frame = shops()
    made = TimeFeatures(country=None).fit(as_given(frame, "load")[0])
    store = write(tmp_path, frame, transform=made)
    X, y = as_given(frame, "load")
    schema = Schema.learn(made.transform(X), series="shop")
    rows, _ = read_given(schema, made.transform(X), y)
    assert_same_panel(store, schema, start_panel(rows, 1))


def test_a_store_pickles_as_its_path(tmp_path):
    store = write(tmp_path, shops())
    assert len(pickle.dumps(store)) < 1000
    again = pickle.loads(pickle.dumps(store))
    assert_same_panel(again, *panel_of(shops()))


# What is refused


class Applies:
    """A transformer made of a function."""

    def __init__(self, transform):
        self.transform = transform


def edited(**columns):
    return lambda frame: frame.assign(**columns)


def swapped(frame):
    frame.loc[[140, 141], "time"] = frame.loc[[141, 140], "time"].to_numpy()
    return frame


def repeated(frame):
    frame.loc[141, "time"] = frame.loc[140, "time"]
    return frame


def infinite(column):
    def put(frame):
        frame.loc[140, column] = np.inf
        return frame

    return put


def nameless(frame):
    frame.loc[140, "shop"] = None
    return frame


def without_time(frame):
    frame.loc[140, "time"] = pd.NaT
    return frame


REFUSED = {
    "by stamp": (
        lambda f: f.sort_values("time", kind="stable"),
        {},
        "series 'a' do not stand together.*Sort the source by 'shop'",
    ),
    "unsorted": (swapped, {}, "Series 'b': .*not in time order: .* follows .*'shop'"),
    "repeated": (repeated, {}, "Series 'b': The stamp .* is there more than once"),
    "no label": (nameless, {}, "'shop', which names .* no value in row 140"),
    "no labels": (edited(shop=None), {}, "'shop', which names .* no value in row 0"),
    "no time": (without_time, {}, "Series 'b': Column 'time' holds NaT at row 9"),
    "infinite": (infinite("load"), {}, "Series 'b': Input y contains inf.*'load' at"),
    "infinite X": (infinite("price"), {}, "Series 'b': Input X contains inf.*'price'"),
    "text": (edited(note="x"), {}, "'note' of the source holds .*string.*transform="),
    "text as target": (edited(load="x"), {}, "Target 'load' holds .*string"),
    "text as time": (edited(time="x"), {}, "time names 'time', a column of .*string"),
    "floats as labels": (edited(shop=0.5), {}, "'shop', a column of double values"),
    "structs as labels": (
        lambda f: f.assign(shop=[{"a": 1}] * len(f)),
        {},
        "series names 'shop', a column of struct.* Make text of them",
    ),
    "days as labels": (
        lambda f: f.assign(shop=f["time"].dt.normalize()),
        {},
        "series names 'shop', a column of timestamp",
    ),
    "no such series": (None, {"series": "store"}, "series names 'store', which the"),
    "misspelt": (None, {"targets": "laod"}, "targets names 'laod'.*mean 'load'"),
    "no target": (None, {"targets": []}, "targets names no column"),
    "none": (None, {"targets": None}, "targets names no column"),
    "no such covariate": (None, {"covariates": ["rain"]}, "covariates names 'rain'"),
    "two uses": (None, {"covariates": ["load"]}, "'load' is named twice"),
    "no covariate": (
        None,
        {"covariates": ["price"], "past_covariates": ["wind"]},
        "past_covariates names 'wind', which is none of the covariates",
    ),
    "no rows": (lambda f: f[:0], {}, "source has no rows"),
    "no step": (None, {"freq": "fortnightly"}, "fortnightly"),
    "no grid": (
        lambda f: f.assign(time=f["time"] + pd.to_timedelta(f.index**2, unit="s")),
        {},
        "Series 'a': The stamps lie on no regular grid",
    ),
    "days as categories": (
        None,
        {"transform": Applies(lambda X: X.assign(day=pd.Categorical(X.index)))},
        "'day' has datetime64.* categories such as Timestamp",
    ),
}


@pytest.mark.parametrize(("edit", "named", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_panel_is_refused_by_name(tmp_path, edit, named, message):
    frame = shops() if edit is None else edit(shops())
    with pytest.raises(ValueError, match=message):
        write(tmp_path, frame, **named)
    assert [path.name for path in tmp_path.iterdir()] == ["shops.parquet"]


def test_files_of_other_types_are_refused_by_name(tmp_path):
    files = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    names = {"series": "shop", "time": "time", "targets": "load"}
    for later in (shops().astype({"load": "float32"}), shops().drop(columns="load")):
        shops()[:131].to_parquet(files[0])
        later[131:].to_parquet(files[1])
        with pytest.raises(
            ValueError, match=r"'load' is (float|absent) in .*2.parquet"
        ):
            PanelStore.write(tmp_path / "store", files, **names)


def test_of_all_columns_none_is_left_out_unsaid(tmp_path):
    files = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    shops()[:131].drop(columns="wind").to_parquet(files[0])
    shops()[131:].to_parquet(files[1])
    names = {"series": "shop", "time": "time", "targets": "load"}
    with pytest.raises(ValueError, match=r"'wind' is in .*2.parquet, and not in .*1"):
        PanelStore.write(tmp_path / "store", files, **names)
    store = PanelStore.write(tmp_path / "store", files, covariates="price", **names)
    assert store.columns == ["price", "shop"]


def test_columns_of_one_name_are_refused(tmp_path):
    table = pa.Table.from_pandas(shops(), preserve_index=False)
    for name in ("load", "more"):  # of no use as well: which is meant is not said
        twice = table.append_column(name, table["load"]).append_column("more", table[0])
        pq.write_table(twice, tmp_path / "a.parquet")
        with pytest.raises(
            ValueError, match=rf"a.parquet has 2 columns of the .*{name}"
        ):
            PanelStore.write(
                tmp_path / "s", tmp_path / "a.parquet", series="shop", targets="load"
            )


@pytest.mark.parametrize("damage", ["text", "cut", "overwritten"])
def test_files_that_are_damaged_are_named(tmp_path, damage):
    folder = tmp_path / "in"
    folder.mkdir()
    shops()[:131].to_parquet(folder / "1.parquet")
    shops()[131:].to_parquet(folder / "2.parquet")
    data = (folder / "2.parquet").read_bytes()
    n = len(data) - 8 - int.from_bytes(data[-8:-4], "little")  # the footer follows
    changed = {
        "text": b"shop,load",
        "cut": data[:-99],
        "overwritten": data[:4] + b"\xff" * (n - 4) + data[n:],
    }
    (folder / "2.parquet").write_bytes(changed[damage])
    with pytest.raises(
        ValueError, match=r"2\.parquet is no Parquet file, or is damaged"
    ):
        PanelStore.write(
            tmp_path / "s", folder, series="shop", time="time", targets="load"
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_folder_may_have_the_name_of_a_file(tmp_path):
    frame = shops()
    (tmp_path / "in" / "all.parquet").mkdir(parents=True)  # as Spark writes
    frame.to_parquet(tmp_path / "in" / "all.parquet" / "part-0.parquet")
    names = {"series": "shop", "time": "time", "targets": "load"}
    store = PanelStore.write(tmp_path / "store", tmp_path / "in", **names)
    assert_same_panel(store, *panel_of(frame))


class Fails:
    """A transformer that breaks off when it has seen some rows."""

    def __init__(self, error, after):
        self.error, self.after = error, after

    def transform(self, X):
        self.after -= 1
        if self.after < 0:
            raise self.error
        return X


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_writing_that_is_broken_off_leaves_nothing(tmp_path, monkeypatch, error):
    monkeypatch.setattr(store_source, "GROUP", 1)
    with pytest.raises(type(error)):
        write(tmp_path, shops(), transform=Fails(error, after=2))
    assert [path.name for path in tmp_path.iterdir()] == ["shops.parquet"]


def test_transformers_that_change_rows_are_refused(tmp_path):
    ways = {
        "made ndarray": lambda X: X.to_numpy(),
        "dropped 'shop'": lambda X: X.drop(columns="shop"),
        "a frame of 341": lambda X: X[1:],
    }
    for message, way in ways.items():
        with pytest.raises(ValueError, match=message):
            write(tmp_path, shops(), transform=Applies(way))


def test_nothing_is_written_over(tmp_path):
    write(tmp_path, shops())
    with pytest.raises(FileExistsError, match=r"already\. Open it with"):
        write(tmp_path, shops())


class Makes:
    """A transformer that makes a folder: another writer who is done first."""

    def __init__(self, folder):
        self.folder = folder

    def transform(self, X):
        self.folder.mkdir()
        return X


def test_of_two_writers_the_second_one_changes_nothing(tmp_path):
    with pytest.raises(FileExistsError, match=r"something at .*store already"):
        write(tmp_path, shops(), transform=Makes(tmp_path / "store"))
    assert {path.name for path in tmp_path.iterdir()} == {"shops.parquet", "store"}
    assert not any((tmp_path / "store").iterdir())


def test_places_where_no_store_can_be(tmp_path):
    shops().to_parquet(tmp_path / "a.parquet")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    names = {"source": tmp_path / "a.parquet", "series": "shop", "targets": "load"}
    with pytest.raises(FileExistsError, match=r"something at .*link already"):
        PanelStore.write(tmp_path / "link", **names)
    for folder in ("none", "a.parquet"):
        with pytest.raises(FileNotFoundError, match=r"there is no folder .*Make it"):
            PanelStore.write(tmp_path / folder / "store", **names)


def test_a_store_that_changes_after_it_was_opened_is_refused(tmp_path):
    store = write(tmp_path, shops())
    shutil.rmtree(store.path)
    with pytest.raises(FileNotFoundError, match="is no folder"):
        store.panel()
    write(tmp_path, shops()[:200])
    with pytest.raises(ValueError, match=r"written anew .*Open it again"):
        store.panel()
    again = PanelStore.open(store.path)
    os.truncate(store.path / "values", 800)
    with pytest.raises(ValueError, match="values has 800 bytes"):
        again.panel()


def test_a_store_is_found_from_another_folder(tmp_path, monkeypatch):
    write(tmp_path, shops())
    monkeypatch.chdir(tmp_path)
    store = PanelStore.open("store")
    monkeypatch.chdir(tmp_path.parent)
    assert_same_panel(pickle.loads(pickle.dumps(store)), *panel_of(shops()))


def test_a_store_that_is_not_whole_is_not_opened(tmp_path):
    path = write(tmp_path, shops()).path
    manifest = path / "manifest.json"
    text = manifest.read_text()
    with pytest.raises(FileNotFoundError, match="is no folder: there is no panel st"):
        PanelStore.open(tmp_path / "other")
    manifest.unlink()
    with pytest.raises(FileNotFoundError, match=r"no manifest\.json.*broken off"):
        PanelStore.open(path)
    manifest.write_text(text)
    values = (path / "values").read_bytes()
    (path / "values").write_bytes(values[:-8])
    with pytest.raises(ValueError, match=r"values has 2720 bytes.* 2728.*damaged"):
        PanelStore.open(path)
    (path / "values").unlink()
    with pytest.raises(ValueError, match="values is absent"):
        PanelStore.open(path)
    manifest.write_text(json.dumps(json.loads(text) | {"version": 7}))
    with pytest.raises(ValueError, match=r"store of version 7.*reads version 1"):
        PanelStore.open(path)
    for other in ("{}", "[", "7"):
        manifest.write_text(other)
        with pytest.raises(ValueError, match="not that of a panel store"):
            PanelStore.open(path)


def test_sources_that_are_not_there_are_refused(tmp_path):
    names = {"series": "shop", "targets": "load"}
    with pytest.raises(FileNotFoundError, match=r"there is no file .*none\.parquet"):
        PanelStore.write(tmp_path / "store", tmp_path / "none.parquet", **names)
    with pytest.raises(FileNotFoundError, match=r"no file is \*.parquet"):
        PanelStore.write(tmp_path / "store", tmp_path, **names)
    for source in (None, 7, shops()):
        with pytest.raises(TypeError, match=r"source must be .*to_parquet"):
            PanelStore.write(tmp_path / "store", source, **names)


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    shops().to_parquet(tmp_path / "shops.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"PanelStore .*skinformer\[parquet\]"
    ):
        PanelStore.write(
            tmp_path / "store",
            tmp_path / "shops.parquet",
            series="shop",
            targets="load",
        )
