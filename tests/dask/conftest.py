"""One cluster for all tests: two processes of one thread each."""

import psutil
import pytest

from . import panels


def children():
    """Return the processes that this one has started, but Python's own helper."""
    found = psutil.Process().children(recursive=True)
    return {p for p in found if "resource_tracker" not in " ".join(p.cmdline())}


@pytest.fixture(scope="package")
def client(tmp_path_factory):
    """Return the client of a real cluster; when it is closed, nothing is left of it."""
    import dask
    from distributed import Client, LocalCluster

    before, scratch = children(), tmp_path_factory.mktemp("scratch")
    # the scheduler is in this process, and its log of messages keeps what they name
    with dask.config.set({"distributed.admin.low-level-log-length": 0}):
        cluster = LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            memory_limit="2GB",
            dashboard_address=":0",
            local_directory=str(scratch),
        )
    with cluster, Client(cluster, set_as_default=False) as client:
        assert len(children() - before) >= 2
        yield client
    assert children() == before
    left = [path.name for path in scratch.rglob("*") if path.is_file()]
    assert {name for name in left if "lock" not in name} == set()


@pytest.fixture
def workers(client):
    """Return the same as the client that computes, its counts at nought."""
    panels.forget()
    client.run(panels.forget)
    with client.as_current():
        yield client
