"""Variants of the Informer that are measured on selection rows.

A name, and what differs from the shipped default: arguments of `InformerRegressor`, and
under "time" those of the `TimeFeatures` in front, None for none. A variant whose
arguments change is run again; a renamed one too.
"""

from typing import Any

__all__ = ["OF_COLUMNS", "VARIANTS"]

VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "network alone": {"highway": None},
    "ridge highway": {"highway": "ridge"},
    "squared loss": {"loss": "mse"},
    "longer context": {"seq_len": 336},
    "no calendar": {"time": None},
}
# those that differ from the default by what they do with columns
OF_COLUMNS = ("ridge highway", "no calendar")
