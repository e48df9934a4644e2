"""The goals, and what was reached of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.results.scores import LABELS, Mean, Records, mean_of
from benchmarks.results.tasks import TASKS

__all__ = ["Goal", "goals", "whole_and_parts"]

SEVEN = {24: 0.300, 48: 0.325, 96: 0.355, 168: 0.380, 192: 0.388, 336: 0.408}
SEVEN |= {720: 0.410}
ALONE = {24: 0.025, 48: 0.037, 168: 0.064, 336: 0.079, 720: 0.079}
BIKE = {"mae": 0.040, "rmse": 0.062}
PAPER, TOLERANCE = 0.577, 1.10
# the whole over the better of its parts, at the most
ANYWHERE, ON_BIKE = 1.01, 0.95
PARTS = ("ridge", "lags", "covariates")
PRESENT = ("lstm", "transformer", "arima", "prophet", "lags")


@dataclass(frozen=True)
class Goal:
    """One row of the table.

    Attributes
    ----------
    check : str
    goal : float
        An upper limit.
    reached : float or None
        None where it was not measured.
    complete : bool
        Whether all runs behind it are there.
    detail : str
    """

    check: str
    goal: float
    reached: float | None
    complete: bool = True
    detail: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it was reached; None where that is not known yet."""
        if self.reached is None or not self.complete:
            return None
        return self.reached <= self.goal


def goals(records: Records) -> list[Goal]:
    """Return all goals: missed ones first, then those not measured, then the others."""
    rows = [*errors(records), *parts(records), present(records)]
    order = {False: 0, None: 1, True: 2}
    return sorted(rows, key=lambda row: order[row.met])


def errors(records: Records) -> Iterator[Goal]:
    """Yield the goals of a mean error."""
    for horizon, most in SEVEN.items():
        found = mean_of(records, "ett_m", "informer", horizon)
        yield from_mean(f"ETTh1, seven targets, MSE at {horizon}", most, found)
    for horizon, most in ALONE.items():
        found = mean_of(records, "ett_s", "informer", horizon)
        yield from_mean(f"ETTh1, `OT` alone, MSE at {horizon}", most, found)
    for metric, most in BIKE.items():
        found = mean_of(records, "bike", "informer", 168, metric, "original")
        yield from_mean(f"bike sharing, mean {metric.upper()}", most, found)
    found = mean_of(records, "ett_m", "paper", 24)
    what = f"paper's setting alone, seven targets, MSE at 24 (published {PAPER})"
    yield from_mean(what, PAPER * TOLERANCE, found)


def from_mean(check: str, most: float, found: Mean | None) -> Goal:
    """Return the goal of a mean over seeds."""
    if found is None:
        return Goal(check, most, None)
    if not found.complete:
        detail = f"{found.n} of {found.asked} seeds"
        return Goal(check, most, found.value, False, detail)
    detail = f"seeds from {found.least:.4f} to {found.most:.4f}"
    return Goal(check, most, found.value, True, detail)


def whole_and_parts(
    records: Records,
) -> Iterator[tuple[str, int, str, dict[str, float]]]:
    """Yield task, horizon, metric, and the error of the Informer and of each part.

    Of seven targets and of `OT` it is the mean squared error; of bike sharing both.
    """
    cells = [("ett_m", h, "mse") for h in SEVEN]
    cells += [("ett_s", h, "mse") for h in ALONE]
    # the horizons of `OT` that only a window a day measures
    cells += [("ett_s24", h, "mse") for h in SEVEN if h not in ALONE]
    cells += [("bike", 168, metric) for metric in BIKE]
    for task, horizon, metric in cells:
        unit = "original" if task == "bike" else "standardized"
        found = {
            model: mean.value
            for model in ("informer", *PARTS)
            if (mean := mean_of(records, task, model, horizon, metric, unit))
        }
        yield task, horizon, metric, found


def wanted_parts(task: str) -> set[str]:
    """Return the models that a task compares."""
    return {"informer", *PARTS} & set(TASKS[task].models)


def parts(records: Records) -> Iterator[Goal]:
    """Yield the goals of the whole against its parts."""
    cells = list(whole_and_parts(records))
    on_bike = [cell for cell in cells if cell[0] == "bike"]
    for what, most, of in (
        ("the whole over the better of its parts, anywhere", ANYWHERE, cells),
        ("the same on bike sharing, MAE and RMSE", ON_BIKE, on_bike),
    ):
        yield worst(what, most, of, lambda cell: wanted_parts(cell[0]))


def worst(what: str, most: float, cells: list, wanted: Callable) -> Goal:
    """Return the goal of the largest ratio of the whole to the better of its parts."""
    ratios = {
        f"{task} {horizon} {metric}": ratio_of(found)
        for task, horizon, metric, found in cells
        if "informer" in found and len(found) > 1
    }
    if not ratios:
        return Goal(what, most, None)
    where = max(ratios, key=ratios.get)
    complete = all(set(cell[3]) >= wanted(cell) for cell in cells)
    detail = f"worst: {where}" + ("" if complete else "; not all are measured")
    return Goal(what, most, ratios[where], complete, detail)


def ratio_of(found: dict[str, float]) -> float:
    """Return the error of the Informer over that of its better part."""
    return found["informer"] / min(v for k, v in found.items() if k != "informer")


def present(records: Records) -> Goal:
    """Return the goal that every baseline was measured at every horizon."""
    wanted = [(m, h) for m in PRESENT for h in TASKS["ett_s24"].horizons]
    absent = [
        f"{LABELS[m]} at {h}"
        for m, h in wanted
        if mean_of(records, "ett_s24", m, h) is None
    ]
    what = "missing runs of LSTM, Transformer, ARIMA, Prophet, lags at seven horizons"
    detail = f"{len(wanted) - len(absent)} of {len(wanted)} are there"
    return Goal(what, 0, len(absent), True, detail)
