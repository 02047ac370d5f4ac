"""The self-test of a connection."""
