"""The measuring itself: order, ratios, floors, and the table. No time is asserted."""

import numpy as np
import pytest
import torch

from benchmarks import panel, store, training_step
from benchmarks.report import Row, write
from benchmarks.timing import alternate, growth, peak_memory
from skinformer.network import linear as linear_module


def test_contenders_run_in_turn():
    ran = []
    ways = {name: lambda name=name: ran.append(name) for name in "AB"}
    taken = alternate(ways, rounds=2, warmup=1)
    assert ran == ["A", "B"] * 3
    assert list(taken) == ["A", "B"]


def test_growth_is_the_exponent():
    assert growth([10, 20, 100], [3.0, 7.0, 300.0]) == 2.0


def test_peak_memory_counts_what_is_held_at_once():
    def run():
        one = torch.ones(1000)
        del one
        two = torch.ones(3000)
        three = torch.ones(500)
        return two.sum() + three.sum()

    assert 4 * 3500 <= peak_memory(run) < 4 * 3500 + 1000


@pytest.mark.parametrize(
    ("value", "goal", "at_most", "met", "cells"),
    [
        (2.5, 3, False, False, "| a | 2.5× | ≥ 3× | **no** | b |"),
        (3.0, 3, False, True, "| a | 3× | ≥ 3× | yes | b |"),
        (3.0, 3, True, True, "| a | 3× | ≤ 3× | yes | b |"),
        (3.01, 3, True, False, "| a | 3.01× | ≤ 3× | **no** | b |"),
        (3.0, None, True, None, "| a | 3× |  |  | b |"),
    ],
)
def test_a_row_says_whether_its_goal_was_reached(value, goal, at_most, met, cells):
    row = Row("a", value, "×", goal, at_most, "b")
    assert row.met is met
    assert row.line() == cells


def test_the_page_holds_machine_command_rows_and_notes(tmp_path):
    page = tmp_path / "page.md"
    write(page, [Row("a", 61.5, "s", 60, True)], "make bench", "Notes.\n")
    text = page.read_text(encoding="utf-8")
    for part in (
        "torch 2",
        "`make bench`",
        "| a | 61.5 s | ≤ 60 s | **no** |",
        "Notes.",
    ):
        assert part in text


def test_the_floor_holds_the_linear_products_of_a_step():
    sizes = {"d_model": 16, "seq_len": 12, "pred_len": 6}
    step = training_step.training_step(**sizes, attention="full")
    shortcut = linear_module._prefers_convolution
    pairs = training_step.without_shortcut(step)
    assert linear_module._prefers_convolution is shortcut
    # the feed-forward part of the first layer: 32 windows of 12 rows, there and back
    shapes = {(tuple(a), tuple(b)) for a, b in pairs}
    assert ((384, 16), (16, 64)) in shapes
    assert ((384, 64), (64, 16)) in shapes
    assert ((64, 384), (384, 16)) in shapes


def test_both_floors_ask_for_the_same_products(monkeypatch):
    sizes = {"d_model": 16, "seq_len": 12, "pred_len": 6}
    step = training_step.training_step(**sizes)
    runs = training_step.products_of(step)
    monkeypatch.setattr(linear_module, "_prefers_convolution", lambda *_: False)
    seen = []
    for run in runs.values():
        with training_step.Products() as products:
            run()
        seen.append(sum(a.numel() * b[-1] for a, b in products.shapes))
    assert seen[0] == seen[1] > 0


def test_many_series_are_measured_beside_one(capsys):
    panel.main(["--series", "3", "--rows", "307"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:20].strip() for line in lines] == [
        "rows",
        "one series",
        "many series",
        "many, by stamp",
        "many, 1% absent",
    ]
    X, y = panel.make_panel(3, 307)
    windows = panel.set_up(X, y)
    # 276 of 307 rows train: 276 - 96 - 24 + 1 windows of each series
    assert windows.which.tolist() == np.repeat(range(3), 157).tolist()


def test_a_store_is_measured_and_held_to_its_limit(capsys):
    asked = ["--rows", "2000", "--series", "10"]
    store.main(asked)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("10 series of 200 rows; before: ")
    assert [line[:20].strip() for line in lines[1:]] == [
        "step",
        "generate Parquet",
        "write the store",
        "fit, no highway",
        "fit, with highway",
        "predict one series",
        "pickle the model",
    ]
    with pytest.raises(SystemExit, match="MB is above the limit of 7 MB"):
        store.main([*asked, "--limit", "7"])
