"""Tests on a real cluster of two processes."""
