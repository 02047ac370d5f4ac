"""Host projects that the suite runs on beside the example Hub."""
