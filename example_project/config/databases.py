"""The DATABASES setting from one URL, shared by the host projects of this repository."""

from pathlib import Path
from typing import Any

import dj_database_url

# WAL lets readers go on while one request writes; IMMEDIATE makes a second writer wait for its turn
# instead of failing half-way with "database is locked".
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
}


def databases(url: str, default_file: Path) -> dict[str, Any]:
    """Return DATABASES for a DATABASE_URL, or for an SQLite file where it is empty."""
    database: dict[str, Any] = dict(dj_database_url.parse(url or f"sqlite:///{default_file}"))
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {**SQLITE_OPTIONS, **database.get("OPTIONS", {})}
    else:
        # A provisioning client keeps calling for minutes: opening a connection per request costs more
        # than the request itself.
        database["CONN_MAX_AGE"] = 600
        database["DISABLE_SERVER_SIDE_CURSORS"] = True
    return {"default": database}
