"""A report in one HTML file: how good a forecaster is on the last part of its data."""

from .measure import make_report
from .page import render
from .report import Report
from .write import write_report

__all__ = ["Report", "make_report", "render", "write_report"]
