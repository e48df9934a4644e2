"""Numbers as people write them."""

import numpy as np
import pandas as pd
import pytest

from skinformer.cli.reading.numbers import read_commas


def read(**columns):
    raw = pd.DataFrame(columns, dtype="str")
    return read_commas(raw.apply(pd.to_numeric, errors="coerce"), raw)


@pytest.mark.parametrize(
    ("fields", "numbers"),
    [
        (["1.234", "987"], [1234, 987]),
        (["-1.234.567", "2.000"], [-1234567, 2000]),
        (["1.234", "1.23"], [1.234, 1.23]),
        (["1.234", "1235"], [1.234, 1235]),
        (["0.234", "987"], [0.234, 987]),
        (["1.234", "5.678"], [1.234, 5.678]),  # nothing tells: a point is a point
        (["1.234,5", "7"], [1234.5, 7]),
        (["1.234", None, "7"], [1234, np.nan, 7]),
    ],
)
def test_points_and_commas(fields, numbers):
    np.testing.assert_array_equal(read(a=fields)["a"], numbers)


def test_decimal_commas_beside_say_what_a_point_is():
    frame = read(a=["1.234", "5.678"], b=["3,5", "7"])
    assert list(frame["a"]) == [1234, 5678]
    assert list(frame["b"]) == [3.5, 7]
