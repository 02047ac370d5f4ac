"""The run of a self-test: its token, its rows, its log and what it owes are rolled back."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import NoReverseMatch

from scim_provisioning import conf
from scim_provisioning.lifecycle.provenance import rehearsing
from scim_provisioning.mapping.groups import has_groups
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection, Token
from scim_provisioning.models.tokens import new_text
from scim_provisioning.selftest.calls import Caller
from scim_provisioning.selftest.specimens import Specimens
from scim_provisioning.selftest.steps import Rehearsal, Step

TOKEN_LIFETIME = timedelta(minutes=5)


def run_self_test(connection: Connection, host: str = "", *, is_secure: bool = True) -> list[Step]:
    """Play an identity provider's requests through the URLs that the Hub mounts.

    A paused connection is tested as if it were resumed.

    :param host: what the Hub is reached by; its first allowed host by default.
    """
    with rehearsing(), transaction.atomic():
        try:
            return _run(connection, host or allowed_host(), is_secure=is_secure)
        finally:
            # Whatever came of it; with it go the callbacks that wait for a commit.
            transaction.set_rollback(True)


def _run(connection: Connection, host: str, *, is_secure: bool) -> list[Step]:
    if not connection.enabled:
        Connection.objects.filter(pk=connection.pk).update(enabled=True)
    _token, text = Token.issue_beside(connection, TOKEN_LIFETIME)
    try:
        call = Caller(connection, text, host, is_secure=is_secure)
    except NoReverseMatch:
        return [Step("endpoints", "", "scim_provisioning.urls", "–")]
    mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
    specimens = Specimens(mapping)
    return list(Rehearsal(connection, call, specimens, new_text()[2], has_groups(connection)).steps())


def allowed_host() -> str:
    """Return a host name that the Hub answers to."""
    for name in settings.ALLOWED_HOSTS:
        if name != "*":
            return str(name).lstrip(".")
    return "localhost"
