"""Section 2 of the design, "What a row means": each table row and each bullet.

The forecaster is a probe: step k of a block is the last known target before the block,
plus k / 10, plus the row's covariate. So every expected value can be written by hand.
"""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.model_selection import KFold, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skinformer.exceptions import (
    FilledRowsWarning,
    GapWarning,
    LostTimeWarning,
)
from skinformer.forecasting import BaseForecaster


class Probe(BaseForecaster):
    """Forecast the last known target, plus step / 10, plus the row's covariate."""

    def __init__(self, pred_len=3, freq=None, categorical_features="from_dtype"):
        self.pred_len = pred_len
        self.freq = freq
        self.categorical_features = categorical_features

    def _context_rows(self):
        return 1

    def _fit(self, history):
        self.mean_ = np.nanmean(history.targets, axis=0)

    def _forecast(self, stretch, starts):
        rows = starts[:, None] + np.arange(self.pred_len)
        last = stretch.filled.latest()[np.maximum(starts - 1, 0)]
        known = np.take_along_axis(stretch.targets, last, axis=0)
        known = np.where(starts[:, None] == 0, self.mean_, known)
        forecast = known[:, None, :] + (np.arange(self.pred_len) / 10)[:, None]
        covariate = stretch.covariates.numeric[rows].sum(axis=2, keepdims=True)
        return forecast + covariate


class FarProbe(Probe):
    """A probe that looks back as far as it has to."""

    def _context_rows(self):
        return None


def hours(n, start="2024-01-01", tz=None):
    return pd.date_range(start, periods=n, freq="h", tz=tz)


def frame(index, values=0.0):
    return pd.DataFrame({"x": np.broadcast_to(values, len(index))}, index=index) * 1.0


def fitted(n=7, pred_len=3, tz=None, **kwargs):
    """Fit on y = 0, 1, 2, ..., whose mean is (n - 1) / 2."""
    index = hours(n, tz=tz)
    y = pd.Series(np.arange(n, dtype=float), index=index, name="load")
    return Probe(pred_len=pred_len, **kwargs).fit(frame(index), y)


class TestTableOfRows:
    def test_after_the_history(self):
        # history 0 ... 6; the block starts from 6
        assert_allclose(
            fitted().predict(frame(hours(10)[7:])), [6.0, 6.1, 6.2], rtol=1e-12
        )

    def test_longer_than_pred_len_is_fed_with_its_own_forecasts(self):
        expected = [6.0, 6.1, 6.2, 6.2, 6.3, 6.4, 6.4]
        assert_allclose(fitted().predict(frame(hours(14)[7:])), expected, rtol=1e-12)

    def test_fewer_rows_than_a_block(self):
        assert_allclose(fitted().predict(frame(hours(8)[7:])), [6.0])

    def test_inside_the_history(self):
        # blocks start at rows 0, 3, 6: from the mean 3, from row 2, from row 5
        expected = [3.0, 3.1, 3.2, 2.0, 2.1, 2.2, 5.0]
        assert_allclose(fitted().predict(frame(hours(7))), expected, rtol=1e-12)

    def test_some_rows_inside_the_history(self):
        assert_allclose(fitted().predict(frame(hours(7)[[4, 6]])), [2.1, 5.0])

    def test_covariates_passed_override_stored_ones(self):
        # row 4 asks with x = 100, where fit stored 0
        assert_allclose(fitted().predict(frame(hours(7)[[4]], 100.0)), [102.1])

    def test_both_in_any_order(self):
        rows = hours(10)[[8, 0, 7, 4, 9]]
        expected = [6.1, 3.0, 6.0, 2.1, 6.2]
        assert_allclose(fitted().predict(frame(rows)), expected, rtol=1e-12)

    def test_before_the_history(self):
        early = hours(3, start="2023-12-31 22:00")
        with pytest.raises(ValueError, match=r"2023-12-31 22:00:00 is before.*2024-01"):
            fitted().predict(frame(early))

    def test_duplicated(self):
        with pytest.raises(ValueError, match="2024-01-01 08:00:00 is there more than"):
            fitted().predict(frame(hours(9)[[8, 7, 8]]))

    def test_off_the_grid(self):
        off = pd.DatetimeIndex(["2024-01-01 07:00", "2024-01-01 08:20"])
        with pytest.raises(ValueError, match=r"08:20:00 is off the grid.*'h'"):
            fitted().predict(frame(off))

    def test_after_a_gap(self):
        # rows 7, 8 and 10 are forecast on the way, and left out
        with pytest.warns(GapWarning, match="^3 rows") as caught:
            answer = fitted().predict(frame(hours(12)[[9, 11]]))
        assert_allclose(answer, [6.2, 6.3])
        assert len(caught) == 1

    def test_plain_array_follows_the_history(self):
        X, y = np.zeros((7, 1)), np.arange(7.0)
        model = Probe().fit(X, y)
        assert_allclose(model.predict(np.zeros((4, 1))), [6.0, 6.1, 6.2, 6.2])
        assert_allclose(model.predict(X)[:3], [6.0, 6.1, 6.2])

    def test_range_index_carries_no_time(self):
        X = pd.DataFrame({"x": np.zeros(7)})
        model = Probe().fit(X, np.arange(7.0))
        assert_allclose(model.predict(X.iloc[[5, 2]]), [6.0, 6.1])


class TestTimeSeriesSplit:
    def test_gap(self):
        index = hours(20)
        y = pd.Series(np.arange(20.0), index=index)
        cv = TimeSeriesSplit(2, test_size=3, gap=2)
        with pytest.warns(GapWarning, match="^2 rows"):
            scores = cross_val_score(
                Probe(), frame(index), y, cv=cv, scoring="neg_mean_absolute_error"
            )
        # the origin lies 2 rows before the test rows: history ends at 11, then at 14;
        # forecasts 11.2, 11.2, 11.3 of 14, 15, 16 and 14.2, 14.2, 14.3 of 17, 18, 19
        assert_allclose(scores, [-(2.8 + 3.8 + 4.7) / 3] * 2)


class TestCovariatesOfRowsNotGiven:
    @staticmethod
    def expected_copy(index, row):
        """Return the row that stands in: same weekday and hour, or hour, or last."""
        earlier = index[:row]
        same_hour = earlier.hour == index[row].hour
        same_day = same_hour & (earlier.day_of_week == index[row].day_of_week)
        for mask in (same_day, same_hour, np.ones(row, dtype=bool)):
            if mask.any():
                return int(np.flatnonzero(mask)[-1])
        raise AssertionError

    def test_a_gap_repeats_the_same_weekday_and_hour(self):
        index = hours(24 * 10)
        n = 24 * 8
        # x counts the rows, so a forecast shows which row stood in for it
        X = frame(index, np.arange(len(index)))
        model = Probe(pred_len=24).fit(X[:n], np.zeros(n))
        with pytest.warns(GapWarning):
            answer = model.predict(X.iloc[[n + 26]])
        # the first block ends at n + 23, for which n + 23 - 168 stands in: a week ago
        end_of_first_block = 2.3 + (n + 23 - 168)
        assert_allclose(answer, [end_of_first_block + 0.2 + (n + 26)])

    @pytest.mark.parametrize("days", [1, 2, 8])
    def test_completed_rows_feed_later_blocks(self, days):
        n = 24 * days
        index = hours(n + 2)
        X = frame(index, np.arange(len(index)) / 1e3)
        model = Probe(pred_len=1).fit(X[:n], np.zeros(n))
        with pytest.warns(GapWarning):
            answer = model.predict(X.iloc[[n + 1]])
        stand_in = self.expected_copy(index, n)
        assert_allclose(answer, [stand_in / 1e3 + (n + 1) / 1e3])

    def test_first_of_its_hour_repeats_the_last_row(self):
        index = hours(5)
        X = frame(index, [1.0, 2.0, 4.0, 8.0, 16.0])
        model = Probe(pred_len=1).fit(X[:3], np.zeros(3))
        with pytest.warns(GapWarning):
            answer = model.predict(X.iloc[[4]])
        assert_allclose(answer, [4.0 + 16.0])


class TestCausal:
    def test_later_rows_change_nothing(self):
        model, rows = fitted(), hours(14)
        X = frame(rows, np.arange(14.0))
        before = model.predict(X)
        X.iloc[9:] = np.random.default_rng(0).normal(size=(5, 1))
        assert_allclose(model.predict(X)[:9], before[:9], rtol=0)

    def test_order_of_rows_changes_nothing(self):
        model, X = fitted(), frame(hours(14), np.arange(14.0))
        order = np.random.default_rng(0).permutation(14)
        assert_allclose(model.predict(X.iloc[order]), model.predict(X)[order], rtol=0)

    def test_a_gap_is_not_completed_from_later_rows(self):
        model = fitted(pred_len=1)
        answers = []
        for later in (7.0, -99.0):
            with pytest.warns(GapWarning):
                answers.append(model.predict(frame(hours(12)[[9, 11]], [5.0, later])))
        assert answers[0][0] == answers[1][0]


class TestPredictChangesNothing:
    def test_the_estimator(self):
        model = fitted()
        before = pickle.dumps(model)
        model.predict(frame(hours(10)))
        assert pickle.dumps(model) == before

    def test_the_rows_given(self):
        model, X = fitted(), frame(hours(10))
        copy = X.copy()
        model.predict(X)
        pd.testing.assert_frame_equal(X, copy)


class TestHistory:
    def test_unsorted_rows_are_refused_by_name(self):
        index = hours(4)[[0, 2, 1, 3]]
        with pytest.raises(ValueError, match=r"01:00:00 follows 2024-01-01 02:00:00"):
            Probe().fit(frame(index), np.zeros(4))

    def test_duplicated_rows_are_refused_by_name(self):
        index = hours(4)[[0, 1, 1, 2]]
        with pytest.raises(ValueError, match="01:00:00 is there more than once"):
            Probe().fit(frame(index), np.zeros(4))

    def test_a_naive_repeated_hour_names_the_remedy(self):
        index = hours(4, start="2024-10-27 01:00")[[0, 1, 1, 2]]
        with pytest.raises(ValueError, match=r"tz_localize\(zone, ambiguous="):
            Probe().fit(frame(index), np.zeros(4))

    def test_absent_stamps_are_put_on_the_grid_with_one_warning(self):
        index = hours(8).delete([2, 3])
        y = pd.Series(np.arange(8.0), index=hours(8))[index]
        with pytest.warns(FilledRowsWarning, match=r"^2 of 8 rows.*02:00:00") as caught:
            model = Probe().fit(frame(index), y)
        assert len(caught) == 1
        # the block at row 3 starts inside the gap: row 1 is the last one known
        assert_allclose(model.predict(frame(hours(8)[3:6])), [1.0, 1.1, 1.2])
        # statistics leave absent rows out: the mean of 0, 1, 4, 5, 6, 7
        assert_allclose(model.mean_, [23 / 6])

    def test_kfold_makes_holes_and_is_not_refused(self):
        X, y = frame(hours(9)), np.arange(9.0)
        _, (train, test), _ = KFold(3).split(X)
        with pytest.warns(FilledRowsWarning, match="^3 of 9 rows"):
            model = Probe().fit(X.iloc[train], y[train])
        # rows 3 to 5 were held out; the block starts from row 2
        assert_allclose(model.predict(X.iloc[test]), [2.0, 2.1, 2.2])

    def test_float32_is_kept_and_forecasts_are_float64(self):
        X, y = np.zeros((5, 1), dtype=np.float32), np.arange(5, dtype=np.float32)
        model = Probe().fit(X, y)
        assert model._history.targets.dtype == np.float32
        assert model._history.covariates.numeric.dtype == np.float32
        assert model.predict(X).dtype == np.float64

    def test_update_appends_without_training(self):
        model, index = fitted(), hours(12)
        mean = model.mean_
        assert model.update(frame(index[7:9]), [50.0, 60.0]) is model
        assert_allclose(model.predict(frame(index[9:])), [60.0, 60.1, 60.2])
        assert model.mean_ is mean

    def test_update_fills_a_gap_with_a_warning(self):
        model, index = fitted(), hours(12)
        with pytest.warns(FilledRowsWarning, match=r"^2 of 3 rows.*07:00:00"):
            model.update(frame(index[9:10]), [50.0])
        assert_allclose(model.predict(frame(index[10:])), [50.0, 50.1])

    def test_update_follows_for_arrays(self):
        model = Probe().fit(np.zeros((3, 1)), [0.0, 1.0, 2.0])
        model.update(np.zeros((2, 1)), [7.0, 9.0])
        assert_allclose(model.predict(np.zeros((1, 1))), [9.0])

    @pytest.mark.parametrize("rows", [[6, 7], [2, 3]])
    def test_update_refuses_rows_that_contradict_the_history(self, rows):
        model = fitted()
        before = pickle.dumps(model)
        message = (
            rf"Target 'load' is 10 at 2024-01-01 0{rows[0]}:00:00, where the history "
            rf"has {rows[0]}\. .*on_conflict='replace'"
        )
        with pytest.raises(ValueError, match=message):
            model.update(frame(hours(9)[rows]), [10.0, 10.0])
        assert pickle.dumps(model) == before

    def test_update_takes_rows_again_that_agree(self):
        model, index = fitted(), hours(12)
        model.update(frame(index[5:9]), [5.0, 6.0, 50.0, 60.0])
        assert model._history.n_known == 9
        assert_allclose(model.predict(frame(index[9:])), [60.0, 60.1, 60.2])

    def test_update_replaces_if_it_is_told_to(self):
        model, index = fitted(), hours(12)
        model.update(frame(index[5:7]), [40.0, 50.0], on_conflict="replace")
        assert model._history.n_known == 7
        assert_allclose(model.predict(frame(index[7:9])), [50.0, 50.1])

    def test_update_knows_two_ways_with_a_conflict(self):
        with pytest.raises(ValueError, match="on_conflict='keep' must be 'raise' or"):
            fitted().update(frame(hours(8)[7:]), [0.0], on_conflict="keep")

    def test_update_refuses_rows_before_the_history(self):
        early = hours(2, start="2023-12-31 23:00")
        with pytest.raises(ValueError, match=r"23:00:00 is before the history, .*2024"):
            fitted().update(frame(early), [0.0, 0.0])

    def test_update_refuses_unsorted_and_duplicated(self):
        with pytest.raises(ValueError, match="not in time order"):
            fitted().update(frame(hours(9)[[8, 7]]), [0.0, 0.0])
        with pytest.raises(ValueError, match="more than once"):
            fitted().update(frame(hours(9)[[8, 8]]), [0.0, 0.0])

    def test_update_refuses_targets_in_another_order(self):
        index = hours(9)
        y = pd.DataFrame({"a": np.arange(9.0), "b": -np.arange(9.0)}, index=index)
        model = Probe().fit(frame(index[:7]), y[:7])
        with pytest.raises(ValueError, match=r"\['b', 'a'\]; fit saw 2, \['a', 'b'\]"):
            model.update(frame(index[7:]), y[["b", "a"]][7:])

    def test_update_refuses_another_number_of_targets(self):
        with pytest.raises(
            ValueError, match=r"y has 2 targets, .*fit saw 1, \['load'\]"
        ):
            fitted().update(frame(hours(9)[7:]), np.zeros((2, 2)))


class TestIndexes:
    def test_x_and_y_of_different_times(self):
        index = hours(5)
        y = pd.Series(np.zeros(5), index=index + pd.Timedelta("1h"))
        with pytest.raises(ValueError, match=r"row 0 is 2024-01-01 00:00:00 in X"):
            Probe().fit(frame(index), y)

    def test_x_and_y_of_different_lengths(self):
        with pytest.raises(ValueError, match=r"inconsistent numbers of samples"):
            Probe().fit(frame(hours(5)), np.zeros(4))

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [("Europe/Berlin", "UTC"), (None, "UTC"), ("Europe/Berlin", None)],
    )
    def test_another_time_zone_names_both(self, ours, theirs):
        model = fitted(tz=ours)
        rows = hours(9, tz=theirs)[7:]
        with pytest.raises(
            ValueError, match=f"{ours or 'no time zone'}.*{theirs or 'no time zone'}"
        ):
            model.predict(frame(rows))
        with pytest.raises(ValueError, match="tz_localize or tz_convert"):
            model.update(frame(rows), np.zeros(2))

    def test_fitted_with_time_and_asked_without(self):
        with pytest.raises(ValueError, match=r"DatetimeIndex.*RangeIndex"):
            fitted().predict(frame(pd.RangeIndex(3)))

    def test_fitted_without_time_and_asked_with(self):
        model = Probe().fit(pd.DataFrame({"x": np.zeros(4)}), np.zeros(4))
        with pytest.raises(ValueError, match="carries no time"):
            model.predict(frame(hours(2)))

    def test_datetimes_against_periods(self):
        periods = pd.period_range("2024-01-01 07:00", periods=2, freq="h")
        with pytest.raises(ValueError, match=r"DatetimeIndex, X has a PeriodIndex"):
            fitted().predict(frame(periods))

    def test_periods_work_as_stamps_do(self):
        index = pd.period_range("2024-01-01", periods=10, freq="h")
        model = Probe().fit(frame(index[:7]), np.arange(7.0))
        assert_allclose(model.predict(frame(index[7:])), [6.0, 6.1, 6.2])

    def test_y_keeps_the_time_that_x_lost(self):
        index = hours(6)
        y = pd.Series(np.arange(6.0), index=index)
        model = make_pipeline(StandardScaler(), Probe())
        with pytest.warns(LostTimeWarning, match="set_output") as caught:
            model.fit(frame(index), y)
        assert len(caught) == 1
        assert_allclose(model.predict(frame(index)[:2]), [5.0, 5.1])
        model.set_output(transform="pandas")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.fit(frame(index), y)

    def test_mixed_zones(self):
        index = pd.Index(
            [pd.Timestamp("2024-01-01", tz=z) for z in ("UTC", "Asia/Tokyo")],
            dtype=object,
        )
        with pytest.raises(ValueError, match=r"mixes time zones.*utc=True"):
            Probe().fit(frame(index), np.zeros(2))

    def test_text_is_no_time(self):
        with pytest.raises(ValueError, match="to_datetime"):
            Probe().fit(frame(pd.Index(["2024-01-01", "2024-01-02"])), np.zeros(2))

    def test_daily_across_daylight_saving(self):
        index = pd.date_range("2024-03-29", periods=9, freq="D", tz="Europe/Berlin")
        model = Probe().fit(frame(index[:6]), np.arange(6.0))
        assert_allclose(model.predict(frame(index[6:])), [5.0, 5.1, 5.2])

    def test_hourly_across_daylight_saving(self):
        index = hours(9, start="2024-10-27 00:00", tz="Europe/Berlin")
        assert list(index.hour) == [0, 1, 2, 2, 3, 4, 5, 6, 7]
        model = Probe().fit(frame(index[:3]), np.arange(3.0))
        assert_allclose(model.predict(frame(index[3:6])), [2.0, 2.1, 2.2])

    def test_a_frequency_can_be_given(self):
        index = pd.DatetimeIndex(["2024-01-01", "2024-01-03", "2024-01-05"])
        with pytest.warns(FilledRowsWarning, match="^2 of 5 rows"):
            model = Probe(freq="D").fit(frame(index), [0.0, 2.0, 4.0])
        rows = pd.date_range("2024-01-06", periods=2)
        assert_allclose(model.predict(frame(rows)), [4.0, 4.1])


class TestIndexOfY:
    def test_rows_in_another_order(self):
        X, y = pd.DataFrame({"x": np.zeros(5)}), pd.Series(np.arange(5.0))
        with pytest.raises(ValueError, match="row 0 is 0 in X and 4 in y"):
            Probe().fit(X, y[::-1])

    def test_labels_that_say_nothing_of_time(self):
        y = pd.Series(np.zeros(5), index=list("abcde"))
        with pytest.raises(ValueError, match="in X and a in y"):
            Probe().fit(frame(hours(5)), y)

    def test_row_numbers_count_as_an_array_does(self):
        y = pd.Series(np.arange(5.0))
        assert_allclose(Probe().fit(frame(hours(5)), y).predict(frame(hours(6)[5:])), 4)

    def test_slices_of_a_frame_without_time(self):
        X, y = pd.DataFrame({"x": np.zeros(9)}), pd.Series(np.arange(9.0))
        Probe().fit(X[4:], y[4:])


class TestTypesOfY:
    @pytest.mark.parametrize(
        "y",
        [
            pd.Series(pd.to_timedelta(range(5), unit="h")),
            pd.Series(pd.date_range("2024-01-01", periods=5)),
            pd.Series(list("12345")),
            pd.Series(pd.Categorical([1, 2, 3, 4, 5])),
            pd.Series(pd.period_range("2024-01-01", periods=5)),
        ],
    )
    def test_no_numbers(self, y):
        with pytest.raises(ValueError, match=r"Target 'load' holds .* no numbers"):
            Probe().fit(np.zeros((5, 1)), y.rename("load"))

    def test_no_column(self):
        with pytest.raises(ValueError, match="y has no column"):
            Probe().fit(np.zeros((5, 1)), pd.DataFrame(index=range(5)))


class TestFarAhead:
    def test_a_stamp_that_is_likely_to_be_mistaken(self):
        with pytest.raises(ValueError, match=r"^2100-01-01 .* ends at 2024-01-01 06"):
            fitted().predict(frame(hours(1, start="2100-01-01")))


class TestWarnings:
    def test_they_point_at_the_users_line(self):
        model = make_pipeline(Probe()).fit(frame(hours(7)), np.arange(7.0))
        with pytest.warns(GapWarning) as caught:
            model.predict(frame(hours(9)[8:]))
        assert caught[0].filename == __file__


class TestValues:
    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (np.nan, r"Input X contains NaN: column 'x' at 2024-01-01 02"),
            (np.inf, r"Input X contains infinity: column 'x' at 2024-01-01 02"),
        ],
    )
    def test_covariates(self, value, message):
        X = frame(hours(5))
        X.iloc[2] = value
        with pytest.raises(ValueError, match=message):
            Probe().fit(X, np.zeros(5))
        with pytest.raises(ValueError, match=message):
            fitted().predict(X)

    def test_infinite_targets(self):
        y = pd.DataFrame(0.0, index=hours(5), columns=["a", "b"])
        y.iloc[3, 1] = -np.inf
        with pytest.raises(ValueError, match=r"infinity: column 'b' at .* 03:00:00"):
            Probe().fit(frame(hours(5)), y)

    def test_missing_targets(self):
        y = pd.DataFrame({"a": np.arange(5.0), "b": 10 * np.arange(5.0)}, hours(5))
        y.loc[hours(5)[2], "a"] = y.loc[hours(5)[4], "b"] = np.nan
        model = FarProbe().fit(frame(hours(5)), y)
        # the last known ones are 4 of the first target, 30 of the second
        assert_allclose(model.predict(frame(hours(6)[5:])), [[4.0, 30.0]])
        assert_allclose(model.predict(frame(hours(4)[3:])), [[1.0, 20.0]])

    def test_a_target_that_is_missing_throughout(self):
        y = pd.DataFrame({"a": np.arange(5.0), "b": np.nan}, hours(5))
        with pytest.raises(ValueError, match=r"^Target 'b' is missing in every row"):
            Probe().fit(frame(hours(5)), y)

    def test_no_target(self):
        with pytest.raises(ValueError, match="target y is None"):
            Probe().fit(frame(hours(5)), None)

    @pytest.mark.parametrize("shape", [(7,), (7, 1), (7, 2)])
    def test_forecasts_have_the_axes_of_y(self, shape):
        model = Probe().fit(frame(hours(7)), np.ones(shape))
        assert model.predict(frame(hours(11))).shape == (11, *shape[1:])

    def test_several_targets(self):
        y = np.column_stack([np.arange(7.0), 10 * np.arange(7.0)])
        model = Probe().fit(frame(hours(7)), y)
        expected = [[6.0, 60.0], [6.1, 60.1]]
        assert_allclose(model.predict(frame(hours(9)[7:])), expected)

    def test_no_columns_besides_the_time(self):
        X = frame(hours(9))[[]]
        model = Probe().fit(X[:7], np.arange(7.0))
        assert model.n_features_in_ == 0
        assert_allclose(model.predict(X[7:]), [6.0, 6.1])

    def test_other_columns_at_predict(self):
        with pytest.raises(ValueError, match="feature names should match"):
            fitted().predict(frame(hours(9)).rename(columns={"x": "z"}))

    @pytest.mark.parametrize(
        ("kwargs", "message"),
        [
            ({"pred_len": 0}, r"'pred_len' parameter of Probe must be an int in the"),
            ({"pred_len": True}, r"'pred_len' parameter of Probe must not be a bool"),
            ({"freq": "fortnight"}, r"freq='fortnight' is no frequency"),
            ({"categorical_features": ["z"]}, r"names 'z', which X lacks.*\['x'\]"),
        ],
    )
    def test_parameters(self, kwargs, message):
        with pytest.raises(ValueError, match=message):
            fitted(**kwargs)


class TestAllOrNothing:
    def test_a_failed_fit_leaves_the_fitted_estimator(self):
        model = fitted()
        before = pickle.dumps(model)
        with pytest.raises(ValueError, match="NaN"):
            model.fit(frame(hours(5), np.nan), np.zeros(5))
        assert pickle.dumps(model) == before

    def test_a_failed_fit_leaves_the_unfitted_estimator(self):
        model = Probe()
        with pytest.raises(ValueError, match="more than once"):
            model.fit(frame(hours(4)[[0, 1, 1, 2]]), np.zeros(4))
        assert vars(model) == vars(clone(model))

    def test_an_interrupted_fit_raises_and_leaves_nothing(self, monkeypatch):
        def interrupt(self, history):
            self.mean_ = 0.0
            raise KeyboardInterrupt

        monkeypatch.setattr(Probe, "_fit", interrupt)
        model = Probe()
        with pytest.raises(KeyboardInterrupt):
            model.fit(frame(hours(4)), np.zeros(4))
        assert vars(model) == vars(clone(model))


class TestPredictWindows:
    def test_every_origin_over_true_rows(self):
        model = fitted()
        X, y = frame(hours(12)[7:]), np.array([7.0, 80.0, 90.0, 100.0, 110.0])
        starts, forecasts, _ = model.predict_windows(X, y)
        assert_allclose(starts, [0, 1, 2])
        expected = np.array([[6.0], [7.0], [80.0]]) + [0.0, 0.1, 0.2]
        assert_allclose(forecasts[:, :, 0], expected)

    def test_stride(self):
        starts, forecasts, _ = fitted().predict_windows(
            frame(hours(14)[7:]), np.arange(7.0), stride=4
        )
        assert_allclose(starts, [0, 4])
        assert_allclose(forecasts[:, 0, 0], [6.0, 3.0])

    def test_too_few_rows(self):
        with pytest.raises(ValueError, match=r"2 rows hold no window of horizon=3"):
            fitted().predict_windows(frame(hours(9)[7:]), np.zeros(2))

    def test_changes_nothing(self):
        model = fitted()
        before = pickle.dumps(model)
        model.predict_windows(frame(hours(12)[7:]), np.zeros(5))
        assert pickle.dumps(model) == before
