"""The limit on BLAS threads, held by several."""

from threadpoolctl import threadpool_info, threadpool_limits

from skinformer.forecasting.one_blas_thread import OneBlasThread


def n_threads():
    return {each["num_threads"] for each in threadpool_info() if is_blas(each)}


def is_blas(library):
    return library["user_api"] == "blas"


def test_overlapping_blocks_put_back_what_was_before_the_first():
    """The first ends before the second, as those of two threads may."""
    with threadpool_limits(2, "blas"):
        before, limit = n_threads(), OneBlasThread()
        limit.__enter__()
        limit.__enter__()
        assert n_threads() == {1}
        limit.__exit__()
        assert n_threads() == {1}
        limit.__exit__()
        assert n_threads() == before == {2}
        with limit:
            assert n_threads() == {1}
        assert n_threads() == {2}
