"""The brake on mass deprovisioning: what is held, what is decided, and what then happens."""
