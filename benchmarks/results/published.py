"""Published errors on ETTh1, and where they stand.

On the same rows and split, standardised by the same rows. The code behind them leaves
out the last partial batch of test windows, but for rows that say otherwise.
"""

from typing import NamedTuple

__all__ = ["PUBLISHED", "Published"]


class Published(NamedTuple):
    """A row of a published table.

    Attributes
    ----------
    model, source : str
    task : str
        The task beside whose figures it stands.
    mse : dict
        By horizon.
    """

    model: str
    source: str
    task: str
    mse: dict[int, float]


LINEAR = "LTSF-Linear (AAAI 2023), repository"
FITS = "FITS, repository; with the last partial batch"

PUBLISHED = [
    Published(
        "Informer as published",
        "Informer (AAAI 2021), repository, Table 2",
        "ett_m",
        {24: 0.577, 48: 0.685, 168: 0.931, 336: 1.128, 720: 1.215},
    ),
    Published(
        "NLinear", LINEAR, "ett_m", {96: 0.374, 192: 0.408, 336: 0.429, 720: 0.440}
    ),
    Published(
        "DLinear", LINEAR, "ett_m", {96: 0.375, 192: 0.405, 336: 0.439, 720: 0.472}
    ),
    Published(
        "PatchTST/64",
        "PatchTST (ICLR 2023), repository, Table 3",
        "ett_m",
        {96: 0.370, 192: 0.413, 336: 0.422, 720: 0.447},
    ),
    Published(
        "PatchTST", FITS, "ett_m", {96: 0.385, 192: 0.413, 336: 0.440, 720: 0.456}
    ),
    Published("FITS", FITS, "ett_m", {96: 0.375, 192: 0.407, 336: 0.430, 720: 0.427}),
    Published(
        "Informer as published",
        "Informer (AAAI 2021), repository, Table 1",
        "ett_s",
        {24: 0.098, 48: 0.158, 168: 0.183, 336: 0.222, 720: 0.269},
    ),
    Published(
        "NLinear", LINEAR, "ett_s", {96: 0.053, 192: 0.069, 336: 0.081, 720: 0.080}
    ),
    Published(
        "ARIMA as published",
        "Informer (AAAI 2021), repository, Table 1",
        "ett_s24",
        {24: 0.108, 48: 0.175, 168: 0.396, 336: 0.468, 720: 0.659},
    ),
    Published(
        "Prophet as published",
        "Informer (AAAI 2021), repository, Table 1",
        "ett_s24",
        {24: 0.115, 48: 0.168, 168: 1.224, 336: 1.549, 720: 2.735},
    ),
]
