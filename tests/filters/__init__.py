"""Filters, sorting and paging, held against Python on random resources."""
