"""``skinformer inspect``: what a model file holds."""

from ..options import Json, ModelFile

__all__ = ["EXAMPLE", "command"]

EXAMPLE = "skinformer inspect load.skinf"


def command(model: ModelFile, json: Json = False) -> None:
    """Say what a model file holds: forecaster, columns, rows, versions."""
    from ..work.inspect import inspect_file

    inspect_file(model, json)
