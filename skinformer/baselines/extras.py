"""Packages that a baseline needs and the rest does not, imported when one is fitted."""

import importlib
from types import ModuleType

__all__ = ["import_extra"]


def import_extra(module: str, owner: str) -> ModuleType:
    """Import a module of the extra ``baselines``.

    Raises
    ------
    ModuleNotFoundError
        If its package is not installed, with the command that installs it.
    """
    package = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise  # it is there, and lacks something itself
        raise ModuleNotFoundError(
            f"{owner} needs the package {package!r}, which is not installed. Install "
            "it with: pip install 'skinformer[baselines]'",
            name=error.name,
        ) from error
