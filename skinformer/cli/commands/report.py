"""``skinformer report``: one HTML file about a table and a forecaster."""

from pathlib import Path
from typing import Annotated

import typer

from ..kinds import ModelName
from ..options import (
    Data,
    Json,
    Model,
    ModelOptions,
    TableOptions,
    TestSize,
    check_coverage,
    output_option,
    takes_groups,
)
from ..reading.files import require_table

__all__ = ["EXAMPLE", "command"]

EXAMPLE = "skinformer report load.csv --target load --model ridge -o report.html"


@takes_groups
def command(
    data: Data,
    table: TableOptions,
    model: Model = ModelName.informer,
    options: ModelOptions = ModelOptions(),  # noqa: B008
    test_size: TestSize = 0.2,
    coverage: Annotated[
        float, typer.Option(metavar="SHARE", help="Of the intervals.")
    ] = 0.9,
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Of the report.", show_default=False),
    ] = None,
    output: Annotated[Path, output_option("The report.")] = Path("report.html"),
    json: Json = False,
) -> None:
    """Fit, backtest, and write a report that opens anywhere, offline."""
    check_coverage(coverage)
    require_table(data)
    from ..work.report import Asked, report_table

    asked = Asked(model, options, test_size, coverage, title)
    report_table(data, table, asked, output, json)
