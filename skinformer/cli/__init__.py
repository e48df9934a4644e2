"""The command line: one file a command, and what they share."""

from .app import main as main
