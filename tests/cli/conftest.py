import pytest

from .helpers import load_frame, run, write


@pytest.fixture
def table(tmp_path):
    """The path of a table with columns time, temp and load: ten days."""
    return write(tmp_path / "load.csv", load_frame())


@pytest.fixture
def model(tmp_path, table, capsys):
    """The path of a naive model of the load, four rows at a time."""
    path = tmp_path / "load.skinf"
    line = "fit --target load --model naive --horizon 4 --calibration 0.3 -o"
    assert run(capsys, line, path, table).code == 0
    return path
