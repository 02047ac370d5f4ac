"""Faults on purpose: real processes that the harness owns, killed while a client provisions the example Hub."""
