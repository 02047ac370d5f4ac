"""What is seen of identity providers, and how it is counted."""
