"""The HTTP face: REST framework as the request pipeline, django-scim2's verbs on top of it."""
