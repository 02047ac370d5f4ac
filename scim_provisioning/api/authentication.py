"""Bearer tokens of a connection: read from the headers, before the body is touched (RFC 6750, B2)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, Throttled
from rest_framework.request import Request

from scim_provisioning import conf, signals
from scim_provisioning.api.addresses import address_of
from scim_provisioning.api.tenancy import is_reached
from scim_provisioning.api.throttles import is_knocking_too_often, jittered
from scim_provisioning.lifecycle.provenance import is_rehearsal
from scim_provisioning.lifecycle.strangers import STRANGERS
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection, FailedAuthentication, Token
from scim_provisioning.models.networks import permits
from scim_provisioning.models.statements import Statement
from scim_provisioning.models.tokens import digest_of, read_token, tell

Reason = FailedAuthentication.Reason
LONGEST_HEADER = 512
STAMP_EVERY = timedelta(minutes=5)
# The grammar of Rails' HttpAuthentication::Token, which Flowcase prints in its guide: Bearer token="KEY".
_HEADER = re.compile(
    r"(?:bearer|token)\s+(?:token=\"(?P<quoted>[^\"]+)\"|token=(?P<named>[^\s\",;]+)|(?P<bare>[^\s\",;=]+))"
    r"(?:[,;\t ].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Client:
    """The identity provider behind a request, as REST framework's ``request.user``."""

    connection: Connection
    principal_holds_role: bool = True
    is_authenticated: bool = True


def read_header(header: str) -> str | None:
    """Return the token in an Authorization header: ``Bearer X``, ``Bearer token="X"``, ``Token …`` (A6, B2)."""
    if len(header) > LONGEST_HEADER or not header.isascii():
        return None
    match = _HEADER.fullmatch(header.strip())
    return match and (match["quoted"] or match["named"] or match["bare"])


class TokenAuthentication(BaseAuthentication):
    """Unknown, expired, revoked and foreign tokens all get the same 401 (T2, T18)."""

    def authenticate(self, request: Request) -> tuple[Client, Token]:
        """Return the client and its token.

        :raises AuthenticationFailed: without telling why.
        :raises Throttled: when the address has failed too often; a valid token is never refused for that.
        """
        call = Call(request, address_of(request))
        header = request.META.get("HTTP_AUTHORIZATION", "")
        read = read_token(read_header(header) or "")
        if read is None:
            digest_of("")
            raise call.refused(Reason.MALFORMED if header.strip() else Reason.MISSING)
        found = self._find(read[0])
        if found is None:
            # The same work as for a known key id.
            digest_of("")
            raise call.refused(Reason.UNKNOWN)
        token, principal_holds_role = found
        genuine = token.matches(read[1])
        reason = call.fault(token) if genuine else Reason.UNKNOWN
        if reason is not None:
            raise call.refused(reason, token)
        stamp(token)
        return Client(token.connection, principal_holds_role), token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401; ``error`` only when a token was sent (RFC 6750 section 3)."""
        sent = "HTTP_AUTHORIZATION" in request.META
        return 'Bearer realm="scim", error="invalid_token"' if sent else 'Bearer realm="scim"'

    def _find(self, key_id: str) -> tuple[Token, bool] | None:
        found = _looked_up(key_id)
        if found is None:
            return None
        rows = iter(found)
        token, connection, organization = (
            model.from_db(Token.objects.db, names, [next(rows) for _name in names])
            for model, names in _selected()
        )
        connection.organization = organization
        token.connection = connection
        return token, bool(next(rows))


@dataclass(frozen=True, slots=True)
class Call:
    """One call, before it is known who calls."""

    request: Request
    address: str

    @property
    def connection_id(self) -> UUID | None:
        """The connection that the path names; the host of an organization names none."""
        wanted: UUID | None = self.request.parser_context["kwargs"].get("connection")
        return wanted

    def fault(self, token: Token) -> "Reason | None":
        """Return what is wrong with a genuine token, or None."""
        if not is_reached(self.request, token.connection):
            return Reason.ELSEWHERE
        if token.revoked_at is not None:
            return Reason.REVOKED
        if not token.is_live:
            return Reason.EXPIRED
        if not (is_rehearsal() or permits(token.connection.allowed_networks, self.address)):
            return Reason.ADDRESS
        return None

    def refused(self, reason: "Reason", token: Token | None = None) -> APIException:
        """Note a failed call for the administrator, and return what the client is told: never the reason."""
        if is_rehearsal():
            return AuthenticationFailed()
        own = token is not None and reason is not Reason.ELSEWHERE
        key_id = token.key_id if token and own else ""
        called = self.connection_id or (token.connection_id if token and own else None)
        if called is not None:
            STRANGERS.note(called, self.address, reason, key_id)
        if token is not None and reason is Reason.ELSEWHERE:
            # The organization whose token it is should know where it went; the other one, not whose it is.
            STRANGERS.note(token.connection_id, self.address, Reason.STRAYED, token.key_id)
        if is_knocking_too_often(self.address):
            return Throttled(wait=jittered())
        return AuthenticationFailed()


def _looked_up(key_id: str) -> Any:
    """Return the columns of a token; a connection that died while it was idle is opened again, once (F7)."""
    try:
        return _statement(conf.imported("USER_MAPPING"))(key_id)
    except (OperationalError, InterfaceError):
        database = connections[Token.objects.db]
        if database.in_atomic_block or database.connection is None or database.is_usable():
            raise
        database.close()
        return _statement(conf.imported("USER_MAPPING"))(key_id)


@cache
def _selected() -> tuple[tuple[Any, list[str]], ...]:
    models: tuple[Any, ...] = (Token, Connection, Connection._meta.get_field("organization").related_model)
    return tuple((model, [field.attname for field in model._meta.concrete_fields]) for model in models)


@lru_cache(maxsize=8)
def _statement(mapping: type[UserMapping]) -> Statement:
    columns = [
        f"{prefix}{name}"
        for prefix, (_model, names) in zip(
            ("", "connection__", "connection__organization__"), _selected(), strict=True
        )
        for name in names
    ]
    tokens = Token.objects.annotate(principal_holds_role=_principal_holds_role(mapping))
    return Statement(tokens.values_list(*columns, "principal_holds_role"), "key_id")


def _principal_holds_role(mapping: type[UserMapping]) -> Case:
    """Return whether a token may be used, as far as its principal goes: a part of its statement, not one more (B3)."""
    principals = mapping.principals(OuterRef("connection__organization")).filter(pk=OuterRef("created_by"))
    free = Q(connection__token_principal=False) | Q(has_principal=False)
    return Case(When(free, then=Value(True)), default=Exists(principals))


def stamp(token: Token) -> None:
    """Note the use of a token, at most once in five minutes, and never at the cost of the request."""
    now = timezone.now()
    if token.last_used_at is not None and token.last_used_at > now - STAMP_EVERY:
        return
    due = Q(last_used_at=None) | Q(last_used_at__lte=now - STAMP_EVERY)
    columns: dict[str, Any] = {"last_used_at": now}
    if token.first_used_at is None:
        columns["first_used_at"] = now
    try:
        stamped = Token.objects.filter(due, pk=token.pk).update(**columns)
    except DatabaseError:
        return
    if stamped and "first_used_at" in columns:
        tell(signals.token_first_used, token)
