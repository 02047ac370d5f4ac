"""What the Hub's own code, pages and SQL cannot do to the groups and the last administrators of SCIM."""
