"""What a request costs, counted in queries."""
