"""Draw `_static/report.png`, the top of a report; `python docs/draw_report.py`.

It needs ETTh1, in the folder that SKINFORMER_DATA names, and Chromium. Some minutes.
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from skinformer import (
    InformerRegressor,
    TimeFeatures,
    fetch_ett,
    make_forecast_pipeline,
    write_report,
)

PICTURE = Path(__file__).parent / "_static" / "report.png"
SHOWN = (
    11520  # the rows that train and validate; the test rows of the data set stay shut
)


def write(folder: str) -> Path:
    """Write the report that is shown."""
    X, y = fetch_ett("ETTh1", return_X_y=True)
    model = make_forecast_pipeline(TimeFeatures(), InformerRegressor(random_state=0))
    return write_report(
        model,
        X[:SHOWN],
        y["OT"][:SHOWN],
        Path(folder) / "report.html",
        title="Oil temperature of a transformer",
        units="°C",
    )


def draw(path: Path) -> None:
    """Take a picture of its first screen."""
    with sync_playwright() as engine:
        chromium = engine.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = chromium.new_page(viewport={"width": 1000, "height": 1240})
        page.goto(path.as_uri())
        page.wait_for_function("document.documentElement.dataset.ready === 'true'")
        page.screenshot(path=PICTURE)
        chromium.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        draw(write(folder))
