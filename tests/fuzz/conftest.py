import resource
import warnings

import pytest

from skinformer.forecasting import intervals

from .cases import FORECASTERS, Case

GIGABYTE = 2**30


@pytest.fixture(autouse=True, scope="package")
def _little_memory():
    """Let a number that asks for all memory fail here, not the machine."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (4 * GIGABYTE, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)


@pytest.fixture(autouse=True, scope="package")
def _few_paths():
    """Draw few paths for intervals far ahead: the rules hold of any number."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intervals, "N_PATHS", 5)
        yield


@pytest.fixture(autouse=True, scope="package")
def _all_imported():
    """Fit once: libraries that are imported late add filters of warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for forecaster in FORECASTERS:
            case = Case(forecaster)
            frames = case.frames()
            case.model(frames.params).fit(*frames.train).predict(frames.later.X)
