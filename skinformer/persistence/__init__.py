"""Models as files that are safe to open: no pickle, nothing is run."""

from .files import describe, load, save

__all__ = ["describe", "load", "save"]
