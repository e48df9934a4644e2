"""The built site: its search box finds the pages that a reader asks for.

`make check-docs` builds the site, names its folder in SKINFORMER_SITE, and runs this;
without that folder there is nothing to look at. With SKINFORMER_BROWSER=required a
machine without Chromium fails.
"""

import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SITE = os.environ.get("SKINFORMER_SITE")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(not SITE, reason="SKINFORMER_SITE names no built site"),
    pytest.mark.skipif(
        not CHROMIUM and os.environ.get("SKINFORMER_BROWSER") != "required",
        reason="chromium is not installed",
    ),
]


class Quiet(SimpleHTTPRequestHandler):
    """Serve files, and say nothing of it."""

    def log_message(self, *args):
        """Print no line for each request."""


@pytest.fixture(scope="module")
def address():
    """Serve the site on a free port of this machine."""
    assert (Path(SITE) / "search.html").is_file(), f"{SITE} holds no built site"
    handler = partial(Quiet, directory=SITE)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """Open a page that fails the test if its scripts do."""
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("holidays", "Calendar and scaling"),
        ("interval", "How sure"),
        ("gap", "What a row means"),
        ("neuralforecast", "From Informer2020"),
        ("InformerRegressor", "InformerRegressor"),
    ],
)
def test_the_search_box_finds(page, address, asked, found):
    page.goto(f"{address}/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type(asked)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results ul.search li a")
    page.wait_for_function(
        "document.querySelector('#search-results .search-summary')?.textContent"
        ".includes('found')"
    )
    titles = page.locator("#search-results ul.search > li > a").all_inner_texts()
    assert any(found in title for title in titles), titles


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["index", "rows", "migration", "api"])
def test_no_page_is_wider_than_the_window(page, address, name, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_way_in_leads_somewhere(page, address):
    page.goto(f"{address}/index.html")
    links = page.locator(".sd-card a").evaluate_all("found => found.map(a => a.href)")
    assert len(links) == 3
    for link in links:
        page.goto(link)
        assert page.locator("h1").count() == 1


def test_the_guide_leads_from_page_to_page(page, address):
    page.goto(f"{address}/start.html")
    seen = []
    while "notebook" not in page.url:
        page.click("a.right-next")
        seen.append(page.url.rpartition("/")[2])
        assert len(seen) < 20
    assert {"rows.html", "forecaster.html", "backtest.html", "files.html"} <= {*seen}
