"""Events and effects: what happened, and what is owed for it, written with the change itself."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone

from scim_provisioning import conf, signals
from scim_provisioning.lifecycle import effects
from scim_provisioning.mapping.rows import Row
from scim_provisioning.mapping.targets import Document
from scim_provisioning.models import Connection, Effect, Event
from scim_provisioning.protocol.errors import ScimError

MASKED = frozenset({"addresses", "phoneNumbers", "photos"})
SHOWN_MEMBERS = 100


@dataclass(slots=True)
class Journal:
    """Who asks, and through which connection: the frame of every event of one request."""

    connection: Connection
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    token_key_id: str = ""
    started: float = field(default_factory=monotonic)

    def success(
        self, operation: str, resource_type: str, row: Row, *, status: int = 200, changes: Any = None
    ) -> None:
        """Record a change that is done."""
        self._event(
            operation,
            resource_type,
            status=status,
            outcome=Event.Outcome.SUCCESS,
            resource_id=row.id,
            resource_name=row.name[:255],
            changes=changes or {},
        ).save(force_insert=True)

    def ignored(self, operation: str, resource_type: str, row: Row, code: str, values: list[str]) -> None:
        """Record what a request asked for and the policy passes over, one event each (A27)."""
        Event.objects.bulk_create(
            self._event(
                operation,
                resource_type,
                status=200,
                outcome=Event.Outcome.IGNORED,
                resource_id=row.id,
                resource_name=row.name[:255],
                code=code,
                detail=value[:255],
            )
            for value in values
        )

    def refusal(
        self, operation: str, resource_type: str, resource_id: uuid.UUID | None, error: ScimError
    ) -> None:
        """Record a refusal, after the transaction that it ended."""
        self._event(
            operation,
            resource_type,
            status=error.status,
            outcome=Event.Outcome.FAILED if error.status >= 500 else Event.Outcome.REFUSED,
            resource_id=resource_id,
            scim_type=error.scim_type or "",
            code=error.code,
            detail=error.detail,
        ).save(force_insert=True)

    def owe(self, kind: str, resource_type: str, row: Row, version: int) -> None:
        """Owe the side effects of a change; they run after the commit (design: outbox)."""
        if kind not in effects.ENDS_ACCESS and not signals.BY_KIND[kind].has_listeners():
            return
        now = timezone.now()
        Effect.objects.create(
            connection=self.connection,
            kind=kind,
            resource_type=resource_type,
            resource_id=row.id,
            resource_version=version,
            payload={"host_id": str(row.host_id), "name": row.name},
            next_attempt_at=now,
            created_at=now,
        )
        transaction.on_commit(effects.nudge)

    def _event(self, operation: str, resource_type: str, **columns: Any) -> Event:
        created_at: datetime = timezone.now()
        return Event(
            connection=self.connection,
            connection_key=self.connection.pk,
            request_id=self.request_id,
            token_key_id=self.token_key_id,
            operation=operation,
            resource_type=resource_type,
            duration_ms=int((monotonic() - self.started) * 1000),
            created_at=created_at,
            **columns,
        )


def changes_between(before: Document, after: Document) -> dict[str, Any]:
    """Return the changed attributes with their values before and after, under the masking rule."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not conf.value("EVENT_VALUES"):
        return {name: {} for name in names}
    return {
        name: {} if name in MASKED else {"before": before.get(name), "after": after.get(name)}
        for name in names
    }
