import pytest
import torch

from skinformer.network import attention


@pytest.fixture(autouse=True)
def one_seed_one_thread():
    """The same weights in every run; and no threads, which here only wait."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(params=["kept", "composed"])
def way(request, monkeypatch):
    """Attention by the functions for a CPU, and by torch's own operations."""
    if request.param == "composed":
        monkeypatch.setattr(attention, "keeps_weights", lambda *_: False)
    return request.param
