"""Faults that are planted on purpose: the rules on forecasts find each."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from skinformer import InformerRegressor, SeasonalNaive
from skinformer.forecasting import base, intervals
from skinformer.forecasting import blocks as asking
from skinformer.forecasting import residual_log as log

from .cases import ALSO
from .strategies import cases
from .test_frames import check

# those of make test, which stop at the first that fails
FEW = settings(
    derandomize=True,
    max_examples=200,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def next_covariates(patch):
    """Read the covariates of the next row that is asked for."""
    stretch = asking.Ask.stretch

    def shifted(ask, *args):
        order = np.argsort(ask.positions)
        source = np.empty_like(order)
        source[order] = np.append(order[1:], order[-1:])
        return stretch(ask._replace(given=ask.given.take(source)), *args)

    patch.setattr(asking.Ask, "stretch", shifted)


def one_row_later(patch):
    """Let each block of the history know its own first row."""
    forecast = SeasonalNaive._forecast

    def knowing(self, stretch, starts):
        n = stretch.n_known
        first = np.nan_to_num(stretch.targets[np.minimum(starts, n - 1)])
        first[starts >= n] = 0.0
        return forecast(self, stretch, starts) + 0.01 * first[:, None]

    patch.setattr(SeasonalNaive, "_forecast", knowing)


def last_row_of_all(patch):
    """Let windows know the last row that there is."""
    forecast = base.BaseForecaster._forecast_origins

    def knowing(self, jobs, *args):
        last = np.nansum([history.targets[-1] for history, _ in jobs])
        return forecast(self, jobs, *args) + 0.01 * last

    patch.setattr(base.BaseForecaster, "_forecast_origins", knowing)


def mean_of_history(patch):
    """Let fitted values know the whole history."""
    forecast = asking.fitted_blocks

    def knowing(asks, *args):
        means = [np.nanmean(ask.history.targets) for ask in asks]
        blocks = forecast(asks, *args)
        return [
            [block + 0.01 * mean for block in each]
            for mean, each in zip(means, blocks, strict=True)
        ]

    patch.setattr(asking, "fitted_blocks", knowing)


def ends_swapped(patch):
    two_sided = log.two_sided
    patch.setattr(log, "two_sided", lambda *args: two_sided(*args)[::-1])


def wider_is_narrower(patch):
    two_sided = log.two_sided
    patch.setattr(log, "two_sided", lambda scores, c: two_sided(scores, 0.9 - c))


def ends_out_of_bounds(patch):
    """Keep the forecast within the bounds, and not the ends."""
    finish = base.BaseForecaster._finish_blocks

    def point_alone(self, blocks, _=0):
        point = finish(self, blocks[..., :1])
        return np.concatenate([point, blocks[..., 1:]], axis=-1)

    patch.setattr(base.BaseForecaster, "_finish_blocks", point_alone)


def a_path_is_infinite(patch):
    draw = intervals.draw_paths
    patch.setattr(intervals, "draw_paths", lambda *args: draw(*args) + np.inf)


def quantiles_cross(patch):
    forecast = InformerRegressor._forecast_heads

    def crossing(self, jobs):
        heads = forecast(self, jobs)
        return np.concatenate([heads[..., :1], heads[..., :0:-1]], axis=-1)

    patch.setattr(InformerRegressor, "_forecast_heads", crossing)


# and the rules that find each; quantiles are looked at in every case
FAULTS = {
    next_covariates: ["later covariates"],
    one_row_later: ["fitted values", "windows"],
    last_row_of_all: ["windows"],
    mean_of_history: ["fitted values"],
    ends_swapped: ["intervals"],
    wider_is_narrower: ["intervals"],
    ends_out_of_bounds: ["intervals"],
    a_path_is_infinite: ["intervals"],
    quantiles_cross: ALSO,
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found_in_200_cases(fault, monkeypatch):
    fault(monkeypatch)
    tried = []

    @FEW
    @given(cases())
    def any_case(case):
        tried.append(case)
        check(case)

    with pytest.raises(AssertionError):
        any_case()
    print(f"{fault.__name__}: case {tried.index(tried[-1]) + 1}, {tried[-1]}")
    assert tried[-1].also in FAULTS[fault]
