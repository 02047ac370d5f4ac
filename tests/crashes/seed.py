"""``python -m tests.crashes.seed``: fill an empty database, and print connections with their tokens, in one process."""

import json
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import django
from django.core.management import call_command

TENANTS = 21


def main() -> None:
    """Do it."""
    django.setup()
    _called("hub_seed")
    sys.stdout.write(json.dumps(list(_tenants())))


def _tenants() -> Iterator[dict[str, str]]:
    for _tenant in range(TENANTS):
        made = _called("scim_connection", "create", "--organization", "contoso", "--preset", "rfc")
        token = _called("scim_token", "create", "--connection", made["connection"])["token"]
        yield {"connection": made["connection"], "token": token}


def _called(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


if __name__ == "__main__":
    main()
