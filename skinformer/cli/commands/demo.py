"""``skinformer demo``: train on a data set, and look at what comes out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..options import MODEL, Json, Seed, option, output_option

__all__ = ["EXAMPLE", "command"]

EXAMPLE = "skinformer demo --write-csv load.csv"


class DataSet(StrEnum):
    """What ``--data`` takes."""

    load = "load"
    bike = "bike"
    ETTh1 = "ETTh1"
    ETTh2 = "ETTh2"
    ETTm1 = "ETTm1"
    ETTm2 = "ETTm2"


class Column(StrEnum):
    """The columns of an ETT data set."""

    HUFL = "HUFL"
    HULL = "HULL"
    MUFL = "MUFL"
    MULL = "MULL"
    LUFL = "LUFL"
    LULL = "LULL"
    OT = "OT"


def command(
    data: Annotated[
        DataSet,
        typer.Option(
            help="Data set; 'load' is made on the spot, the others are read from the "
            "folder that SKINFORMER_DATA names, or downloaded."
        ),
    ] = DataSet.load,
    target: Annotated[
        Column | None,
        typer.Option(
            help="One column of an ETT data set, instead of all seven.",
            show_default=False,
        ),
    ] = None,
    pred_len: Annotated[
        int,
        option(
            MODEL,
            min=1,
            metavar="N",
            help="Rows to forecast at a time.",
            show_default=True,
        ),
    ] = 24,
    seed: Seed = 0,
    output: Annotated[
        Path | None, output_option("The picture; by default skinformer-demo.png.")
    ] = None,
    write_csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Write the load series as a table to try the other commands on, and "
            "do no more.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Train on a data set, and forecast its test part beside seasonal naive."""
    from ..work import demo

    if write_csv is not None:
        return demo.write_table(write_csv, json)
    name = target.value if target else None
    return demo.demo(demo.Asked(data.value, name, pred_len, seed, output), json)
