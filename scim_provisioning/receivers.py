"""Signals of Django that SCIM listens to."""
