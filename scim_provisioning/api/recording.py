"""Views whose writes and refusals are in the log, and whose answers name the request."""

import logging
import uuid
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.utils.encoding import escape_uri_path
from rest_framework.request import Request
from rest_framework.views import APIView

from scim_provisioning.lifecycle.braking import Held, note
from scim_provisioning.lifecycle.journal import Exchange, Journal
from scim_provisioning.models import Connection
from scim_provisioning.models.timeouts import Timeouts
from scim_provisioning.protocol.errors import ScimError

logger = logging.getLogger(__name__)

# Names a request in its answer as in the log.
REQUEST_ID = "SCIM-Request-Id"


class RecordedView(APIView):
    """An endpoint of a connection whose requests have a name and a journal."""

    resource_type: ClassVar[str] = ""

    @cached_property
    def timeouts(self) -> Timeouts:
        """How long the database may take."""
        return Timeouts()

    @property
    def connection(self) -> Connection:
        """The connection that is asked."""
        raise NotImplementedError

    @cached_property
    def journal(self) -> Journal:
        """The frame of the request's events."""
        _root, _version, path = self.request.path.partition(f"/{self.connection.pk}/v2")
        return Journal(
            self.connection,
            self.request_id,
            self.request.auth.key_id,  # type: ignore[union-attr]
            exchange=Exchange(str(self.request.method), escape_uri_path(path)),
        )

    @cached_property
    def request_id(self) -> str:
        """The name of the request."""
        return str(uuid.uuid4())

    def recorded(self, work: Callable[[], HttpResponse], journals: Sequence[Journal]) -> HttpResponse:
        """Do a write, then insert its events in the same transaction.

        :raises LogUnavailable: when they cannot be.
        """
        for journal in journals or [self.journal]:
            journal.forget()
        response = work()
        for journal in journals:
            journal.write()
        if not journals:
            self.journal.write(response.status_code)
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Name the request in its answer, so that the log can be searched for it."""
        response[REQUEST_ID] = self.request_id
        return super().finalize_response(request, response, *args, **kwargs)

    def record_refusal(self, verb: str, resource_id: Any, error: ScimError) -> None:
        """Write a refusal into the log, at best: the answer does not depend on it."""
        self.timeouts.begin()
        try:
            with transaction.atomic():
                # What waits for a decision is asked for again in every cycle, and told once.
                if isinstance(error, Held) and not note(self.journal, error):
                    return
                self.journal.refusal(verb.lower(), self.resource_type, parse_uuid(resource_id), error)
        except DatabaseError:
            logger.warning("The refusal of a SCIM request could not be recorded.", exc_info=True)


def parse_uuid(text: Any) -> uuid.UUID | None:
    """Return *text* as UUID, or None."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
