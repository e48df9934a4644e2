"""Filters of warnings, changed by several threads."""

import threading
import warnings

import pytest

from skinformer._filters import muted, predicted


def test_named_categories_alone_are_muted():
    with muted(DeprecationWarning):
        warnings.warn("not passed on", DeprecationWarning, stacklevel=1)
        with pytest.raises(FutureWarning, match="passed on"):
            warnings.warn("passed on", FutureWarning, stacklevel=1)


def overlap(first, second):
    """Enter two blocks, and leave the one that was entered first before the other."""
    inside, other_inside, left = (threading.Event() for _ in range(3))

    def run():
        inside.wait(30)
        with second():
            other_inside.set()
            left.wait(30)

    thread = threading.Thread(target=run)
    thread.start()
    with first():
        inside.set()
        other_inside.wait(0.2)  # in vain: one has to wait for the other
    left.set()
    thread.join()


def test_blocks_that_overlap_leave_no_filter_behind():
    before = list(warnings.filters)
    overlap(lambda: muted(DeprecationWarning), lambda: muted(FutureWarning))
    assert warnings.filters == before


def test_regressors_predict_one_thread_at_a_time():
    class Regressor:
        inside, most = 0, 0

        def predict(self, table):
            with warnings.catch_warnings():
                Regressor.inside += 1
                Regressor.most = max(Regressor.inside, Regressor.most)
                threading.Event().wait(0.02)
                Regressor.inside -= 1
            return table + 1

    before, told = list(warnings.filters), []
    threads = [
        threading.Thread(target=lambda: told.append(predicted(Regressor(), 2)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (told, Regressor.most) == ([3, 3, 3], 1)
    assert warnings.filters == before
