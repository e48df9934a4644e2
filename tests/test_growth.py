"""What costs are made of sizes that were measured, and the page that tells them."""

import doctest
import json
import re

import pytest

from benchmarks.growth import __main__ as command
from benchmarks.growth import costs, law, page, records, tables
from benchmarks.growth.cases import CASES, Case, make_data
from benchmarks.growth.costs import Cost, shards_of
from benchmarks.growth.law import growth_of
from benchmarks.results.records import read


def record(task, model, size, **steps):
    """Make a record; what is not given costs next to nothing."""
    seconds = {"processor": 0.001, "clock": 0.001, "peak_mb": 1.0, "file_mb": 1.0}
    names = ("fit", "predict", "backtest", "save", "load")
    every = {name: seconds | steps.get(name, {}) for name in names}
    return {
        **vars(Case(task, model, size, 1000)),
        "seed": 0,
        "steps": every,
        "date": "2026-01-02 03:04",
        "load_average": 1.4,
        "machine": "a machine",
        "versions": {"torch": "2.13", "scikit-learn": "1.9", "numpy": "2.4"},
    }


def test_a_line_goes_through_what_lies_on_one():
    found = law.fit([2, 3, 7], [7.0, 9.0, 17.0])  # 3 + 2 n
    assert found == pytest.approx((3.0, 2.0, 1.0))
    assert found.at(1_000_000) == pytest.approx(2_000_003)


def test_relative_errors_count_and_nothing_is_negative():
    # with no start, the slope that leaves the least squared relative errors of 1 and 4
    # for sizes 1 and 2: (1 + 1/2) / (1 + 1/4); a start below zero would fit exactly
    found = law.fit([1, 2], [1.0, 4.0])
    assert found.start == 0
    assert found.slope == pytest.approx(1.5 / 1.25)


def test_the_exponent_of_a_power():
    sizes = [1, 4, 9, 16]
    found = growth_of(sizes, [10 + n**1.5 for n in sizes])
    assert found.power == pytest.approx((10.0, 1.0, 1.5))
    low, high = found.span(100)
    assert high == pytest.approx(1010)
    assert low == pytest.approx(found.line.at(100))
    assert growth_of(sizes, [10 + 3 * n for n in sizes]).power.exponent == 1.0
    # three sizes tell no exponent
    assert growth_of(sizes[:3], [1.0, 2.0, 3.0]).power is None
    # what hardly grows has one of noise
    assert growth_of(sizes, [700.0, 701.0, 702.0, 716.0]).power is None


def test_the_line_is_tried_on_the_largest_size():
    found = growth_of([1, 2, 4], [3.0, 5.0, 18.0])  # 1 + 2 n says 9
    assert found.miss == pytest.approx(-0.5)
    assert growth_of([1, 2], [3.0, 5.0]).miss is None


def test_what_was_measured_is_not_computed():
    found = growth_of([1, 2, 4], [3.0, 5.0, 18.0])
    assert found.at(4) == 18.0
    assert found.span(4) == (18.0, 18.0)
    assert found.beyond(1000) == 250


def test_a_fit_is_what_stands_around_its_epochs_and_these():
    rows = [
        record("series", "informer", n, fit={"processor": 10 + 3 * n, "epoch": 2 * n})
        for n in (1, 2)
    ]
    found = costs.costs_of(records.latest(rows), "series", "informer", "all epochs")
    assert found.at(1) == pytest.approx(11 + 16 * 2)
    assert found.at(1000) == pytest.approx(10 + 1000 + 16 * 2000)
    assert found.measured(2)
    assert not found.measured(3)
    assert costs.costs_of(records.latest(rows), "rows", "informer", "fit") is None


def test_groups_fit_into_memory_and_into_a_file():
    memory = growth_of([10, 20], [410.0, 420.0])  # 400 MB, and 1 MB a series
    described = growth_of([10, 20], [5.0, 10.0])
    cut = shards_of(10_000, memory, described, memory_mb=1000.5, file_mb=400.1)
    assert (cut.by_memory, cut.by_file) == (600, 800)
    assert (cut.size, cut.n) == (600, 17)
    assert shards_of(10_000, memory, described, 1000, 100).n == 50


def test_memory_is_the_most_of_all_steps():
    rows = [record("series", "ridge", 3, fit={"peak_mb": 5}, load={"peak_mb": 7})]
    found = records.figures_of(records.latest(rows), "series", "ridge", "memory")
    assert found == ([3], [7])


def test_the_last_record_of_a_case_counts_and_sizes_are_sorted():
    rows = [
        record("series", "ridge", n, fit={"processor": s})
        for n, s in ((30, 1.0), (10, 2.0), (30, 3.0))
    ]
    found = records.figures_of(records.latest(rows), "series", "ridge", "fit")
    assert found == ([10, 30], [2.0, 3.0])


def test_bold_is_what_was_measured():
    found = Cost(((1.0, growth_of([10, 20], [1.0, 2.0])),))
    assert tables.cell(found, 20, tables.seconds) == "**2 s**"
    assert tables.cell(found, 400, tables.seconds) == "40 s"
    assert tables.cell(None, 400, tables.seconds) == ""
    sizes = [1, 4, 9, 16]
    found = Cost(((1.0, growth_of(sizes, [n**1.5 for n in sizes])),))
    assert re.fullmatch(r"[\d.]+ to 17 min", tables.cell(found, 100, tables.seconds))


def test_memory_that_hardly_grew_is_a_lower_bound():
    flat = Cost(((1.0, growth_of([10, 20], [700.0, 720.0])),))  # 680, and 2 a series
    assert tables.cell(flat, 100, tables.memory) == "more than 720 MB"
    assert tables.cell(flat, 100, tables.megabytes) == "880 MB"  # a file is a file
    assert tables.cell(flat, 20, tables.memory) == "**720 MB**"
    grown = Cost(((1.0, growth_of([10, 20], [700.0, 900.0])),))
    assert tables.cell(grown, 25, tables.memory) == "1,000 MB"


def test_groups_are_not_made_of_memory_that_hardly_grew():
    def told(most):
        rows = [
            record(
                "series", "ridge", 10, fit={"peak_mb": 500}, save={"described_mb": 1}
            ),
            record(
                "series", "ridge", 20, fit={"peak_mb": most}, save={"described_mb": 2}
            ),
        ]
        return tables.cut(records.latest(rows), "ridge", costs.PLANS[1])

    assert told(510) is None
    # 400 MB, and 10 a series, in 4000; 0.1 MB a series in what a file may describe
    assert (told(600).by_memory, told(600).by_file) == (360, 671)


def test_times_that_are_noise_are_left_out():
    rows = [
        record("series", "ridge", n, fit={"processor": n}, load={"processor": n / 1000})
        for n in (10, 20)
    ]
    told = "\n".join(tables.growths(records.latest(rows)))
    assert "`fit`" in told
    assert "`load`" not in told


def test_a_page_without_records_says_so():
    text = page.render([], "{{ origin }}\n{{ fit ridge 1 }}{{ reach }}")
    assert text == "* Nothing has been measured yet.\n?"


def test_figures_of_the_text():
    rows = [
        record("series", "ridge", n, fit={"processor": n / 10, "peak_mb": n})
        for n in (10, 1000)
    ]
    assert page.render(rows, "{{ fit ridge 0 }}") == "100 s"
    assert page.render(rows, "{{ memory ridge 1 }}") == "1,000 GB"
    far = "* 1,000,000 series: 1,000 times the largest run of `RidgeForecaster`"
    assert page.render(rows, "{{ reach }}") == far
    assert "shared: 1 to 1 processes" in page.render(rows, "{{ origin }}")


def test_the_page_is_what_the_records_say():
    written = command.PAGE.read_text(encoding="utf-8")
    assert written == page.render(read(records.FOLDER)), "make growth"
    assert "?" not in written
    assert "{{" not in written


def test_every_record_is_of_a_case_that_is_still_measured():
    assert set(records.latest(read(records.FOLDER))) <= set(CASES)


def test_rows_of_a_series_lie_together_and_the_last_ones_are_held_back():
    data = make_data(Case("series", "ridge", 3, 100))
    assert (len(data.X), len(data.X_next)) == (300, 3 * 48)
    assert data.X["name"].tolist()[99:101] == ["s0000000", "s0000001"]
    ahead = data.ahead(3)
    assert ahead["name"].value_counts().tolist() == [24] * 3
    assert (ahead.index[0] - data.X.index[99]).total_seconds() == 3600


def test_only_what_has_no_record_is_run(monkeypatch, tmp_path, capsys):
    ran = []

    def execute(case):
        ran.append(case)
        return [record(case.task, case.model, case.size) | vars(case)]

    monkeypatch.setattr(command, "execute", execute)
    asked = ["--records", str(tmp_path), "run", "--model", "ridge", "--task", "rows"]
    assert command.main(asked) == 0
    wanted = [c for c in CASES if (c.model, c.task) == ("ridge", "rows")]
    assert ran == wanted
    assert command.main(asked) == 0
    assert ran == wanted
    assert command.main([*asked, "--again"]) == 0
    assert ran == 2 * wanted
    lines = (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["size"] for line in lines] == [c.size for c in ran]


def test_a_run_that_fails_is_told(monkeypatch, tmp_path, capsys):
    def execute(case):
        raise RuntimeError("killed")

    monkeypatch.setattr(command, "execute", execute)
    monkeypatch.setattr(command, "LOG", tmp_path / "log")
    assert command.main(["--records", str(tmp_path), "run", "--toy"]) == 1
    assert "FAILED ridge on 2 series: killed" in capsys.readouterr().out


@pytest.mark.parametrize("module", [law, tables, records])
def test_the_examples_in_docstrings(module):
    done = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert done.attempted > 0
    assert done.failed == 0
