"""`python -m benchmarks.growth run` and `page`."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.growth.cases import CASES, MODELS, TASKS, TOY, Case
from benchmarks.growth.page import render
from benchmarks.growth.records import FOLDER, latest
from benchmarks.results.records import read
from benchmarks.results.runner import ROOT, run_all
from benchmarks.results.runner import execute as run_worker

LOG = ROOT / "build" / "growth-failures.log"
PAGE = ROOT / "docs" / "planning.rst"


def make_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth", description=__doc__
    )
    parser.add_argument("--records", type=Path, default=FOLDER, help="their folder")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="measure what has no record yet")
    run.add_argument("--task", choices=TASKS)
    run.add_argument("--model", choices=MODELS)
    run.add_argument("--again", action="store_true", help="what has a record too")
    run.add_argument("--toy", action="store_true", help="small, and kept nowhere")
    run.add_argument("--budget", type=float, metavar="MINUTES", help="then start none")
    run.set_defaults(way=run_missing)
    write = commands.add_parser("page", help="write docs/planning.rst")
    write.add_argument("--output", type=Path, default=PAGE)
    write.set_defaults(way=write_page)
    return parser


def execute(case: Case) -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    return run_worker(case, "benchmarks.growth.worker")


def wanted(asked: argparse.Namespace) -> list[Case]:
    """Return the cases that are asked for and have no record."""
    there = {} if asked.again else latest(read(asked.records))
    return [
        case
        for case in CASES
        if asked.task in (None, case.task)
        and asked.model in (None, case.model)
        and case not in there
    ]


def run_missing(asked: argparse.Namespace) -> int:
    """Measure; 1 if any of it failed."""
    with tempfile.TemporaryDirectory() as nowhere:
        folder = Path(nowhere) if asked.toy else asked.records
        cases = TOY if asked.toy else wanted(asked)
        report = run_all(cases, folder, LOG, minutes=asked.budget, way=execute)
    print(f"{report.done} measured, {report.left} left, {report.failed} failed")
    return int(report.failed > 0)


def write_page(asked: argparse.Namespace) -> int:
    """Write the page from the records."""
    asked.output.write_text(render(read(asked.records)), encoding="utf-8")
    print(f"wrote {asked.output}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command."""
    asked = make_parser().parse_args(argv)
    return asked.way(asked)


if __name__ == "__main__":
    sys.exit(main())
