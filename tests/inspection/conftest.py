"""Pictures are drawn without a screen, and closed after each test."""

import pytest

mpl = pytest.importorskip("matplotlib", reason="pictures need matplotlib")
mpl.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    from matplotlib import pyplot as plt

    yield
    plt.close("all")
