"""The HTTP face: bad input, tenancy, other clients, discovery, paging and projection."""
