"""What a model file keeps of a table."""

import json

import pytest

from skinformer.cli.reading.notes import from_notes, to_notes
from skinformer.cli.reading.roles import Roles
from skinformer.cli.reading.times import Clock


@pytest.mark.parametrize(
    "found",
    [
        Roles(("day", "hour"), ("load",), ("temp",), ("kind",), "store", ("kind",)),
        Clock(("day", "hour"), "day first", order="dmy"),
    ],
)
def test_notes_come_back(found):
    notes = json.loads(json.dumps(to_notes(found)))
    assert from_notes(type(found), notes) == found
