"""The Entra simulator, against a server in memory and against the example Hub."""
