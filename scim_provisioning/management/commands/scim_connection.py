"""`manage.py scim_connection`: Create Tenant URL and what follows, from a shell."""

import sys
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.lifecycle.effects import run_due
from scim_provisioning.lifecycle.visibility import sweep
from scim_provisioning.management.arguments import (
    add_action,
    messages_of,
    read_columns,
    read_connection,
    read_organization,
)
from scim_provisioning.management.inspecting import add_inspections, export, lint, openapi
from scim_provisioning.management.output import as_json, as_table
from scim_provisioning.management.self_tests import has_passed, report, tested
from scim_provisioning.management.tenant_urls import add_base_url, printed_url
from scim_provisioning.models import NEED_TENANT, Connection, Effect, presets

RUN_SECONDS = 30.0
COLUMNS = {
    "connection": gettext_lazy("connection"),
    "organization": gettext_lazy("organization"),
    "name": gettext_lazy("name"),
    "preset": gettext_lazy("preset"),
    "enabled": gettext_lazy("enabled"),
    "users": gettext_lazy("managed users"),
    "groups": gettext_lazy("managed groups"),
    "tenant_url": gettext_lazy("tenant URL"),
}


class Command(BaseCommand):
    """Create, list, pause, resume, link, test, inspect, describe and remove the connections of organizations."""

    help = "Create Tenant URL, and list, pause, resume, link, test or remove connections."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions and their options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        create = add_action(actions, "create", _("make a connection and print its tenant URL"))
        create.add_argument("--organization", required=True, metavar="SLUG", help=_("slug or primary key"))
        create.add_argument("--preset", required=True, choices=sorted(presets()))
        create.add_argument("--tenant-id", metavar="GUID", help=_("the Entra directory (tenant) ID"))
        create.add_argument("--name", default="")
        create.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="COLUMN=VALUE",
            help=_("a policy column that differs from the preset; may be repeated"),
        )
        add_base_url(create)
        listing = add_action(actions, "list", _("show all connections"))
        listing.add_argument("--organization", metavar="SLUG", help=_("only those of this organization"))
        add_base_url(listing)
        test = add_action(
            actions, "test", _("play an identity provider's requests, and leave nothing behind")
        )
        test.add_argument("--connection", required=True, metavar="ID")
        add_base_url(test)
        for name, description in (
            ("pause", _("answer 503 to the identity provider until it is resumed")),
            ("resume", _("answer again")),
            ("link", _("link users that the Hub has and the connection does not see yet")),
            ("remove", _("end a connection; its users stay in the Hub, managed by nobody")),
        ):
            action = add_action(actions, name, description)
            action.add_argument("connection", metavar="ID")
            if name == "remove":
                action.add_argument("--no-input", action="store_false", dest="ask", help=_("do not ask"))
        add_inspections(actions)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do one action."""
        actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "create": self._create,
            "list": self._list,
            "pause": self._pause,
            "resume": self._resume,
            "link": self._link,
            "test": self._test,
            "remove": self._remove,
            "lint": partial(lint, self),
            "export": partial(export, self),
            "openapi": partial(openapi, self),
        }
        actions[options["action"]](options)

    def _create(self, options: dict[str, Any]) -> None:
        organization = read_organization(options["organization"])
        tenant_id, columns = options["tenant_id"], read_columns(options["set"])
        if tenant_id is None and options["preset"] in NEED_TENANT:
            raise CommandError(
                _("Preset %(preset)s needs --tenant-id, the Entra directory (tenant) ID.") % options
            )
        self._check_tenant(organization, tenant_id)
        # A connection without a URL to print is not made.
        printed_url(Connection(organization=organization), options["base_url"])
        try:
            connection = create_connection(
                organization, options["preset"], tenant_id, options["name"], **columns
            )
        except ValidationError as error:
            raise CommandError(messages_of(error)) from None
        url = printed_url(connection, options["base_url"])
        if options["json"]:
            self.stdout.write(as_json({"connection": connection.pk, "tenant_url": url}))
        else:
            self.stdout.write(_("Connection: %(id)s") % {"id": connection.pk})
            self.stdout.write(_("Tenant URL: %(url)s") % {"url": url})

    @staticmethod
    def _check_tenant(organization: Any, tenant_id: str | None) -> None:
        """Refuse a tenant that is no GUID or has a connection already, in words that help."""
        if tenant_id is None:
            return
        try:
            guid = uuid.UUID(tenant_id)
        except ValueError:
            raise CommandError(
                _("“%(id)s” is not a directory (tenant) ID; Entra shows it on its Overview page, a GUID.")
                % {"id": tenant_id}
            ) from None
        found = Connection.objects.filter(organization=organization, tenant_id=guid).first()
        if found is not None:
            raise CommandError(
                _("%(organization)s has a connection for this tenant already: %(id)s.")
                % {"organization": organization, "id": found.pk}
            )

    def _list(self, options: dict[str, Any]) -> None:
        connections = Connection.objects.select_related("organization").order_by("created_at")
        if options["organization"]:
            connections = connections.filter(organization=read_organization(options["organization"]))
        counted = connections.annotate(
            users=Count("user_resources", filter=Q(user_resources__scim_managed=True), distinct=True),
            managed_groups=Count(
                "group_resources", filter=Q(group_resources__scim_managed=True), distinct=True
            ),
        )
        rows = [
            {
                "connection": connection.pk,
                "organization": str(connection.organization),
                "name": connection.name,
                "preset": connection.preset,
                "tenant_id": connection.tenant_id,
                "enabled": connection.enabled,
                "users": connection.users,
                "groups": connection.managed_groups,
                "created_at": connection.created_at,
                "tenant_url": printed_url(connection, options["base_url"]),
            }
            for connection in counted
        ]
        self.stdout.write(as_json(rows) if options["json"] else as_table(rows, COLUMNS))

    def _pause(self, options: dict[str, Any]) -> None:
        self._switch(options, enabled=False)

    def _resume(self, options: dict[str, Any]) -> None:
        self._switch(options, enabled=True)

    def _switch(self, options: dict[str, Any], *, enabled: bool) -> None:
        connection = read_connection(options["connection"])
        connection.enabled = enabled
        connection.save(update_fields=["enabled"])
        said = _("%(connection)s is on.") if enabled else _("%(connection)s is paused.")
        self._say(options, {"connection": connection.pk, "enabled": enabled}, said)

    def _link(self, options: dict[str, Any]) -> None:
        connection = read_connection(options["connection"])
        linked = sweep(connection).linked
        self._say(
            options, {"connection": connection.pk, "linked": linked}, _("%(linked)d users are linked anew.")
        )

    def _test(self, options: dict[str, Any]) -> None:
        connection = read_connection(options["connection"])
        steps = tested(connection, options["base_url"])
        self.stdout.write(report(connection, steps, json=options["json"]))
        if not has_passed(steps):
            sys.exit(1)

    def _remove(self, options: dict[str, Any]) -> None:
        connection = read_connection(options["connection"])
        # What is owed goes with the connection, so it is done first, or its users keep their sessions.
        run_due(RUN_SECONDS)
        owed = connection.effects.filter(state=Effect.State.DUE).count()
        if owed:
            raise CommandError(
                _(
                    "%(owed)d effects of %(connection)s are still owed; run, retry or skip them first: "
                    "scim_effects list --connection %(id)s"
                )
                % {"owed": owed, "connection": connection, "id": connection.pk}
            )
        users = connection.user_resources.filter(scim_managed=True).count()
        groups = connection.group_resources.filter(scim_managed=True).count()
        if options["ask"]:
            self._confirm(connection, users, groups)
        removed = {"connection": connection.pk, "users": users, "groups": groups}
        connection.delete()
        self._say(
            options,
            removed,
            _("%(connection)s is removed; %(users)d users and %(groups)d groups are managed by nobody now."),
        )

    def _confirm(self, connection: Connection, users: int, groups: int) -> None:
        question = _(
            "Remove %(connection)s? Its tenant URL and tokens end at once. %(users)d users and %(groups)d "
            "groups stay in the Hub, no longer SCIM-managed. Type “yes”: "
        ) % {"connection": connection, "users": users, "groups": groups}
        try:
            answer = input(question)
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise CommandError(_("Nothing was removed; --no-input removes without asking."))

    def _say(self, options: dict[str, Any], document: dict[str, Any], sentence: str) -> None:
        self.stdout.write(as_json(document) if options["json"] else sentence % document)
