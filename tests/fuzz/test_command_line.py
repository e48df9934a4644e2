"""Files with something odd: a forecast, or a sentence that says what to do."""

import contextlib
import io
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skinformer.cli import app as application

from .files import BYTES, OPTIONS, PLACES, TEXTS, FileCase, write
from .profiles import PROFILE
from .rules import check_error, surroundings

BEFORE = "time,load\nof,before\n"


class Said(NamedTuple):
    code: int
    out: str
    err: str


def command(*args: object) -> Said:
    """Run a command line, and hold what it leaves against the rules."""
    out, err, errors = io.StringIO(), io.StringIO(), []
    tell, around = application.tell, surroundings()
    filters = list(warnings.filters)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "tell", lambda e: errors.append(e) or tell(e))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = application.main([str(arg) for arg in args])
    assert surroundings() == around
    assert warnings.filters == filters
    said = Said(code, out.getvalue(), err.getvalue())
    check_said(said, errors)
    return said


def check_said(said: Said, errors: list[Exception]) -> None:
    """Hold what is said against what may be."""
    assert said.code in (0, 1, 2)
    assert bool(errors) == (said.code != 0)
    assert "Traceback" not in said.err
    for error in errors:
        if not isinstance(error, OSError) and not hasattr(error, "format_message"):
            check_error(error)
        assert said.out == ""
        [line] = [x for x in said.err.splitlines() if x.startswith("skinformer")]
        assert "unexpected" not in line
        assert len(line) < 20_000


def check(case: FileCase, folder: Path) -> list[str] | None:
    """Fit, bring up to date and forecast; return what was refused."""
    paths = {role: folder / f"{role}.csv" for role in ("fit", "data", "future")}
    if not all(write(case, role, path) for role, path in paths.items()):
        return None
    model, output = folder / "m.skinf", folder / "out.csv"
    model.unlink(missing_ok=True)
    output.write_text(BEFORE)
    line = ["fit", "--model", "naive", *case.arguments(), "-o", model, paths["fit"]]
    said = command(*line)
    assert model.exists() == (said.code == 0)
    if said.code:
        return [said.err]
    told = []
    known = case.arguments()[case.arguments().index("--known") + 1]
    future = ["--future", paths["future"]] if known else []
    sure = ["--coverage", case.coverage] if case.coverage else []
    for more in ([], ["--data", paths["data"]]):
        output.write_text(BEFORE)
        said = command("predict", model, *future, *sure, *more, "-o", output)
        if said.code:
            assert output.read_text() == BEFORE
            told.append(said.err)
        else:
            check_forecast(pd.read_csv(output), bool(sure))
    assert {p.name for p in folder.iterdir()} <= {
        *(p.name for p in paths.values()), model.name, output.name
    }  # fmt: skip
    return told


def check_forecast(frame: pd.DataFrame, with_ends: bool) -> None:
    """Check that there are numbers for at least a row, and ends that are in order."""
    assert len(frame) > 0
    numbers = frame.iloc[:, 1:].select_dtypes("number")
    assert numbers.shape[1] > 0
    assert np.isfinite(numbers.to_numpy()).all()
    if with_ends:
        # each target is followed by its lower and its upper end
        ends = numbers.iloc[:, -(numbers.shape[1] // 3 * 3) :].to_numpy()
        assert (ends[:, 1::3] <= ends[:, 2::3]).all()


def options() -> st.SearchStrategy:
    some = st.tuples(st.sampled_from(list(OPTIONS)), st.integers(0, 9))
    return st.one_of(st.just(()), st.just(()), st.tuples(some), st.tuples(some, some))


def cases() -> st.SearchStrategy[FileCase]:
    """Draw one or two things that are odd."""
    text = st.sampled_from(list(TEXTS))
    texts = [st.just(()), st.tuples(text), st.tuples(text), st.tuples(text, text)]
    as_it_is = [st.just("as it is")] * 2
    return st.builds(
        FileCase,
        role=st.sampled_from(["fit", "fit", "data", "future"]),
        text=st.one_of(*texts),
        data=st.one_of(*as_it_is, st.sampled_from(list(BYTES))),
        place=st.one_of(*[st.just("there")] * 9, st.sampled_from(list(PLACES))),
        options=options(),
        coverage=st.sampled_from([None, None, "0.5", "0.8"]),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.fixture(autouse=True, scope="module")
def _all_imported(tmp_path_factory):
    """Run once: libraries that are imported late add filters of warnings."""
    path, model = tmp_path_factory.mktemp("first") / "fit.csv", "first.skinf"
    write(FileCase(), "fit", path)
    line = [
        "fit",
        "--model",
        "naive",
        *FileCase().arguments(),
        "-o",
        path.parent / model,
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        assert application.main([str(part) for part in [*line, path]]) == 0


@PROFILE
@given(cases())
def test_any_file(folder, case):
    assume(check(case, folder) is not None)
