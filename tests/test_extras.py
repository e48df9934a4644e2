"""Packages that a part needs and the rest does not."""

import subprocess
import sys

import pytest

from skinformer._extras import import_extra


def test_import_of_the_package_loads_no_extra():
    command = (
        "import sys, skinformer; "
        "print(sorted({'statsmodels', 'prophet', 'cmdstanpy'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_a_module_that_is_there():
    assert import_extra("os.path", "SomeForecaster", "baselines").basename("a/b") == "b"


def test_a_missing_package_is_named_with_its_remedy():
    with pytest.raises(
        ModuleNotFoundError,
        match=r"SomeForecaster needs.*'not_there'.*'skinformer\[baselines\]'",
    ):
        import_extra("not_there.inside", "SomeForecaster", "baselines")


def test_a_package_that_lacks_something_itself_says_so(monkeypatch):
    def lacks(name):
        raise ModuleNotFoundError("No module named 'other'", name="other")

    monkeypatch.setattr("importlib.import_module", lacks)
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'other'$"):
        import_extra("statsmodels.api", "SomeForecaster", "baselines")
