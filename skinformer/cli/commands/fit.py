"""``skinformer fit``: from a table to a model file."""

from pathlib import Path
from typing import Annotated

from ..kinds import ModelName
from ..options import (
    MODEL,
    Data,
    Json,
    Model,
    ModelOptions,
    TableOptions,
    option,
    output_option,
    takes_groups,
)
from ..reading.files import require_table

__all__ = ["EXAMPLE", "command"]

EXAMPLE = (
    "skinformer fit load.csv --target load --known temperature --model ridge -o "
    "load.skinf"
)


@takes_groups
def command(
    data: Data,
    table: TableOptions,
    model: Model = ModelName.informer,
    options: ModelOptions = ModelOptions(),  # noqa: B008
    calibration: Annotated[
        float | None,
        option(
            MODEL,
            min=0,
            metavar="X",
            help="Rows at the end that say how sure forecasts are: a share, or a "
            "number from 1 on; 0 for none. A tenth if not given.",
        ),
    ] = None,
    checkpoint_dir: Annotated[
        Path | None,
        option(
            MODEL,
            "--checkpoint-dir",
            metavar="FOLDER",
            help="Where the training of a network is kept: the same command goes on "
            "from there if it was killed.",
        ),
    ] = None,
    output: Annotated[Path, output_option("The model file.")] = Path("model.skinf"),
    json: Json = False,
) -> None:
    """Learn from a table, and save the model.

    Guesses the column of the time, how dates are written, the step, and the target if
    one number column is left, and says what it took. Number columns that no option
    names are taken as known in the past only: nobody can tell from a table what is
    known ahead.
    """
    require_table(data)
    from ..work.fit import fit_table

    fit_table(data, table, model, options, calibration, checkpoint_dir, output, json)
