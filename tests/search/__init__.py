"""Lists in detail: searches by POST, at the root, cursors, entity tags (RFC 7644 sections 3.4 and 3.14)."""
