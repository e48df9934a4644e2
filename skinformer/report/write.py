"""``write_report``: measure, and write one HTML file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skinformer._extras import import_extra
from skinformer._files import check_target, replaced

from .measure import make_report
from .page import render

__all__ = ["write_report"]

SUFFIXES = (".html", ".htm")


def write_report(
    forecaster: Any,
    X: Any,
    y: Any,
    path: str | os.PathLike,
    *,
    test_size: float | int = 0.2,
    coverage: float | None = 0.9,
    baselines: Mapping[str, Any] | None = None,
    title: str | None = None,
    units: Any = None,
) -> Path:
    """Say in one HTML file how good a forecaster is on the last part of its data.

    A clone is fitted on the first part of the rows. The last of them, a month of hours
    or so, calibrate its intervals. Then it forecasts the test part from every origin in
    it, each time from the true rows before, beside the baselines, which are fitted on
    the same first part. Rows of the test part train nothing and choose nothing.

    The file opens in any browser, without a network: data summary with holes, errors
    beside baselines and by step, a forecast that can be zoomed, intervals and how often
    they held, error and level by hour and weekday, and what it takes to make the report
    again. Warnings of the run are listed in it, and not shown.

    Parameters
    ----------
    forecaster : forecaster, Pipeline or search
        As it would be fitted; it is left as it is.
    X : DataFrame or array-like of shape (n_rows, n_columns)
        Covariates, in time order. Those of rows ahead are taken as known, and the
        report says so.
    y : array-like of shape (n_rows,) or (n_rows, n_targets)
        Their targets.
    path : str or path-like
        File to write, ending in ``.html``. One that is there is replaced, at the end.
    test_size : float or int, default=0.2
        Share of the rows that are tested, the last ones, or how many; of many series,
        of their stamps.
    coverage : float or None, default=0.9
        Of the intervals; None for none.
    baselines : dict of str to forecaster or None, default=None
        What to compare with, by name. None takes
        :class:`~skinformer.RidgeForecaster`. :class:`~skinformer.SeasonalNaive` is
        always there, unless another forecaster has its name.
    title : str or None, default=None
        Of the page. None names the forecaster and the targets.
    units : str, dict of target to str or None, default=None
        Units of the targets, such as "MW". None takes ``y.attrs["units"]``, if there
        are any.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If the file has another ending or the test part has no window, before anything
        is fitted; and as ``fit`` does.
    OSError
        If the file cannot be written, before anything is fitted.
    ModuleNotFoundError
        If plotly or jinja2 is not installed, with the command that installs them.

    See Also
    --------
    backtest : The errors alone.

    Examples
    --------
    >>> import tempfile
    >>> from skinformer import SeasonalNaive, make_load_series, write_report
    >>> X, y = make_load_series(24 * 60, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_report(SeasonalNaive(), X, y, f"{folder}/report.html")
    ...     path.stat().st_size > 1_000_000  # plotly.js is in it
    True
    """
    for name in ("plotly", "jinja2"):
        import_extra(name, "A report", "report")
    path = Path(path)
    check_target(path, f"path={str(path)!r}", SUFFIXES)
    report = make_report(
        forecaster,
        X,
        y,
        test_size=test_size,
        coverage=coverage,
        baselines=baselines,
        title=title,
        units=units,
    )
    with replaced(path) as beside:
        beside.write_text(render(report), encoding="utf-8", newline="\n")
    return path
