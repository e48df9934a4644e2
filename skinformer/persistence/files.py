"""``save``, ``load`` and ``describe``: models as files that are safe to open.

What writes and reads models is imported when it is needed, not with the package.
"""

import json
import os
from pathlib import Path
from typing import Any

from skinformer._files import check_target
from skinformer._forks import new_lock
from skinformer.exceptions import ModelFileError

from .archive import bad, read_archive, write_archive
from .kinds import Malformed

__all__ = ["describe", "load", "save"]

MOST_BYTES = 2**31
# numpy parses what arrays say of themselves as Python. Where garbage is collected in
# the middle of it, other threads may come in, and Python's parser counts for all of
# them together: "SystemError: AST constructor recursion depth mismatch", as in
# https://github.com/python/cpython/issues/106905
_building = new_lock()


def save(
    model: Any, path: str | os.PathLike, *, notes: dict[str, Any] | None = None
) -> Path:
    """Save a model to one file, which :func:`load` opens without running any code.

    Parameters
    ----------
    model : estimator
        A forecaster or transformer of this package, a :class:`CovariateRegressor`, or
        a ``Pipeline`` or :class:`ForecastPipeline` of these and of steps that
        scikit-learn has; fitted or not.
    path : str or path-like
        Where to write it. A file that is there is replaced once the new one is whole.
    notes : dict or None, default=None
        Whatever else is to be kept, of strings, numbers, lists and dicts;
        :func:`describe` returns it.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    ModelFileError
        If the model holds what no file can: a function, a loss or callback of one's
        own, an estimator that skops does not trust. The error says which parameter.
    OSError
        If the folder is absent or cannot be written to.

    See Also
    --------
    load : Return the model.
    describe : Say what a file holds.

    Notes
    -----
    Held are the parameters, the history, everything that was learned, and the state of
    the optimiser, with which :meth:`~InformerRegressor.partial_fit` goes on.
    Callbacks of the last training and the cache of a pipeline are not.

    Of processes that train together, with ``device="accelerate"``, the first writes;
    the others return the path at once, and hold the same model.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skinformer import SeasonalNaive, load, make_load_series, save
    >>> X, y = make_load_series(24 * 20, random_state=0)
    >>> model = SeasonalNaive().fit(X[:-24], y[:-24])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(model, Path(folder) / "model.skinf")
    ...     again = load(path)
    >>> bool((again.predict(X[-24:]) == model.predict(X[-24:])).all())
    True
    """
    from skinformer.forecasting.ranks import writes_here

    from .objects import is_model
    from .summary import header_of
    from .writing import entries_of

    path = Path(path)
    check_target(path)
    if not is_model(model):
        raise ModelFileError(
            f"save takes a forecaster or transformer of skinformer, or a pipeline; got "
            f"a {type(model).__name__}. Put it into a Pipeline; of a search, save its "
            "best_estimator_."
        )
    entries = entries_of(model, header_of(model), checked(notes))
    if writes_here():
        write_archive(path, entries)
    return path


def checked(notes: Any) -> Any:
    """Return notes as they will be read, or refuse them."""
    try:
        again = json.loads(json.dumps(notes, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ModelFileError(
            f"notes cannot be written as JSON ({error}). Give a dict of strings, "
            "numbers, lists and dicts."
        ) from error
    if again != notes or not isinstance(notes, dict | None):
        raise ModelFileError(
            f"notes={notes!r} would not come back as they are. Give a dict with keys "
            "that are strings, of strings, numbers, lists and dicts."
        )
    return again


def load(
    path: str | os.PathLike, *, device: str | None = None, max_bytes: int = MOST_BYTES
) -> Any:
    """Load a model that :func:`save` wrote.

    No code is run, whatever the file holds: it is checked against its checksums, and
    a model is made of the classes of this package and of those that skops trusts.

    Parameters
    ----------
    path : str or path-like
        The file.
    device : str or None, default=None
        Where networks go, as in :class:`InformerRegressor`, whose parameter it
        replaces. None is what that parameter says, or the CPU where that device is
        absent.
    max_bytes : int, default=2147483648
        Larger files are refused.

    Returns
    -------
    estimator
        The model, with the forecasts that it had when it was saved.

    Raises
    ------
    ModelFileError
        If the file is damaged, too large, of a newer release, or no such file.
    OSError
        If there is no file, or it may not be read.

    Warns
    -----
    DeviceWarning
        If the device that the model was fitted for is absent.

    See Also
    --------
    save : Write a file.

    Examples
    --------
    See :func:`save`.
    """
    from skinformer.forecasting.machine import resolve_device

    from .reading import model_of

    path = Path(path)
    if device is not None:
        resolve_device(device)
    entries = read_archive(path, max_bytes)
    try:
        with _building:
            return model_of(entries, device)
    except ImportError:  # of an extra; it says which
        raise
    except Exception as error:
        raise malformed(path, error) from error


def malformed(path: Path, error: Exception) -> ModelFileError:
    """Return the error of a file whose checksums hold, and whose model does not."""
    is_told = isinstance(error, Malformed)
    what = "expected" if is_told else f"{type(error).__name__}:"
    return bad(path, f"holds no model that can be built ({what} {str(error)[:200]})")


def describe(path: str | os.PathLike, *, max_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """Say what a model file holds, without building the model.

    Parameters
    ----------
    path : str or path-like
        The file.
    max_bytes : int, default=2147483648
        Larger files are refused.

    Returns
    -------
    dict
        With keys ``class``, ``steps`` of a pipeline by name, ``parameters``,
        ``versions`` of the libraries it was made with, ``schema_version`` of the file,
        ``created`` (UTC), names of ``features`` and ``targets``, ``frequency``,
        ``rows`` of the history, its ``first`` and ``last`` stamp, the number of
        ``series``, ``notes`` and ``bytes``. What a model does not have is None.

    Raises
    ------
    ModelFileError
        As :func:`load` does.
    OSError
        If there is no file, or it may not be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skinformer import SeasonalNaive, describe, make_load_series, save
    >>> model = SeasonalNaive().fit(*make_load_series(24 * 20, random_state=0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(model, Path(folder) / "model.skinf", notes={"by": "me"})
    ...     told = describe(path)
    >>> told["class"], told["rows"], told["frequency"], told["last"], told["notes"]
    ('SeasonalNaive', 480, 'h', '2022-01-20 23:00:00', {'by': 'me'})
    """
    from .reading import content_of

    path = Path(path)
    entries = read_archive(path, max_bytes)
    try:
        content = content_of(entries)
    except Exception as error:
        raise malformed(path, error) from error
    more = {"notes": content["notes"], "bytes": path.stat().st_size}
    return content["header"] | more
