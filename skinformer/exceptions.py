"""The package's own errors and warnings.

Wrong input raises :class:`ValueError` or :class:`TypeError`, as scikit-learn does;
the classes here are for what those do not say.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = [
    "CheckpointError",
    "DatasetUnavailableError",
    "DeviceWarning",
    "FilledRowsWarning",
    "GapWarning",
    "LostTimeWarning",
    "ModelFileError",
    "NoValidationWarning",
    "NotConvergedWarning",
    "OutlierWarning",
    "SkinformerWarning",
    "SmallerBatchWarning",
    "SnappedRowsWarning",
    "TrainingDivergedError",
    "TrainingDivergedWarning",
]

# callers between the user and this package: a warning points past them
BETWEEN = ("skinformer", "sklearn", "skorch", "joblib")

# categories that were given inside of each_warning_once; None outside
_given: ContextVar[set | None] = ContextVar("given", default=None)


class SkinformerWarning(UserWarning):
    """Base of every warning that this package gives."""


class GapWarning(SkinformerWarning):
    """Rows between the history and those asked for were forecast and left out."""


class FilledRowsWarning(SkinformerWarning):
    """Stamps that the grid has and the data lacks count as missing rows.

    Once for each fit. A search of scikit-learn fits many times: it knows nothing of
    warnings of ours, nor we where it begins and ends, and it lets Python forget what
    was said before each fit, so that its filters "default" and "once" do not help.
    Of rows that are meant to be absent,
    ``warnings.simplefilter("ignore", FilledRowsWarning)`` before the search silences
    all, those of its workers too.
    """


class SnappedRowsWarning(SkinformerWarning):
    """Stamps that lie beside the grid were moved to its nearest step."""


class LostTimeWarning(SkinformerWarning):
    """``y`` has a time index that ``X`` has lost; rows count by position."""


class NoValidationWarning(SkinformerWarning):
    """Too few windows to validate by.

    All of them were trained on, or a network beside a highway counts for nothing.
    """


class NotConvergedWarning(SkinformerWarning):
    """A search for parameters ran out of steps; its best so far are used."""


class DeviceWarning(SkinformerWarning):
    """The device that a saved model was meant for is not here."""


class OutlierWarning(SkinformerWarning):
    """A value is so far from those that train that it counts as nearer."""


class TrainingDivergedWarning(SkinformerWarning):
    """A training has gone astray.

    A loss became NaN or infinite: training went back, and takes smaller steps. Or the
    best one is far beyond that of a forecast of the mean.
    """


class SmallerBatchWarning(SkinformerWarning):
    """Memory has run out; fewer windows are computed at once."""


class TrainingDivergedError(ArithmeticError):
    """No epoch had a loss that is finite."""


class DatasetUnavailableError(OSError):
    """A data set is neither at hand nor to be had, or its checksum is wrong."""


class CheckpointError(ValueError):
    """A checkpoint is damaged, of another fit, or in use by one that runs."""


class ModelFileError(ValueError):
    """A file holds no model that can be loaded, or a model cannot be held by a file."""


@contextmanager
def each_warning_once() -> Iterator[None]:
    """Give each category of ours but once inside, however many fits there are."""
    token = _given.set(set())
    try:
        yield
    finally:
        _given.reset(token)


def warn(message: str, category: type[SkinformerWarning]) -> None:
    """Warn at the line of the user's, not at one of ours or of a library's between."""
    given = _given.get()
    if given is not None:
        if category in given:
            return
        given.add(category)
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals["__name__"].split(".")[0] in BETWEEN:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
