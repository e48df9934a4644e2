"""The forecaster of a report and its baselines."""

import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skinformer import (
    ForecastPipeline,
    LagForecaster,
    RidgeForecaster,
    SeasonalNaive,
    TimeFeatures,
)
from skinformer.model_selection.steps import find_forecaster
from skinformer.report.models import (
    NAIVE,
    check_baselines,
    fit_calibrated,
    make_baselines,
    name_of,
    require_forecaster,
)
from skinformer.report.parts import cut_in_time

from .conftest import days
from .test_parts import given


def parts_of(X, test_size=0.2, horizon=7):
    return cut_in_time(given(X.index), test_size, horizon)


def test_baselines_read_the_data_as_the_forecaster_does():
    model = RidgeForecaster(pred_len=5, freq="D", bounds=(0, None), seq_len=11)
    naive, ridge = make_baselines(model, None).values()
    assert (
        naive.get_params()
        == SeasonalNaive(pred_len=5, freq="D", bounds=(0, None)).get_params()
    )
    assert (
        ridge.get_params()
        == RidgeForecaster(pred_len=5, freq="D", bounds=(0, None)).get_params()
    )


def test_baselines_stand_behind_the_same_steps():
    model = make_pipeline(TimeFeatures(), RidgeForecaster(pred_len=5))
    for pipeline in make_baselines(model, None).values():
        assert isinstance(pipeline, ForecastPipeline)
        assert isinstance(pipeline[0], TimeFeatures)
        assert pipeline[0] is not model[0]
        assert pipeline[-1].pred_len == 5


def test_seasonal_naive_comes_first_whatever_is_given():
    week = SeasonalNaive(season=7)
    assert list(make_baselines(SeasonalNaive(), {"week": week})) == [NAIVE, "week"]
    assert make_baselines(SeasonalNaive(), {NAIVE: week}) == {NAIVE: week}


def test_the_forecaster_is_told_apart_from_a_baseline_of_its_name():
    assert name_of(SeasonalNaive(), {NAIVE: None}) == "SeasonalNaive (yours)"
    assert name_of(RidgeForecaster(), {NAIVE: None}) == "RidgeForecaster"


def test_a_search_is_looked_into():
    search = GridSearchCV(SeasonalNaive(pred_len=5), {"season": [1, 7]})
    assert require_forecaster(search).pred_len == 5
    assert make_baselines(search, {})[NAIVE].pred_len == 5


@pytest.mark.parametrize("wrong", [Ridge(), None, "informer", 3])
def test_what_is_no_forecaster_is_refused(wrong):
    with pytest.raises(TypeError, match="must be a forecaster"):
        require_forecaster(wrong)


def test_a_class_is_refused():
    with pytest.raises(TypeError, match=r"SeasonalNaive\(\)"):
        require_forecaster(SeasonalNaive)


def test_wrong_baselines_are_refused_by_name():
    with pytest.raises(TypeError, match="must be a dict"):
        check_baselines([SeasonalNaive()])
    with pytest.raises(TypeError, match=r"baselines\['line'\]"):
        check_baselines({"line": Ridge()})


def test_the_last_rows_before_the_cut_calibrate():
    X, y = days(400)
    # 320 rows train; a tenth is 32, and 2 x 19 windows and a week are 45
    fitted = fit_calibrated(
        SeasonalNaive(pred_len=7), X, y, parts_of(X), season=7, coverage=0.9
    )
    assert (fitted.n_kept, fitted.why_not) == (45, "")
    model = fitted.model
    assert model._history.n_known == 320  # no row of the test part
    # 45 of 320 rows are 15 hundredths, rounded up: 48 windows, the last ones cut
    assert len(model._log) == 48


def test_a_forecaster_without_calibration_fraction_calibrates_all_the_same():
    X, y = days(400)
    model = LagForecaster(Ridge(), pred_len=7, lags=[7])
    assert "calibration_fraction" not in model.get_params()
    fitted = fit_calibrated(model, X, y, parts_of(X), season=7, coverage=0.9)
    assert fitted.model.predict_interval(X[320:327]).shape == (7, 2)
    assert fitted.model._history.n_known == 320


def test_the_users_own_choice_is_kept():
    X, y = days(400)
    model = SeasonalNaive(pred_len=7, calibration_fraction=60)
    fitted = fit_calibrated(model, X, y, parts_of(X), season=7, coverage=0.9)
    assert (fitted.n_kept, len(fitted.model._log)) == (60, 60)


def test_too_few_rows_to_calibrate_are_said_and_all_of_them_train():
    X, y = days(60)
    model = SeasonalNaive(pred_len=7)
    fitted = fit_calibrated(model, X, y, parts_of(X), season=7, coverage=0.9)
    assert (fitted.n_kept, fitted.model._log) == (0, None)
    assert "12 rows" in fitted.why_not
    assert "19 windows" in fitted.why_not


def test_without_coverage_nothing_is_kept_back():
    X, y = days(400)
    fitted = fit_calibrated(
        SeasonalNaive(pred_len=7), X, y, parts_of(X), season=7, coverage=None
    )
    assert (fitted.n_kept, fitted.model._log) == (0, None)
    assert fitted.why_not == "none were asked for"


def test_a_plain_pipeline_gets_the_methods_of_its_forecaster():
    X, y = days(400)
    model = make_pipeline(TimeFeatures(), SeasonalNaive(pred_len=7))
    fitted = fit_calibrated(model, X, y, parts_of(X), season=7, coverage=0.9)
    assert fitted.model.predict_interval(X[320:327]).shape == (7, 2)
    assert find_forecaster(model) is model[-1]  # the one given is as it was
    assert not hasattr(model[-1], "_panel")
