"""The request pipeline of every SCIM endpoint."""

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError, router, transaction
from django.http import Http404, HttpResponse
from django_scim.exceptions import BadRequestError
from rest_framework import exceptions
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import set_rollback

from scim_provisioning import conf
from scim_provisioning.api.authentication import Client, TokenAuthentication
from scim_provisioning.api.observing import ObservedView
from scim_provisioning.api.tenancy import tenant_root
from scim_provisioning.api.throttles import ConnectionThrottle
from scim_provisioning.lifecycle.braking import Held
from scim_provisioning.lifecycle.journal import Journal, LogUnavailable
from scim_provisioning.lifecycle.provenance import by_scim, is_rehearsal
from scim_provisioning.mapping.groups import GroupMapping, has_groups
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import CONTENT_TYPE, Limits, check_media_type, dump, load_object

logger = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Refusals that say nothing about the request; under load, a row for each would make it worse.
UNRECORDED = frozenset({429, 503})
WRITE_ATTEMPTS = 3
# PostgreSQL's codes for a transaction that would go through if it were tried again.
# 23503: what a row points at was deleted by another request, which the next attempt will see.
RETRIED_STATES = frozenset({"40001", "40P01", "23503"})
# A server that takes no writes: a standby, or one whose disk is nearly full.
READ_ONLY_STATE = "25006"


class ScimRenderer(JSONRenderer):
    """Announces the media type to content negotiation; answers are rendered by ``respond``."""

    media_type = CONTENT_TYPE


class AnyContentNegotiation:
    """Answers are SCIM whatever ``Accept`` says: clients send headers that match nothing."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the only renderer."""
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> None:
        """Return no parser: bodies are read by ``load_body``."""


def limits() -> Limits:
    """Return what a request may cost, as the host's settings say."""
    return Limits(
        body_bytes=conf.value("MAX_BODY_BYTES"),
        json_depth=conf.value("MAX_JSON_DEPTH"),
        operations=conf.value("MAX_OPERATIONS"),
        members=conf.value("MAX_MEMBERS"),
        filter_characters=conf.value("MAX_FILTER_CHARACTERS"),
        filter_depth=conf.value("MAX_FILTER_DEPTH"),
        filter_terms=conf.value("MAX_FILTER_TERMS"),
        page=conf.value("MAX_PAGE"),
    )


def respond(message: dict[str, Any] | None, status: int = 200, **headers: str) -> HttpResponse:
    """Return a SCIM answer."""
    response = HttpResponse(
        dump(message) if message is not None else b"", content_type=CONTENT_TYPE, status=status
    )
    for name, value in headers.items():
        response[name.replace("_", "-")] = value
    return response


class ScimView(ObservedView):
    """One SCIM endpoint: authenticate, then read; every error leaves as a SCIM Error."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated,)
    throttle_classes = (ConnectionThrottle,)
    renderer_classes = (ScimRenderer,)
    parser_classes = ()
    # OPTIONS is no verb of SCIM, and would answer with the framework's own description. Every answer names in
    # ``Allow`` those that the endpoint has (RFC 9110 section 10.2.1).
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    content_negotiation_class = AnyContentNegotiation  # type: ignore[assignment]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, whose transactions are its own: ``ATOMIC_REQUESTS`` would take the log back."""
        view: Any = super().as_view(**initkwargs)
        return transaction.non_atomic_requests(using=router.db_for_write(Connection))(view)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a request, within the database's time limits (F10)."""
        with self.timeouts.on(router.db_for_read(Connection), router.db_for_write(Connection)):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, then refuse what a paused connection would, or a token whose principal lost the role (B3).

        A host that the Hub does not answer to is refused before anything is done, the token not even read: a write
        must not be found out by its location (T33). A self-test has no host of its own.
        """
        if not is_rehearsal():
            request.get_host()
        super().initial(request, *args, **kwargs)
        self.is_authenticated = True
        client: Client = request.user  # type: ignore[assignment]
        if not client.principal_holds_role:
            raise ScimError("principal_lacks_role", value=self.user_mapping.principal_role)
        if not self.connection.enabled:
            raise ScimError("paused", retry_after=conf.value("RETRY_AFTER_SECONDS"))

    @property
    def connection(self) -> Connection:
        """The connection that the token belongs to."""
        connection: Connection = self.request.user.connection  # type: ignore[union-attr]
        return connection

    @cached_property
    def limits(self) -> Limits:
        """What the request may cost."""
        return limits()

    @cached_property
    def user_mapping(self) -> UserMapping:
        """The Hub's mapping of users, bound to the connection."""
        mapping: UserMapping = conf.imported("USER_MAPPING")(self.connection)
        return mapping

    @cached_property
    def group_mapping(self) -> GroupMapping:
        """The Hub's mapping of groups, bound to the connection."""
        mapping: GroupMapping = conf.imported("GROUP_MAPPING")(self.connection)
        return mapping

    @cached_property
    def groups_on(self) -> bool:
        """Whether the connection provisions groups (B5)."""
        return has_groups(self.connection)

    @cached_property
    def base_url(self) -> str:
        """The tenant URL that the client used, without a slash at its end."""
        return tenant_root(self.request, self.connection)

    def load_body(self, body: bytes) -> dict[str, Any]:
        """Return the request's JSON object; django-scim2's verbs call this."""
        check_media_type(self.request.META.get("CONTENT_TYPE", ""))
        self.body = document = load_object(body, self.limits)
        if self.journal.exchange is not None:
            self.journal.exchange.body = document
        return document

    def check_length(self) -> None:
        """Refuse an oversized body by its announced length, before it is read (T31)."""
        length = self.request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > self.limits.body_bytes:
            raise ScimError("body_too_large", limit=self.limits.body_bytes)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run a write in one transaction, marked as SCIM's doing."""
        self.check_length()
        self.timeouts.begin()
        with by_scim(), transaction.atomic():
            yield
            self.timeouts.end()

    def in_transaction(
        self, work: Callable[[], HttpResponse], journals: Sequence[Journal] = ()
    ) -> HttpResponse:
        """Run a write in its transaction with its events, again where the database asks for that (invariant 3).

        :param journals: those of the operations of a bulk request, each of which has its own answer.
        """
        attempts = WRITE_ATTEMPTS
        while True:
            attempts -= 1
            try:
                with self.writing():
                    return self.recorded(work, journals)
            except LogUnavailable as error:
                if attempts <= 0 or not is_retried(error.__cause__):
                    # The log never fails a request: once more, without it.
                    logger.error(  # noqa: TRY400 - the database's text may hold the row
                        "SCIM request %s goes unrecorded: its events could not be written (%s).",
                        self.request_id,
                        type(error.__cause__).__name__,
                    )
                    for journal in journals or [self.journal]:
                        journal.is_off = True
            except (OperationalError, IntegrityError) as error:
                if attempts <= 0 or not is_retried(error):
                    raise

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Refuse a verb that the endpoint does not have."""
        raise ScimError("method_not_allowed", value=request.method)

    def get_exception_handler(self) -> Any:
        """Return our own handler, whatever the host set for its API."""
        return self.answer_error

    def answer_error(self, raised: Exception, context: dict[str, Any]) -> HttpResponse:
        """Render every error as a SCIM Error; nothing of ours or of the database's leaks (RFC 7644 section 3.12)."""
        self.refusal = error = scim_error(raised)
        set_rollback()
        if error.status == 500:
            logger.error("SCIM request %s failed", error.value, exc_info=raised)
        self._record(error)
        headers: dict[str, str] = {}
        if error.retry_after is not None:
            headers["Retry_After"] = str(error.retry_after)
        if error.status == 401:
            headers["WWW_Authenticate"] = TokenAuthentication().authenticate_header(self.request)
        return respond(error.body(), error.status, **headers)

    def _record(self, error: ScimError) -> None:
        """Write the refusal of a write into the log."""
        # ``request.auth`` would authenticate once more, where the database has just failed to.
        authenticated = getattr(self.request, "_auth", None)
        if (
            authenticated is not None
            and self.request.method not in SAFE_METHODS
            and (error.status not in UNRECORDED or isinstance(error, Held))
        ):
            self.record_refusal(str(self.request.method), self.kwargs.get("uuid"), error)


# What an exception of the libraries below stands for; the first that fits.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.AuthenticationFailed, "unauthorized"),
    (exceptions.NotAuthenticated, "unauthorized"),
    (exceptions.PermissionDenied, "forbidden"),
    (exceptions.Throttled, "too_many_requests"),
    (Http404, "not_found"),
    # What django-scim2's verbs say of an empty object.
    (BadRequestError, "empty_body"),
    (RequestDataTooBig, "body_too_large"),
    # A Host header that the Hub does not answer to.
    (SuspiciousOperation, "bad_host"),
    (IntegrityError, "value_taken"),
    (OperationalError, "database_unavailable"),
    (InterfaceError, "database_unavailable"),
)


def scim_error(raised: Exception) -> ScimError:
    """Return the refusal that an exception stands for."""
    if isinstance(raised, ScimError):
        return raised
    code = next((code for kind, code in _CODES if isinstance(raised, kind)), "internal")
    if getattr(raised.__cause__, "sqlstate", None) == READ_ONLY_STATE:
        code = "database_unavailable"
    if code == "too_many_requests":
        return ScimError(code, retry_after=max(1, int(getattr(raised, "wait", None) or 1)))
    if code == "database_unavailable":
        return ScimError(code, retry_after=conf.value("RETRY_AFTER_SECONDS"))
    return ScimError(code, value=str(uuid.uuid4()), limit=limits().body_bytes)


def is_retried(error: BaseException | None) -> bool:
    """Return whether the transaction would go through if it were tried again."""
    return getattr(error and error.__cause__, "sqlstate", None) in RETRIED_STATES
