"""Names that others chose reach a page or a terminal as text, whatever they hold.

Reports are tried in tests/report, the command line in tests/cli.
"""

from skinformer import SeasonalNaive, make_forecast_pipeline

from .report.conftest import EVIL


def test_the_diagram_of_an_estimator_escapes_its_parameters():
    for evil in EVIL[:3]:
        for model in (
            SeasonalNaive(series=evil, time=evil),
            make_forecast_pipeline(SeasonalNaive(series=evil, time=evil)),
        ):
            page = model._repr_html_()
            assert evil not in page
            assert "<img src=x" not in page
            assert "<script>document" not in page
