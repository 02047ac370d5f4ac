"""How many users and groups SCIM manages: at a glance as far as it costs little, exactly on a page of its own (A18).

The Hub's own table says what a user's status is, and no index of ours is on it: each user that is counted is looked
up. So the overview counts up to a bound, and what goes beyond it comes after the page.
"""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from scim_provisioning import conf
from scim_provisioning.admin.listing import managed
from scim_provisioning.admin.pages import Page
from scim_provisioning.models import Connection, GroupResource, UserResource

# Users that the overview counts before it is shown.
AT_A_GLANCE = 10_000


def numbers(page: Page) -> HttpResponse:
    """Show the exact numbers, however many they are."""
    return page.render("numbers", title=_("Managed by SCIM"), **exact(page))


def at_a_glance(page: Page) -> dict[str, Any]:
    """Return what the card of the overview shows: no numbers of users, where there are more than the bound."""
    counted = _by_status(_managed_users(page.connection)[: AT_A_GLANCE + 1])
    found = sum(count for _label, count in counted)
    return {**_card(page), "users": counted if found <= AT_A_GLANCE else None}


def exact(page: Page) -> dict[str, Any]:
    """Return what the card shows after all have been counted."""
    return {**_card(page), "users": _by_status(_managed_users(page.connection))}


def _card(page: Page) -> dict[str, Any]:
    key = page.connection.pk
    return {
        "groups": managed(GroupResource, [key]).get(key, 0),
        "bound": AT_A_GLANCE,
        "numbers_url": page.url("numbers"),
    }


def _managed_users(connection: Connection) -> QuerySet[UserResource]:
    status = conf.imported("USER_MAPPING").status
    found = UserResource.objects.filter(connection=connection, scim_managed=True)
    return found.annotate(status=F(f"user__{status.column}"))


def _by_status(users: QuerySet[UserResource]) -> list[tuple[str, int]]:
    """Return how many users are Pending, Active and Inactive, in one statement."""
    status = conf.imported("USER_MAPPING").status
    has_pending = status.pending not in (status.active, status.inactive)
    counted = users.aggregate(
        everybody=Count("pk"),
        inactive=Count("pk", filter=Q(status=status.inactive)),
        **({"pending": Count("pk", filter=Q(status=status.pending))} if has_pending else {}),
    )
    inactive, pending = counted["inactive"], counted.get("pending", 0)
    active = counted["everybody"] - inactive - pending
    shown = [(_("Active"), active), (_("Inactive"), inactive)]
    return [(_("Pending"), pending), *shown] if has_pending else shown
