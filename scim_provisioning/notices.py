"""Mails that tell an organization's administrators of what waits for them: the brake, and whom SCIM has kept (T9, T13).

Each is an effect: written with what it tells of, sent after the commit by a worker or a command, tried again when the
mail server is down. No request of the identity provider waits for it.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count
from django.urls import NoReverseMatch, reverse

from scim_provisioning import conf
from scim_provisioning.lifecycle import braking, mails
from scim_provisioning.lifecycle.handlers import Handler, register
from scim_provisioning.models import Connection, HeldChange

NAME = "notices"


def send_notice(*, kind: str, connection_id: Any, payload: dict[str, Any], **told: Any) -> None:
    """Write to the administrators of the organization, unless it is settled by now."""
    connection = Connection.objects.select_related("organization").get(pk=connection_id)
    recipients = mails.recipients_of(connection.organization)
    context = CONTEXTS[kind](connection, payload) if recipients else None
    if context is not None:
        common = {"connection": connection, "organization": connection.organization}
        mails.send(kind, {**common, **context}, recipients)


def admin_address(name: str, connection: Connection) -> str:
    """Return where a page of a connection is: its URL where ``BASE_URL`` says the host, otherwise its path.

    Nothing, where the Hub's admin site does not have the page.
    """
    try:
        path = reverse(f"admin:scim_provisioning_connection_{name}", args=[connection.pk])
    except NoReverseMatch:
        return ""
    base = urlsplit(conf.value("BASE_URL") or "")
    return f"{base.scheme}://{base.netloc}{path}" if base.netloc else path


def _held(connection: Connection, payload: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the mail of the brake says; None once it was decided, or holds for another reason."""
    since = braking.held_since(connection)
    if since is None or since != datetime.fromisoformat(payload["held_since"]):
        return None
    counted = braking.waiting(connection).values_list("action").annotate(count=Count("pk")).order_by("action")
    return {
        "limit": braking.limit_of(connection),
        "minutes": connection.brake_window,
        "actions": [(HeldChange.Action(action).label, count) for action, count in counted],
        "hours": int(braking.REMEMBERED.total_seconds() // 3600),
        "url": admin_address("held", connection),
    }


def _kept(connection: Connection, payload: dict[str, Any]) -> dict[str, Any]:
    """Return what the mail of the last administrator says."""
    return {"name": payload["name"], "url": admin_address("log", connection)}


CONTEXTS = {"deprovisioning_held": _held, "last_admin_kept": _kept}


def _has_hook(kind: str) -> bool:
    # Not imported here: a path that is wrong must not fail the request that is held.
    return conf.value("NOTIFY") is not None


register(Handler(NAME, frozenset(CONTEXTS), send_notice, _has_hook, slow=True))
