"""A SCIM 2.0 service provider that any multi-tenant Django product can install."""
