"""An app that sees effects."""
