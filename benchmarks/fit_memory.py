"""Peak memory of a fit: `python -m benchmarks.fit_memory ROWS` (Linux)."""

import gc
import json
import re
import sys
from pathlib import Path

from benchmarks.estimator import series
from skinformer import InformerRegressor


def megabytes(field: str) -> float:
    """Read one of the kernel's figures of this process."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1000


def main() -> None:
    """Fit on many rows, and print by how much memory grew at the most."""
    X, y = series(int(sys.argv[1]))
    # a small fit first: what the libraries load when they first train is no row's
    InformerRegressor(max_epochs=1, windows_per_epoch=64).fit(X[:400], y[:400])
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
    before = megabytes("VmRSS")
    model = InformerRegressor(max_epochs=1, windows_per_epoch=640, random_state=0)
    model.set_params(validation_fraction=2_000 if len(y) > 20_000 else 0.1).fit(X, y)
    print(json.dumps({"before": before, "above": megabytes("VmHWM") - before}))


if __name__ == "__main__":
    main()
