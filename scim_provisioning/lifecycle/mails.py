"""Mails to an organization's administrators, whom the host's hook ``NOTIFY`` names."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from scim_provisioning import conf

TEMPLATES = "scim_provisioning/mail/"


def recipients_of(organization: Any) -> list[str]:
    """Return the e-mail addresses of an organization's admins, as the host's hook says; none without one."""
    hook: Callable[[Any], Iterable[str]] | None = conf.imported("NOTIFY")
    return [] if hook is None else list(dict.fromkeys(hook(organization)))


def send(template: str, context: dict[str, Any], recipients: list[str]) -> None:
    """Send one mail in the Hub's language; whoever administers an organization need not learn who else does.

    :raises OSError: or whatever the Hub's mail backend raises.
    """
    with translation.override(settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"{TEMPLATES}{template}_subject.txt", context).split())
        body = render_to_string(f"{TEMPLATES}{template}_body.txt", context)
        EmailMessage(subject, body, bcc=recipients).send()
