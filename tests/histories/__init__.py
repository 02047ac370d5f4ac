"""What racing clients were answered, and whether some order of their requests explains it (F4, T15)."""
