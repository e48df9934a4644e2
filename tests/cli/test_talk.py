"""What is said, and how it looks where nobody watches."""

import warnings

import pytest

from skinformer.cli import talk
from skinformer.cli.talk import say, say_found, show_table, warnings_as_lines
from skinformer.exceptions import GapWarning, warn


def test_a_line_is_a_line(capsys):
    say("one\n  thing  and another")
    assert capsys.readouterr().err == "one thing and another\n"


def test_brackets_of_names_are_shown(capsys):
    say_found({"target": "load [MW]", "past": "[bold]x[/bold]"})
    shown = capsys.readouterr().err.splitlines()
    assert shown == ["target  load [MW]", "past    [bold]x[/bold]"]


def test_a_table_is_plain_where_nobody_watches(capsys):
    show_table("load [MW]", ["", "mae"], [["naive", "1.5"], ["a [b]", "22.25"]])
    title, _, header, _, *rows = capsys.readouterr().out.splitlines()
    assert (title, header.split()) == ("load [MW]", ["mae"])
    assert [row.split() for row in rows if row] == [
        ["naive", "1.5"],
        ["a", "[b]", "22.25"],
    ]
    assert "\x1b" not in title + header


def test_a_comparison_fits_into_80_columns(capsys, monkeypatch):
    monkeypatch.setattr(talk, "WIDE", 80)
    header = "", "mae", "rmse", "mase", "bias", "seconds", "mae above r's", "verdict"
    cells = "lag", "188.7", "284.2", "0.6952", "-49.61", "8.4"
    rows = [*cells, "103.6 [22.93, 200.1]", "worse"], [*cells, "", "least error"]
    show_table("load.csv", header, rows)
    shown = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert len(shown) == 1 + 1 + 1 + 2  # title, header, a line, rows


@pytest.mark.parametrize("debug", [False, True])
def test_warnings(debug, capsys):
    with warnings_as_lines(debug):
        warn("a gap", GapWarning)
        warn("a gap", GapWarning)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["note: a gap"] * 2 + ["DeprecationWarning: old"] * debug


def test_control_characters_do_not_reach_the_terminal(capsys):
    say("Column '\x1b[31mred\x07' is\nodd.")
    say_found({"target": "\x1b[31mred\nblue"})
    assert capsys.readouterr().err == (
        "Column '?[31mred?' is odd.\ntarget  ?[31mred blue\n"
    )
