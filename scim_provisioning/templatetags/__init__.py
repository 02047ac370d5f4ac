"""Template tags for the Hub's own pages."""
