"""Numbers, stamps and spans in plain words."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinformer.report.words import listed, number, relative, span, stamp


@given(st.floats(min_value=1e-5, max_value=1e12), st.sampled_from([1, -1]))
def test_a_number_reads_back_to_three_digits(size, sign):
    text = number(sign * size).replace(",", "").replace("−", "-")
    assert float(text) == pytest.approx(sign * size, rel=0.0051)


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("inf"), "–"), (1e20, "1.00e+20"), (-1e-9, "−1.00e−09"), (999.6, "1,000")],
)
def test_odd_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("n", "step", "text"),
    [
        (1, "h", "1 hour"),
        (7, "D", "7 days"),
        (4, "W-SUN", "4 weeks"),
        (3, "ME", "3 months"),
        (2, "QE-DEC", "2 quarters"),
        (5, "2h", "5 steps of 2 hours"),
        (5, "M", "5 months"),  # of periods
        (5, "WOM-2TUE", "5 steps of WOM-2TUE"),
        (5, "h, D", "5 rows"),  # of series in different steps
    ],
)
def test_spans(n, step, text):
    assert span(n, step) == text


def test_stamps_have_a_time_of_day_where_steps_are_shorter_than_a_day():
    midnight = pd.Timestamp("2024-03-01")
    assert stamp(midnight, "D") == "2024-03-01"
    assert stamp(midnight, "h") == "2024-03-01 00:00"
    assert stamp(midnight, "ME") == "2024-03-01"
    assert stamp(pd.Timestamp("2024-03-01 00:00:07"), "s") == "2024-03-01 00:00:07"
    assert stamp(pd.Period("2024-03", "M"), "M") == "2024-03"


def test_relative_errors():
    assert relative(2.5) == "150% more"
    assert relative(1.004) == "within 1%"
    assert relative(float("nan")) == "–"


def test_lists():
    assert listed([]) == ""
    assert listed(["a", "b"]) == "a and b"
