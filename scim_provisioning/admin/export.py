"""The provisioning log as CSV, with nothing in it that a spreadsheet would run (T34)."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from scim_provisioning.admin.log_search import Search
from scim_provisioning.admin.pages import Page
from scim_provisioning.models import Event

CHUNK = 250
MOST_CHUNKS = 400
COLUMNS = (
    "created_at",
    "outcome",
    "operation",
    "resource_type",
    "resource_name",
    "resource_id",
    "status",
    "code",
    "detail",
    "changes",
    "method",
    "path",
    "request_body",
    "answer_body",
    "token_key_id",
    "request_id",
    "duration_ms",
)
# What spreadsheets take for the beginning of a formula, their full-width twins included.
FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")
# Tells a spreadsheet that the file is UTF-8.
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


class Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


def inert(value: Any) -> str:
    """Return a value as a cell that a spreadsheet shows and does not run."""
    text = (
        json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict)
        else str("" if value is None else value)
    )
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text


def log_csv(page: Page) -> StreamingHttpResponse:
    """Send the log as far as the search goes, the newest first."""
    response = StreamingHttpResponse(
        lines(Search.of(page.connection.pk, page.request.GET)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="provisioning-log-{page.connection.pk}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def lines(search: Search) -> Iterator[str]:
    """Yield the lines, fetched in chunks so that no export is held in memory."""
    writer = csv.writer(Line())
    yield MARK + writer.writerow(COLUMNS)
    before: int | None = None
    for _chunk in range(MOST_CHUNKS):
        found = search.slice(before, CHUNK)
        for event in found.events:
            yield writer.writerow([inert(value_of(event, name)) for name in COLUMNS])
        before = found.older
        if before is None:
            return


def value_of(event: Event, name: str) -> Any:
    """Return what a column holds."""
    return event.created_at.isoformat() if name == "created_at" else getattr(event, name)
