"""The rehearsal of the example Hub."""
