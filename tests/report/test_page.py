"""The page: well-formed, whole, with foreign text as text and nothing from outside."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from skinformer.report import render
from skinformer.report.page import chosen_tracks

from .conftest import EVIL

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """Elements of a page, whose tags must be balanced."""

    def __init__(self, html):
        super().__init__()
        self.open, self.found, self.text = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)

    def all(self, *tags):
        return [attrs for tag, attrs in self.found if tag in tags]


@pytest.fixture(scope="module")
def outline(html):
    return Outline(html)


@pytest.fixture(scope="module")
def panel_outline(panel_html):
    return Outline(panel_html)


def test_tags_are_balanced_and_ids_unique(outline, panel_outline):
    for found in (outline, panel_outline):
        ids = [attrs["id"] for _, attrs in found.found if "id" in attrs]
        assert len(ids) == len(set(ids)) > 10


def test_headings_stand_in_order(outline):
    levels = [int(tag[1]) for tag, _ in outline.found if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_links_lead_to_parts_of_the_page(panel_outline):
    ids = {attrs.get("id") for _, attrs in panel_outline.found}
    targets = [attrs["href"] for attrs in panel_outline.all("a")]
    assert len(targets) == 7
    assert all(target[0] == "#" and target[1:] in ids for target in targets)


def test_tables_have_captions_and_scopes(html, outline):
    assert html.count("<caption>") == html.count("<table")
    heads = outline.all("th")
    assert {attrs["scope"] for attrs in heads} == {"col", "row"}


def test_figures_have_a_text_in_their_place(outline):
    plots = [a for a in outline.all("div") if a.get("class") == "plot"]
    assert len(plots) == 7
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in plots)
    assert len(outline.all("figcaption")) == len(plots)


def test_nothing_is_asked_of_the_network(html, outline):
    assert not [a for _, a in outline.found if {"src", "srcset", "action"} & set(a)]
    assert not outline.all("link", "iframe", "img", "object", "form")
    [policy] = [a for a in outline.all("meta") if "http-equiv" in a]
    assert policy["content"].startswith("default-src 'none'")
    assert html.count("plotly.js v") == 1  # once, whatever the number of figures


def test_foreign_text_is_text(panel_html, panel_outline):
    assert len(panel_outline.all("script")) == 4
    assert not panel_outline.all("b", "img")
    seen = "".join(panel_outline.text)
    for text in EVIL:
        assert text in seen
    assert "hacked'</script>" not in panel_html


def test_data_are_json_that_cannot_end_their_script(panel_html):
    blocks = re.findall(
        r'<script type="application/json" id="\w+">\n(.*?)\n</script>', panel_html, re.S
    )
    figures, zooms = map(json.loads, blocks)
    assert set(figures) >= {"forecast", "steps", "coverage", "weekday-level"}
    assert (
        set(figures["forecast"]) == {"0-0", "0-1", "1-0", "1-1"} == set(zooms["views"])
    )
    assert not any(c in block for block in blocks for c in "<>&")


def test_the_page_is_the_same_again_but_for_its_date(report, html):
    assert render(report) == html
    other = render(replace(report, created=report.created.replace(year=1999)))
    assert other != html
    assert other.replace("1999-", f"{report.created.year}-", 1) == html


def test_parts_that_are_not_there_are_left_out(report):
    bare = replace(report, coverage=None, why_no_intervals="there are too few rows")
    html = render(bare)
    assert 'id="intervals"' not in html
    assert "#intervals" not in html
    assert "There are no intervals: there are too few rows." in html


def test_notes_and_holes_are_listed(report):
    html = render(replace(report, notes=["SeasonalNaive: <late>"]))
    assert "<li>SeasonalNaive: &lt;late&gt;</li>" in html
    assert "There is no hole" in html


def test_of_many_series_some_are_drawn_from_the_least_error_to_the_largest(
    panel_report,
):
    tracks = panel_report.tracks
    assert chosen_tracks(panel_report, 2) is tracks
    labels = [track.label for track in chosen_tracks(panel_report, 1)]
    errors = panel_report.ours.metric("mae", by="series", standardized=True)
    best = panel_report.ours.series.unique()[errors.argmin()]
    assert labels == [best]
