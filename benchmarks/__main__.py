"""`python -m benchmarks`: measure, print, and write the table."""

import argparse
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks import (
    attention,
    estimator,
    etth1,
    imports,
    long_running,
    peer,
    step_profile,
    store,
    training_step,
)
from benchmarks.report import Row, describe_machine, write

PARTS = {
    "attention": attention,
    "training_step": training_step,
    "step_profile": step_profile,
    "estimator": estimator,
    "etth1": etth1,
    "imports": imports,
    "long_running": long_running,
    "store": store,
}
ON_GPU = ("attention", "training_step")  # parts that run there as well
NOTES = Path(__file__).parent / "notes.md"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--toy", action="store_true", help="small and once: a check")
    parser.add_argument("--output", type=Path, help="page to write, in Markdown")
    asked = parser.parse_args()
    if asked.output and (asked.toy or not peer.PRESENT):
        parser.error("--output needs the peer (make bench), and no --toy")
    if asked.output and not asked.output.parent.is_dir():
        parser.error(f"--output: there is no folder {asked.output.parent}")
    return asked


def measure(parts: list[str], toy: bool) -> Iterator[Row]:
    """Yield the rows of each part, those of a GPU beside them if there is one."""
    for name in parts:
        yield from PARTS[name].run(toy)
        if name in ON_GPU and torch.cuda.is_available():
            with torch.device("cuda"):
                rows = list(PARTS[name].run(toy))
            for row in rows:
                # the goals are those of two cores
                yield replace(row, figure=f"GPU: {row.figure}", goal=None)


def main() -> None:
    """Run the parts in turn; a row is printed as soon as it is there."""
    asked = arguments()
    logging.disable(logging.WARNING)
    torch.manual_seed(0)
    print(describe_machine())
    if not peer.PRESENT:
        print("neuralforecast is not installed: no rows against it")
    rows = []
    for row in measure(asked.only, asked.toy):
        print(row.line(), flush=True)
        rows.append(row)
    if asked.output:
        command = " ".join(["python -m benchmarks", *sys.argv[1:]])
        write(asked.output, rows, command, NOTES.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
