"""What ends with a user's access: sessions, tokens, grants."""
