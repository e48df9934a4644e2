"""What is drawn of each series."""

from skinformer.report.tracks import rows_ahead

from .conftest import days


def test_rows_ahead_know_nothing_but_what_is_fixed():
    X, _ = days(10)
    X = X.assign(price=1.0, store="a")
    rows = rows_ahead(X, X.index[-2:] + X.index.freq * 2, {"store": "b"})
    assert list(rows.columns) == ["price", "store"]
    assert rows["price"].isna().all()
    assert rows["store"].tolist() == ["b", "b"]
