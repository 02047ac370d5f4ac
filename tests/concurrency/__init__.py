"""What happens when several requests meet, on PostgreSQL with real threads."""
