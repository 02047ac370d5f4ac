"""The tables: their constraints, keys and migrations."""
