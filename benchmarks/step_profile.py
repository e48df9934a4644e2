"""Where the time of a training step goes, by torch's profiler."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from torch.profiler import ProfilerActivity, profile

from benchmarks.report import Row
from benchmarks.training_step import NARROW, training_step

STEPS = 5
# the first family that has a part of the operation's name
FAMILIES = {
    "attention's products and softmax": ("bmm", "softmax", "scaled_dot", "matmul"),
    "linear maps and convolutions": ("convolution", "mm", "linear"),
    "GELU, norms, pooling": ("gelu", "norm", "elu", "pool"),
    "random numbers, masks, sums": ("random", "mul", "add", "ge", "masked", "where"),
    "copies and fills": ("copy", "cat", "fill", "zero", "scatter", "gather", "index"),
    "ranking": ("topk", "amax"),
    "optimiser": ("adam", "optimizer"),
}


def family_of(operation: str) -> str:
    """Name the family of an operation such as "aten::bmm".

    >>> family_of("aten::bmm"), family_of("aten::addmm"), family_of("aten::add_")
    ("attention's products and softmax", 'linear maps and convolutions', \
'random numbers, masks, sums')
    """
    name = operation.removeprefix("aten::").lower()
    for family, parts in FAMILIES.items():
        if any(part in name for part in parts):
            return family
    return "the rest: views, empty tensors, autograd's own work"


def shares(step: Callable[[], None]) -> tuple[float, dict[str, float]]:
    """Return a step's milliseconds, and the share of each family, largest first."""
    for _ in range(3):
        step()
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        for _ in range(STEPS):
            step()
    spent: dict[str, float] = defaultdict(float)
    for event in profiler.key_averages():
        spent[family_of(event.key)] += event.self_cpu_time_total
    total = sum(spent.values())
    ranked = sorted(spent.items(), key=lambda item: -item[1])
    return total / STEPS / 1e3, {name: time / total for name, time in ranked}


def run(toy: bool) -> Iterator[Row]:
    """Yield one row for each of the narrow networks."""
    for d_model, seq_len, pred_len, *_ in NARROW[:1] if toy else NARROW:
        total, ranked = shares(training_step(d_model, seq_len, pred_len))
        yield Row(
            f"self time in a step, d_model {d_model}, {seq_len} → {pred_len}, "
            "by torch's profiler",
            total,
            "ms",
            detail=", ".join(f"{name} {share:.0%}" for name, share in ranked.items()),
        )
