"""`manage.py scim_token`: Generate token, from a shell."""

import sys
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.lifecycle.expiry import notify_expiring
from scim_provisioning.lifecycle.principals import principals_of, role_of_principals
from scim_provisioning.management.arguments import add_action, read_connection
from scim_provisioning.management.output import as_json, as_table
from scim_provisioning.models import Connection, Token, TooManyTokens

COLUMNS = {
    "key_id": gettext_lazy("key id"),
    "connection": gettext_lazy("connection"),
    "state": gettext_lazy("state"),
    "created_at": gettext_lazy("created at"),
    "expires_at": gettext_lazy("expires at"),
    "first_used_at": gettext_lazy("first used at"),
    "last_used_at": gettext_lazy("last used at"),
}


class Command(BaseCommand):
    """Create, list and revoke tokens, and tell of those that expire; a token's text is printed once (A4)."""

    help = "Generate a token for a connection, list tokens, revoke one, or send notices of expiry."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions and their options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        create = add_action(actions, "create", _("generate a token and print it, this once"))
        create.add_argument("--connection", required=True, metavar="ID")
        create.add_argument("--days", type=int, metavar="N", help=_("lifetime; default: the connection's"))
        create.add_argument(
            "--principal", metavar="NAME", help=_("issue it to this person; default: the Hub's operator")
        )
        listing = add_action(actions, "list", _("show tokens, without their secrets"))
        listing.add_argument("--connection", metavar="ID", help=_("only those of this connection"))
        revoke = add_action(actions, "revoke", _("end a token at once"))
        revoke.add_argument("key_id", metavar="KEY_ID")
        add_action(actions, "notify", _("send the notices that are due, where no Celery beat does"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do one action."""
        actions = {
            "create": self._create,
            "list": self._list,
            "revoke": self._revoke,
            "notify": self._notify,
        }
        actions[options["action"]](options)

    def _create(self, options: dict[str, Any]) -> None:
        connection, days = read_connection(options["connection"]), options["days"]
        if days is not None:
            _check_days(days)
        try:
            token, text = Token.issue(connection, days, _principal(connection, options["principal"]))
        except TooManyTokens:
            raise CommandError(_too_many(connection)) from None
        if options["json"]:
            document = {"token": text, "key_id": token.key_id, "expires_at": token.expires_at}
            self.stdout.write(as_json(document))
            return
        # The token alone goes to standard output, so that a script can take it from there.
        self.stderr.write(
            _("Key id %(key_id)s, valid until %(day)s. Copy the token now; nothing can show it again.")
            % {"key_id": token.key_id, "day": f"{token.expires_at:%Y-%m-%d}"},
            self.style.WARNING,
        )
        self.stdout.write(text)

    def _list(self, options: dict[str, Any]) -> None:
        tokens = Token.objects.order_by("connection", "created_at")
        if options["connection"]:
            tokens = tokens.filter(connection=read_connection(options["connection"]))
        rows = [_row(token) for token in tokens]
        self.stdout.write(as_json(rows) if options["json"] else as_table(rows, COLUMNS))

    def _revoke(self, options: dict[str, Any]) -> None:
        token = Token.objects.filter(key_id=options["key_id"]).first()
        if token is None:
            raise CommandError(
                _("There is no token of key id “%(key_id)s”; “scim_token list” shows them.") % options
            )
        if token.revoked_at is None:
            token.revoke()
        if options["json"]:
            self.stdout.write(as_json({"key_id": token.key_id, "revoked_at": token.revoked_at}))
        else:
            self.stdout.write(_("Token %(key_id)s is revoked.") % options)

    def _notify(self, options: dict[str, Any]) -> None:
        notified = notify_expiring()
        if options["json"]:
            self.stdout.write(as_json({"sent": notified.sent, "failed": notified.failed}))
        else:
            numbers = {"sent": len(notified.sent), "failed": len(notified.failed)}
            self.stdout.write(_("%(sent)d notices sent, %(failed)d failed.") % numbers)
        if notified.failed:
            sys.exit(1)


def _principal(connection: Connection, name: str | None) -> Any:
    """Return the person of that name who may stand behind the connection's tokens (B3)."""
    if name is None:
        return None
    lookup = f"{get_user_model().USERNAME_FIELD}__iexact"
    found = list(principals_of(connection).filter(**{lookup: name})[:2])
    if len(found) != 1:
        raise CommandError(
            _("There is not one person “%(name)s” who holds the role “%(role)s”.")
            % {"name": name, "role": role_of_principals()}
        )
    return found[0]


def _check_days(days: int) -> None:
    try:
        Connection._meta.get_field("token_lifetime").run_validators(days)
    except ValidationError as error:
        raise CommandError(f"--days: {' '.join(error.messages)}") from None


def _too_many(connection: Connection) -> str:
    live = [
        _("%(key_id)s (created %(created)s, last used %(used)s)")
        % {
            "key_id": token.key_id,
            "created": f"{token.created_at:%Y-%m-%d}",
            "used": f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else _("never"),
        }
        for token in connection.tokens.live().order_by("created_at")
    ]
    return _("Two tokens are live; revoke the one that is not in use first: %(tokens)s.") % {
        "tokens": ", ".join(live)
    }


def _row(token: Token) -> dict[str, Any]:
    ended = "revoked" if token.revoked_at is not None else "expired"
    return {
        "key_id": token.key_id,
        "connection": token.connection_id,
        "state": "live" if token.is_live else ended,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "first_used_at": token.first_used_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }
