"""The numbers of a report: those of a backtest on rows that nothing was trained on."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from skinformer import RidgeForecaster, SeasonalNaive, TimeFeatures, backtest
from skinformer.exceptions import NoValidationWarning, warn
from skinformer.report import make_report, measure
from skinformer.report.models import NAIVE

from .conftest import days, hours


def ridge(**settings):
    return RidgeForecaster(pred_len=7, seq_len=14, **settings)


def test_errors_are_those_of_backtest():
    X, y = days(200)
    report = make_report(ridge(), X, y, test_size=45, coverage=None, baselines={})
    expected = backtest(ridge().fit(X[:155], y[:155]), X[155:], y[155:])
    assert np.array_equal(report.ours.y_pred, expected.y_pred)
    assert report.ours.scores().equals(expected.scores())
    assert list(report.results) == ["RidgeForecaster", NAIVE]


def test_the_calibrated_forecaster_is_the_one_that_is_measured():
    X, y = days(200)
    report = make_report(ridge(), X, y, test_size=45, baselines={})
    # 45 of 155 rows would calibrate two times over; a quarter is 38, 0.25 as a share
    assert report.n_kept == 38
    model = ridge(calibration_fraction=0.25).fit(X[:155], y[:155])
    expected = backtest(model, X[155:], y[155:])
    assert np.array_equal(report.ours.y_pred, expected.y_pred)
    interval = model.predict_interval(X[155:162])
    assert np.array_equal(report.tracks[0].tested.interval[:7, 0], interval)


def test_rows_of_the_test_part_change_nothing_before_them():
    X, y = days(200)
    report = make_report(ridge(), X, y, test_size=45)
    later = y.copy()
    later.iloc[162:] += 100.0
    other = make_report(ridge(), X, later, test_size=45)
    first = slice(0, 7)
    for track, theirs in zip(report.tracks, other.tracks, strict=True):
        assert np.array_equal(track.tested.y_pred[first], theirs.tested.y_pred[first])
        assert np.array_equal(
            track.tested.interval[first], theirs.tested.interval[first]
        )
    assert np.array_equal(report.ours.y_pred[0], other.ours.y_pred[0])
    assert report.found == other.found


def test_the_forecaster_is_left_as_it_is():
    X, y = days(200)
    model = make_pipeline(TimeFeatures(), SeasonalNaive(pred_len=7))
    before = repr(model)
    make_report(model, X, y)
    assert repr(model) == before
    assert not hasattr(model[-1], "season_")


def test_what_follows_the_end_is_forecast_from_it():
    X, y = days(200)
    report = make_report(SeasonalNaive(pred_len=7), X, y)
    future = report.tracks[0].future
    assert future.index[0] == X.index[-1] + pd.Timedelta(days=1)
    assert np.array_equal(future.y_pred[:, 0], y[-7:])
    assert report.why_no_future == ""


def test_columns_of_the_past_need_not_be_known_and_others_do():
    X, y = days(200)
    X = X.assign(wind=1.0)
    past = make_report(SeasonalNaive(pred_len=7, past_covariates=["wind"]), X, y)
    assert past.tracks[0].future is not None
    known = make_report(SeasonalNaive(pred_len=7), X, y)
    assert known.tracks[0].future is None
    assert known.why_no_future == "nobody told the column 'wind' of the rows ahead"


def test_a_calendar_in_front_is_made_of_the_stamps_ahead():
    X, y = days(200)
    report = make_report(make_pipeline(TimeFeatures(), ridge()), X, y)
    assert report.tracks[0].future is not None
    assert report.ours.foresight == "not needed"


def test_rows_without_time_have_no_future_and_no_clock():
    rng = np.random.default_rng(0)
    rows, y = np.zeros((200, 1)), rng.normal(size=200)
    report = make_report(SeasonalNaive(pred_len=5, season=3), rows, y)
    assert report.why_no_future == "the rows have no time, and so no next stamp"
    assert report.tracks[0].first_test == 160
    assert np.array_equal(report.tracks[0].truth[:, 0], y[160:])


def test_series_that_begin_late_or_end_early():
    X, y = days(150)
    which = {"whole": X, "ended": X[:130], "late": X[125:]}
    rows = pd.concat([part.assign(store=name) for name, part in which.items()])
    targets = pd.concat([y[part.index] for part in which.values()])
    report = make_report(SeasonalNaive(pred_len=7, series="store"), rows, targets)
    assert report.parts.unseen == ["late"]
    tracks = {track.label: track for track in report.tracks}
    assert set(tracks) == {"whole", "ended"}
    assert tracks["ended"].future is None
    assert len(tracks["whole"].future.index) == 7
    # the last 30 of 150 stamps; of the one that ended, ten are left
    assert [len(t.tested.index) for t in report.tracks] == [10, 30]


def test_many_windows_are_taken_at_a_stride_without_common_factor(monkeypatch):
    monkeypatch.setattr(measure, "MOST_WINDOWS", 30)
    X, y = hours(40)
    report = make_report(SeasonalNaive(pred_len=12), X, y, coverage=None)
    # 181 windows; a stride of 7 makes 26 of them, and shares no factor with 24
    assert report.stride == 7
    assert len(report.ours.starts) == 26


def test_warnings_are_collected_each_once_with_their_owner(recwarn):
    class Warning_(SeasonalNaive):
        def _fit_panel(self, panel):
            warn("once more", NoValidationWarning)
            super()._fit_panel(panel)

    X, y = days(200)
    rows = np.r_[0:50, 53:200]
    report = make_report(Warning_(pred_len=7), X.iloc[rows], y.iloc[rows])
    assert report.notes[1:] == ["Warning_: NoValidationWarning: once more"]
    assert report.notes[0].startswith("FilledRowsWarning: 3 of 200 rows are absent")
    assert len(recwarn) == 0


def test_a_baseline_of_the_naive_name_does_not_change_the_unit():
    X, y = days(200)
    plain = make_report(ridge(), X, y, coverage=None)
    other = make_report(ridge(), X, y, coverage=None, baselines={NAIVE: ridge()})
    assert other.ours.metric("mase") == plain.ours.metric("mase")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"test_size": 0.01}, "fewer than the 7"),
        ({"test_size": 0}, "test_size=0 must be"),
        ({"coverage": 1.5}, "coverage=1.5"),
        ({"units": {"price": "EUR"}}, "units names 'price'"),
    ],
)
def test_wrong_arguments_are_refused_before_the_fit(settings, message, monkeypatch):
    def fail(*_):
        raise AssertionError("it was fitted")

    monkeypatch.setattr(RidgeForecaster, "_fit_panel", fail)
    X, y = days(200)
    with pytest.raises(ValueError, match=message):
        make_report(ridge(), X, y, **settings)


def test_the_title_names_a_few_targets():
    X, y = days(100)
    targets = pd.DataFrame({name: y for name in "abcde"})
    report = make_report(SeasonalNaive(pred_len=7), X, targets, coverage=None)
    assert report.title == "SeasonalNaive (yours): a, b, c and 2 more"
