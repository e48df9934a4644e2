"""Attention forward and backward: against the peer, against dense, and its growth."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks import peer
from benchmarks.report import Row
from benchmarks.timing import alternate, growth, peak_memory
from skinformer.network import probsparse_attention

B, H, D, FACTOR = 8, 8, 64, 5
LENGTHS = (96, 336, 720, 1440, 2880)
OF_PEER = {720: 10, 2880: 15}
OF_DENSE = {96: 1, 720: 6, 2880: 20}
MOST = 1.15  # exponent of growth


def ours(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attend as training does: keys drawn at random."""
    return probsparse_attention(q, k, v, factor=FACTOR, random_keys=True)[0]


def there_and_back(attend: Callable, length: int) -> Callable[[], object]:
    """Return a run forward and back, on tensors that are there already."""
    q, k, v = (torch.randn(B, H, length, D, requires_grad=True) for _ in range(3))
    grad = torch.randn(B, H, length, D)
    return lambda: torch.autograd.grad(attend(q, k, v), (q, k, v), grad)


def contenders(length: int) -> dict[str, Callable[[], object]]:
    """Return ours, dense attention and, where it is installed, the peer's."""
    ways = {"ours": ours, "dense": F.scaled_dot_product_attention}
    if peer.PRESENT:
        ways["peer"] = peer.attention(FACTOR)
    return {name: there_and_back(attend, length) for name, attend in ways.items()}


def run(toy: bool) -> Iterator[Row]:
    """Yield a row for every length, then the growth of time and memory."""
    lengths = (48, 96) if toy else LENGTHS
    seconds, memory = {}, {}
    for length in lengths:
        ways = contenders(length)
        seconds[length] = alternate(ways, 1 if toy else max(7, 4000 // length))
        memory[length] = peak_memory(ways["ours"])
    for length, taken in seconds.items():
        yield from against(length, taken)
    yield from grown([n for n in lengths if toy or n >= 336], seconds, memory)


def against(length: int, taken: dict[str, float]) -> Iterator[Row]:
    """Yield the ratios at one length."""
    detail = ", ".join(f"{name} {1e3 * s:.1f} ms" for name, s in taken.items())
    for other, goals in (("peer", OF_PEER), ("dense", OF_DENSE)):
        if other in taken:
            name = {"peer": "neuralforecast's", "dense": "dense"}[other]
            yield Row(
                f"attention, forward and back, L {length}, against {name}",
                taken[other] / taken["ours"],
                "×",
                goals.get(length),
                detail=detail,
            )


def grown(lengths: list[int], seconds: dict, memory: dict) -> Iterator[Row]:
    """Yield the exponents from the first to the last length."""
    span = f"L {lengths[0]} to {lengths[-1]}"
    times = [seconds[n]["ours"] for n in lengths]
    detail = ", ".join(f"{1e3 * s:.1f} ms" for s in times)
    exponent = growth(lengths, times)
    yield Row(f"growth of attention's time, {span}", exponent, "", MOST, True, detail)
    peaks = [memory[n] for n in lengths]
    detail = ", ".join(f"{b / 2**20:.1f} MiB" for b in peaks)
    exponent = growth(lengths, peaks)
    yield Row(f"growth of its peak memory, {span}", exponent, "", MOST, True, detail)
