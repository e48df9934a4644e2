"""Dataclasses as options."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from skinformer.cli.options import takes_groups


@dataclass(frozen=True)
class Pair:
    first: Annotated[int, typer.Option("--first")] = 2
    second: Annotated[str | None, typer.Option("--second")] = None


def test_a_dataclass_is_options_to_typer_and_an_object_to_the_command():
    seen = []

    @takes_groups
    def command(
        name: Annotated[str, typer.Argument()],
        pair: Pair,
        loud: Annotated[bool, typer.Option("--loud")] = False,
    ) -> None:
        """Do nothing."""
        seen.append((name, pair, loud))

    assert list(inspect.signature(command).parameters) == [
        *("name", "first", "second", "loud")
    ]
    app = typer.Typer()
    app.command()(command)
    assert CliRunner().invoke(app, ["x", "--second", "y", "--loud"]).exit_code == 0
    assert CliRunner().invoke(app, ["x", "--first", "5"]).exit_code == 0
    assert seen == [("x", Pair(2, "y"), True), ("x", Pair(5, None), False)]
