"""The host API: where an attribute stands in a document, and where the Hub keeps it."""
