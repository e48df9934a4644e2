"""Checks of the arrays that residual windows come as."""

import numpy as np

__all__ = [
    "check_residuals",
    "check_slots",
    "check_widths",
    "numbers_of",
    "refuse_repeated",
]


def numbers_of(name: str, given: np.ndarray | None, n: int) -> np.ndarray:
    """Return one whole number for each of n windows; 0 where none is given."""
    numbers = np.zeros(n, dtype=np.int64) if given is None else np.asarray(given)
    if numbers.shape != (n,) or numbers.dtype.kind not in "iu":
        raise ValueError(
            f"{name} has shape {numbers.shape} and dtype {numbers.dtype}; give one "
            f"int for each of {n} windows."
        )
    return numbers


def refuse_repeated(origins: np.ndarray, series: np.ndarray) -> None:
    """Refuse two windows of one series and origin in one call."""
    pairs, counts = np.unique(
        np.stack([series, origins], axis=1), axis=0, return_counts=True
    )
    if (counts > 1).any():
        of, origin = pairs[(counts > 1).argmax()]
        raise ValueError(
            f"origins has {origin} twice in series {of}; give each window once."
        )


def check_residuals(residuals: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return residuals (n, H, K) as float64; ``shape`` is (H, K)."""
    residuals = np.asarray(residuals, dtype=np.float64)
    if residuals.ndim != 3 or residuals.shape[1:] != shape:
        raise ValueError(
            f"residuals has shape {residuals.shape}; this log holds windows of shape "
            f"{shape}, so give (n_windows, {shape[0]}, {shape[1]})."
        )
    if np.isinf(residuals).any():
        raise ValueError("residuals has infinite values; NaN says not known.")
    return residuals


def check_slots(slots: np.ndarray | None, season: int, n: int) -> np.ndarray:
    """Return the slots of n windows, each below ``season``."""
    slots = numbers_of("slots", slots, n)
    if n and not 0 <= slots.min() <= slots.max() < season:
        raise ValueError(
            f"slots goes from {slots.min()} to {slots.max()}; a season of {season} "
            f"has slots 0 to {season - 1}."
        )
    return slots


def check_widths(widths: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Return widths of that shape as float64."""
    widths = np.asarray(widths, dtype=np.float64)
    # NaN is not above zero either
    if widths.shape != shape or not (widths >= 0).all() or np.isinf(widths).any():
        raise ValueError(
            f"widths must be finite, not negative, and of shape {shape}; got shape "
            f"{widths.shape}."
        )
    return widths
