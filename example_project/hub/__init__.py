"""The example Hub: a multi-tenant product with its own users, groups and organizations."""
