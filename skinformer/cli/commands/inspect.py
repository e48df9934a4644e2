"""``skinformer inspect``: what a model file holds."""

from ..options import Json, ModelFile
from ..reading.files import require_model

__all__ = ["EXAMPLE", "command"]

EXAMPLE = "skinformer inspect load.skinf"


def command(model: ModelFile, json: Json = False) -> None:
    """Say what a model file holds: forecaster, columns, rows, versions."""
    require_model(model)
    from ..work.inspect import inspect_file

    inspect_file(model, json)
