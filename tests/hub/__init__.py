"""The example Hub itself: its logins, its admin pages and its commands."""
