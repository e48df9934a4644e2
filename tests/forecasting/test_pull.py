"""How far later blocks ask for a pull, held against windows written out."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting.pull import asked_pull
from skinformer.forecasting.shared_regression import SharedRegression
from skinformer.forecasting.window_blocks import WindowBlocks

SEQ_LEN, PRED_LEN, PENALTY = 5, 2, 0.3
PENALTIES = [np.full(PRED_LEN, PENALTY)]
PRIOR = np.zeros((SEQ_LEN + 1, PRED_LEN))


def series(n_rows):
    """Return series (n,) around their means, which drift a little."""
    rng = np.random.default_rng(3)
    zs = [rng.normal(size=n) + 0.3 * rng.normal(size=n).cumsum() for n in n_rows]
    return [z - z.mean() for z in zs]


def written_out(zs, weights):
    """Return weighted inputs and outputs of all windows."""
    windows = np.concatenate([sliding_window_view(z, SEQ_LEN + PRED_LEN) for z in zs])
    last = windows[:, SEQ_LEN - 1 : SEQ_LEN]
    X = np.hstack([windows[:, :SEQ_LEN] - last, -last])
    roots = np.sqrt(np.concatenate(weights))[:, None]
    return X * roots, (windows[:, SEQ_LEN:] - last) * roots


def share(before, after):
    """Return the share of the pull that fits windows (zs, weights) after others."""
    (X, Y), n = written_out(*before), np.concatenate(before[1]).sum()
    coefs = []
    for kept in (0.0, 1.0):
        inputs = X * np.r_[np.ones(SEQ_LEN), kept]
        gram = inputs.T @ inputs + PENALTY * n * np.eye(SEQ_LEN + 1)
        coefs.append(np.linalg.solve(gram, inputs.T @ Y))
    X, Y = written_out(*after)
    pull, left = X @ (coefs[1] - coefs[0]), Y - X @ coefs[0]
    return np.clip((pull * left).sum() / (pull**2).sum(), 0, 1)


def asked(zs, weights=None):
    blocks = WindowBlocks([len(z) for z in zs], SEQ_LEN, PRED_LEN, weights)
    regression = SharedRegression(lambda c: blocks.read(zs), 1, blocks)
    return asked_pull(regression, PENALTIES, PRIOR), blocks


def windows_of(zs, blocks, number):
    """Cut what series know before a block, and the block, with weights of windows."""
    before, after = [], []
    for s, start, stop in blocks.later_block(number):
        z = zs[s][:stop] - zs[s][:start].mean()
        n = stop - SEQ_LEN - PRED_LEN + 1
        weights = np.ones(n) if blocks.weights is None else blocks.weights[s][:n]
        n_before = start - SEQ_LEN - PRED_LEN + 1
        before.append((z[:start], weights[:n_before]))
        after.append((z[start - SEQ_LEN :], weights[start - SEQ_LEN :]))
    return [list(zip(*each, strict=True)) for each in (before, after)]


@pytest.mark.parametrize("weighted", [False, True])
def test_later_blocks_of_all_series_ask_together(weighted):
    zs = series([83, 14, 61, 8])  # the second has three blocks, the last one
    rng = np.random.default_rng(4)
    weights = [rng.uniform(0.1, 1, len(z)) for z in zs] if weighted else None
    found, blocks = asked(zs, weights)
    counts = [len(blocks.later_block(number)) for number in (3, 4, 5)]
    assert counts == [2, 3, 3]
    shares = [share(*windows_of(zs, blocks, number)) for number in (3, 4, 5)]
    assert np.ptp(shares) > 0.05
    assert_allclose(found, [np.mean(shares)])


def test_a_block_without_a_window_that_counts_does_not_ask():
    [z] = series([83])
    weights = np.ones(83)
    weights[50:70] = 0.0  # all targets of block 4, whose rows are 57 to 69
    found, blocks = asked([z], [weights])
    assert blocks.block(4)[0][1:] == (57, 70)
    shares = [share(*windows_of([z], blocks, number)) for number in (3, 5)]
    assert_allclose(found, [np.mean(shares)])


def test_one_block_asks_for_nothing():
    assert_array_equal(asked(series([8, 9]))[0], [0])
