"""Series whose rows lie in files that may be larger than memory."""

from dataclasses import dataclass, replace

import numpy as np

from .covariates import Covariates
from .filled import Filled
from .history import Observed, Stretch
from .panel import Panel
from .rows import Rows

__all__ = ["StoredPanel"]

LET_GO = 64  # series after which the memory of what was read is handed back


@dataclass(frozen=True)
class StoredPanel(Panel):
    """A panel of stretches that are views of files."""

    def in_memory(self) -> Panel:
        """Return copies, which need the files no more."""
        copies = []
        for i, stretch in enumerate(self.stretches, 1):
            copies.append(copied(stretch))
            if i % LET_GO == 0 or i == len(self):
                Rows.of([stretch]).let_go()
        return Panel(tuple(copies), self.keys)


def copied(stretch: Stretch) -> Stretch:
    """Return a stretch of arrays of its own, with codes as wide as those of frames."""
    observed, covariates = stretch.observed, stretch.covariates
    filled = stretch.filled
    values = np.array(observed.values)
    if filled.last is None:
        filled = Filled.whole(values)
    else:
        between, ahead = np.array(filled.between), np.array(filled.ahead)
        filled = Filled(between, ahead, filled.last.astype(np.int64))
    return replace(
        stretch,
        observed=Observed(values, observed.codes.astype(np.int64)),
        given=np.array(stretch.given),
        covariates=Covariates(
            np.array(covariates.numeric), covariates.codes.astype(np.int64)
        ),
        filled=filled,
    )
