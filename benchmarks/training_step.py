"""A training step of the network, against the peer's and the matrix products in it."""

from collections.abc import Callable, Iterator

import torch
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks import peer
from benchmarks.report import Row
from benchmarks.timing import alternate, on_gpu
from skinformer import PAPER_SETTING
from skinformer.forecasting.machine import has_bfloat16
from skinformer.network import Informer
from skinformer.network import linear as rows_by_rows
from skinformer.network.linear import linear

BATCH, N_SERIES = 32, 7
DEVICES = ("cpu", "cuda")
# d_model, seq_len, pred_len, rounds, goal
MOST_ROUNDS = 15
NARROW = ((64, 96, 24, MOST_ROUNDS, 3), (64, 336, 96, 7, 4), (64, 720, 720, 5, 8))
WIDE = (512, 96, 24, 5)
PRODUCTS = (torch.ops.aten.mm, torch.ops.aten.addmm, torch.ops.aten.bmm)
PRODUCTS_ALONE = "its products by matmul alone"
MAPS_ALONE = "its products by the quicker way alone"
SPARSE, BF16 = "with cross_attention='prob'", "that in bfloat16"
PAPER = ("e_layers", "d_layers", "factor", "attention", "decoder_attention", "distil")
PAPER += ("mix", "dropout", "activation", "instance_norm")


def network(d_model: int, seq_len: int, pred_len: int, **other: object) -> Informer:
    """Return the network of the paper's setting in these sizes."""
    return Informer(
        n_inputs=N_SERIES,
        n_targets=N_SERIES,
        seq_len=seq_len,
        label_len=seq_len // 2,
        pred_len=pred_len,
        d_model=d_model,
        n_heads=8,
        d_ff=4 * d_model,
        **({name: PAPER_SETTING[name] for name in PAPER} | other),
    )


def training_step(
    d_model: int,
    seq_len: int,
    pred_len: int,
    mixed: bool = False,
    batch: int = BATCH,
    compiled: bool = False,
    **other: object,
) -> Callable[[], None]:
    """Return a step of our network and AdamW, on a batch that is there already."""
    net = network(d_model, seq_len, pred_len, **other)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4, fused=True)
    if compiled:
        net = torch.compile(net)
    x = torch.randn(batch, seq_len, N_SERIES)
    y = torch.randn(batch, pred_len, N_SERIES)

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast(DEVICES[on_gpu()], dtype=torch.bfloat16, enabled=mixed):
            forecast = net(x)
        F.mse_loss(forecast.float(), y).backward()
        optimizer.step()

    return step


class Products(TorchDispatchMode):
    """Write down the shapes of every matrix product."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[torch.Size, torch.Size]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Look at an operation, and run it."""
        if func.overloadpacket in PRODUCTS:
            one, other = args[-2:]
            self.shapes.append((one.shape, other.shape))
        return func(*args, **(kwargs or {}))


def without_shortcut(step: Callable[[], None]) -> list[tuple[torch.Size, torch.Size]]:
    """Return the shapes of a step's products, linear maps as products too."""
    shortcut = rows_by_rows._prefers_convolution
    rows_by_rows._prefers_convolution = lambda *_: False
    try:
        with Products() as seen:
            step()
    finally:
        rows_by_rows._prefers_convolution = shortcut
    return seen.shapes


def products_of(step: Callable[[], None]) -> dict[str, Callable[[], None]]:
    """Return runs of nothing but a step's products, each by the two ways to do them.

    What a step does by convolution or fused attention is in neither.
    """
    shapes = without_shortcut(step)
    pairs = [(torch.randn(a), torch.randn(b)) for a, b in shapes]
    outputs = [a @ b for a, b in pairs]

    def multiply() -> None:
        for (a, b), out in zip(pairs, outputs, strict=True):
            torch.matmul(a, b, out=out)

    @torch.no_grad()
    def map_linearly() -> None:
        for (a, b), out in zip(pairs, outputs, strict=True):
            if a.ndim == 2:
                linear(a.unsqueeze(0), b.T)
            else:
                torch.matmul(a, b, out=out)

    return {PRODUCTS_ALONE: multiply, MAPS_ALONE: map_linearly}


def run(toy: bool) -> Iterator[Row]:
    """Yield the ratios of narrow networks, then those of a wide one."""
    for d_model, seq_len, pred_len, rounds, goal in NARROW:
        if toy:
            d_model, seq_len, pred_len, rounds = 16, 24, 12, 1
        yield from narrow(d_model, seq_len, pred_len, rounds, goal)
        if toy:
            break
    yield from wide(*((32, 24, 12, 1) if toy else WIDE))


def narrow(
    d_model: int, seq_len: int, pred_len: int, rounds: int, goal: float
) -> Iterator[Row]:
    """Yield the ratio in the paper's setting, and with the peer's cross-attention."""
    sizes = d_model, seq_len, pred_len
    ways = {
        "ours": training_step(*sizes),
        SPARSE: training_step(*sizes, cross_attention="prob"),
        BF16: training_step(*sizes, mixed=True, cross_attention="prob"),
        "without dropout": training_step(*sizes, dropout=0.0),
        "one window instead of 32": training_step(*sizes, batch=1),
    }
    ways |= products_of(ways["ours"])
    if rounds == MOST_ROUNDS:  # once: it takes half a minute to compile
        ways["compiled"] = training_step(*sizes, compiled=True)
    if peer.PRESENT:
        ways["peer"] = peer.training_step(seq_len, pred_len, d_model, BATCH)
    taken = alternate(ways, rounds)
    detail = ", ".join(f"{name} {1e3 * s:.1f} ms" for name, s in taken.items())
    what = f"training step, d_model {d_model}, {seq_len} → {pred_len}"
    if peer.PRESENT:
        ratios = {name: taken["peer"] / s for name, s in taken.items()}
        against = f"{what}, against neuralforecast's"
        yield Row(against, ratios["ours"], "×", goal, detail=detail)
        yield Row(f"{against}, {SPARSE}", ratios[SPARSE], "×", goal)
        yield Row(f"{against}, the same in bfloat16 (peer: fp32)", ratios[BF16], "×")
    yield from floors(what, "ours", taken)


def floors(
    what: str, name: str, taken: dict[str, float], goal: float | None = None
) -> Iterator[Row]:
    """Yield what a step takes over its matrix products alone, done in two ways."""
    for alone, limit in ((PRODUCTS_ALONE, goal), (MAPS_ALONE, None)):
        ratio = taken[name] / taken[alone]
        yield Row(f"{what}, against {alone}", ratio, "times", limit, True)


def wide(d_model: int, seq_len: int, pred_len: int, rounds: int) -> Iterator[Row]:
    """Yield the ratios of a network of the paper's width, in both precisions."""
    sizes = d_model, seq_len, pred_len
    ways = {"fp32": training_step(*sizes)}
    ways |= products_of(ways["fp32"])
    if has_bfloat16(DEVICES[on_gpu()]):
        ways["bf16"] = training_step(*sizes, mixed=True)
    if peer.PRESENT:
        ways["peer"] = peer.training_step(seq_len, pred_len, d_model, BATCH)
    taken = alternate(ways, rounds)
    detail = ", ".join(f"{name} {1e3 * s:.0f} ms" for name, s in taken.items())
    what = f"training step, d_model {d_model}, {seq_len} → {pred_len}"
    goals = {"fp32": 1.5, "bf16": 3.0}
    for name, goal in goals.items():
        if peer.PRESENT and name in taken:
            against = f"{what}, {name}, against neuralforecast's in fp32"
            yield Row(against, taken["peer"] / taken[name], "×", goal, detail=detail)
    yield from floors(f"{what}, fp32", "fp32", taken, 1.25)
