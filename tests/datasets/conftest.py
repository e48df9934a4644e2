"""Keep the tests of this folder off the network, and find the real data for them."""

import os
from pathlib import Path

import pytest

from skinformer.datasets import _download

# Read before `isolated` hides it.
REAL_DATA = os.environ.get("SKINFORMER_DATA")


@pytest.fixture(autouse=True)
def isolated(monkeypatch, tmp_path):
    """No folder of the user, no network; a test opens what it needs."""

    def refuse(url, timeout):
        raise OSError("the test has no network")

    monkeypatch.delenv("SKINFORMER_DATA", raising=False)
    monkeypatch.setenv("SKINFORMER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(_download, "urlopen", refuse)


@pytest.fixture
def real_file():
    """Return a function from the name of a real data file to its path."""

    def find(name):
        folder = REAL_DATA and Path(REAL_DATA)
        if not folder or not (folder / name).is_file():
            pytest.skip(f"{name} is not in the folder that SKINFORMER_DATA names")
        return folder / name

    return find
