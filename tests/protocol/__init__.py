"""The SCIM language by itself: no database."""
