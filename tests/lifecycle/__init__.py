"""The life of users and groups, over HTTP and against the Hub's tables."""
