"""The mark that tells PostgreSQL's trigger that a transaction is SCIM's (``operations.ProtectMemberships``).

It ends with the transaction, so it is safe where a pool hands the connection to somebody else afterwards.
"""

from typing import Any

from django.db import connections, models
from django.db.models import Func, Value

MARK = "scim_provisioning.by_scim"
ON = "on"


def mark(alias: str) -> tuple[Any, ...]:
    """Return what to add to the columns of a SELECT so that it marks its transaction; nothing elsewhere."""
    if connections[alias].vendor != "postgresql":
        return ()
    arguments = (Value(MARK), Value(ON), Value(True))
    return (Func(*arguments, function="set_config", output_field=models.TextField()),)


def set_mark(alias: str, value: str = ON) -> str:
    """Mark the transaction by a statement of its own, and return how it was marked before."""
    if connections[alias].vendor != "postgresql":
        return ""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true), set_config(%s, %s, true)", [MARK, MARK, value])
        before = cursor.fetchone()
    return before[0] or ""
