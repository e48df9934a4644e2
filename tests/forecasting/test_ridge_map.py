"""The closed-form map, held against regressions on windows written out."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_allclose, assert_array_equal
from scipy.signal import lfilter

from skinformer.forecasting import ridge_regression
from skinformer.forecasting.moments import Moments, cosines, window_moments
from skinformer.forecasting.prior_map import seasonal_prior
from skinformer.forecasting.pull import asked_pull
from skinformer.forecasting.reversion import reverted_share
from skinformer.forecasting.ridge_map import RidgeMap
from skinformer.forecasting.ridge_regression import PENALTIES, USUAL, bands, solve
from skinformer.forecasting.shared_regression import SharedRegression
from skinformer.forecasting.window_blocks import WindowBlocks

from .written_out import PRED_LEN, SEQ_LEN, written_out


def fit(values):
    ridge = RidgeMap(SEQ_LEN, PRED_LEN)
    return ridge.fit(lambda c: [values[:, c]], values.shape[1])


def autoregression(coef, shocks):
    return lfilter([1.0], [1.0, -coef], shocks)


def test_without_the_pull_its_coefficient_is_zero():
    z = np.random.default_rng(8).normal(size=60)
    coef = solve(window_moments([z], SEQ_LEN, PRED_LEN).without_pull(), np.ones(3))
    X, y = written_out(z)
    X = X[:, :-1]
    gram = X.T @ X + len(X) * np.eye(SEQ_LEN)
    expected = np.linalg.solve(gram, X.T @ y @ cosines(PRED_LEN))
    assert_allclose(coef[:-1], expected, atol=1e-12)
    assert_array_equal(coef[-1], np.zeros(PRED_LEN))


def test_ridge_by_hand():
    # sum of x² is 4, of x·y is 6, one window: with penalty 2 on it, 6 / (4 + 2)
    moments = Moments(np.array([[4.0]]), np.array([[6.0, 6.0]]), 1)
    assert_allclose(solve(moments, np.array([2.0, 0.0])), [[1.0, 1.5]])


def test_the_penalty_counts_for_each_window():
    once = Moments(np.array([[4.0]]), np.array([[6.0]]), 1)
    assert_allclose(solve(once, np.ones(1)), solve(once.plus(once), np.ones(1)))


def test_bands_are_octaves():
    assert_array_equal(bands(1), [0])
    assert_array_equal(np.unique(bands(720)), [0, 1, 2, 3])


def standardised(z):
    return (z - z.mean()) / z.std()


def solve_written_out(X, Y, penalties):
    """Return ridge coefficients for outputs (n, PRED_LEN), penalised as cosines."""
    D = cosines(PRED_LEN)
    coef = np.empty((X.shape[1], PRED_LEN))
    for k, penalty in enumerate(penalties):
        gram = X.T @ X + penalty * len(X) * np.eye(X.shape[1])
        coef[:, k] = np.linalg.solve(gram, X.T @ Y @ D[:, k])
    return coef @ D.T


def solve_pairs(pairs, penalties, prior=None):
    """Return coefficients of each target from its windows (X, Y)."""
    X, Y = (np.concatenate(each) for each in zip(*pairs, strict=True))
    drawn_to = np.zeros((X.shape[1], Y.shape[1]))
    if prior is not None:
        drawn_to = prior @ cosines(PRED_LEN).T
    common = drawn_to + solve_written_out(X, Y - X @ drawn_to, penalties[0])
    if len(penalties) == 1:
        return [common] * len(pairs)
    return [
        common + solve_written_out(X, Y - X @ common, penalties[1]) for X, Y in pairs
    ]


def ridge_written_out(series, penalties, pulled, prior):
    """Return coefficients (SEQ_LEN + 1, PRED_LEN) of each of some series (n,)."""
    pairs = [written_out(z) for z in series]
    if not pulled:
        for X, _ in pairs:
            X[:, -1] = 0.0
    return solve_pairs(pairs, penalties, prior)


@pytest.mark.parametrize("shares", [[0.0], [0.25], [1.0], [0.25, 0.75]])
def test_the_map_is_the_ridge_regression_of_the_windows(shares):
    noise = np.random.default_rng(2).normal(size=(len(shares), 150))
    series = [standardised(autoregression(0.6, e)) for e in noise]
    ridge = RidgeMap(SEQ_LEN, PRED_LEN)
    ridge.center_ = np.zeros(len(shares))
    ridge.penalties_ = [np.array([0.01, 0.2, 3.0]), np.full(3, 0.5)][: len(shares)]
    ridge.pull_ = np.array(shares)
    ridge.prior_ = seasonal_prior(SEQ_LEN, PRED_LEN, 2) * [1, 0, 1]
    blocks = WindowBlocks([150], SEQ_LEN, PRED_LEN)
    regression = SharedRegression(lambda c: [series[c]], len(shares), blocks)
    ridge.coef_ = ridge._maps(regression, [blocks.whole()])[0]
    context = np.stack([z[50:57] for z in series], axis=1)[None]  # (1, SEQ_LEN, n)
    forecast = ridge.forecast(context)
    free, pulled = (
        ridge_written_out(series, ridge.penalties_, p, ridge.prior_)
        for p in (False, True)
    )
    for c, (z, share) in enumerate(zip(series, shares, strict=True)):
        coef = share * pulled[c] + (1 - share) * free[c]
        expected = np.r_[z[50:57] - z[56], -z[56]] @ coef + z[56]
        assert_allclose(forecast[0, :, c], expected)


def error_left_out(series, edges, penalties, prior=None):
    """Cross-validate penalties, each the same for all cosines, on written windows."""
    pieces = [
        [written_out(z[a - SEQ_LEN : b]) for a, b in pairwise(edges)] for z in series
    ]
    penalties = [np.full(PRED_LEN, p) if np.isscalar(p) else p for p in penalties]
    error = 0.0
    for k in range(len(edges) - 1):
        others = [
            [
                np.concatenate(each)
                for each in zip(*(own[:k] + own[k + 1 :]), strict=True)
            ]
            for own in pieces
        ]
        coefs = solve_pairs(others, penalties, prior)
        for own, coef in zip(pieces, coefs, strict=True):
            X, Y = own[k]
            error += ((Y - X @ coef) ** 2).sum()
    return error


def test_penalties_are_those_of_the_least_error_on_blocks_left_out(monkeypatch):
    monkeypatch.setattr(ridge_regression, "BANDS", 1)
    noise = np.random.default_rng(13).normal(size=(2, 130))
    coefs = 0.9, -0.6
    series = [
        standardised(autoregression(a, e)) for a, e in zip(coefs, noise, strict=True)
    ]
    ridge = fit(np.stack(series, axis=1))
    shared, own = ridge.penalties_
    assert len(np.unique(shared)) == len(np.unique(own)) == 1
    first = [error_left_out(series, ridge.edges_[0], [p]) for p in PENALTIES]
    second = [error_left_out(series, ridge.edges_[0], [shared, p]) for p in PENALTIES]
    assert shared[0] == PENALTIES[np.argmin(first)]
    assert own[0] == PENALTIES[np.argmin(second)]
    assert 0 < np.argmin(first) < len(PENALTIES) - 1  # not the one that fits best
    assert 0 < np.argmin(second) < len(PENALTIES) - 1


def test_drawn_to_what_leaves_the_least_error_on_blocks_left_out(monkeypatch):
    monkeypatch.setattr(ridge_regression, "BANDS", 1)
    # a shape that stays, on a level that moves slowly, and noise that hides both
    e = np.random.default_rng(5).normal(size=160)
    shape = np.tile([2.0, -1.0, -1.0], 54)[:160]
    z = standardised(shape + autoregression(0.98, 0.3 * e) + e[::-1])
    ridge = RidgeMap(SEQ_LEN, PRED_LEN, season=3).fit(lambda c: [z], 1)
    seasonal, edges = seasonal_prior(SEQ_LEN, PRED_LEN, 3), ridge.edges_[0]
    error = {
        drawn: min(error_left_out([z], edges, [p], drawn * seasonal) for p in PENALTIES)
        for drawn in (0.0, 1.0)
    }
    assert error[1.0] < error[0.0]
    assert_array_equal(ridge.prior_, seasonal)
    penalties = [error_left_out([z], edges, [p], seasonal) for p in PENALTIES]
    unlike = [error_left_out([z], edges, [p]) for p in PENALTIES]
    assert np.argmin(penalties) != np.argmin(unlike)
    assert_array_equal(ridge.penalties_[0], PENALTIES[np.argmin(penalties)])


def test_a_walk_is_drawn_to_its_last_value():
    z = standardised(np.random.default_rng(6).normal(size=160).cumsum())
    ridge = RidgeMap(SEQ_LEN, PRED_LEN, season=3).fit(lambda c: [z], 1)
    assert_array_equal(ridge.prior_[:, 0], 0)


def test_a_block_without_its_own_windows():
    z = standardised(np.random.default_rng(3).normal(size=100))
    ridge = fit(z[:, None])
    assert len(ridge.block_coef_) == 6
    changed = z.copy()
    first, stop = ridge.edges_[0][2:4]
    changed[first : stop - SEQ_LEN] += 5.0  # read by no window of another block
    blocks = WindowBlocks([100], SEQ_LEN, PRED_LEN)
    regression = SharedRegression(lambda c: [changed], 1, blocks)
    maps = ridge._maps(regression, blocks.sets())
    assert_allclose(maps[1 + 2], ridge.block_coef_[2])
    assert not np.allclose(maps[1 + 1], ridge.block_coef_[1])
    assert not np.allclose(maps[0], ridge.coef_)


def share_written_out(z, start, stop, penalties, prior):
    """Return the pull that the windows of rows ``start`` to ``stop`` ask for."""
    z = z[:stop] - z[:start].mean()
    (pulled,), (free,) = (
        ridge_written_out([z[:start]], penalties, p, prior) for p in (True, False)
    )
    X, y = written_out(z[start - SEQ_LEN :])
    pull, left = (X @ (pulled - free)).ravel(), (y - X @ free).ravel()
    return np.clip(np.linalg.lstsq(pull[:, None], left)[0][0], 0, 1)


@pytest.mark.parametrize(
    ("seed", "n_rows", "later"), [(16, 200, (3, 4, 5)), (12, 21, (1, 2))]
)
def test_the_pull_is_what_later_blocks_would_have_asked_for(seed, n_rows, later):
    walk = autoregression(0.97, np.random.default_rng(seed).normal(size=n_rows))
    z = standardised(walk)
    ridge = RidgeMap(SEQ_LEN, PRED_LEN, season=2).fit(lambda c: [z], 1)
    back = reverted_share(z, 2, PRED_LEN)
    edges, chosen = ridge.edges_[0], (ridge.penalties_, ridge.prior_)
    shares = [share_written_out(z, *edges[k : k + 2], *chosen) for k in later]
    assert len(edges) == later[-1] + 2
    assert np.ptp(shares) > 0.1
    assert 0.1 < back < 0.95 or n_rows < 100
    assert_allclose(ridge.pull_, [back * np.mean(shares)])


def test_noise_is_pulled_to_its_mean_and_a_series_that_rises_is_not():
    noise = np.random.default_rng(10).normal(size=(600, 2))
    rise = np.linspace(-1.7, 1.7, 600)
    ridge = fit(np.stack([noise[:, 0], rise + 0.05 * noise[:, 1]], axis=1))
    assert ridge.pull_[0] > 0.6
    assert ridge.pull_[1] < 0.1


def test_each_target_goes_back_by_itself_within_its_horizon():
    rng = np.random.default_rng(17)
    values = np.stack(
        [autoregression(a, rng.normal(size=600)) for a in (0.5, 0.995)], axis=1
    )
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    ridge = RidgeMap(SEQ_LEN, 40).fit(lambda c: [values[:, c]], 2)
    blocks = WindowBlocks([600], SEQ_LEN, 40)
    regression = SharedRegression(lambda c: [values[:, c]], 2, blocks)
    asked = asked_pull(regression, ridge.penalties_, ridge.prior_)
    back = [reverted_share(values[:, c], 1, 40) for c in range(2)]
    assert back[1] < 0.8 < back[0]
    assert back[1] != reverted_share(values[:, 1], 1, 1)
    assert_allclose(ridge.pull_, asked * back)


def test_a_series_of_one_block_has_the_usual_penalty_and_draws_to_its_last_value():
    ridge = fit(np.random.default_rng(18).normal(size=(12, 1)))
    assert len(ridge.edges_[0]) == 2
    assert_array_equal(ridge.prior_, 0)
    assert_array_equal(ridge.penalties_, [np.full(PRED_LEN, PENALTIES[USUAL])])


def test_walks_are_hardly_pulled():
    steps = np.random.default_rng(0).normal(size=(12, 24 * 200))
    walks = [standardised(z) for z in steps.cumsum(axis=1)]
    pulls = [
        RidgeMap(48, 24, season=24).fit(lambda c, z=z: [z], 1).pull_[0] for z in walks
    ]
    assert 0 < np.mean(pulls) < 0.2


def test_values_far_from_one_are_penalised_alike():
    z = standardised(np.random.default_rng(11).normal(size=300))
    large, larger = fit(4 * z[:, None]), fit(1e4 * z[:, None] + 7e4)
    assert_allclose(larger.center_, [7e4])
    assert_allclose(larger.pull_, large.pull_)
    assert_allclose(larger.coef_, large.coef_, atol=1e-8)
    context = z[None, 20:27, None]
    expected = 1e4 * large.forecast(4 * context) / 4 + 7e4
    assert_allclose(larger.forecast(1e4 * context + 7e4), expected)
    assert not np.allclose(fit(z[:, None]).coef_, large.coef_, atol=1e-3)


def test_only_the_map_is_kept_where_no_block_is_asked_for():
    values = np.random.default_rng(14).normal(size=(100, 2))
    ridge = RidgeMap(SEQ_LEN, PRED_LEN).fit(lambda c: [values[:, c]], 2, by_block=False)
    both = fit(values)
    assert ridge.block_coef_ is None
    assert_array_equal(ridge.coef_, both.coef_)
    assert both.coef_.base is None  # a view would keep the maps of all blocks


def test_windows_know_their_block():
    ridge = fit(np.random.default_rng(3).normal(size=(100, 1)))
    edges = ridge.edges_[0]
    starts = np.array([0, edges[1] - 1, edges[1], edges[-1] + 5])
    assert_array_equal(ridge.blocks_of(starts), [0, 0, 1, 5])


def test_targets_share_a_map_and_deviate_from_it():
    shocks = np.random.default_rng(4).normal(size=(900, 3))
    walks = [
        autoregression(a, e) for a, e in zip((0.9, 0.9, -0.9), shocks.T, strict=True)
    ]
    ridge = fit(np.stack(walks, axis=1) / np.std(walks[0]))
    assert ridge.coef_.shape == (3, SEQ_LEN, PRED_LEN)
    # the forecast of the next row is 0.9, 0.9 and -0.9 times the last one
    assert_allclose(ridge.coef_[:, -1, 0], [0.9, 0.9, -0.9], atol=0.15)
    assert_allclose(ridge.coef_[:, :-1, 0], 0.0, atol=0.2)


def test_noise_is_forecast_by_little_more_than_its_mean():
    values = np.random.default_rng(5).normal(size=(2000, 2))
    ridge = fit(values)
    windows = sliding_window_view(values, SEQ_LEN, axis=0).swapaxes(1, 2)
    assert np.abs(ridge.forecast(windows)).mean() < 0.15


def test_single_precision_stays_single():
    ridge = fit(np.random.default_rng(7).normal(size=(90, 1)))
    assert ridge.forecast(np.zeros((2, SEQ_LEN, 1), np.float32)).dtype == np.float32


@pytest.mark.parametrize("n_rows", [1, 9, 10, 13])
def test_few_rows(n_rows):
    ridge = fit(np.arange(n_rows, dtype=float)[:, None])
    forecast = ridge.forecast(np.full((1, SEQ_LEN, 1), 2.0))
    assert forecast.shape == (1, PRED_LEN, 1)
    assert np.isfinite(forecast).all()
    assert_array_equal(ridge.pull_, [0])


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_the_error_on_blocks_left_out(monkeypatch, unit):
    monkeypatch.setattr(ridge_regression, "BANDS", 1)
    noise = np.random.default_rng(19).normal(size=130)
    z = unit * standardised(autoregression(0.8, noise))
    ridge = RidgeMap(SEQ_LEN, PRED_LEN, season=2)
    found = ridge.error_left_out([z])
    seasonal = seasonal_prior(SEQ_LEN, PRED_LEN, 2)
    expected = min(
        error_left_out([z / z.std()], ridge.edges_[0], [p], drawn * seasonal)
        for p in PENALTIES
        for drawn in (0.0, 1.0)
    )
    # penalties are those of a series that is stretched to a third, where it is small
    assert_allclose(found, unit**2 * expected * (1.0), rtol=0.01)
    assert RidgeMap(SEQ_LEN, PRED_LEN).error_left_out([z[:12]]) == 0.0


def panel(n_rows, seed=20):
    """Return some autoregressions (n,), each standardised by itself."""
    rng = np.random.default_rng(seed)
    coefs = np.linspace(0.3, 0.9, len(n_rows))
    return [
        standardised(autoregression(a, rng.normal(size=n)))
        for a, n in zip(coefs, n_rows, strict=True)
    ]


def fit_panel(zs, weights=None, season=1):
    return RidgeMap(SEQ_LEN, PRED_LEN, season).fit(lambda c: zs, 1, weights=weights)


def assert_same_map(one, other, rtol=1e-7):
    assert_array_equal(one.penalties_, other.penalties_)
    assert_allclose(one.prior_, other.prior_, atol=1e-12)
    assert_allclose(one.pull_, other.pull_, rtol=rtol)
    assert_allclose(one.coef_, other.coef_, atol=rtol)
    assert_allclose(one.block_coef_, other.block_coef_, atol=rtol)


def weighted(X, Y, weights, penalty, prior):
    """Return weighted ridge coefficients, written out: (p, PRED_LEN)."""
    gram = X.T @ (X * weights[:, None]) + penalty * weights.sum() * np.eye(X.shape[1])
    left = (Y - X @ prior) * weights[:, None]
    return prior + np.linalg.solve(gram, X.T @ left)


def map_of(coef):
    """Turn coefficients (SEQ_LEN + 1, PRED_LEN) into a map of values."""
    on_values = coef[:-1].copy()
    on_values[-1] += 1 - coef.sum(axis=0)
    return on_values


def solved(zs, weights, ridge):
    """Return the map of some series, from windows (n,) of some weights written out."""
    pairs = [written_out(z) for z in zs if len(z) >= SEQ_LEN + PRED_LEN]
    X, Y = (np.concatenate(each) for each in zip(*pairs, strict=True))
    assert len(np.unique(ridge.penalties_[0])) == 1
    prior, solutions = ridge.prior_ @ cosines(PRED_LEN).T, []
    for kept in (0.0, 1.0):
        inputs = X * np.r_[np.ones(SEQ_LEN), kept]
        penalty = ridge.penalties_[0][0]
        solutions.append(weighted(inputs, Y, weights, penalty, prior))
    free, pulled = solutions
    return map_of(free + ridge.pull_[0] * (pulled - free))


def test_two_equal_series_give_the_map_of_one():
    [z] = panel([150])
    assert_same_map(fit_panel([z, z]), fit_panel([z]))


def test_each_series_has_its_own_rows_and_all_count(monkeypatch):
    monkeypatch.setattr(ridge_regression, "BANDS", 1)
    zs = panel([101, 53, 9, 11, 67])  # one too short for a window, one for blocks
    ridge = fit_panel(zs)
    assert [len(edges) - 1 for edges in ridge.edges_] == [6, 6, 1, 1, 6]
    n = sum(len(z) - 9 for z in zs)
    assert ridge.pull_[0] > 0.1
    assert_allclose(ridge.coef_[0], solved(zs, np.ones(n), ridge))
    without = fit_panel([z for z in zs if len(z) > 9])
    assert_same_map(ridge, without)
    assert_array_equal(ridge.center_, [0])


def test_a_block_of_many_series_is_left_out_of_each(monkeypatch):
    monkeypatch.setattr(ridge_regression, "BANDS", 1)
    zs = panel([101, 19, 11])
    ridge = fit_panel(zs)
    assert [len(edges) - 1 for edges in ridge.edges_] == [6, 3, 1]
    # the last block of the second series, and none of its first ones, in the long one's
    kept = {5: (range(5), range(2)), 2: ([0, 1, 3, 4, 5], range(3))}
    for number, own in kept.items():
        pieces = [
            z[edges[k] - SEQ_LEN : edges[k + 1]]
            for z, edges, ks in zip(zs, ridge.edges_, own, strict=False)
            for k in ks
        ]
        n = sum(len(z) - 9 for z in pieces)
        expected = solved(pieces, np.ones(n), ridge)
        assert_allclose(ridge.block_coef_[number, 0], expected)


def test_targets_of_many_series_share_a_map_and_deviate_from_it():
    rng = np.random.default_rng(21)
    coefs = 0.9, 0.9, -0.9
    columns = [
        [standardised(autoregression(a, rng.normal(size=n))) for n in (301, 503)]
        for a in coefs
    ]
    ridge = RidgeMap(SEQ_LEN, PRED_LEN).fit(lambda c: columns[c], 3)
    assert ridge.coef_.shape == (3, SEQ_LEN, PRED_LEN)
    assert_allclose(ridge.coef_[:, -1, 0], coefs, atol=0.15)


@pytest.mark.parametrize("n_rows", [[150], [101, 53, 9]])
def test_equal_weights_change_nothing(n_rows):
    zs = panel(n_rows)
    weights = [np.full(len(z), 0.7) for z in zs]
    assert_same_map(fit_panel(zs, weights), fit_panel(zs))


def test_weights_are_those_of_least_squares(monkeypatch):
    monkeypatch.setattr(ridge_regression, "BANDS", 1)
    zs = panel([131, 9, 43])
    rng = np.random.default_rng(22)
    weights = [rng.choice([0.0, 0.2, 3.0], len(z), p=[0.6, 0.2, 0.2]) for z in zs]
    of_windows = [
        sliding_window_view(w[SEQ_LEN:], PRED_LEN).mean(axis=1)
        for w in weights
        if len(w) > 9
    ]
    of_windows = np.concatenate(of_windows)
    assert (of_windows == 0).any()
    ridge = fit_panel(zs, weights)
    assert 0 < ridge.pull_[0] < 1
    assert_allclose(ridge.coef_[0], solved(zs, of_windows, ridge))
    unlike = solved(zs, np.ones(len(of_windows)), ridge)
    assert not np.allclose(ridge.coef_[0], unlike, atol=1e-2)


def test_windows_of_no_weight_are_as_if_they_were_not_there():
    z, other = panel([150, 80])
    weights = np.zeros(150)
    weights[30:130] = 1.0
    # the first and the last window that counts have one target in these rows
    rows = slice(30 - PRED_LEN + 1 - SEQ_LEN, 129 + PRED_LEN)
    changed = z.copy()
    changed[: rows.start], changed[rows.stop :] = 1e3, -1e3
    ridge = fit_panel([changed], [weights])
    assert_same_map(ridge, fit_panel([z], [weights]))
    short = fit_panel([z[rows]], [weights[rows]])
    assert_same_map(ridge, short)
    assert_array_equal(ridge.edges_[0], short.edges_[0] + rows.start)
    assert_same_map(
        fit_panel([z, other], [weights, np.zeros(80)]),
        fit_panel([z, other[:5]], [weights, np.zeros(5)]),
    )


def test_no_weight_at_all_repeats_the_last_value():
    ridge = fit_panel(panel([60]), [np.zeros(60)])
    forecast = ridge.forecast(np.full((1, SEQ_LEN, 1), 2.0))
    assert_allclose(forecast, np.full((1, PRED_LEN, 1), 2.0))


def test_the_error_on_blocks_left_out_of_many_series():
    [z] = panel([130])
    error = RidgeMap(SEQ_LEN, PRED_LEN, season=2).error_left_out
    assert_allclose(error([z, z]), 2 * error([z]))
    assert_allclose(error([0.01 * z, 0.01 * z]), 2e-4 * error([z]), rtol=0.01)
    assert_allclose(error([z, z], [np.ones(130)] * 2), 2 * error([z]))
    assert_allclose(error([z, -3 * z], [np.ones(130), np.zeros(130)]), error([z]))
    assert error([z[:12], z[:9]]) == 0.0
