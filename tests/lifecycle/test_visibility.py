"""What a connection sees before it manages it: kept in step by signals and by a sweep (B10, A12)."""

from typing import Any

import pytest

from scim_provisioning.lifecycle.visibility import sweep
from scim_provisioning.models import Connection, UserResource
from scim_provisioning.tasks import sweep_users
from tests.commands.conftest import Shell
from tests.conftest import MakeClient
from tests.factories import IS_EXAMPLE, USERS, UserFactory, column, make_user
from tests.lifecycle.rows import add, link_of, replace
from tests.scim import ScimClient, user_body

pytestmark = pytest.mark.django_db

USER_NAME = column("userName")
ORGANIZATION = next(
    field.name for field in USERS.model._meta.concrete_fields if field.name in ("organization", "company")
)
EVA = "eva@contoso.example"
# Another name of the same letters: where the host tells capitals apart they differ, in the other by their width.
TWIN = "\uff45va@contoso.example" if IS_EXAMPLE else "Eva@contoso.example"


@pytest.fixture
def shell(db: None) -> Shell:
    """Return a shell."""
    return Shell()


@pytest.fixture
def client(make_client: MakeClient) -> ScimClient:
    """Return a client that sees the whole organization."""
    return make_client("flowcase")


def seen(client: ScimClient) -> set[str]:
    """Return the names that a list shows."""
    return set(client.get("/Users", count="200").names)


def matches(client: ScimClient, name: str) -> int:
    """Return how many users a match filter finds."""
    return int(client.find("/Users", f'userName eq "{name}"')["totalResults"])


def in_bulk(organization: Any, *names: str) -> list[Any]:
    """Make users by a way that sends no signal."""
    built = [UserFactory.build(belongs_to=organization, organization=organization, name="x") for _ in names]
    for user, name in zip(built, names, strict=True):
        setattr(user, USER_NAME, name)
    return list(USERS.model._default_manager.bulk_create(built))


def rename_by_sql(user: Any, name: str) -> None:
    """Rename a user by a way that sends no signal."""
    USERS.model._default_manager.filter(pk=user.pk).update(**{USER_NAME: name})


def test_B10_all_members_are_seen_as_soon_as_the_connection_is_there(
    organization: Any, make_client: MakeClient
) -> None:
    names = {f"user{number}@contoso.example" for number in range(1200)}
    in_bulk(organization, *names)
    client = make_client("flowcase")
    assert UserResource.objects.filter(connection=client.connection, scim_managed=False).count() == 1200
    assert matches(client, "USER7@contoso.example") == 1


def test_B10_making_them_costs_no_query_for_each(
    organization: Any, make_client: MakeClient, django_assert_max_num_queries: Any
) -> None:
    in_bulk(organization, *(f"user{number}@contoso.example" for number in range(900)))
    with django_assert_max_num_queries(60):
        make_client("flowcase")


def test_B10_a_user_that_the_hub_makes_is_seen_at_once(client: ScimClient) -> None:
    make_user(client.organization, "eva")
    assert matches(client, EVA) == 1


def test_B10_a_user_that_the_hub_renames_is_found_by_its_new_name_under_its_id(client: ScimClient) -> None:
    user = make_user(client.organization, "eva")
    before = client.find("/Users", f'userName eq "{EVA}"')["Resources"][0]["id"]
    setattr(user, USER_NAME, "ada@contoso.example")
    user.save()
    assert (matches(client, EVA), matches(client, "ada@contoso.example")) == (0, 1)
    assert seen(client) == {"ada@contoso.example"}
    assert client.get(f"/Users/{before}")["userName"] == "ada@contoso.example"


def test_B10_a_save_that_leaves_the_name_alone_costs_nothing(
    client: ScimClient, django_assert_num_queries: Any
) -> None:
    user = make_user(client.organization, "eva")
    with django_assert_num_queries(1):
        user.save(update_fields=[USERS.column("displayName")])


def test_B10_a_user_that_moves_is_seen_where_it_is(
    client: ScimClient, make_client: MakeClient, other_organization: Any
) -> None:
    there = make_client("flowcase", other_organization)
    user = make_user(client.organization, "eva")
    setattr(user, ORGANIZATION, other_organization)
    user.save()
    assert (matches(client, EVA), matches(there, EVA)) == (0, 1)


def test_B10_a_deleted_user_is_not_seen(client: ScimClient) -> None:
    make_user(client.organization, "eva").delete()
    assert seen(client) == set()


def test_B10_a_managed_user_is_left_alone(client: ScimClient) -> None:
    created = client.create_user("eva")
    user = link_of(created).user
    setattr(user, USER_NAME, "ada@contoso.example")
    user.save()
    sweep(client.connection)
    assert link_of(created).user_name == EVA
    assert link_of(created).scim_managed


def test_B10_a_sweep_finds_what_sent_no_signal(client: ScimClient, other_organization: Any) -> None:
    stays, renamed, moved = (make_user(client.organization, name) for name in ("stays", "renamed", "moved"))
    ids = {user: UserResource.objects.get(user=user).pk for user in (stays, renamed)}
    in_bulk(client.organization, EVA)
    rename_by_sql(renamed, "other@contoso.example")
    USERS.model._default_manager.filter(pk=moved.pk).update(**{ORGANIZATION: other_organization})
    swept = sweep(client.connection)
    assert (swept.linked, swept.renamed, swept.unlinked, swept.ambiguous) == (1, 1, 1, 0)
    assert seen(client) == {"stays@contoso.example", "other@contoso.example", EVA}
    assert {user: UserResource.objects.get(user=user).pk for user in ids} == ids
    again = sweep(client.connection)
    assert (again.linked, again.renamed, again.unlinked, again.ambiguous) == (0, 0, 0, 0)


def test_B10_two_users_may_exchange_their_names(client: ScimClient) -> None:
    one, other = make_user(client.organization, "one"), make_user(client.organization, "other")
    ids = {user.pk: UserResource.objects.get(user=user).pk for user in (one, other)}
    rename_by_sql(one, "between@contoso.example")
    rename_by_sql(other, "one@contoso.example")
    rename_by_sql(one, "other@contoso.example")
    assert sweep(client.connection).renamed == 2
    shown = {
        client.get(f"/Users/{ids[one.pk]}")["userName"],
        client.get(f"/Users/{ids[other.pk]}")["userName"],
    }
    assert shown == {"one@contoso.example", "other@contoso.example"}
    assert client.get(f"/Users/{ids[one.pk]}")["userName"] == "other@contoso.example"


def test_B10_a_sweep_shows_nobody_where_only_managed_users_are_seen(client: ScimClient) -> None:
    make_user(client.organization, "eva")
    created = client.create_user("ada")
    Connection.objects.filter(pk=client.connection.pk).update(visible_users="managed")
    client.connection.refresh_from_db()
    assert sweep(client.connection).unlinked == 1
    assert seen(client) == {"ada@contoso.example"}
    assert link_of(created).scim_managed


def test_B10_two_names_that_are_one_but_for_their_letters_are_both_left_out(
    organization: Any, make_client: MakeClient
) -> None:
    in_bulk(organization, EVA, TWIN, "ada@contoso.example")
    client = make_client("flowcase")
    assert seen(client) == {"ada@contoso.example"}
    assert (matches(client, EVA), matches(client, TWIN)) == (0, 0)
    assert sweep(client.connection).ambiguous == 2


def test_B10_a_twin_that_comes_later_hides_the_first_too(client: ScimClient) -> None:
    make_user(client.organization, EVA)
    assert matches(client, EVA) == 1
    make_user(client.organization, TWIN)
    assert (matches(client, EVA), matches(client, TWIN)) == (0, 0)
    sweep(client.connection)
    assert seen(client) == set()


def test_B10_once_the_twin_has_another_name_both_are_seen(client: ScimClient) -> None:
    make_user(client.organization, EVA)
    twin = make_user(client.organization, TWIN)
    setattr(twin, USER_NAME, "twin@contoso.example")
    twin.save()
    sweep(client.connection)
    assert seen(client) == {EVA, "twin@contoso.example"}


def test_B10_a_twin_of_a_managed_user_is_not_shown_and_takes_nothing(client: ScimClient) -> None:
    created = client.create_user("eva")
    make_user(client.organization, TWIN)
    sweep(client.connection)
    assert client.find("/Users", f'userName eq "{EVA}"')["Resources"][0]["id"] == created.id
    assert seen(client) == {EVA}


@pytest.mark.skipif(
    IS_EXAMPLE, reason="the example Hub lets no two names differ by case: see the second host"
)
def test_B10_a_post_that_fits_two_users_is_refused_and_never_guessed(client: ScimClient) -> None:
    in_bulk(client.organization, EVA, TWIN)
    before = USERS.model._default_manager.count()
    refused = client.post("/Users", user_body("eva"))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert refused["detail"].endswith("[ambiguous_match]")
    assert USERS.model._default_manager.count() == before
    assert not UserResource.objects.filter(scim_managed=True).exists()


def test_B10_a_post_whose_mail_two_users_have_is_refused_and_never_guessed(client: ScimClient) -> None:
    for name in ("one", "other"):
        make_user(client.organization, name, mail="Shared@contoso.example")
    body = user_body("eva", emails=[{"type": "work", "value": "shared@contoso.example"}])
    refused = client.post("/Users", body)
    assert refused.status == 409
    assert refused["detail"].endswith("[ambiguous_match]")
    assert not UserResource.objects.filter(scim_managed=True).exists()


def test_B10_a_filter_by_a_mail_that_two_users_have_finds_both(client: ScimClient) -> None:
    for name in ("one", "other"):
        make_user(client.organization, name, mail="Shared@contoso.example")
    found = client.find("/Users", 'emails[type eq "work"].value eq "SHARED@contoso.example"')
    assert found["totalResults"] == 2


def test_B10_a_user_is_matched_by_each_of_userName_mail_and_externalId(client: ScimClient) -> None:
    make_user(client.organization, "eva", mail="e.l@contoso.example")
    (user,) = client.find("/Users", f'userName eq "{EVA.upper()}"')["Resources"]
    by_mail = client.find("/Users", 'emails[type eq "work"].value eq "E.L@CONTOSO.example"')["Resources"]
    assert [each["id"] for each in by_mail] == [user["id"]]
    assert client.patch(f"/Users/{user['id']}", add("externalId", "4711")).status == 200
    by_external_id = client.find("/Users", 'externalId eq "4711"')["Resources"]
    assert [each["id"] for each in by_external_id] == [user["id"]]
    assert client.patch(f"/Users/{user['id']}", replace("displayName", "Eva L")).status == 200


def test_B10_the_command_sweeps_one_connection_or_all(
    client: ScimClient, make_client: MakeClient, other_organization: Any, shell: Shell
) -> None:
    there = make_client("flowcase", other_organization)
    in_bulk(client.organization, EVA)
    in_bulk(other_organization, "ada@northwind.example")
    (row,) = shell.json("scim_sweep", "--connection", client.connection.pk)
    assert (row["connection"], row["linked"]) == (str(client.connection.pk), 1)
    rows = {row["connection"]: row["linked"] for row in shell.json("scim_sweep")}
    assert rows == {str(client.connection.pk): 0, str(there.connection.pk): 1}
    assert "linked" in shell("scim_sweep")


def test_B10_the_task_sweeps_all(client: ScimClient) -> None:
    in_bulk(client.organization, EVA)
    assert sweep_users() == 1
    assert seen(client) == {EVA}
