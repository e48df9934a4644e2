"""Dask itself, imported when it is used."""

from types import ModuleType
from typing import Any

from skinformer._extras import import_extra

__all__ = ["current_client", "dask_module"]


def dask_module(name: str) -> ModuleType:
    """Import a module of the extra ``distributed``; without it, say how to install."""
    return import_extra(name, "skinformer.dask", "distributed")


def current_client() -> Any:
    """Return the client that computes here, None where threads of this process do."""
    chosen = dask_module("dask").config.get("scheduler", None)
    if chosen not in (None, "distributed", "dask.distributed"):
        return None
    try:
        return dask_module("distributed").default_client()
    except ValueError:
        return None
