"""A believable Hub: a multi-tenant product that provisioning is shown on."""
