"""The list of connections, with a number of queries that does not depend on its length."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.admin.views.main import ChangeList
from django.db.models import Count
from django.http import HttpRequest

from scim_provisioning.admin.health import Seen, observe
from scim_provisioning.admin.pages import page_url
from scim_provisioning.models import GroupResource, UserResource

if TYPE_CHECKING:
    from scim_provisioning.models import Connection


class ConnectionList(ChangeList):
    """One page of connections, and what is known of each."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, then what its columns show, in one query for each table."""
        super().get_results(request)
        page: list[Connection] = list(self.result_list)
        seen = observe(page)
        users, groups = (managed(model, list(seen)) for model in (UserResource, GroupResource))
        for connection in page:
            of_list: Any = connection
            of_list.listed = Listed(
                seen[connection.pk], users.get(connection.pk, 0), groups.get(connection.pk, 0)
            )
        self.result_list = page

    def url_for_result(self, result: Any) -> str:
        """Lead from a row to the overview of the connection."""
        return page_url(self.model_admin.admin_site, "overview", result.pk)


class Listed:
    """What the columns of one connection show."""

    def __init__(self, seen: Seen, users: int, groups: int) -> None:
        self.seen = seen
        self.users = users
        self.groups = groups


def managed(model: Any, keys: list[UUID]) -> dict[UUID, int]:
    """Return how many resources SCIM manages in each connection."""
    rows = model.objects.filter(connection__in=keys, scim_managed=True).values_list("connection")
    return dict(rows.annotate(count=Count("pk")).order_by())
