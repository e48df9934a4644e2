"""One HTML file about a table and a forecaster."""

from dataclasses import dataclass
from pathlib import Path

from ..kinds import ModelName
from ..options import ModelOptions, TableOptions
from ..output import check_output, print_json
from ..talk import say_found
from .backtest import rows_to_test
from .fit import said_of_model
from .models import make_model, read_for

__all__ = ["Asked", "report_table"]


@dataclass(frozen=True)
class Asked:
    """What the report is about."""

    name: ModelName
    options: ModelOptions
    test_size: float
    coverage: float
    title: str | None


def report_table(
    path: str, table: TableOptions, asked: Asked, output: Path, as_json: bool
) -> None:
    """Read the table, and hand it to the report."""
    from skinformer.report import write_report

    check_output(output, (".html", ".htm"))
    name, options = asked.name, asked.options
    settings, data = read_for(name, path, table, options)
    n_test = rows_to_test(asked.test_size, data, options.horizon)
    if not as_json:
        say_found(data.said | {"model": said_of_model(name, options.horizon)})
    model = make_model(name, data, options, table.freq, settings)
    write_report(
        model,
        data.X,
        data.y,
        output,
        test_size=n_test,
        coverage=asked.coverage,
        title=asked.title or f"{data.name}: {', '.join(data.roles.targets)}",
    )
    if as_json:
        return print_json({"output": str(output), "model": name.value})
    print(f"wrote {output}")
    return None
