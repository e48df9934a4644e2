"""Wheel and sdist: what they hold, and that both work where nothing else is."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from skinformer import __version__

pytest.importorskip("build", reason="build is in the extra dev")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


def run(*command, cwd, code=0):
    """Return what a command prints; show what went wrong if it ends with another code.

    Of one that is to fail, return its complaint.
    """
    # PYTHONPATH might lead to this tree
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code else done.stdout


@pytest.fixture(scope="module")
def kept():
    """Return the files that git keeps."""
    if not (ROOT / ".git").exists():
        pytest.skip("without git nothing says which files belong to the package")
    names = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    return {name for name in names if name and (ROOT / name).exists()}


@pytest.fixture(scope="module")
def dist(kept, tmp_path_factory):
    """Build both from a copy, in which no earlier build has left anything."""
    copy = tmp_path_factory.mktemp("source")
    for name in kept:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    run(sys.executable, "-m", "build", "--outdir", "dist", cwd=copy)
    wheel, sdist = sorted(copy.glob("dist/*"), key=lambda path: path.suffix != ".whl")
    return wheel, sdist


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """Return a Python in an environment of its own."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=True)
    yield folder / "bin" / "python"
    shutil.rmtree(folder)  # more than a gigabyte, which pytest would keep


def test_wheel_holds_the_package_alone(dist, kept):
    held = set(zipfile.ZipFile(dist[0]).namelist())
    held = {name for name in held if ".dist-info/" not in name}
    assert held == {name for name in kept if name.startswith("skinformer/")}
    assert "skinformer/py.typed" in held


def test_sdist_holds_all_that_git_keeps(dist, kept):
    with tarfile.open(dist[1]) as archive:
        files = [member.name for member in archive.getmembers() if member.isfile()]
    held = {name.split("/", 1)[1] for name in files}
    made = {name for name in held if ".egg-info/" in name} | {"PKG-INFO"}
    assert held - made == kept


@pytest.mark.parametrize("which", [0, 1], ids=["wheel", "sdist"])
def test_it_works_where_nothing_else_is(dist, empty, tmp_path, which):
    constraints = str(ROOT / "constraints.txt")
    pip = [empty, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    # of the same version: the sdist takes the place of the wheel
    run(*pip, "uninstall", "--yes", "skinformer", cwd=tmp_path)
    run(*pip, "install", "-c", constraints, str(dist[which]), cwd=tmp_path)
    code = "import skinformer; print(skinformer.__version__, skinformer.__file__)"
    version, path = run(empty, "-c", code, cwd=tmp_path).split()
    assert version == __version__
    assert Path(path).is_relative_to(empty.parent.parent)
    assert "Informer" in run(empty, "-m", "skinformer", "demo", cwd=tmp_path)
    use_the_command_line(empty.parent / "skinformer", tmp_path)


def use_the_command_line(script, folder):
    """Go from a table to a forecast; name the extra of what is not installed."""
    run(script, "demo", "--write-csv", "load.csv", cwd=folder)
    fit = [script, "fit", "load.csv", "--target", "load", "--known", "temperature"]
    run(*fit, "--model", "ridge", "-o", "m.skinf", cwd=folder)
    ahead = ["--future", "load-next.csv", "--json"]
    assert "load" in run(script, "predict", "m.skinf", *ahead, cwd=folder)
    lacking = {
        "report": [script, "report", "load.csv", "--target", "load"],
        "baselines": [*fit, "--model", "prophet"],
        "parquet": [script, "predict", "m.skinf", *ahead[:2], "-o", "x.parquet"],
        "plot": [script, "demo", "--output", "picture.png"],
    }
    for extra, command in lacking.items():
        said = run(*command, cwd=folder, code=1)
        assert f"pip install 'skinformer[{extra}]'" in said
