"""Rounds of update and predict leave nothing behind; the benchmark goes 10,000."""

import gc
import pickle
import tracemalloc

import pytest

from benchmarks import long_running

from .small import small

OURS = "*/skinformer/*"
N_WARM, N_ROUNDS = 110, 120  # of the former the context is full
CONTEXT = {"history_size": "context", "highway": "ridge", "highway_len": 36}


def served(name, **kwargs):
    """Return one of the services of the benchmark around a small network."""
    n = long_running.N_CALIBRATE + 300 + N_WARM + N_ROUNDS + long_running.DAY
    model = small(**CONTEXT | kwargs)
    X, y = long_running.rows(n)
    if name == "five series":
        X, y = long_running.rows(n, 5)
        model.set_params(series="place")
        return long_running.Service(model, X, y, long_running.point, 5)
    ask = long_running.interval if name == "intervals" else long_running.point
    return long_running.Service(model, X, y, ask)


def begun(service):
    """Fit, calibrate if intervals are asked for, and go the first rounds."""
    first, rows = service.hours(0, 300), service.hours(300, long_running.N_CALIBRATE)
    service.model.fit(service.X[first], service.y[first])
    hour = 300
    if service.ask is long_running.interval:
        service.model.calibrate(service.X[rows], service.y[rows])
        hour += long_running.N_CALIBRATE
    list(long_running.serve(service, hour, N_WARM))
    return hour + N_WARM


def growth(service):
    """Return by how many bytes a model has grown, and what our lines hold beside it."""
    hour = begun(service)
    size = len(pickle.dumps(service.model))
    tracemalloc.start()
    list(long_running.serve(service, hour, N_ROUNDS))
    gc.collect()
    ours = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, OURS)])
    tracemalloc.stop()
    held = sum(trace.size for trace in ours.traces)
    return len(pickle.dumps(service.model)) - size, held


@pytest.mark.parametrize("name", ["one series", "intervals", "five series"])
def test_nothing_is_left_behind(name):
    service = served(name)
    stored, held = growth(service)
    assert abs(stored) < 100
    # every array of the model is another one by then, and so was allocated here
    assert held < len(pickle.dumps(service.model)) + 20_000


def test_a_whole_history_grows():
    """As it should: the measure sees it."""
    stored, _ = growth(served("one series", history_size="all"))
    assert stored >= 17 * N_ROUNDS  # a target, a covariate, whether it was given
    assert long_running.Growth(stored / N_ROUNDS, 0.0, 1.0, 2.0).is_too_much


@pytest.mark.parametrize("name", ["held", "memory", "ratio"])
def test_the_benchmark_says_what_grows(name, monkeypatch, capsys):
    still = long_running.Growth(0.01, 100.0, 1.0, 2.0)

    def measured(kind, n_rounds):
        return still if kind == "holes" else still._replace(**{name: 9_000.0})

    monkeypatch.setattr(long_running, "measure", measured)
    monkeypatch.setattr("sys.argv", ["long_running", "--only", "holes"])
    long_running.main()
    monkeypatch.setattr("sys.argv", ["long_running", "--only", "holes", "intervals"])
    with pytest.raises(SystemExit, match="intervals"):
        long_running.main()
    assert "9000." in capsys.readouterr().out
