"""The rehearsal: whole lives of users and groups against the example Hub, one row per rule of the catalogue."""
