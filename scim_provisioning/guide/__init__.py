"""The setup guide: steps made for one connection, ticked by what its identity provider is seen doing."""
