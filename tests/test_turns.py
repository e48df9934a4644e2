"""One forecaster in several threads: who asks, and who changes it."""

import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skinformer import SeasonalNaive, _turns
from skinformer._turns import as_it_is, changed_at_once

PRED_LEN = 3


def rows(first, n, series=None):
    """Return X and y of n hours from hour ``first`` on; y grows steeper and steeper."""
    index = pd.date_range("2024-01-01", periods=first + n, freq="h")[first:]
    X = pd.DataFrame(index=index)
    if series is not None:
        X["place"] = series
    return X, pd.Series(np.arange(first, first + n) ** 2.0, index)


def fitted(kind=SeasonalNaive):
    model = kind(season=1, pred_len=PRED_LEN).fit(*rows(0, 40))
    return model.calibrate(*rows(40, 20))


class Waiting(SeasonalNaive):
    """Begins to forecast in one thread, and ends when it is told to."""

    waits, begun, go_on = None, threading.Event(), threading.Event()

    def _forecast_jobs(self, jobs):
        if threading.current_thread() is Waiting.waits:
            Waiting.waits = None
            Waiting.begun.set()
            Waiting.go_on.wait(30)
        return super()._forecast_jobs(jobs)


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.predict(rows(60, 5)[0]),
        lambda model: model.predict_interval(rows(60, 5)[0], coverage=0.5),
        lambda model: model.sample_paths(rows(60, 5)[0], n=7, random_state=0),
        lambda model: model.predict_windows(*rows(60, 5)).y_pred,
    ],
    ids=["predict", "interval", "paths", "windows"],
)
def test_an_update_meanwhile_does_not_reach_who_asked_before(ask):
    model = fitted(Waiting)
    expected, told = ask(model), []
    thread = threading.Thread(target=lambda: told.append(ask(model)))
    Waiting.waits = thread
    Waiting.begun.clear()
    Waiting.go_on.clear()
    thread.start()
    assert Waiting.begun.wait(30)
    model.update(*rows(60, 5))  # whose residuals are the largest so far
    Waiting.go_on.set()
    thread.join()
    assert_array_equal(told[0], expected)
    later = model.predict_interval(rows(65, 1)[0], coverage=0.5)
    assert later[0, 1] - later[0, 0] > 0


@pytest.mark.filterwarnings("ignore:.*not asked for")
def test_readers_see_the_model_before_or_after_each_update():
    n_updates, ahead = 12, rows(72, 3)[0]

    def answer(model):
        return model.predict_interval(ahead, coverage=0.5).tobytes()

    states, model = [], fitted()
    states.append(answer(model))
    for i in range(n_updates):
        states.append(answer(model.update(*rows(60 + i, 1))))
    assert len(set(states)) == n_updates + 1
    model, seen = fitted(), []

    def read():
        while not seen or seen[-1] != states[-1]:
            seen.append(answer(model))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            readers = [pool.submit(read) for _ in range(4)]
            for i in range(n_updates):
                model.update(*rows(60 + i, 1))
            for reader in readers:
                reader.result(60)
    finally:
        sys.setswitchinterval(before)
    assert set(seen) <= set(states)


def test_updates_of_one_panel_take_turns():
    names = list("abcdefg")
    parts = [rows(0, 30, name) for name in names]
    model = SeasonalNaive(season=1, pred_len=PRED_LEN, series="place")
    model.fit(pd.concat([X for X, _ in parts]), pd.concat([y for _, y in parts]))
    start = threading.Barrier(len(names), timeout=30)

    def add(name):
        start.wait()
        for i in range(3):
            model.update(*rows(30 + i, 1, name))

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(add, names))
    assert [history.n_known for history in model._panel] == [33] * len(names)


def broken_off(model):
    with changed_at_once(model) as later:
        later._panel = later.extra = None
        assert model._panel is not None
        raise KeyboardInterrupt


def test_changed_whole_or_not_at_all():
    model = fitted()
    before = dict(vars(model))
    with pytest.raises(KeyboardInterrupt):
        broken_off(model)
    assert vars(model) == before
    with changed_at_once(model) as later:
        later.extra = 3
        assert not hasattr(model, "extra")
    assert model.extra == 3


def test_a_copy_keeps_what_it_was():
    model = fitted()
    now = as_it_is(model)
    model.update(*rows(60, 5))
    assert (now._history.n_known, model._history.n_known) == (60, 65)


def test_turns_are_forgotten_with_their_estimator():
    model = fitted()
    key = id(model)
    assert key in _turns._turns
    del model
    gc.collect()
    assert key not in _turns._turns
