"""The time that importing the package adds to importing what it needs."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from benchmarks.report import Row
from benchmarks.timing import alternate

NEEDS = "import torch, sklearn, skorch"


def start(code: str) -> None:
    """Run code in an interpreter of its own."""
    subprocess.run([sys.executable, "-c", code], check=True)


def run(toy: bool) -> Iterator[Row]:
    """Yield the difference of two medians."""
    # with every public name; the package alone imports none before it is asked for
    ways = {"with": f"{NEEDS}, skinformer._public", "without": NEEDS}
    ways = {name: partial(start, code) for name, code in ways.items()}
    taken = alternate(ways, 1 if toy else 11, warmup=1)
    detail = ", ".join(f"{name} {s:.2f} s" for name, s in taken.items())
    more = taken["with"] - taken["without"]
    what = "`import skinformer` over importing torch, scikit-learn and skorch"
    yield Row(what, more, "s", 0.2, True, detail)
