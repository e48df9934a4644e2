"""`python -m benchmarks`: measure, print, and write the table."""

import argparse
import logging
from pathlib import Path

import torch

from benchmarks import attention, estimator, etth1, imports, peer, training_step
from benchmarks.report import Row, describe_machine, write

PARTS = {
    "attention": attention,
    "training_step": training_step,
    "estimator": estimator,
    "etth1": etth1,
    "imports": imports,
}
NOTES = Path(__file__).parent / "notes.md"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--toy", action="store_true", help="small and once: a check")
    parser.add_argument("--output", type=Path, help="page to write, in Markdown")
    return parser.parse_args()


def main() -> None:
    """Run the parts in turn; a row is printed as soon as it is there."""
    asked = arguments()
    logging.disable(logging.WARNING)
    torch.manual_seed(0)
    print(describe_machine())
    if not peer.PRESENT:
        print("neuralforecast is not installed: no rows against it")
    rows: list[Row] = []
    for name in asked.only:
        for row in PARTS[name].run(asked.toy):
            print(row.line(), flush=True)
            rows.append(row)
    if asked.output:
        write(asked.output, rows, "make bench", NOTES.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
