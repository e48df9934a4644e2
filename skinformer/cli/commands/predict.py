"""``skinformer predict``: from a model file to a forecast."""

from typing import Annotated

import typer

from ..options import Json, ModelFile, Output, check_coverage
from ..reading.files import require_model, require_table

__all__ = ["EXAMPLE", "command"]

EXAMPLE = (
    "skinformer predict load.skinf --future load-next.csv --coverage 0.9 -o "
    "forecast.csv"
)


def command(
    model: ModelFile,
    future: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE",
            show_default=False,
            help="Rows to forecast, with the columns that are known ahead. Without it, "
            "the rows that follow are made, where the calendar alone is needed.",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE",
            show_default=False,
            help="Rows observed since the fit: the forecast starts at their end. They "
            "may overlap with those of the fit. Nothing is trained.",
        ),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Where --data contradicts earlier rows, take --data."
        ),
    ] = False,
    horizon: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            show_default=False,
            help="Rows to forecast; as many as fit was asked for if not given. Longer "
            "forecasts are fed with their own rows.",
        ),
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            show_default=False,
            help="Adds columns _lower and _upper, between which this share of the "
            "values is to lie.",
        ),
    ] = None,
    output: Output = None,
    json: Json = False,
) -> None:
    """Forecast the rows that follow, as a table.

    The table has the column of the time, named as in the rows of the fit and in the
    same zone, that of the series if there are many, and one for each target. It goes to
    standard output if no file is given.
    """
    check_coverage(coverage)
    if future == data == "-":
        raise typer.BadParameter("--future and --data cannot both be standard input.")
    require_model(model)
    require_table(data)
    require_table(future)
    from ..work.predict import Asked, predict_table

    asked = Asked(future, data, replace, horizon, coverage)
    predict_table(model, asked, output, json)
