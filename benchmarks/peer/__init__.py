"""django-scim2 as it comes, in the smallest project that its manual describes."""
