"""The sentences on top, and whether they say what the numbers say."""

from dataclasses import replace

import numpy as np
import pytest

from skinformer import Comparison
from skinformer.report import findings
from skinformer.report.words import number


def shifted(report, by):
    """Return the report as if the forecaster's forecasts were the truth plus a bit."""
    ours = replace(report.ours, y_pred=report.ours.y_true + by)
    return replace(report, results=report.results | {report.name: ours})


def test_the_first_sentence_says_which_rows_and_how_far_off(report):
    error = report.results["SeasonalNaive (yours)"].mae()
    text = findings.summary(report)[0]
    assert text == (
        "On the last 20% of the data (2024-02-02 00:00 to 2024-02-09 23:00, 192 rows), "
        "which nothing was trained on, SeasonalNaive (yours) forecasts 12 hours ahead "
        f"and misses load by {number(error)} MW on average."
    )


def test_baselines_are_compared_with_what_chance_may_do(report):
    lines = findings.against(report)
    assert lines[0] == "That is within 1% of SeasonalNaive."
    assert lines[1].startswith("That is ")
    ratio = report.ours.mae() / report.results["last week"].mae()
    assert findings.ratio(report, report.name, "last week") == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("by", "text"),
    [
        (3.0, "Forecasts are 3.00 MW too high on average."),
        (-0.5, "Forecasts are 0.500 MW too low on average."),
        (0.0, "Forecasts are neither too high nor too low on average."),
    ],
)
def test_bias_has_the_right_sign(report, by, text):
    assert findings.how_biased(shifted(report, by)) == text


def comparison(low, high, n_origins=100):
    return Comparison("mae", (low + high) / 2, (low, high), 0.95, 100, 5, n_origins)


def test_verdicts():
    assert findings.verdict(None) == "too few to tell"
    assert findings.verdict(comparison(-1, 1)) == "it may be"
    assert findings.verdict(comparison(-2, -1)) == "hardly"
    assert findings.verdict(comparison(-2, -1, 50)) == "hardly, of few forecasts"


def test_coverage_counts_values_within(report):
    [track] = report.tracks
    low, high = track.tested.interval[:, 0].T
    inside = (low <= track.truth[:, 0]) & (track.truth[:, 0] <= high)
    assert findings.measured_coverage(report) == inside.mean()
    assert findings.how_sure(report).endswith(f"held {100 * inside.mean():.1f}%.")


def test_missing_truths_are_neither_in_nor_out(report):
    [track] = report.tracks
    y_true = track.y_true.copy()
    y_true[track.at[:50]] = np.nan
    report = replace(report, tracks=[replace(track, y_true=y_true)])
    held, width = findings.held_and_width(report, 0)
    assert np.array_equal(width, np.diff(track.tested.interval[:, 0])[:, 0])
    assert np.isnan(held[:50]).all()
    assert not np.isnan(held[50:]).any()


def test_no_intervals_are_explained(report):
    text = findings.how_sure(
        replace(report, coverage=None, why_no_intervals="so it is")
    )
    assert text == "There are no intervals: so it is."


def test_covariates_taken_as_known_are_said(report):
    foreseen = replace(report.ours, foresight="perfect")
    told = replace(report, results={**report.results, report.name: foreseen})
    assert "were taken as known" in findings.summary(told)[-1]
    assert "taken as known" not in " ".join(findings.summary(report))


def test_a_network_that_counts_for_nothing_is_said(report):
    assert findings.is_used(replace(report, found={"blend_": "0, 0"})) != ""
    assert findings.is_used(replace(report, found={"blend_": "0, 0.2"})) == ""
    assert findings.is_used(replace(report, found={})) == ""


def test_several_targets_are_in_standard_deviations(panel_report):
    assert panel_report.standardized
    expected = panel_report.ours.metric("mae", standardized=True)
    assert findings.overall(panel_report, panel_report.name) == expected
    text = findings.summary(panel_report)[0]
    assert "misses the 2 targets of 2 series by" in text
    assert "each in standard deviations of its training rows" in text


def test_cards_hold_the_same_numbers(report):
    cards = {name: (value, remark) for name, value, remark in findings.cards(report)}
    assert cards["Average miss (MAE)"] == (number(report.ours.mae()), "MW")
    assert cards["Intervals held"][1] == "90% asked for"
