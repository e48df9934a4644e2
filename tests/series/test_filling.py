import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.series import chunks as chunks_module
from skinformer.series.filling import fill, first_row_needed

NAN = np.nan
N_COLUMNS = 3


def column(*values):
    return np.array(values, dtype=float)[:, None]


def holey(n, share, seed, n_columns=N_COLUMNS):
    """Return a random walk with holes in each column."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, n_columns)).cumsum(axis=0)
    values[rng.random(values.shape) < share] = NAN
    return values


def seen_at(filled, start):
    """Return what a window that starts there sees of the rows before it."""
    between, ahead, last = (part[:start] for part in filled)
    closed = np.arange(start)[:, None] <= last[-1]
    return np.where(closed, between, ahead)


def test_a_line_once_a_hole_has_closed_and_before_that_its_first_value():
    filled = fill(column(NAN, 2, NAN, NAN, 8, 10, NAN))
    assert filled.between.ravel().tolist() == [2, 2, 4, 6, 8, 10, 10]
    np.testing.assert_array_equal(filled.ahead.ravel(), [NAN, 2, 2, 2, 8, 10, 10])
    assert filled.last.ravel().tolist() == [-1, 1, 1, 1, 4, 5, 5]


def test_a_window_reads_each_row_as_it_was_known():
    filled = fill(column(0, 2, NAN, NAN, 8, 10, NAN, 20))
    assert seen_at(filled, 3).ravel().tolist() == [0, 2, 2]
    assert seen_at(filled, 4).ravel().tolist() == [0, 2, 2, 2]
    assert seen_at(filled, 5).ravel().tolist() == [0, 2, 4, 6, 8]
    assert seen_at(filled, 7).ravel().tolist() == [0, 2, 4, 6, 8, 10, 10]


def test_columns_have_holes_of_their_own():
    values = np.array([[1, NAN, 5], [NAN, NAN, NAN], [3, 7, NAN]])
    filled = fill(values)
    np.testing.assert_array_equal(filled.between, [[1, 7, 5], [2, 7, 5], [3, 7, 5]])
    np.testing.assert_array_equal(filled.ahead, [[1, NAN, 5], [1, NAN, 5], [3, 7, 5]])
    np.testing.assert_array_equal(filled.last, [[0, -1, 0], [0, -1, 0], [2, 2, 0]])


def test_the_shape_of_the_season_before_and_a_distance_that_fades():
    # row 3 was 4 two rows earlier; row 2, before the hole, was 1: it lies 1 above
    after_a_row = 0.3**0.5
    ahead = 4 + after_a_row
    # row 4, behind it, was 2, and lies 3 above; both ends weigh
    # sinh(r) / sinh(2 r) = 1 / (2 cosh(r)), where r = -log(after_a_row)
    between = 4 + (1 + 3) / (after_a_row + 1 / after_a_row)
    filled = fill(column(1, 4, 2, NAN, 5), season=2)
    np.testing.assert_allclose(filled.ahead.ravel(), [1, 4, 2, ahead, 5])
    np.testing.assert_allclose(filled.between.ravel(), [1, 4, 2, between, 5])
    still_open = fill(column(1, 4, 2, NAN, NAN), season=2)
    # row 4 is row 2 again, and the distance has faded for two rows
    np.testing.assert_allclose(still_open.ahead[3:, 0], [ahead, 2 + 0.3])
    np.testing.assert_array_equal(still_open.between, still_open.ahead)


def test_without_a_whole_season_before_it_a_hole_is_a_line():
    filled = fill(column(1, 4, NAN, NAN, 10), season=3)
    np.testing.assert_allclose(filled.between.ravel(), [1, 4, 6, 8, 10])
    np.testing.assert_allclose(filled.ahead.ravel(), [1, 4, 4, 4, 10])


def test_a_hole_of_several_seasons_repeats_their_shape():
    values = np.tile([1.0, 5.0, 3.0], 9)
    values[10:19] = NAN
    filled = fill(values[:, None], season=3)
    np.testing.assert_allclose(filled.between.ravel(), np.tile([1.0, 5.0, 3.0], 9))
    np.testing.assert_array_equal(filled.ahead, filled.between)


def test_the_mean_of_seven_seasons():
    # rows of two: 0, then 1 to 9; what is before the seventh last season counts no more
    values = np.stack([np.zeros(9), np.arange(1.0, 10.0)], axis=1).ravel()
    filled = fill(np.append(values, [0.0, NAN])[:, None], season=2)
    assert filled.ahead[-1, 0] == pytest.approx(np.mean([3, 4, 5, 6, 7, 8, 9]))
    few = fill(np.append(values[:6], [0.0, NAN])[:, None], season=2)
    assert few.ahead[-1, 0] == pytest.approx(np.mean([1, 2, 3]))


def test_a_hole_among_the_seasons_before_is_in_shape_itself():
    filled = fill(column(1, 5, 1, NAN, 1, 5, 1, NAN), season=2)
    np.testing.assert_allclose(filled.ahead[[3, 7], 0], 5)


def test_a_hole_of_the_first_season_counts_as_lying_on_a_line():
    filled = fill(column(0, NAN, 4, 7, 0, NAN), season=2)
    # two seasons: row 1 is 2 by the line, row 3 is 7; row 4 lies 2 below its two
    expected = (2 + 7) / 2 - 2 * 0.3**0.5
    assert filled.ahead[-1, 0] == pytest.approx(expected)


@pytest.mark.parametrize("season", [1, 2, 7])
def test_what_never_moves_stays_exactly(season):
    values = np.full((97, 1), 0.1)
    values[[3, 41, 42, 43, 90]] = NAN
    filled = fill(values, season)
    assert (filled.between == 0.1).all()
    assert (filled.ahead == 0.1).all()


@pytest.mark.parametrize("season", [1, 3])
def test_a_column_missing_throughout_stays_so(season):
    values = np.array([[NAN, 1], [NAN, NAN], [NAN, 3]])
    filled = fill(values, season)
    assert np.isnan(filled.between[:, 0]).all()
    assert np.isnan(filled.ahead[:, 0]).all()
    assert (filled.last[:, 0] == -1).all()
    assert filled.between[:, 1].tolist() == [1, 2, 3]


def test_where_nothing_is_missing_nothing_is_copied():
    values = np.arange(14.0).reshape(7, 2)
    filled = fill(values, 3)
    assert filled.between is filled.ahead is values
    assert filled.last is None
    for shape in ((0, 2), (7, 0)):
        empty = np.empty(shape)
        assert fill(empty).between is empty


def test_values_stay_as_they_are(tmp_path):
    values = holey(53, 0.2, seed=0).astype(np.float32)
    values[0] = 1.0
    np.save(tmp_path / "values", values)
    mapped = np.load(tmp_path / "values.npy", mmap_mode="r")
    filled, observed = fill(mapped, 5), ~np.isnan(values)
    for part in (filled.between, filled.ahead):
        assert type(part) is np.ndarray
        assert part.dtype == np.float32
        np.testing.assert_array_equal(part[observed], values[observed])
        assert np.isfinite(part).all()
    rows = np.broadcast_to(np.arange(53)[:, None], values.shape)
    np.testing.assert_array_equal(filled.last[observed], rows[observed])


def test_a_hole_of_very_many_seasons_is_finite():
    values = np.full((20_011, 1), NAN)
    values[:7, 0], values[-1] = [1, 2, 3, 4, 3, 2, 1], 1e3
    filled = fill(values, 2)
    assert np.isfinite(filled.between).all()
    assert np.isfinite(filled.ahead).all()
    # far from both ends, only the shape is left
    assert abs(filled.between[10_001, 0] - filled.ahead[10_001, 0]) < 1e-9


@st.composite
def holey_case(draw):
    n = draw(st.integers(1, 61))
    share = draw(st.sampled_from([0.05, 0.3, 0.7]))
    season = draw(st.sampled_from([1, 2, 3, 5]))
    return holey(n, share, draw(st.integers(0, 99))), season


@settings(max_examples=100, deadline=None)
@given(holey_case(), st.integers(1, 61), st.booleans())
def test_rows_from_the_start_on_never_reach_a_window(case, start, is_missing):
    values, season = case
    values[0, 0] = NAN  # a hole for both, whatever follows
    start = min(start, len(values))
    other = values.copy()
    other[start:] = NAN if is_missing else 1e6 * (2 - values[start:])
    one, two = (seen_at(fill(v, season), start) for v in (values, other))
    np.testing.assert_array_equal(one, two)
    # nor does their number
    np.testing.assert_array_equal(one, seen_at(fill(values[:start], season), start))


@settings(max_examples=100, deadline=None)
@given(st.lists(holey_case(), min_size=1, max_size=5))
def test_nothing_passes_from_one_series_to_the_next(cases):
    series, season = [values for values, _ in cases], cases[0][1]
    for values in series:
        values[-1, 0] = NAN
    edges = np.cumsum([0, *map(len, series)])
    together = fill(np.concatenate(series), season, edges)
    for values, first in zip(series, edges[:-1], strict=False):
        alone, rows = fill(values, season), slice(first, first + len(values))
        np.testing.assert_array_equal(together.between[rows], alone.between)
        np.testing.assert_array_equal(together.ahead[rows], alone.ahead)
        last = np.where(alone.last < 0, -1, alone.last + first)
        np.testing.assert_array_equal(together.last[rows], last)


def test_a_series_without_rows():
    filled = fill(column(1, NAN, 3), edges=np.array([0, 2, 2, 3]))
    assert filled.between.ravel().tolist() == [1, 1, 3]
    assert filled.last.ravel().tolist() == [0, 0, 2]


@settings(max_examples=100, deadline=None)
@given(holey_case(), st.integers(0, 60))
def test_where_a_series_may_be_cut(case, row):
    values, season = case
    values[-1, 0] = NAN
    row = min(row, len(values) - 1)
    first = first_row_needed(values, row, season)
    assert 0 <= first <= row
    whole, cut = fill(values, season), fill(values[first:], season)
    np.testing.assert_array_equal(cut.between[row - first :], whole.between[row:])
    np.testing.assert_array_equal(cut.ahead[row - first :], whole.ahead[row:])


def test_the_first_row_needed():
    values = np.ones((100, 2))
    assert first_row_needed(values, 90) == 90
    # seven seasons before the hole, and as many before a hole among them
    assert first_row_needed(values, 90, season=5) == 90 - 2 * 7 * 5
    values[85:91, 0], values[48:52, 0] = NAN, NAN
    assert first_row_needed(values, 90) == 84
    # 84 - 35 is missing; the row before that hole is 47
    assert first_row_needed(values, 90, season=5) == 47 - 35
    assert first_row_needed(values, 20, season=5) == 0
    values[:, 0] = NAN
    assert first_row_needed(values, 90) == 90


def test_a_file_is_looked_at_part_by_part(monkeypatch):
    values, expected = holey(53, 0.3, seed=1), None
    for size in (100, 5):
        monkeypatch.setattr(chunks_module, "CHUNK", size)
        needed = [first_row_needed(values, row, 2) for row in range(53)]
        expected = expected or needed
        assert needed == expected


def test_holes_of_a_wave_in_noise_are_filled_better_than_on_a_line():
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(2400) * 2 * np.pi / 24)[:, None]
    noisy = wave + 0.1 * rng.normal(size=wave.shape)
    missing = np.repeat(rng.random(200) < 0.2, 12)[:, None]
    values = np.where(missing, NAN, noisy)

    def error(part):
        return np.nanstd((part - noisy)[missing])

    shaped, line = fill(values, 24), fill(values)
    assert error(shaped.between) < 0.3 * error(line.between)
    assert error(shaped.ahead) < 0.3 * error(line.ahead)
