"""``skinformer backtest``: how far forecasts miss."""

from pathlib import Path
from typing import Annotated

from ..kinds import ModelName
from ..options import (
    BACKTEST,
    MODEL,
    BacktestOptions,
    Data,
    Json,
    Model,
    ModelOptions,
    Output,
    TableOptions,
    option,
    takes_groups,
)
from ..reading.files import require_model, require_table

__all__ = ["EXAMPLE", "command"]

EXAMPLE = "skinformer backtest load.csv --target load --model lag --stride 24"


@takes_groups
def command(
    data: Data,
    table: TableOptions,
    model: Model = ModelName.informer,
    options: ModelOptions = ModelOptions(),  # noqa: B008
    fitted: Annotated[
        Path | None,
        option(
            MODEL,
            "--fitted",
            metavar="MODEL",
            help="A model file to test on rows after those of its fit, in place of "
            "--model; its columns count.",
        ),
    ] = None,
    rows: BacktestOptions = BacktestOptions(),  # noqa: B008
    refit: Annotated[
        int,
        option(
            BACKTEST,
            min=0,
            metavar="N",
            help="Fit anew at every N-th forecast; 0 fits once.",
            show_default=True,
        ),
    ] = 0,
    output: Output = None,
    json: Json = False,
) -> None:
    """Forecast the last part of a table from every origin in it, and measure errors.

    A model is fitted on the rows before; each forecast starts from the true rows before
    its origin. mase is the mean absolute error in units of that of the last season
    repeated: below 1 is better. With -o the forecasts are written too, a row for each
    origin, step and target.
    """
    require_model(fitted)
    require_table(data)
    from ..work.backtest import Tested, backtest_fitted, backtest_table

    if fitted is not None:
        return backtest_fitted(fitted, data, rows, output, json)
    tested = Tested(model, options, rows, refit)
    return backtest_table(data, table, tested, output, json)
