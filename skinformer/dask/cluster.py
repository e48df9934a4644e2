"""joblib on the workers of a Dask cluster: data once, and threads shared out."""

import asyncio
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from joblib import parallel_config

from skinformer.forecasting.origins import check_whole

from .extra import current_client, dask_module

__all__ = ["on_cluster"]

# seconds that the threads of a worker wait for one another: torch is imported in them
PATIENCE = 300


@contextmanager
def on_cluster(client: Any = None, *, torch_threads: int | None = None) -> Iterator:
    """Let joblib work on a Dask cluster in the block: searches, and fits of backtests.

    As ``joblib.parallel_config(backend="dask")``, and besides:

    * Every thread of every worker runs torch on the same number of threads, a fair
      share of its cores. Left alone, a worker that a nanny started has one; others have
      as many as there are cores, and stand in one another's way.
    * What was sent to a worker stays there until the block ends. Left alone, Dask takes
      copies back that no task needs at the moment, and sends them again later.

    Both are put back at the end of the block, and joblib's results are let go, those of
    a call that failed too. Workers that join in it keep their own number of threads.

    Parameters
    ----------
    client : distributed.Client or None, default=None
        The one of the cluster; None takes the one that was made last.
    torch_threads : int or None, default=None
        Threads of torch in each thread of a worker. None divides the cores of a host by
        the threads of all workers on it, and takes the least over all hosts, so that
        results do not hang on where a task runs.

    Yields
    ------
    distributed.Client

    Raises
    ------
    ValueError
        If there is no client, it is closed or asynchronous, or no worker is there to
        count the cores of; or if the number is out of its range.
    TypeError
        If ``client`` is something else.

    Examples
    --------
    >>> from dask.distributed import Client
    >>> from skinformer import SeasonalNaive, backtest, make_load_series
    >>> from skinformer.dask import on_cluster
    >>> X, y = make_load_series(24 * 9, random_state=0)
    >>> settings = {"train_size": 96, "stride": 24, "refit": True}
    >>> with Client(processes=False, dashboard_address=":0") as client:
    ...     with on_cluster(client):
    ...         backtest(SeasonalNaive(pred_len=24), X, y, **settings)
    BacktestResult(n_windows=5, horizon=24, target_names=['load'], foresight='perfect')
    """
    if torch_threads is not None:
        check_whole("torch_threads", torch_threads)
    client = check_client(client)
    with (
        copies_kept(client),
        threads_set(client, torch_threads),
        client.as_current(),
        own_client(client) as own,
        parallel_config(backend="dask", client=own),
    ):
        yield client


def check_client(client: Any) -> Any:
    """Return a client, the one that was made last if none is given."""
    if client is None:
        client = current_client()
    if client is None:
        raise ValueError(
            "There is no Dask client; make one, client = dask.distributed.Client(), or "
            "give that of your cluster."
        )
    if not isinstance(client, dask_module("distributed").Client):
        raise TypeError(
            "client must be a distributed.Client, or None for the one that was made "
            f"last; got {type(client).__name__}. Of a cluster, or the address of its "
            "scheduler, make one: on_cluster(distributed.Client(cluster))."
        )
    refuse_unusable(client)
    return client


def refuse_unusable(client: Any) -> None:
    """Refuse a client that is closed, or that answers only those who await it."""
    if client.status != "running":
        raise ValueError(
            f"The Dask client is {client.status}; make another one of the same "
            "cluster, distributed.Client(cluster), and close it after the block."
        )
    if client.asynchronous:
        raise ValueError(
            "The Dask client is asynchronous, and joblib waits for its results; make "
            "one without asynchronous=True, outside of the event loop."
        )


def own_client(client: Any) -> Any:
    """Return another client of the same cluster; what it holds goes when it is closed.

    After an error joblib keeps the other results of that call, and its client keeps
    them on the workers.
    """
    return type(client)(
        client.scheduler.address, security=client.security, set_as_default=False
    )


@contextmanager
def copies_kept(client: Any) -> Iterator[None]:
    """Keep Dask from taking copies of data back while they are not in use."""
    was_running = client.amm.running()
    client.amm.stop()
    try:
        yield
    finally:
        if was_running:
            client.amm.start()


@contextmanager
def threads_set(client: Any, n: int | None) -> Iterator[None]:
    """Set torch's threads in each worker, and put them back."""
    n = fair_share(client) if n is None else n
    before = client.run(set_threads, n)
    try:
        yield
    finally:
        for worker, number in before.items():
            if worker in client.ncores():  # it may have left
                client.run(set_threads, number, workers=[worker])


def fair_share(client: Any) -> int:
    """Return how many cores there are for each thread of a worker, at least one."""
    cores = client.run(cores_here)
    if not cores:
        raise ValueError(
            "The Dask cluster has no worker yet; wait for one, "
            "client.wait_for_workers(1), or give torch_threads."
        )
    threads = client.ncores()
    busy: dict = {}
    for worker, (host, _) in cores.items():
        busy[host] = busy.get(host, 0) + threads[worker]
    return max(1, min(n // busy[host] for host, n in cores.values()))


def cores_here() -> tuple[str, int]:
    """Return the name of a worker's machine, and how many cores it lends."""
    return platform.node(), dask_module("dask.system").CPU_COUNT


async def set_threads(n: int, dask_worker: Any) -> int:
    """Set torch's threads in each thread of a worker; return how many there were.

    torch keeps the number by thread, so that it must be set in every one. New threads
    take the one that was set last.
    """
    count, executor = dask_worker.state.nthreads, dask_worker.executors["default"]
    meet, loop = threading.Barrier(count), asyncio.get_running_loop()
    every = [loop.run_in_executor(executor, change, n, meet) for _ in range(count)]
    return (await asyncio.gather(*every))[0]


def change(n: int, meet: threading.Barrier) -> int:
    """Set the threads of torch in this thread, once all of the worker's are here."""
    import torch

    before = torch.get_num_threads()
    meet.wait(PATIENCE)
    torch.set_num_threads(n)
    return before
