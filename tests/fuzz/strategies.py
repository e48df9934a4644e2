"""Cases that are nearly in order."""

from hypothesis import strategies as st

from .cases import ALSO, CLOCKS, FORECASTERS, LAYOUTS, Case
from .defects import DEFECTS, WHERE, fits

__all__ = ["cases"]

weighted = [name for name, (_, weight) in FORECASTERS.items() for _ in range(weight)]


@st.composite
def defects(draw: st.DrawFn) -> tuple[str, str, str]:
    """Draw a kind first, so that each is as frequent as any."""
    kind = draw(st.sampled_from(list(DEFECTS)))
    name = draw(st.sampled_from(DEFECTS[kind]))
    return kind, name, draw(st.sampled_from(WHERE))


def cases() -> st.SearchStrategy[Case]:
    """Draw a case with one or two defects, seldom none or three."""
    return st.builds(
        Case,
        forecaster=st.sampled_from(weighted),
        clock=st.sampled_from(list(CLOCKS)),
        layout=st.sampled_from(LAYOUTS),
        n_targets=st.sampled_from([1, 1, 2]),
        n_columns=st.sampled_from([2, 2, 1, 0]),
        n_rows=st.integers(30, 45),
        bounded=st.sampled_from([False, False, True]),
        also=st.sampled_from(ALSO),
        defects=st.one_of(
            *[st.tuples(*[defects()] * n) for n in (0, 1, 1, 1, 2, 2, 2, 3)]
        ),
    ).filter(fits)
