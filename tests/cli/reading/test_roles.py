"""What each column is."""

import pandas as pd
import pytest

from skinformer.cli.options import TableOptions
from skinformer.cli.reading.roles import Roles, find_roles, number_column


def frame_of(**columns):
    base = {"time": ["2024-01-01", "2024-01-02"], "load": [1.0, 2.0], "temp": [3, 4]}
    base |= {"kind": ["a", "b"], "a,b": [5, 6], "void": [None, None]}
    frame = pd.DataFrame(base | columns)
    return frame.set_axis(pd.RangeIndex(2, 4, name="line"), axis=0)


def roles_of(frame=None, **options):
    frame = frame_of() if frame is None else frame
    return find_roles(frame, "t.csv", ("time",), TableOptions(**options))


def test_number_columns_that_nobody_names_are_of_the_past():
    roles = roles_of(target=["load"])
    assert (roles.targets, roles.known, roles.past) == (("load",), (), ("temp", "a,b"))
    assert roles.left_out == ("kind", "void")


def test_columns_of_the_past_that_are_named_are_all():
    roles = roles_of(target=["load"], past=["kind"])
    assert (roles.past, roles.categories) == (("kind",), ("kind",))
    assert set(roles.left_out) == {"temp", "a,b", "void"}


def test_names_are_separated_by_commas_but_for_a_name_with_one():
    roles = roles_of(target=["load, temp"], known=["a,b", "kind"])
    assert roles.targets == ("load", "temp")
    assert roles.known == ("a,b", "kind")


def test_the_only_number_column_is_the_target():
    assert roles_of(drop=["temp", "a,b"]).targets == ("load",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "--target: load, temp, a,b"),
        ({"drop": ["load,temp", "a,b"]}, "no number column left to forecast"),
        ({"target": ["lod"]}, "--target names 'lod', .*Did you mean 'load'?"),
        (
            {"target": ["load"], "known": ["time"]},
            "--known and --time both name 'time'",
        ),
        ({"target": ["load"], "series": "load"}, "--target and --series both name"),
    ],
)
def test_what_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        roles_of(**options)


def test_text_among_numbers():
    frame = pd.concat([frame_of()] * 2).set_axis(pd.RangeIndex(2, 6, name="line"))
    frame = frame.astype({"temp": object})
    frame.loc[4, "temp"] = "3,5x"
    with pytest.raises(ValueError, match="'temp' holds text, '3,5x' in line 4"):
        roles_of(frame, target=["load"])
    with pytest.raises(ValueError, match="'3,5x' in line 4"):
        number_column(frame["temp"])


def test_columns_of_the_past_can_be_left_out():
    roles = Roles(("day", "hour"), ("load",), ("temp",), ("kind",), "store", ("kind",))
    assert roles.without(["kind"]) == Roles(
        *(("day", "hour"), ("load",), ("temp",), (), "store", (), ("kind",))
    )
