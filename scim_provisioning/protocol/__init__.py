"""The SCIM language (RFC 7643, RFC 7644): pure functions, no ORM and no settings."""
