"""``skinformer inspect``: what a model file holds."""

import typer

from ..options import Json, ModelFile

__all__ = ["register"]

EXAMPLE = "skinformer inspect load.skinf"


def command(model: ModelFile, json: Json = False) -> None:
    """Say what a model file holds: forecaster, columns, rows, versions."""
    from ..work.inspect import inspect_file

    inspect_file(model, json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("inspect", epilog=f"Example:\n\n{EXAMPLE}")(command)
