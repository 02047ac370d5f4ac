"""How much is served, and to whom."""
