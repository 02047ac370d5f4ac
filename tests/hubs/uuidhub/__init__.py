"""A second host project, unlike the example on purpose: UUID keys, other names, a boolean for the status."""
