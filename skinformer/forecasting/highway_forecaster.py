"""What forecasters share whose network corrects a highway.

The highway is fitted first, the network on what it leaves over; then the network is
weighed, and the highway fitted again on all rows.
"""

import logging
import sys
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from tqdm.auto import tqdm

from skinformer._validation import HasMethods, Interval, StrOptions
from skinformer.exceptions import NoValidationWarning, warn
from skinformer.series.panel import Panel
from skinformer.series.timeline import last_part
from skinformer.series.windows import Windows

from .blend import blend_weights
from .highway import Highway
from .highway_settings import check_highway, make_highway
from .jobs import Jobs, series_of
from .lengths import context_length, highway_length
from .net_answers import around_median
from .net_forecaster import NetForecaster, Parts
from .net_forecasts import forecast_batch
from .ranks import writes_here
from .splitting import Split

__all__ = ["HighwayForecaster"]

logger = logging.getLogger("skinformer")


class HighwayForecaster(NetForecaster):
    """Base of forecasters that put a network beside a highway.

    A subclass has, beside what :class:`NetForecaster` asks for, the constructor
    parameters ``highway``, ``highway_len``, ``label_len`` and ``seq_len``, which may be
    "auto"; its module takes ``residual``, whether it begins by saying nothing.

    ``fit`` sets the attributes ``seq_len_``, ``highway_len_`` and ``blend_``.
    """

    highway_len_: int | Any  # Any is None here: there is no highway
    _highway: Highway | Any

    _or_lower = ", or lower seq_len, highway_len or pred_len"

    _parameter_constraints: ClassVar[dict] = {
        **NetForecaster._parameter_constraints,
        "highway": [
            StrOptions({"auto", "ridge"}),
            HasMethods(["fit", "predict", "get_params"]),
            None,
        ],
        "highway_len": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
        ],
        "seq_len": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    }

    def _check_settings(self) -> None:
        check_highway(self.highway)
        super()._check_settings()

    def _least_rows(self) -> int:
        lengths = [self.seq_len] + [self.highway_len] * (self.highway is not None)
        return max(1 if n == "auto" else n for n in lengths) + self.pred_len

    # Steps of a fit

    def _choose_lengths(self, panel: Panel, continued: bool) -> None:
        n = max(history.n_known for history in panel)
        n_train = n - last_part(n, self.validation_fraction)
        if n_train < max(self._least_rows(), n // 2):
            n_train = n  # no room to validate: split_in_time trains on all rows
        given = n_train, self.pred_len, panel.season
        if self.seq_len != "auto":
            self.seq_len_ = self.seq_len
        elif not continued:  # the network that is gone on with has its length
            self.seq_len_ = context_length(*given)
        self.highway_len_ = None
        if self.highway is not None:
            auto = self.highway_len == "auto"
            self.highway_len_ = highway_length(*given) if auto else self.highway_len
        logger.debug(
            "the network reads %d rows, the highway %s",
            self.seq_len_,
            self.highway_len_,
        )

    def _context_rows(self) -> int:
        return max(self.seq_len_, self.highway_len_ or 0)

    def _cut(self, panel: Panel, split: Split, continued: bool) -> Parts:
        """Cut windows; with a highway, of what it leaves over."""
        self._highway = None
        if self.highway is None:
            return super()._cut(panel, split, continued)
        scaler = self._scaler if continued else None
        highway = make_highway(self, panel, self.highway_len_, self._random())
        self._highway = highway.fit(panel.stretches, split.n_train, scaler)
        self._scaler = highway.scaler_
        train = highway.residuals(split.train, self.seq_len_, honest=True)
        if not split.n_valid:
            return Parts(train, None)
        if split.n_valid <= self.pred_len:
            self._warn_of_one_witness(split.n_valid)
        return Parts(train, highway.residuals(split.valid, self.seq_len_, honest=False))

    def _warn_of_one_witness(self, n_windows: int) -> None:
        """Say that the network will not be trusted, before it is trained."""
        warn(
            f"The {n_windows} windows that validate all share a row, and cannot "
            "tell whether the network helps: it will count for nothing beside the "
            f"highway. Let validation_fraction={self.validation_fraction!r} leave at "
            f"least 2 * pred_len = {2 * self.pred_len} rows, or give None to train on "
            "all rows and count the network whole.",
            NoValidationWarning,
        )

    def _finish(self, panel: Panel, split: Split, parts: Parts) -> None:
        """Weigh the network, and let the highway learn from the newest rows too."""
        self.blend_ = np.ones(self.n_targets_)
        if self._highway is None:
            return
        if self.validation_fraction is not None:
            self.blend_[:] = 0.0  # nothing has shown that it helps
        if parts.valid is not None:
            batch_size = forecast_batch(self._context_rows() + self.pred_len)
            self.blend_ = blend_weights(self.net_, parts.valid, batch_size)
        # it has learned nothing of a target that never moved
        still = np.atleast_2d(self._scaler.target_scaler_.var_ == 0).all(axis=0)
        self.blend_[still] = 0.0
        shares = zip(self.target_names_, self.blend_, strict=True)
        told = ", ".join(f"{name} {share:.2f}" for name, share in shares)
        told = f"share of the network's correction, by validation: {told}"
        logger.info(told)
        if self.verbose and writes_here():
            tqdm.write(told, file=sys.stderr)  # where the bar is
        lengths = [history.n_known for history in panel]
        if split.n_train != lengths:
            self._highway = self._highway.refit(panel.stretches)
        self._highway.forget()

    def _admit(self, panel: Panel) -> None:
        super()._admit(panel)
        if self._highway is not None:
            self._highway = self._highway.with_scaler(self._scaler)

    def _fit_again(self, panel: Panel) -> None:
        if self._highway is not None:
            self._highway = self._highway.refit(panel.stretches).forget()

    def _cut_more(self, jobs: Jobs) -> Windows:
        if self._highway is None:
            return super()._cut_more(jobs)
        return self._highway.residuals(jobs, self.seq_len_, honest=False)

    def _network_params(self) -> dict[str, Any]:
        return {
            **super()._network_params(),
            "seq_len": self.seq_len_,
            "label_len": min(self.label_len, self.seq_len_),
            "residual": self.highway is not None,
        }

    def _identity(self, device: str) -> dict[str, Any]:
        highway = self.highway
        named = highway is None or isinstance(highway, str)
        # by its class: its own parameters may change
        kind = highway if named else type(highway).__name__
        return {"highway": kind, **super()._identity(device)}

    def _network_windows(self, jobs: Jobs) -> Windows:
        rest = jobs if self._highway is None else self._highway.rest(jobs)
        return self._scaler.windows(rest, self.seq_len_)

    def _forecast_jobs(self, jobs: Jobs) -> np.ndarray:
        if self._highway is None:
            return super()._forecast_jobs(jobs)
        rest = self._highway.rest(jobs)
        correction: np.ndarray | float = 0.0
        if self.blend_.any():
            correction = self._run(self._scaler.windows(rest, self.seq_len_))
        return self._corrected(jobs, rest, correction)

    def _forecast_heads(self, jobs: Jobs) -> np.ndarray:
        if self._highway is None:
            return super()._forecast_heads(jobs)
        rest = self._highway.rest(jobs)
        heads = self._run(self._scaler.windows(rest, self.seq_len_), heads=True)
        median = self._corrected(jobs, rest, heads[..., 0])
        # the share tells how well the median is known: the spread around it is whole
        return around_median(median, heads, self._scaler, series_of(jobs))

    def _corrected(
        self, jobs: Jobs, rest: Jobs, correction: np.ndarray | float
    ) -> np.ndarray:
        """Forecast blocks by the highway and a share of the network's correction."""
        carried = self._highway.carry(self._highway.windows(rest))
        return self._highway.restore(carried + self.blend_ * correction, jobs)
