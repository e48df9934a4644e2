"""Run the example of the README, put its output there, and draw its picture.

    python docs/refresh_readme.py

Run it when defaults change: the README holds no figure that did not come from here.
"""

import contextlib
import io
import re
from pathlib import Path

import matplotlib as mpl

ROOT = Path(__file__).parent.parent
BLOCKS = re.compile(r"```python\n(?P<code>.*?)```\n\n```text\n(?P<output>.*?)```", re.S)
WEEK = 24 * 7


def read_example(readme):
    """Return the code of the example and the output that stands below it."""
    found = BLOCKS.search(readme)
    return found["code"], found["output"]


def run(code):
    """Run the code; return what it printed, and its variables."""
    printed, variables = io.StringIO(), {}
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), variables)
    return printed.getvalue(), variables


def replace_output(readme, output):
    """Return the README with another output below the example."""
    start, stop = BLOCKS.search(readme).span("output")
    return readme[:start] + output + readme[stop:]


def draw(example):
    """Return the figure of the first week after the history, forecast day by day."""
    from skinformer import ForecastDisplay, backtest

    week = example["X_next"][:WEEK], example["y_next"][:WEEK]
    forecasts = {
        name: backtest(example[variable], *week, stride=24).y_pred.ravel()
        for name, variable in {
            "Informer": "informer",
            "weekly naive": "naive",
        }.items()
    }
    truth = example["y"][: len(example["y_past"]) + WEEK]
    display = ForecastDisplay.from_predictions(truth, forecasts)
    display.ax_.set_ylabel("load in MW")
    return display.figure_


def main():
    """Refresh the README and docs/_static/forecast.png."""
    mpl.use("Agg")
    path = ROOT / "README.md"
    readme = path.read_text(encoding="utf-8")
    output, example = run(read_example(readme)[0])
    path.write_text(replace_output(readme, output), encoding="utf-8")
    draw(example).savefig(ROOT / "docs" / "_static" / "forecast.png", dpi=150)


if __name__ == "__main__":
    main()
