"""Members of SCIM-managed groups change through SCIM alone (A25, A26)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from tests.conftest import MakeClient
from tests.factories import GROUPS, make_user, members_of
from tests.lifecycle.rows import host_group, host_user
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db

REFUSED = (PermissionDenied, ValidationError)


def relation(group: Any) -> Any:
    return getattr(group, GROUPS.members)


def test_A25_the_hub_cannot_add_a_member_to_a_group_of_scim(contoso: ScimClient) -> None:
    ada = host_user(contoso.create_user("ada"))
    group = host_group(contoso.create_group("Team A"))
    with pytest.raises(REFUSED), transaction.atomic():
        relation(group).add(ada)
    assert members_of(group) == set()


@pytest.mark.parametrize("way", ["remove", "clear", "set"])
def test_A25_the_hub_cannot_take_a_member_out_of_a_group_of_scim(contoso: ScimClient, way: str) -> None:
    ada = contoso.create_user("ada").id
    group = host_group(contoso.create_group("Team A", ada))
    arguments = {"remove": (host_user(ada),), "clear": (), "set": ([],)}[way]
    with pytest.raises(REFUSED), transaction.atomic():
        getattr(relation(group), way)(*arguments)
    assert members_of(group) == {host_user(ada).pk}


def test_A26_a_user_that_scim_does_not_manage_cannot_be_added_in_the_hub(contoso: ScimClient) -> None:
    astrid = make_user(contoso.organization, "astrid")
    group = host_group(contoso.create_group("Team A"))
    with pytest.raises(REFUSED), transaction.atomic():
        relation(group).add(astrid)
    assert members_of(group) == set()


def test_A25_without_protection_the_hub_may(make_client: MakeClient) -> None:
    client = make_client("flow_connect", protect_groups=False)
    ada = host_user(client.create_user("ada"))
    group = host_group(client.create_group("Team A"))
    relation(group).add(ada)
    assert members_of(group) == {ada.pk}
