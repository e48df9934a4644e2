"""The page in a real browser: drawn, quiet, by keyboard, light and dark, on a phone."""

import re

import pytest

from tests.browser import Opened

from .conftest import EVIL

READY = "document.documentElement.dataset.ready === 'true'"
# every control that Tab has to reach, in the order of the page
CONTROLS = """
[...document.querySelectorAll('a[href], button, select, summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility())
    .map((e, i) => (e.dataset.number = String(i)))
"""
FOCUSED = "document.activeElement.dataset.number ?? null"
OUTLINE = "getComputedStyle(document.activeElement).outlineStyle"
DRAWN = """
[...document.querySelectorAll('.plot')].map(plot => ({
    name: plot.dataset.figure,
    points: plot.calcdata.map(trace => trace.filter(
        point => point.x !== undefined || point.p !== undefined).length),
    width: plot.querySelector('svg.main-svg').getBoundingClientRect().width,
    shapes: plot.querySelectorAll('.trace path, .trace .point').length,
}))
"""
COLOURS = """
names => Object.fromEntries(names.map(name => [name, getComputedStyle(
    document.documentElement).getPropertyValue('--' + name).trim()]))
"""
REPAINTED = """
theme => document.documentElement.dataset.theme === theme
    && document.getElementById('figure-steps').layout.font.color
        === getComputedStyle(document.documentElement).getPropertyValue('--text').trim()
"""
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"


@pytest.fixture(scope="module")
def paths(tmp_path_factory, html, panel_html):
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, text in {"one": html, "panel": panel_html}.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(text, encoding="utf-8")
    return found


def opened(browser, path, **settings):
    found = Opened(browser, path, **settings)
    found.page.wait_for_function(READY)
    return found


@pytest.fixture(scope="module")
def pages(browser, paths):
    """Return both pages, opened once: they take longer to load than to test."""
    with opened(browser, paths["one"]) as one, opened(browser, paths["panel"]) as panel:
        yield {"one": one, "panel": panel}


def anew(found):
    """Return a page as it was when it was opened, but for what it complained of."""
    page = found.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1100, "height": 800})
    page.wait_for_timeout(200)  # the figures follow
    for select in page.locator("select").all():
        select.select_option("0")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
    # plotly says for some seconds how to zoom out, with a button to send that away
    page.evaluate("document.querySelector('.plotly-notifier')?.remove()")
    page.click("[data-zoom=recent]")
    page.wait_for_timeout(50)
    return found


@pytest.fixture
def one(pages):
    return anew(pages["one"])


@pytest.fixture
def panel(pages):
    return anew(pages["panel"])


@pytest.fixture(params=["one", "panel"])
def either(request, pages):
    return anew(pages[request.param])


def range_of(page):
    axis = "document.getElementById('figure-forecast').layout.xaxis.range"
    return page.evaluate(axis)


def test_it_is_quiet_and_asks_for_nothing(either):
    assert either.complaints == []
    assert either.requests == [either.page.url]


def test_every_figure_is_drawn(either):
    drawn = either.page.evaluate(DRAWN)
    assert len(drawn) == 7
    for figure in drawn:
        assert figure["points"], figure
        assert min(figure["points"]) > 0, figure
        assert figure["width"] > 200, figure
        assert figure["shapes"] >= len(figure["points"]), figure


def test_foreign_text_stays_text(panel):
    page = panel.page
    assert page.title() == EVIL[0]
    assert page.inner_text("h1") == EVIL[0]
    assert page.locator("script").count() == 4
    assert page.locator("b, img").count() == 0
    options = page.locator("#target option").all_inner_texts()
    assert options == EVIL[:2]
    page.select_option("#target", "1")
    page.wait_for_timeout(100)
    title = page.locator("#figure-forecast .ytitle").text_content()
    assert title == EVIL[1]
    legend = page.locator("#figure-steps .legendtext").all_text_contents()
    assert EVIL[3] in legend
    assert panel.complaints == []


def test_a_choice_changes_figures_and_tables(panel):
    page = panel.page
    y = "Array.from(document.getElementById('figure-forecast').calcdata[2], p => p.y)"
    before = page.evaluate(y)
    page.select_option("#series", "1")
    page.wait_for_timeout(100)
    assert page.evaluate(y) != before
    assert page.locator("[data-view]:not([hidden])").count() == 1
    assert page.get_attribute("[data-view]:not([hidden])", "data-view") == "0-1"
    page.select_option("#target", "1")
    assert page.get_attribute("[data-view]:not([hidden])", "data-view") == "1-1"
    shown = page.locator("[data-target]:not([hidden])")
    assert {e.get_attribute("data-target") for e in shown.all()} == {"1"}


def test_buttons_change_the_part_of_the_time(one):
    page, seen = one.page, [range_of(one.page)]
    for name in ("all", "test", "last", "earlier", "in", "out", "later", "recent"):
        page.locator(f"[data-zoom={name}]").focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
        now = range_of(page)
        assert now != seen[-1], name
        assert now[0] < now[1]
        assert page.inner_text("#shown") == f"Shown: {now[0][:16]} to {now[1][:16]}"
        seen.append(now)
    assert seen[-1] == seen[0]
    assert seen[1] == ["2024-01-01 00:00:00", "2024-02-10 11:00:00"]
    # a move keeps the length; no move leads beyond the rows
    page.click("[data-zoom=all]")
    page.click("[data-zoom=later]")
    page.click("[data-zoom=out]")
    page.wait_for_timeout(50)
    assert range_of(page) == seen[1]


def test_dragging_zooms_and_a_double_click_shows_everything(one):
    page, before = one.page, range_of(one.page)
    page.locator("#figure-forecast").scroll_into_view_if_needed()
    box = page.locator("#figure-forecast .nsewdrag").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, middle, steps=5)
    page.mouse.up()
    page.wait_for_timeout(200)
    closer = range_of(page)
    assert before[0] < closer[0] < closer[1] < before[1]
    page.mouse.dblclick(box["x"] + box["width"] / 2, middle)
    page.wait_for_timeout(600)
    assert range_of(page) == ["2024-01-01 00:00:00", "2024-02-10 11:00:00"]


def test_tab_reaches_every_control_in_order(either):
    page = either.page
    page.evaluate(OPEN_ALL)  # tables inside are to be reached too
    numbers = page.evaluate(CONTROLS)
    page.focus(".skip")
    reached, unseen = [page.evaluate(FOCUSED)], []
    for _ in numbers[1:]:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
        if page.evaluate(OUTLINE) == "none":
            unseen.append(reached[-1])
    assert reached == numbers
    assert len(numbers) > 20
    assert unseen == []


def test_the_skip_link_comes_first_and_leads_to_the_findings(one):
    page = one.page
    assert page.locator("a[href], button").first.get_attribute("class") == "skip"
    page.focus(".skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def luminance(colour):
    parts = re.findall(r"[\d.]+", colour) if "(" in colour else None
    if parts is None:
        parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    linear = []
    for part in map(float, parts[:3]):
        c = part / 255
        linear.append(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_lines_can_be_read(one, scheme):
    names = "page card text muted accent on-accent best best-text note bar on-bar"
    lines = ["truth", "forecast", *(f"other-{i}" for i in range(1, 5))]
    one.page.emulate_media(color_scheme=scheme)
    one.page.wait_for_function(REPAINTED, arg=scheme)
    colours = one.page.evaluate(COLOURS, [*names.split(), *lines])
    pairs = [("text", "card"), ("text", "page"), ("muted", "card")]
    pairs += [("muted", "page"), ("accent", "card"), ("accent", "page")]
    pairs += [("on-accent", "accent"), ("best-text", "best"), ("text", "note")]
    pairs += [("on-bar", "bar")]
    for ink, paper in pairs:
        assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
    for line in lines:
        assert contrast(colours[line], colours["card"]) >= 3, line


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#ffffff", "rgb(0, 0, 0)") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def look_of(page, theme):
    """Return the colours of the page and of the text in a figure, once painted."""
    page.wait_for_function(REPAINTED, arg=theme)
    ink = "document.getElementById('figure-steps').layout.font.color"
    background = "getComputedStyle(document.body).backgroundColor"
    return page.evaluate(background), page.evaluate(ink)


def test_dark_follows_the_system_and_then_the_button(browser, paths):
    with opened(browser, paths["one"], color_scheme="light") as found:
        page, button = found.page, found.page.locator("#theme")
        light = look_of(page, "light")
        page.emulate_media(color_scheme="dark")
        dark = look_of(page, "dark")
        assert all(a != b for a, b in zip(light, dark, strict=True))
        assert button.get_attribute("aria-pressed") == "true"
        button.press("Enter")
        assert look_of(page, "light") == light
        assert button.get_attribute("aria-pressed") == "false"
        page.emulate_media(color_scheme="light")
        page.emulate_media(color_scheme="dark")  # what was pressed counts
        assert look_of(page, "light") == light
        button.press("Enter")
        assert look_of(page, "dark") == dark


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_does_not_scroll_sideways(either, width):
    page = either.page
    page.set_viewport_size({"width": width, "height": 700})
    page.wait_for_timeout(400)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    plots = page.evaluate(DRAWN)
    assert all(200 < figure["width"] <= width for figure in plots)


def test_paper_is_light_and_as_wide_as_a_sheet(one):
    page, theme = one.page, "document.documentElement.dataset.theme"
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(REPAINTED, arg="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(theme) == "light"
    assert max(figure["width"] for figure in page.evaluate(DRAWN)) <= 672
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(theme) == "dark"
    assert max(figure["width"] for figure in page.evaluate(DRAWN)) > 672
    assert len(page.pdf(format="A4")) > 20_000


def test_without_javascript_the_tables_are_there(browser, paths):
    with Opened(browser, paths["one"], java_script_enabled=False) as found:
        text = found.page.inner_text("main")
        assert "Errors of all forecasts" in text
        assert "The figures need JavaScript" in text
