"""Accuracy: `make results` runs what is missing, `make results-page` writes the page.

A run is one task, model, horizon and seed, in a process of its own. It leaves one
record in `records/`, and `docs/results.md` is rendered from the records alone.
"""
