"""Searches, backtests and forecasts in two other processes."""

import asyncio
import gc
import os
import signal
import time
import warnings
from functools import partial

import dask.dataframe as dd
import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from distributed import Client
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from skinformer import (
    InformerRegressor,
    LagForecaster,
    SeasonalNaive,
    backtest,
    make_load_series,
)
from skinformer.dask import backtest as dask_backtest
from skinformer.dask import on_cluster, predict
from skinformer.dask.cluster import fair_share

from .panels import (
    Counted,
    CountedFrame,
    Refusing,
    arrivals,
    cut,
    hourly,
    make_part,
    most_at_once,
    naive,
)

TINY = {
    "seq_len": 6,
    "label_len": 3,
    "pred_len": 3,
    "d_model": 4,
    "n_heads": 1,
    "e_layers": 1,
    "d_ff": 4,
    "max_epochs": 1,
    "highway": None,
    "random_state": 0,
}
REFITS = {"train_size": 60, "stride": 12, "refit": True}


def arrived(client, what):
    """Return how often something arrived, at each worker."""
    return [seen.count(what) for seen in client.run(arrivals).values()]


@pytest.fixture(scope="module")
def load():
    """Return five days of one series."""
    X, y = make_load_series(120, random_state=0)
    return CountedFrame(X), y


# Searches


def searched(X, y):
    """Return what a search of two settings in three folds found."""
    cv, rates = TimeSeriesSplit(3, test_size=12), {"lr": [1e-3, 1e-2]}
    search = GridSearchCV(
        InformerRegressor(**TINY), rates, cv=cv, pre_dispatch="all", error_score="raise"
    )
    return search.fit(X, y).cv_results_


def test_a_search_scores_as_in_one_process_and_sends_its_rows_once(workers, load):
    alone = searched(*load)
    with on_cluster(workers):
        together = searched(*load)
    scores = [f"split{i}_test_score" for i in range(3)]
    for name in scores:
        assert_allclose(together[name], alone[name], rtol=1e-12)
    assert len(np.unique([alone[name] for name in scores])) == 6
    assert max(arrived(workers, "frame")) == 1  # of 6 fits


# Backtests that fit on the way


@pytest.mark.parametrize(
    "model",
    [
        SeasonalNaive(pred_len=3),
        LagForecaster(Ridge(), pred_len=3, strategy="direct"),  # parallel inside too
        InformerRegressor(**TINY),
    ],
    ids=["naive", "lags", "informer"],
)
def test_fits_of_a_backtest(workers, load, model):
    alone = backtest(model, *load, **REFITS)
    with on_cluster(workers):
        together = backtest(model, *load, **REFITS)
    assert_allclose(together.y_pred, alone.y_pred, rtol=1e-12)
    assert_array_equal(together.y_true, alone.y_true)
    assert together.timestamps.equals(alone.timestamps)
    assert max(arrived(workers, "frame")) == 1  # of 5 fits


def test_under_joblib_alone_rows_do_not_travel_with_every_fit(workers, load):
    settings = REFITS | {"stride": 1}
    with joblib.parallel_config(backend="dask"):
        together = backtest(SeasonalNaive(pred_len=3), *load, **settings)
    assert len(together.y_pred) == 58
    assert max(arrived(workers, "frame")) == 1  # of 58 fits


def test_fits_of_many_series(workers):
    frame = hourly(["s1", "s2", "s3"], 60)
    X = CountedFrame(frame[["store"]])
    model = SeasonalNaive(pred_len=3, series="store")
    settings = {"train_size": 30, "stride": 6, "refit": 2}
    alone = backtest(model, X, frame["load"], **settings)
    with on_cluster(workers):
        together = backtest(model, X, frame["load"], **settings)
    pd.testing.assert_frame_equal(together.to_frame(), alone.to_frame())
    assert_allclose(together.metric("mase"), alone.metric("mase"))
    assert max(arrived(workers, "frame")) == 1


def test_what_was_known_travels_with_the_fits(workers, load):
    X, y = load
    X = CountedFrame(X.assign(warmth=np.arange(120.0)))
    told = pd.DataFrame({"warmth": -np.arange(120.0)}, X.index)
    model = LagForecaster(Ridge(), pred_len=3)

    def future_X(origin, index):
        return X.loc[index].assign(warmth=told["warmth"])

    alone = backtest(model, X, y, future_X=future_X, **REFITS)
    with on_cluster(workers):
        together = backtest(model, X, y, future_X=future_X, **REFITS)
    assert_allclose(together.y_pred, alone.y_pred, rtol=1e-12)
    assert together.foresight == "as known"


def test_an_error_arrives_as_it_is(workers, load):
    model = Refusing(pred_len=3)
    with pytest.raises(ValueError, match="no fit on 72 rows") as alone:
        backtest(model, *load, **REFITS)
    with on_cluster(workers), pytest.raises(ValueError, match="on 72 rows") as there:
        backtest(model, *load, **REFITS)
    assert str(there.value) == str(alone.value)


def test_a_fold_that_fails_is_told_as_in_one_process(workers, load):
    search = GridSearchCV(
        Refusing(pred_len=3), {"season": [1]}, cv=TimeSeriesSplit(2, test_size=24)
    )
    told = []
    for context in (joblib.parallel_config(n_jobs=1), on_cluster(workers)):
        with context, warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            search.fit(*load)
        [failed] = [w for w in given if w.category is FitFailedWarning]
        assert "no fit on 72 rows" in str(failed.message)
        told.append([search.cv_results_[f"split{i}_test_score"][0] for i in (0, 1)])
    assert_array_equal(*told)
    assert np.isnan(told[1]).tolist() == [True, False]


# Threads


def threads_there(client):
    """Return how many threads torch has in a task, on each worker."""
    each = [
        client.submit(torch.get_num_threads, workers=worker, pure=False)
        for worker in client.ncores()
    ]
    return client.gather(each)


def test_every_worker_has_the_same_threads_and_then_its_own(workers):
    assert threads_there(workers) == [1, 1]  # the nanny says so
    with on_cluster(workers, torch_threads=3):
        assert threads_there(workers) == [3, 3]
    assert threads_there(workers) == [1, 1]


def test_a_fair_share(workers):
    there = workers.run(partial(eval, "__import__('dask').system.CPU_COUNT"))
    fair = max(1, min(there.values()) // 2)  # two workers of one thread
    with on_cluster(workers):
        assert threads_there(workers) == [fair, fair]


@pytest.mark.parametrize(
    ("cores", "threads", "share"),
    [
        ({"a": ("x", 8), "b": ("x", 8)}, {"a": 1, "b": 3}, 2),
        ({"a": ("x", 8), "b": ("y", 3)}, {"a": 1, "b": 1}, 3),
        ({"a": ("x", 2), "b": ("x", 2)}, {"a": 4, "b": 1}, 1),
    ],
)
def test_shares_of_hosts(cores, threads, share):
    class Told:
        def run(self, function):
            return cores

        def ncores(self):
            return threads

    assert fair_share(Told()) == share


def test_what_was_changed_is_put_back_after_an_error(workers):
    before = workers.amm.running()
    with pytest.raises(ZeroDivisionError), on_cluster(workers, torch_threads=2):
        1 / workers.amm.running()
    assert workers.amm.running() == before
    assert threads_there(workers) == [1, 1]
    assert joblib.effective_n_jobs(None) == 1


def test_a_cluster_is_needed():
    with pytest.raises(ValueError, match="no Dask client"), on_cluster():
        pass
    with (
        pytest.raises(ValueError, match="torch_threads=0"),
        on_cluster(torch_threads=0),
    ):
        pass
    for none in ("tcp://127.0.0.1:8786", 0, Client):
        message = rf"client must be a .*Client.* got {type(none).__name__}\..*Client\("
        with pytest.raises(TypeError, match=message), on_cluster(none):
            pass


def test_a_client_that_is_closed(client):
    closed = Client(client.scheduler.address, set_as_default=False)
    closed.close()
    with pytest.raises(ValueError, match="client is closed"), on_cluster(closed):
        pass


def test_a_client_that_is_asynchronous(client):
    async def enter():
        address = client.scheduler.address
        async with Client(address, asynchronous=True, set_as_default=False) as other:
            with on_cluster(other):
                pass

    with pytest.raises(ValueError, match="client is asynchronous"):
        asyncio.run(enter())


def test_no_worker_to_count_the_cores_of():
    class Told:
        def run(self, function):
            return {}

    with pytest.raises(ValueError, match=r"no worker yet.*wait_for_workers\(1\)"):
        fair_share(Told())


# Forecasts


NAMES = [f"s{i}" for i in range(1, 9)]


@pytest.fixture(scope="module")
def rows():
    """Return 31 hours of eight series, the first 20 of them to be fitted on."""
    frame = hourly(NAMES, 31)
    known = frame.index < "2024-01-01 20:00"
    return frame[known], frame[~known]


def test_the_model_travels_once(workers, rows):
    known, later = rows
    model = naive(known, cls=Counted)
    frame = cut(later[["store"]], *[[name] for name in NAMES])
    got = predict(model, frame).compute()
    assert_array_equal(got["load"], model.predict(later[["store"]]))
    assert max(arrived(workers, "model")) == 1  # of 8 partitions
    assert arrivals() == []


@pytest.mark.slow
def test_the_model_outlives_the_workers_that_hold_it(workers, rows):
    known, later = rows
    model = naive(known)
    later = later[["store"]]
    forecast = predict(model, cut(later, *[[name] for name in NAMES]))
    assert_array_equal(forecast.compute()["load"], model.predict(later))
    for number in workers.run(os.getpid).values():
        os.kill(number, signal.SIGKILL)  # their nannies start others
    assert_array_equal(forecast.compute()["load"], model.predict(later))


def test_a_backtest_of_partitions(workers, rows, tmp_path):
    known, later = rows
    for name in NAMES:
        later[later["store"] == name].to_parquet(tmp_path / f"{name}.parquet")
    model = naive(known, cls=Counted)
    result = dask_backtest(model, tmp_path, "load", stride=2)
    whole = backtest(model, later[["store"]], later["load"], stride=2)
    scores = result.scores(by="series", standardized=True)
    assert_allclose(scores, whole.scores(by="series", standardized=True), rtol=1e-12)
    assert_allclose(result.scores(), whole.scores(), rtol=1e-12)
    assert max(arrived(workers, "model")) == 1  # of 8 partitions
    assert len(result.to_frame().compute()) == len(whole.to_frame())


def test_few_partitions_are_in_memory_at_a_time(workers):
    n = 40
    known = hourly([f"s{i}" for i in range(n)], 20)
    frame = dd.from_map(
        make_part, range(n), meta=hourly(["s1"], 1).iloc[:0], enforce_metadata=False
    )
    forecast = predict(naive(known), frame)
    assert forecast["load"].sum().compute() == sum(5 * (100 * i + 19) for i in range(n))
    peaks = workers.run(most_at_once)
    assert 1 <= max(peaks.values()) <= 4
    assert sum(arrived(workers, "part")) == 2 * n  # looked at, and forecast


def test_nothing_is_left_on_the_workers(workers, rows, load):
    known, later = rows
    model = naive(known)
    frame = cut(later, NAMES[:4], NAMES[4:])
    with on_cluster(workers):
        backtest(SeasonalNaive(pred_len=3), *load, **REFITS)
        dask_backtest(model, frame, "load").scores()
        predict(model, frame).compute()
    with on_cluster(workers), pytest.raises(ValueError, match="no fit on 72 rows"):
        backtest(Refusing(pred_len=3), *load, **REFITS)  # others were on their way
    until = time.monotonic() + 10
    while workers.who_has() and time.monotonic() < until:
        gc.collect()
        time.sleep(0.05)
    assert workers.who_has() == {}
    assert not any(workers.processing().values())
