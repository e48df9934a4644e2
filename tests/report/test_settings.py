"""What it takes to make a report again."""

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skinformer import InformerRegressor, SeasonalNaive, TimeFeatures
from skinformer.report import make_report
from skinformer.report.settings import found_by, settings_of

from .conftest import days


def test_parameters_are_told_from_defaults():
    model = SeasonalNaive(pred_len=5)
    settings = settings_of(model, model, None, {})
    chosen = [(p.name, p.value) for p in settings.parameters if not p.is_default]
    assert chosen == [("pred_len", "5")]
    assert settings.has_seed


def test_a_network_without_a_seed_is_noticed():
    model = InformerRegressor()
    assert not settings_of(model, model, None, {}).has_seed
    model = InformerRegressor(random_state=0)
    assert settings_of(model, model, None, {}).has_seed


def test_imports_are_from_public_places():
    scale = StandardScaler().set_output(transform="pandas")
    model = make_pipeline(TimeFeatures(), scale, SeasonalNaive())
    code = settings_of(model, model[-1], None, {}).code
    assert "from sklearn.pipeline import Pipeline\n" in code
    assert "from sklearn.preprocessing import StandardScaler\n" in code
    assert "from skinformer import SeasonalNaive, TimeFeatures, write_report\n" in code


def test_the_code_makes_the_same_report():
    X, y = days(100)
    baselines = {"two weeks": SeasonalNaive(pred_len=7, season=14)}
    model = make_pipeline(TimeFeatures(), SeasonalNaive(pred_len=7))
    first = make_report(model, X, y, test_size=0.3, baselines=baselines, units="kg")
    code = first.settings.code.replace('    "report.html",\n', "")
    code = code.replace(", write_report", "").replace("write_report(", "made = report(")
    names = {"X": X, "y": y, "report": make_report}
    exec(code, names)
    again = names["made"]
    assert np.array_equal(again.ours.y_pred, first.ours.y_pred)
    assert again.settings.code == first.settings.code
    assert again.data.targets == first.data.targets


def test_versions_are_those_that_run():
    model = SeasonalNaive()
    versions = settings_of(model, model, None, {}).versions
    assert versions["numpy"] == np.__version__
    assert list(versions)[:2] == ["Python", "skinformer"]


def test_few_fitted_numbers_are_found_and_many_left_out():
    X, y = days(30)
    model = SeasonalNaive(pred_len=7).fit(X, y)
    model.map_ = np.zeros((7, 7))
    model.share_ = np.array([0.25, 1.0])
    assert found_by(model) == {"season_": "7", "share_": "0.25, 1"}
