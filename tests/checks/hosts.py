"""Where the mapping classes of a test are put, for a dotted path to find them."""
