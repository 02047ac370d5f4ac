"""Events and effects: what happened, and what is owed for it, written with the change itself."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from scim_provisioning import conf
from scim_provisioning.lifecycle import effects, handlers, masking, overtaking
from scim_provisioning.mapping.rows import Row
from scim_provisioning.models import Connection, Effect, Event, UserResource
from scim_provisioning.protocol.errors import ScimError

SHOWN_MEMBERS = 100
# Refusals that the organization should hear of, with the signal that tells; once in so long for each resource,
# because an identity provider tries again in every cycle.
TOLD = {"last_admin": "last_admin_kept", "last_owner": "last_admin_kept"}
TOLD_AGAIN_AFTER = timedelta(days=1)

# What a change is recorded with.
changes_between = masking.changes_between


class LogUnavailable(Exception):
    """The events of a change could not be written; its transaction is lost with them."""


@dataclass(slots=True)
class Exchange:
    """A request and its answer, as far as the log keeps them."""

    method: str
    path: str
    body: Any = None
    answer: Any = None

    def columns(self) -> dict[str, str]:
        """Return the columns of an event that hold them."""
        return {
            "method": self.method[:8],
            "path": self.path[:200],
            "request_body": masking.kept_text(self.body),
            "answer_body": masking.kept_text(self.answer),
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a signal is about, where no row was read."""

    id: uuid.UUID
    host_id: Any
    name: str
    values: dict[str, Any]


@dataclass(slots=True)
class Journal:
    """Who asks, and through which connection: the frame of every event of one request.

    With an *exchange*, events are held until :meth:`write`, when the answer is known; without, they are written
    at once.
    """

    connection: Connection
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    token_key_id: str = ""
    started: float = field(default_factory=monotonic)
    exchange: Exchange | None = None
    is_off: bool = False
    _held: list[Event] = field(default_factory=list, init=False)

    def success(
        self, operation: str, resource_type: str, row: Row, *, status: int = 200, changes: Any = None
    ) -> None:
        """Record a change that is done."""
        event = self._event(
            operation,
            resource_type,
            status=status,
            outcome=Event.Outcome.SUCCESS,
            resource_id=row.id,
            resource_name=row.name[:255],
            changes=changes or {},
        )
        self._keep([event])

    def ignored(self, operation: str, resource_type: str, row: Row, code: str, values: list[str]) -> None:
        """Record what a request asked for and the policy passes over, one event each (A27)."""
        events = [
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
        ]
        self._keep(events)

    def refusal(
        self, operation: str, resource_type: str, resource_id: uuid.UUID | None, error: ScimError
    ) -> None:
        """Record a refusal, after the transaction that it ended, and owe the notice of it."""
        self.forget()
        if error.code in TOLD and resource_id is not None:
            self._tell(TOLD[error.code], resource_type, resource_id, error)
        event = self._event(
            operation,
            resource_type,
            status=error.status,
            outcome=Event.Outcome.FAILED if error.status >= 500 else Event.Outcome.REFUSED,
            resource_id=resource_id,
            scim_type=error.scim_type or "",
            code=error.code,
            detail=error.detail,
        )
        self._insert([event])

    def _tell(self, kind: str, resource_type: str, resource_id: uuid.UUID, error: ScimError) -> None:
        told = Event.objects.filter(
            resource_id=resource_id, code=error.code, created_at__gt=timezone.now() - TOLD_AGAIN_AFTER
        )
        status = conf.imported("USER_MAPPING").status.column
        found = UserResource.objects.filter(pk=resource_id, connection=self.connection)
        for host_id, name, version, value in found.values_list(
            "user_id", "user_name", "version", f"user__{status}"
        ):
            if not told.exists():
                self.owe(kind, resource_type, Subject(resource_id, host_id, name, {status: value}), version)

    def owe(self, kind: str, resource_type: str, row: Row | Subject, version: int, **told: Any) -> None:
        """Owe each handler that wants it the side effects of a change; they run after the commit (design: outbox)."""
        wanting = handlers.wanting(kind)
        if not wanting:
            return
        now = timezone.now()
        payload: dict[str, Any] = {"host_id": str(row.host_id), "name": row.name, **told}
        if resource_type == overtaking.USER:
            payload["active"] = overtaking.has_access(row.values)
        Effect.objects.bulk_create(
            Effect(
                connection=self.connection,
                kind=kind,
                handler=handler.name,
                resource_type=resource_type,
                resource_id=row.id,
                resource_name=row.name[:255],
                resource_version=version,
                payload=payload,
                next_attempt_at=now,
                created_at=now,
            )
            for handler in wanting
        )
        transaction.on_commit(effects.nudge)

    def write(self, status: int | None = None) -> None:
        """Insert the held events in the transaction of their change, in one statement.

        :param status: what the request is answered with.
        :raises LogUnavailable: when the table of events fails.
        """
        held, self._held = self._held, []
        if not held or self.is_off:
            return
        for event in held:
            event.status = status or event.status
            event.duration_ms = self._duration()
        try:
            self._insert(held)
        except DatabaseError as error:
            raise LogUnavailable from error

    def forget(self) -> None:
        """Drop what is held: its transaction did not come about."""
        self._held = []

    def _keep(self, events: list[Event]) -> None:
        if self.exchange is None:
            self._insert(events)
        else:
            self._held += events

    def _insert(self, events: Sequence[Event]) -> None:
        """Insert events; the request is kept with the last of them, so that a thousand do not repeat it."""
        if self.exchange is not None:
            for name, value in self.exchange.columns().items():
                setattr(events[-1], name, value)
        if len(events) == 1:
            events[0].save(force_insert=True)
        else:
            Event.objects.bulk_create(events)

    def _duration(self) -> int:
        return int((monotonic() - self.started) * 1000)

    def _event(self, operation: str, resource_type: str, **columns: Any) -> Event:
        created_at: datetime = timezone.now()
        return Event(
            connection_key=self.connection.pk,
            request_id=self.request_id,
            token_key_id=self.token_key_id,
            operation=operation,
            resource_type=resource_type,
            duration_ms=self._duration(),
            created_at=created_at,
            **columns,
        )
