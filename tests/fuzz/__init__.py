"""Structured random requests against the whole service: `python -m tests.fuzz --help` (F22)."""
