"""`python -m benchmarks.results run` and `page`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import page
from benchmarks.results.records import FOLDER, current, read
from benchmarks.results.runner import ROOT, Asked, jobs_of, planned, run_all
from benchmarks.results.tasks import TASKS

LOG = ROOT / "build" / "results-failures.log"


def make_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.results", description=__doc__
    )
    parser.add_argument("--records", type=Path, default=FOLDER, help="their folder")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run what has no record yet")
    models = sorted({model for task in TASKS.values() for model in task.models})
    run.add_argument("--task", nargs="+", choices=list(TASKS))
    run.add_argument("--model", nargs="+", choices=models, metavar="NAME")
    run.add_argument("--horizon", nargs="+", type=int)
    run.add_argument("--seed", nargs="+", type=int)
    run.add_argument("--jobs", type=int, default=1, help="processes at a time")
    run.add_argument("--budget", type=float, metavar="MINUTES", help="then start none")
    run.add_argument("--list", action="store_true", help="say what is missing")
    run.set_defaults(way=run_missing)
    write = commands.add_parser("page", help="write docs/results.md from the records")
    write.add_argument("--output", type=Path, default=ROOT / "docs" / "results.md")
    write.set_defaults(way=write_page)
    return parser


def run_missing(asked: argparse.Namespace) -> int:
    """Run what is missing of what is asked; 1 if any of it failed."""
    wanted = planned(Asked(asked.task, asked.model, asked.horizon, asked.seed))
    there = current(read(asked.records))
    missing = [key for key in wanted if key not in there]
    jobs = jobs_of(missing)
    print(f"{len(wanted)} runs asked for, {len(missing)} missing, {len(jobs)} fits")
    if asked.list:
        print(*jobs, sep="\n")
        return 0
    report = run_all(jobs, asked.records, LOG, asked.jobs, asked.budget)
    if report.left:
        print(f"{report.left} not started: the budget is spent. Run it again.")
    if report.failed:
        print(f"{report.failed} failed, see {LOG}", file=sys.stderr)
    return int(report.failed > 0)


def write_page(asked: argparse.Namespace) -> int:
    """Write the page and its pictures."""
    page.write(asked.output, read(asked.records))
    print(f"wrote {asked.output}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command."""
    asked = make_parser().parse_args(argv)
    return asked.way(asked)


if __name__ == "__main__":
    sys.exit(main())
