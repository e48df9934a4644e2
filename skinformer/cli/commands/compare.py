"""``skinformer compare``: several forecasters on one table."""

from typing import Annotated

from ..kinds import ModelName, read_names
from ..options import (
    MODEL,
    BacktestOptions,
    Data,
    Json,
    ModelOptions,
    TableOptions,
    option,
    takes_groups,
)
from ..reading.files import require_table

__all__ = ["EXAMPLE", "command"]

EXAMPLE = "skinformer compare load.csv --target load --models lag,naive --stride 24"


@takes_groups
def command(
    data: Data,
    table: TableOptions,
    models: Annotated[
        str,
        option(
            MODEL,
            "--models",
            metavar="MODEL,...",
            help=f"Some of {', '.join(ModelName)}.",
            show_default=True,
        ),
    ] = "informer,ridge,naive",
    options: ModelOptions = ModelOptions(),  # noqa: B008
    rows: BacktestOptions = BacktestOptions(),  # noqa: B008
    json: Json = False,
) -> None:
    """Backtest several forecasters on the same rows, in one table.

    The one with the least error stands first. For each other one, the table says how
    much larger its error is, with a 95% interval by resampling of the forecasts; one
    that holds zero is a tie. --set informer.max_epochs=4 sets a parameter of one.
    """
    names = read_names(models)
    require_table(data)
    from ..work.compare import compare_table

    compare_table(data, table, names, options, rows, json)
