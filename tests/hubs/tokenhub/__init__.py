"""The example Hub with the packages whose tokens end with a user's access."""
