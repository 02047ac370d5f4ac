"""`manage.py scim_simulate_issuer`: rehearse "Sign in with Microsoft" against a stand-in for its issuer."""

from __future__ import annotations

import uuid
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from scim_provisioning.management.output import as_json
from scim_provisioning.simulator import DirectoryFileError, load_directory
from scim_provisioning.simulator.issuer import Issuer, Registration

CLIENT_ID = "hub"
CLIENT_SECRET = "hub-secret"  # noqa: S105
REDIRECT_URI = "http://127.0.0.1:8000/login/microsoft/callback/"


def guid(text: str) -> str:
    """Read a GUID."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a GUID") from None


class Command(BaseCommand):
    """An OpenID Connect issuer of one simulated directory, on the loopback interface."""

    help = (
        "Serves an OpenID Connect issuer that signs in the people of a simulated Entra directory, until it is "
        "stopped. It asks for no password, and listens on the loopback interface only."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--directory", type=Path, required=True, help="JSON file with the users")
        parser.add_argument("--tenant-id", type=guid, required=True, help="the directory (tenant) ID")
        parser.add_argument("--port", type=int, default=0, help="default: a free one")
        parser.add_argument("--client-id", default=CLIENT_ID)
        parser.add_argument("--client-secret", default=CLIENT_SECRET)
        parser.add_argument(
            "--redirect-uri",
            action="append",
            default=[],
            help=f"where the application takes the person back; may be repeated; default {REDIRECT_URI}",
        )
        parser.add_argument("--json", action="store_true", help="print what it serves as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stopped."""
        issuer = self._issuer(options)
        registration = issuer.registration
        if options["json"]:
            document = {"issuer": issuer.url_of(), "client_id": registration.client_id}
            self.stdout.write(as_json(document))
        else:
            self.stdout.write(
                _("The issuer is at %(url)s, for the application %(client)s.")
                % {"url": issuer.url_of(), "client": registration.client_id}
            )
        self.stdout.flush()
        try:
            issuer.serve_forever()
        except KeyboardInterrupt:
            return

    @staticmethod
    def _issuer(options: dict[str, Any]) -> Issuer:
        try:
            directory = load_directory(options["directory"])
            registration = Registration(
                options["client_id"],
                options["client_secret"],
                tuple(options["redirect_uri"] or [REDIRECT_URI]),
            )
            return Issuer({options["tenant_id"]: directory}, registration, port=options["port"])
        except (DirectoryFileError, OSError, OverflowError) as error:
            raise CommandError(str(error)) from error
