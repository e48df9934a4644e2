"""What the estimator adds to the network: per epoch, per forecast, in memory."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
import torch

from benchmarks import peer
from benchmarks.report import Row
from benchmarks.timing import alternate
from skinformer import InformerRegressor, make_load_series
from skinformer.network import Informer

N_TARGETS = 7
# what the estimator adds to the network is measured without the highway
NETWORK_ALONE = {"highway": None, "seq_len": 96}


def series(n_rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return an hourly index without columns, and 7 targets."""
    index = pd.date_range("2020-01-01", periods=n_rows, freq="h")
    noise = np.random.default_rng(0).standard_normal((n_rows, N_TARGETS))
    hour = np.sin(index.hour.to_numpy() * np.pi / 12)[:, None]
    return pd.DataFrame(index=index), pd.DataFrame(hour + 0.1 * noise, index=index)


def epoch_by_hand(model: InformerRegressor, y: pd.DataFrame) -> Callable[[], None]:
    """Return an epoch over the same network and windows, as one would write it."""
    scaled = ((y - y.mean()) / y.std(ddof=0)).to_numpy(np.float32, copy=True)
    L, T = model.seq_len, model.pred_len
    windows = torch.from_numpy(scaled).unfold(0, L + T, 1).transpose(1, 2)
    net = Informer(**model._network_params()).train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=model.lr, fused=True)

    def epoch() -> None:
        for which in torch.randperm(len(windows)).split(model.batch_size):
            batch = windows[which]
            optimizer.zero_grad()
            loss = (net(batch[:, :L]) - batch[:, L:]).abs().mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), model.gradient_clip)
            optimizer.step()

    return epoch


def epochs(toy: bool) -> Iterator[Row]:
    """Yield the time of an epoch through the estimator over that of one by hand."""
    X, y = series(200 if toy else 1400)
    # what fit does once, before the first epoch, is in a fit of one epoch as well
    one, three = (
        InformerRegressor(
            **NETWORK_ALONE,
            max_epochs=n,
            windows_per_epoch=None,
            validation_fraction=None,
            random_state=0,
            lr_schedule=None,
        )
        for n in (1, 3)
    )
    one.fit(X, y)
    ways = {
        "one": partial(one.fit, X, y),
        "three": partial(three.fit, X, y),
        "by hand": epoch_by_hand(one, y),
    }
    taken = alternate(ways, 1 if toy else 7, warmup=1)
    epoch = (taken["three"] - taken["one"]) / 2
    yield Row(
        "an epoch through the estimator, against a loop by hand",
        epoch / taken["by hand"],
        "times",
        1.10,
        True,
        f"estimator {epoch:.3f} s, by hand {taken['by hand']:.3f} s",
    )


def forecasts(toy: bool) -> Iterator[Row]:
    """Yield the time of ``predict`` of one block over that of a raw forward pass."""
    X, y = series(300 if toy else 8664)
    past = len(y) - 24
    model = InformerRegressor(
        **NETWORK_ALONE, max_epochs=1, windows_per_epoch=64, random_state=0
    )
    model.fit(X[:past], y[:past])
    window, ahead = torch.randn(1, 96, N_TARGETS), X[past:]
    net = model.net_.module_

    def raw() -> None:
        with torch.inference_mode():
            net(window)

    ways = {"raw": raw, "predict": partial(model.predict, ahead)}
    taken = alternate(ways, 2 if toy else 300)
    detail = ", ".join(f"{name} {1e3 * s:.2f} ms" for name, s in taken.items())
    ratio = taken["predict"] / taken["raw"]
    what = "`predict` of one block"
    yield Row(f"{what}, against a raw forward pass", ratio, "times", 1.5, True, detail)
    if peer.PRESENT:
        yield from forecasts_of_peer(toy, what)


def forecasts_of_peer(toy: bool, what: str) -> Iterator[Row]:
    """Yield the peer's ``predict`` of one series over ours."""
    X, y = make_load_series(300 if toy else 2000, random_state=0)
    X = X[[]]
    model = InformerRegressor(
        **NETWORK_ALONE, max_epochs=1, windows_per_epoch=64, random_state=0
    )
    model.fit(X[:-24], y[:-24])
    theirs = peer.forecaster(y[:-24], seq_len=96, pred_len=24, d_model=64)
    ways = {"ours": partial(model.predict, X[-24:]), "peer": theirs}
    taken = alternate(ways, 2 if toy else 15)
    detail = ", ".join(f"{name} {1e3 * s:.2f} ms" for name, s in taken.items())
    ratio = taken["peer"] / taken["ours"]
    yield Row(f"{what}, against neuralforecast's", ratio, "×", 10, detail=detail)


def memory(toy: bool) -> Iterator[Row]:
    """Yield the peak of a fit, in a process of its own."""
    n_rows = 10_000 if toy else 1_000_000
    command = [sys.executable, "-m", "benchmarks.fit_memory", str(n_rows)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    figures = json.loads(answer)
    detail = (
        f"interpreter, a small fit before and arrays {figures['before']:.0f} MB; "
        "windows_per_epoch=640, validation_fraction=2000"
    )
    what = f"`fit` on {n_rows:,} rows × {N_TARGETS} targets, peak memory above both"
    yield Row(what, figures["above"], "MB", 300, True, detail)


def run(toy: bool) -> Iterator[Row]:
    """Yield all of them."""
    yield from epochs(toy)
    yield from forecasts(toy)
    yield from memory(toy)
