"""The test part, block after block."""

import numpy as np

from skinformer import SeasonalNaive, backtest
from skinformer.report.blocks import MOST_BLOCKS, blocks_of, roll_blocks
from skinformer.report.parts import cut_in_time

from .conftest import days
from .test_parts import given


def rolled(model, X, y, test_size, horizon, coverage=None, n_targets=1):
    parts = cut_in_time(given(X.index), test_size, horizon)
    model.fit(X.iloc[parts.train], y.iloc[parts.train])
    return roll_blocks(model, X, y, parts, horizon, n_targets, coverage)


def test_blocks_are_those_that_backtest_forecasts():
    X, y = days(100)
    found = rolled(SeasonalNaive(pred_len=5), X, y, 15, 5)
    model = SeasonalNaive(pred_len=5).fit(X[:85], y[:85])
    expected = backtest(model, X[85:], y[85:], stride=5).y_pred  # (3, 5, 1)
    assert np.array_equal(found.y_pred, expected.reshape(15, 1))
    assert found.step.tolist() == [1, 2, 3, 4, 5] * 3
    assert found.interval is None


def test_intervals_are_those_of_the_model_at_each_origin():
    X, y = days(100)
    found = rolled(
        SeasonalNaive(pred_len=5, calibration_fraction=40), X, y, 10, 5, coverage=0.8
    )
    model = SeasonalNaive(pred_len=5, calibration_fraction=40).fit(X[:90], y[:90])
    first = model.predict_interval(X[90:95], 0.8)
    second = model.update(X[90:95], y[90:95]).predict_interval(X[95:], 0.8)
    assert np.array_equal(found.interval[:, 0], np.concatenate([first, second]))


def test_steps_count_from_the_origin_where_rows_are_absent():
    X, y = days(100)
    rows = np.r_[0:90, 91, 93:100]  # of the test part, days 0 and 2 are absent
    found = rolled(SeasonalNaive(pred_len=5), X.iloc[rows], y.iloc[rows], 8, 5)
    assert found.step.tolist() == [2, 4, 5, 1, 2, 3, 4, 5]


def test_of_a_short_horizon_not_every_block_is_asked_for():
    positions = np.arange(3 * MOST_BLOCKS)
    blocks = list(blocks_of(positions, horizon=1))
    assert len(blocks) == MOST_BLOCKS
    assert all(len(block) == 3 and len(asked) == 1 for _, block, asked in blocks)
    rows = np.concatenate([block for _, block, _ in blocks])
    assert np.array_equal(rows, positions)
