"""The examples and the README's example run, without a warning."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("plot_*.py"))
DATA = {"plot_etth1": "ETTh1.csv", "plot_bike_sharing": "bike_sharing_hour.csv"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(path, tmp_path):
    data = DATA.get(path.stem)
    folder = Path(os.environ.get("SKINFORMER_DATA", tmp_path))
    if data and not (folder / data).is_file():
        pytest.skip(f"{data} is not in the folder that SKINFORMER_DATA names")
    # on one thread each, two processes do not wait for one another
    settings = {"MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", str(path)],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=600,
    )
    # without a screen, plt.show() says that it shows nothing
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_begins_with_a_title(path):
    title, underline = path.read_text(encoding="utf-8").splitlines()[1:3]
    assert title
    assert underline == "=" * len(title)


@pytest.fixture(scope="module")
def readme():
    """Return what docs/refresh_readme.py can do, and the README itself."""
    tools = runpy.run_path(str(ROOT / "docs" / "refresh_readme.py"))
    return tools, (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_readme_example_prints_what_it_shows(readme):
    tools, text = readme
    code, shown = tools["read_example"](text)
    printed, _ = tools["run"](code)
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", shown).split()
    # rounding differs between processors, and training makes it grow
    numbers = [[float(n) for n in NUMBER.findall(t)] for t in (printed, shown)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.1)


def test_readme_example_compiles_and_shows_an_output(readme):
    tools, text = readme
    code, shown = tools["read_example"](text)
    compile(code, "README.md", "exec")
    assert NUMBER.search(shown), "run docs/refresh_readme.py"


def test_refreshing_changes_the_output_alone(readme):
    tools, text = readme
    other = tools["replace_output"](text, "1 MW\n")
    assert tools["read_example"](other) == (tools["read_example"](text)[0], "1 MW\n")
    assert tools["replace_output"](other, tools["read_example"](text)[1]) == text
