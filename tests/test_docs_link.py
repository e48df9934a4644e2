"""The HTML representation leads to our pages, or nowhere."""

import re
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.utils import estimator_html_repr

import skinformer
from skinformer import (
    InformerRegressor,
    SeasonalNaive,
    TimeFeatures,
    make_forecast_pipeline,
)

API = Path(__file__).parent.parent / "docs" / "api.rst"
HOME = "https://docs.example/skinformer"
ESTIMATORS = [
    value
    for value in (getattr(skinformer, name) for name in skinformer.__all__)
    if isinstance(value, type) and issubclass(value, BaseEstimator)
]


@pytest.fixture(autouse=True)
def home(monkeypatch):
    monkeypatch.setenv("SKINFORMER_DOCS", f"{HOME}/")


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: e.__name__)
def test_every_estimator_leads_to_its_page_in_the_reference(estimator):
    made = object.__new__(estimator)
    page = f"skinformer.{estimator.__name__}"
    assert made._get_doc_link() == f"{HOME}/generated/{page}.html"
    # the page that autosummary makes of the names below this line
    [listed] = re.findall(
        r"currentmodule:: (\w+)\n(?:(?!currentmodule).*\n)*?"
        rf"   {estimator.__name__}\n",
        API.read_text("utf-8"),
    )
    assert listed == "skinformer"


def test_a_search_over_a_pipeline_leads_to_all_of_its_parts():
    pipeline = make_forecast_pipeline(TimeFeatures(), SeasonalNaive())
    html = estimator_html_repr(GridSearchCV(pipeline, {"seasonalnaive__season": [7]}))
    for name in ("TimeFeatures", "SeasonalNaive"):
        assert f'href="{HOME}/generated/skinformer.{name}.html"' in html
    assert "ForecastPipeline" in html


def test_without_an_address_there_is_no_link(monkeypatch):
    monkeypatch.setenv("SKINFORMER_DOCS", "")
    assert InformerRegressor()._get_doc_link() == ""
    assert "href=" not in estimator_html_repr(InformerRegressor())


def test_forecasters_of_ones_own_have_no_page_of_ours():
    class Mine(SeasonalNaive):
        pass

    assert Mine()._get_doc_link() == ""
