"""The 24 requests, the field failures and the facts of the Entra catalogue, one test each."""
