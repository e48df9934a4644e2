"""From the numbers of a report to one HTML file."""

from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from . import figures, findings, tables, words
from .by_clock import ByClock, by_clock
from .forecast_figure import forecast_figure, zooms
from .report import Report
from .tracks import Track

__all__ = ["render"]

# views of one target of one series, and rows that are drawn in all of them
MOST_TARGETS, MOST_VIEWS, MOST_POINTS = 12, 24, 120_000


class View(NamedTuple):
    """One target of one series, by their numbers on the page."""

    target: int
    series: int
    track: Track

    @property
    def key(self) -> str:
        """What the page calls it."""
        return f"{self.target}-{self.series}"


def render(report: Report) -> str:
    """Write a report as HTML.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        One page, with its style, its script, plotly and all data in it.
    """
    import jinja2
    from plotly.offline import get_plotlyjs

    page = jinja2.Environment(
        loader=jinja2.PackageLoader("skinformer.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    ).get_template("report.html.jinja")
    files = {
        name.replace(".", "_"): template(name) for name in ("report.css", "report.js")
    }
    # a script ends at the first "</script" in it, be it in a string
    plotly = get_plotlyjs().replace("</script", "<\\/script")
    return page.render(**context(report), **files, plotly=plotly)


def template(name: str) -> str:
    """Read a file that belongs to the page."""
    path = resources.files("skinformer.report") / "templates" / name
    return path.read_text(encoding="utf-8")


def context(report: Report) -> dict[str, Any]:
    """Return all that the page shows."""
    targets = range(min(len(report.data.targets), MOST_TARGETS))
    tracks = chosen_tracks(report, max(MOST_VIEWS // len(targets), 1))
    views = [View(t, s, track) for t in targets for s, track in enumerate(tracks)]
    clocks, parts = by_clock(report.results), report.parts
    return {
        "report": report,
        "words": words,
        "summary": findings.summary(report),
        "cards": findings.cards(report),
        "facts": facts(report),
        "tables": tables,
        "figures": all_figures(report, views, clocks, targets),
        "targets": [(i, str(report.data.targets[i].name)) for i in targets],
        "series": [(i, str(track.label)) for i, track in enumerate(tracks)],
        "views": views,
        "clocks": clocks,
        "fields": figures.FIELDS,
        "zooms": {
            "has_time": parts.has_time,
            "views": {v.key: zooms(report, v.track) for v in views},
        },
        "holes_title": holes_title(report),
        "changed_table": tables.parameter_table(report, is_default=False),
        "default_table": tables.parameter_table(report, is_default=True),
        "found_table": tables.found_table(report),
        "version_table": tables.version_table(report),
        "n_cut": len(report.data.targets) - len(targets),
        "n_series_cut": len(report.tracks) - len(tracks),
    }


def chosen_tracks(report: Report, most: int) -> list[Track]:
    """Return all series; of too many some, from the least error to the largest."""
    if len(report.tracks) <= most:
        return report.tracks
    errors = report.ours.metric("mae", by="series", standardized=True)
    by_label = dict(zip(report.measured_series, errors, strict=True))
    order = np.argsort([by_label.get(t.label, np.nan) for t in report.tracks])
    ranks = np.linspace(0, len(order) - 1, most).round().astype(int)
    return [report.tracks[i] for i in order[ranks]]


def all_figures(
    report: Report, views: list[View], clocks: list[ByClock], targets: range
) -> dict[str, dict[str, dict]]:
    """Return every figure by its name, and by target or by view."""
    n_rows = MOST_POINTS // len(views)
    found = {
        "forecast": {
            v.key: forecast_figure(
                report, v.track, v.target, max(n_rows, shown_rows(report, v.track))
            )
            for v in views
        },
        "steps": {str(i): figures.step_figure(report, i) for i in targets},
    }
    if report.coverage is not None:
        found["coverage"] = {
            str(i): figures.coverage_figure(report, i) for i in targets
        }
    for clock in clocks:
        for kind in ("level", "error"):
            draw = getattr(figures, f"clock_{kind}_figure")
            found[f"{clock.field}-{kind}"] = {
                str(i): draw(report, clock, i) for i in targets
            }
    return found


def shown_rows(report: Report, track: Track) -> int:
    """Return how many of the last rows are drawn at least."""
    return len(track.index) - track.first_test + 2 * report.horizon


def facts(report: Report) -> list[tuple[str, str]]:
    """Return what there is to say of the rows, as pairs of name and text."""
    data, parts, step = report.data, report.parts, report.data.step
    n_train = len(parts.train)
    found = [
        ("Rows", f"{data.n_rows:,}"),
        ("From", words.stamp(data.first, step)),
        ("To", words.stamp(data.last, step)),
    ]
    if parts.has_time:
        found += [
            ("Step", words.step_name(step)),
            ("Time zone", data.zone or "none given"),
        ]
    if data.series:
        found.append(("Series", f"{len(data.series):,}"))
    found += [
        (
            "Trained on",
            f"{n_train:,} rows, up to "
            f"{words.stamp(parts.stamps[parts.n_train - 1], step)}",
        ),
        (
            "Tested on",
            f"{len(parts.test):,} rows, from "
            f"{words.stamp(parts.stamps[parts.n_train], step)}",
        ),
        ("Columns known ahead", names(data.known)),
        ("Columns known only in the past", names(data.past)),
        ("Absent rows", f"{data.n_absent:,}"),
    ]
    if parts.unseen:
        found.append(
            (
                "Series left out",
                f"{names(parts.unseen)}: none of their rows comes before the test part",
            )
        )
    return found


def holes_title(report: Report) -> str:
    """Say how many holes there are."""
    holes = report.data.holes
    n = sum(hole.n_rows for hole in holes)
    rows = "1 missing row or value" if n == 1 else f"{n:,} missing rows or values"
    return f"{words.counted(len(holes), 'hole')}, {rows} together"


def names(values: list) -> str:
    """Write names, of which there may be none."""
    return words.some(values, 12) or "none"
