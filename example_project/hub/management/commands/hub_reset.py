"""Empty an example organization of what provisioning made."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from example_project.hub.models import Organization
from example_project.hub.resetting import reset


class Command(BaseCommand):
    """Empties an organization of SCIM's users and groups; keeps its connections and tokens."""

    help = "Delete the users and groups that SCIM made in an organization; keep connections and tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the organization."""
        parser.add_argument("--organization", required=True, metavar="SLUG")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Delete and say how much."""
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(_("There is no organization “%(slug)s”.") % {"slug": options["organization"]})
        users, groups = reset(organization)
        self.stdout.write(
            _("%(name)s: %(users)d users and %(groups)d groups of SCIM deleted.")
            % {"name": organization.name, "users": users, "groups": groups}
        )
