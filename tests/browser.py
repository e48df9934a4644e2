"""A real browser, for tests of pages.

It is Debian's Chromium. Where there is none, these tests skip; with
``SKINFORMER_BROWSER=required`` they fail, so that CI cannot pass without them.
"""

import os
import shutil
from pathlib import Path

import pytest


def find_chromium():
    """Return the browser's path; skip, or fail where it is required."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        why = "there is no chromium; Debian has it: apt-get install chromium"
        if os.environ.get("SKINFORMER_BROWSER") == "required":
            pytest.fail(why)
        pytest.skip(why)
    return path


@pytest.fixture(scope="session")
def browser():
    """Return a headless Chromium that all tests share."""
    path = find_chromium()
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Opened:
    """A page that is open, with all that it complained of or asked for."""

    def __init__(self, browser, path: Path, **settings):
        settings = {"viewport": {"width": 1100, "height": 800}} | settings
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda d: self.complaints.append(f"dialog {d.message}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()
