"""/Bulk: many writes in one request (RFC 7644 section 3.7)."""
