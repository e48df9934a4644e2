"""The examples of each help, run as they stand, in the order of a first day."""

import re
import shlex
from pathlib import Path

import pytest

from skinformer.cli import main

from .helpers import run

ROOT = Path(__file__).parents[2]
COMMANDS = ["demo", "fit", "predict", "inspect", "backtest", "compare", "report"]


def example_of(capsys, command):
    """Return the example that a help shows."""
    shown = run(capsys, f"{command} --help").out
    text = shown.partition("Example:")[2]
    return " ".join(text.split())


def test_the_examples_of_the_help_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS[:-1]:
        line = example_of(capsys, command)
        assert line.startswith(f"skinformer {command} ")
        done = run(capsys, line.removeprefix("skinformer "))
        assert done.code == 0, done.err
    assert {p.name for p in tmp_path.iterdir()} == {
        *("load.csv", "load-next.csv", "load.skinf", "forecast.csv")
    }


def test_the_example_of_report_runs(tmp_path, monkeypatch, capsys):
    pytest.importorskip("skinformer.report", reason="the report is a part of its own")
    monkeypatch.chdir(tmp_path)
    run(capsys, "demo --write-csv load.csv")
    line = example_of(capsys, "report")
    done = run(capsys, line.removeprefix("skinformer "))
    assert done.code == 0, done.err
    assert (tmp_path / "report.html").exists()


def test_the_examples_of_the_first_help_are_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shown = run(capsys, "--help").out
    lines = re.findall(r"^ *(skinformer (?:demo|fit|predict) .*)$", shown, re.M)
    assert len(lines) == 3
    for line in lines:
        args = shlex.split(line)[1:]
        quick = ["--model", "naive"] if args[0] == "fit" else []
        assert main([*args, *quick]) == 0
    assert (tmp_path / "forecast.csv").exists()


@pytest.mark.parametrize("page", ["README.md", "docs/command_line.rst"])
def test_the_commands_of_the_pages_run(page, tmp_path, monkeypatch, capsys):
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = re.findall(
        r"^ {4}(?:\$ )?skinformer ((?:fit|predict|compare) .*)$", text, re.M
    )
    assert [line.split()[0] for line in lines[:2]] == ["fit", "predict"]
    monkeypatch.chdir(tmp_path)
    run(capsys, "demo --write-csv load.csv")
    for line in lines:
        quick = re.sub(r" --model \w+", "", line)
        quick += " --model naive" if line.startswith("fit") else ""
        done = run(capsys, quick)
        assert done.code == 0, done.err
