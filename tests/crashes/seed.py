"""``python -m tests.crashes.seed``: fill an empty database, and print a connection and its token, in one process."""

import json
import sys
from io import StringIO
from typing import Any

import django
from django.core.management import call_command


def main() -> None:
    """Do it."""
    django.setup()
    _called("hub_seed")
    connection = _called("scim_connection", "create", "--organization", "contoso", "--preset", "rfc")[
        "connection"
    ]
    token = _called("scim_token", "create", "--connection", connection)["token"]
    sys.stdout.write(json.dumps({"connection": connection, "token": token}))


def _called(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


if __name__ == "__main__":
    main()
