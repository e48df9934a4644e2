"""Measurements of speed and memory: `make bench`.

Each module measures one thing and returns :class:`~benchmarks.report.Row` after row.
Contenders run in turn, A B A B, in one process on one machine, and what counts is the
ratio of their medians. At toy size (`--toy`) each runs once, to see that it works.
"""
