"""Deletion of a host's row, which something of the Hub may still need (A16, A23)."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connections, transaction

# One statement for the database's sake: constraints that wait for the commit speak now, and then wait again.
SPEAK_NOW = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


def try_to_delete(delete: Callable[[Any], None], row: Any) -> bool:
    """Delete a host's row by its mapping's hook; false, and nothing done, where a foreign key protects it."""
    alias = type(row)._default_manager.db
    try:
        with transaction.atomic(using=alias):
            delete(row)
            if connections[alias].vendor == "postgresql":
                with connections[alias].cursor() as cursor:
                    cursor.execute(SPEAK_NOW)
    except IntegrityError:
        # Django's ProtectedError and RestrictedError are such errors too.
        return False
    return True
