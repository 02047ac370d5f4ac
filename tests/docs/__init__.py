"""The documentation says what the code does: each list in it is compared with the code, both ways."""
