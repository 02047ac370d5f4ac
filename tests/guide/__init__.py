"""The setup guide, its links, the linter and the exports."""
