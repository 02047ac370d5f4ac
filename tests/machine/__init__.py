"""Random conversations against a dictionary model."""
