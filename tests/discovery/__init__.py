"""Discovery that is true for each connection (RFC 7644 section 4)."""
