"""A user who was there before provisioning: found, linked, kept as is (A11 to A13, A36, B10)."""

import uuid
from typing import Any

import pytest

from scim_provisioning.models import UserResource
from tests.conftest import MakeClient
from tests.factories import column, expected_status, make_user, status_of
from tests.lifecycle.rows import (
    DISABLE,
    add,
    columns_of,
    host_user,
    link_of,
    operations_of,
    replace,
    together,
    users_of,
)
from tests.scim import ScimClient, user_body

pytestmark = pytest.mark.django_db

MAIL = 'emails[type eq "work"].value'


@pytest.fixture
def eva(contoso: ScimClient) -> Any:
    """Return a user of the Hub whose user name is not her mail address."""
    return make_user(contoso.organization, "eva.l", mail="eva@contoso.example", display="Eva L")


def found(client: ScimClient, name: str = "eva.l@contoso.example") -> dict[str, Any]:
    """Return the one user that a match filter finds."""
    [user] = client.find("/Users", f'userName eq "{name}"')["Resources"]
    return dict(user)


def object_id() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize("state", ["pending", "active", "inactive"])
def test_A11_a_user_that_the_filter_finds_is_linked_by_the_first_patch(
    contoso: ScimClient, state: str
) -> None:
    eva = make_user(contoso.organization, "eva.l", state=state)
    before = columns_of(eva)
    user = found(contoso)
    changed = contoso.patch(f"/Users/{user['id']}", add("externalId", object_id()))
    assert changed.status == 200
    link = link_of(user["id"])
    assert link.scim_managed
    assert link.origin == UserResource.Origin.ADOPTED
    assert link.user == eva
    assert columns_of(eva) == before
    assert users_of(contoso.organization) == 1


@pytest.mark.parametrize("state", ["pending", "active", "inactive"])
def test_A11_a_post_with_the_mail_of_a_user_adopts_it_and_creates_nobody(
    contoso: ScimClient, state: str
) -> None:
    eva = make_user(contoso.organization, "eva.l", mail="eva@contoso.example", state=state)
    before, known = columns_of(eva), found(contoso)["id"]
    body = user_body("eva.upn", emails=[{"type": "work", "value": "Eva@Contoso.Example"}], displayName="X")
    adopted = contoso.post("/Users", body)
    assert adopted.status in (200, 201)
    assert adopted.id == known
    assert columns_of(eva) == before
    assert status_of(eva) == expected_status(state)
    assert users_of(contoso.organization) == 1
    assert link_of(adopted).external_id == body["externalId"]
    assert found(contoso, "eva.upn@contoso.example")["id"] == known


def test_A11_a_post_with_the_user_name_of_a_user_adopts_it(contoso: ScimClient, eva: Any) -> None:
    before = columns_of(eva)
    adopted = contoso.post("/Users", user_body("EVA.L@contoso.example", displayName="Somebody Else"))
    assert adopted.status in (200, 201)
    assert host_user(adopted) == eva
    assert columns_of(eva) == before


def test_A11_two_users_that_a_post_fits_are_not_guessed_between(contoso: ScimClient, eva: Any) -> None:
    other = make_user(contoso.organization, "eva.m", mail="eva@contoso.example")
    before = columns_of(eva), columns_of(other)
    refused = contoso.post(
        "/Users", user_body("x", emails=[{"type": "work", "value": "eva@contoso.example"}])
    )
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert (columns_of(eva), columns_of(other)) == before
    assert not UserResource.objects.filter(connection=contoso.connection, scim_managed=True).exists()


def test_A11_a_user_that_is_managed_already_is_a_conflict(contoso: ScimClient, eva: Any) -> None:
    body = user_body("eva.upn", emails=[{"type": "work", "value": "eva@contoso.example"}])
    assert contoso.post("/Users", body).status == 201
    again = contoso.post("/Users", {**body, "externalId": object_id()})
    assert (again.status, again["scimType"]) == (409, "uniqueness")


def test_A12_reading_marks_nobody(contoso: ScimClient, eva: Any) -> None:
    before = columns_of(eva)
    user = found(contoso)
    for path in ("/Users", f"/Users/{user['id']}", "/Users?startIndex=1&count=5"):
        assert contoso.get(path).status == 200
    assert contoso.find("/Users", f'{MAIL} eq "eva@contoso.example"').names == ["eva.l@contoso.example"]
    link = link_of(user["id"])
    assert not link.scim_managed
    assert link.origin == UserResource.Origin.EXISTING
    assert link.version == 1
    assert columns_of(eva) == before
    assert operations_of(contoso.connection) == []


def test_A12_an_unlinked_user_is_shown_without_an_externalId(contoso: ScimClient, eva: Any) -> None:
    assert "externalId" not in found(contoso)


def test_A12_a_user_that_the_hub_makes_later_is_found_as_well(contoso: ScimClient) -> None:
    before = contoso.get("/Users")["totalResults"]
    make_user(contoso.organization, "late")
    assert contoso.get("/Users")["totalResults"] == before + 1


@pytest.mark.parametrize(
    "operation", [DISABLE, replace("displayName", "Mallory"), replace("userName", "m@contoso.example")]
)
def test_A12_a_write_without_an_externalId_does_not_take_a_user_over(
    contoso: ScimClient, eva: Any, operation: dict[str, Any]
) -> None:
    before = columns_of(eva)
    user = found(contoso)
    assert contoso.patch(f"/Users/{user['id']}", operation).status == 404
    assert contoso.delete(f"/Users/{user['id']}").status == 404
    assert columns_of(eva) == before
    assert not link_of(user["id"]).scim_managed


@pytest.mark.parametrize("dialect", ["legacy", "optscim"])
def test_A13_the_first_contact_writes_nothing_but_the_link(
    contoso: ScimClient, eva: Any, dialect: str
) -> None:
    before = columns_of(eva)
    wanted = {"externalId": object_id(), "displayName": "Mallory", "userName": "mallory@evil.example"}
    operations = [together(**wanted)]
    if dialect == "legacy":
        operations = [add(path, value) for path, value in wanted.items()]
    user = found(contoso)
    answer = contoso.patch(f"/Users/{user['id']}", *operations, replace(MAIL, "mallory@evil.example"))
    assert answer.status == 200
    assert columns_of(eva) == before
    made_by_us = ("id", "meta", "schemas")
    as_it_was = {name: value for name, value in user.items() if name not in made_by_us}
    assert contoso.user(user["id"]) == {**as_it_was, "externalId": wanted["externalId"]}


def test_A13_profile_attributes_follow_from_the_second_write_on(contoso: ScimClient, eva: Any) -> None:
    user = found(contoso)["id"]
    contoso.patch(f"/Users/{user}", add("externalId", object_id()))
    assert contoso.patch(f"/Users/{user}", replace("displayName", "Eva Lovelace")).status == 200
    eva.refresh_from_db()
    assert getattr(eva, column("displayName")) == "Eva Lovelace"


def test_A13_an_adopted_user_that_the_directory_has_disabled_loses_its_access(
    contoso: ScimClient, eva: Any
) -> None:
    adopted = contoso.post("/Users", user_body("eva.l", active=False))
    assert adopted.status in (200, 201)
    assert adopted["active"] is False
    assert status_of(eva) == "inactive"


def test_A13_adopting_does_not_bring_an_inactive_user_back(contoso: ScimClient) -> None:
    eva = make_user(contoso.organization, "eva.l", state="inactive")
    adopted = contoso.post("/Users", user_body("eva.l", active=True))
    assert adopted["active"] is False
    assert status_of(eva) == "inactive"


IDENTIFIERS = {
    "mail, filtered path": [replace(MAIL, "eva@evil.example")],
    "mail, whole list": [replace("emails", [{"type": "work", "value": "eva@evil.example"}])],
    "mail, no path": [together(**{MAIL: "eva@evil.example"})],
    "mail, removed then added": [{"op": "remove", "path": "emails"}, add(MAIL, "eva@evil.example")],
    "userName": [replace("userName", "eva@evil.example")],
    "userName, no path": [together(userName="eva@evil.example")],
    "userName without a domain": [replace("userName", "eva")],
    "a subdomain": [replace(MAIL, "eva@sub.contoso.example")],
    "a look-alike domain": [replace(MAIL, "eva@cont\N{CYRILLIC SMALL LETTER O}so.example")],
    "two at signs": [replace(MAIL, "eva@contoso.example@evil.example")],
}


@pytest.mark.parametrize("operations", IDENTIFIERS.values(), ids=IDENTIFIERS)
def test_A13_an_adopted_users_identifiers_change_to_a_verified_domain_only(
    make_client: MakeClient, operations: list[dict[str, Any]]
) -> None:
    client = make_client("flow_connect", verified_domains="contoso.example @contoso.test")
    eva = make_user(client.organization, "eva.l", mail="eva@contoso.example")
    user = client.post("/Users", user_body("eva.l")).id
    before = columns_of(eva)
    refused = client.patch(f"/Users/{user}", *operations)
    assert (refused.status, refused["scimType"]) == (400, "mutability")
    assert "verif" in refused["detail"]
    assert columns_of(eva) == before


@pytest.mark.parametrize("domain", ["contoso.example", "CONTOSO.test", "contoso.test"])
def test_A13_a_verified_domain_lets_the_identifiers_change(make_client: MakeClient, domain: str) -> None:
    client = make_client("flow_connect", verified_domains="contoso.example @contoso.test")
    eva = make_user(client.organization, "eva.l", mail="eva@contoso.example")
    user = client.post("/Users", user_body("eva.l")).id
    changed = client.patch(
        f"/Users/{user}", replace("userName", f"eva.m@{domain}"), replace(MAIL, f"eva.m@{domain}")
    )
    assert changed.status == 200, changed.json
    eva.refresh_from_db()
    assert getattr(eva, column("userName")) == f"eva.m@{domain}"
    assert getattr(eva, column(MAIL)) == f"eva.m@{domain}"


def test_A13_a_change_of_letters_alone_is_no_change_of_identity(contoso: ScimClient, eva: Any) -> None:
    user = contoso.post("/Users", user_body("eva.l")).id
    assert contoso.patch(f"/Users/{user}", replace(MAIL, "EVA@contoso.example")).status == 200


def test_A13_a_put_may_not_change_an_adopted_users_identifiers_either(contoso: ScimClient, eva: Any) -> None:
    body = user_body("eva.l")
    user = contoso.post("/Users", body).id
    before = columns_of(eva)
    for change in ({"userName": "e@evil.example"}, {"emails": [{"type": "work", "value": "e@evil.example"}]}):
        refused = contoso.put(f"/Users/{user}", {**body, **change})
        assert (refused.status, refused["scimType"]) == (400, "mutability")
    assert columns_of(eva) == before


def test_A13_a_created_users_identifiers_may_change(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    assert contoso.patch(f"/Users/{user}", replace("userName", "ada@new.example")).status == 200
    assert contoso.patch(f"/Users/{user}", replace(MAIL, "ada@new.example")).status == 200
    assert getattr(host_user(user), column(MAIL)) == "ada@new.example"


def test_A36_a_user_with_a_password_of_the_hub_can_be_adopted_and_keeps_it(
    contoso: ScimClient, eva: Any
) -> None:
    eva.set_password("a local secret")
    eva.save(update_fields=["password"])
    assert contoso.post("/Users", user_body("eva.l")).status == 201
    eva.refresh_from_db()
    assert eva.check_password("a local secret")


def test_T5_adopt_then_rewrite_the_address_then_reset_the_password_leads_nowhere(
    contoso: ScimClient, eva: Any
) -> None:
    before = columns_of(eva)
    user = contoso.post(
        "/Users", user_body("mallory", emails=[{"type": "work", "value": "eva@contoso.example"}])
    ).id
    attempts = [
        contoso.patch(f"/Users/{user}", replace(MAIL, "mallory@evil.example")),
        contoso.patch(f"/Users/{user}", {"op": "remove", "path": "emails"}),
        contoso.patch(f"/Users/{user}", add(MAIL, "mallory@evil.example")),
        contoso.patch(f"/Users/{user}", replace("userName", "mallory@evil.example")),
        contoso.patch(f"/Users/{user}", add("externalId", object_id())),
        contoso.patch(f"/Users/{user}", add(MAIL, "mallory@evil.example")),
        contoso.patch(f"/Users/{user}", replace("password", "known to mallory")),
    ]
    assert all(answer.status < 500 for answer in attempts)
    after = columns_of(eva)
    assert "evil" not in str(after)
    assert after["password"] == before["password"]
    assert after[column("userName")] == before[column("userName")]


def test_T5_a_released_and_adopted_again_user_keeps_its_identifiers(make_client: MakeClient) -> None:
    client = make_client("flow_connect", adopted_removal="release")
    eva = make_user(client.organization, "eva.l", mail="eva@contoso.example")
    user = client.post("/Users", user_body("eva.l")).id
    client.patch(f"/Users/{user}", DISABLE)
    assert client.patch(f"/Users/{user}", add("externalId", object_id())).status == 200
    assert client.patch(f"/Users/{user}", replace(MAIL, "eva@evil.example")).status == 400
    eva.refresh_from_db()
    assert getattr(eva, column(MAIL)) == "eva@contoso.example"


@pytest.mark.parametrize("existing_users", ["link", "update", "reject"])
def test_T4_a_user_of_another_organization_is_never_adopted(
    make_client: MakeClient, other_organization: Any, existing_users: str
) -> None:
    client = make_client("flow_connect", existing_users=existing_users)
    foreign = make_user(other_organization, "eva.elsewhere", mail="eva@contoso.example")
    before = columns_of(foreign)
    created = client.create_user("eva.here", emails=[{"type": "work", "value": "eva@contoso.example"}])
    assert host_user(created) != foreign
    assert columns_of(foreign) == before
    assert not UserResource.objects.filter(user=foreign).exists()
    assert users_of(client.organization) == 1


@pytest.mark.examplehub
def test_T4_one_user_name_in_two_organizations_is_two_users(
    make_client: MakeClient, other_organization: Any
) -> None:
    client = make_client("flow_connect")
    foreign = make_user(other_organization, "eva")
    before = columns_of(foreign)
    created = client.create_user("eva")
    assert host_user(created) != foreign
    client.patch(f"/Users/{created.id}", replace("displayName", "Changed"))
    client.delete(f"/Users/{created.id}")
    assert columns_of(foreign) == before


def test_T10_whoever_scim_does_not_manage_survives_a_sweep_over_all_it_can_see(
    contoso: ScimClient, eva: Any
) -> None:
    contoso.create_user("ada")
    for user in contoso.get("/Users")["Resources"]:
        contoso.patch(f"/Users/{user['id']}", DISABLE)
        contoso.delete(f"/Users/{user['id']}")
    assert status_of(eva) == "active"
    assert contoso.get("/Users").names == ["eva.l@contoso.example"]


def test_B10_with_update_an_existing_user_takes_what_the_directory_says(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    eva = make_user(client.organization, "eva.l", mail="eva@contoso.example", display="Eva L")
    adopted = client.post("/Users", user_body("eva.l", displayName="Eva Lovelace"))
    assert adopted.status in (200, 201)
    eva.refresh_from_db()
    assert getattr(eva, column("displayName")) == "Eva Lovelace"
    assert link_of(adopted).scim_managed


def test_B10_with_update_a_match_by_mail_takes_the_directorys_userName(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    eva = make_user(client.organization, "eva.old", mail="eva@contoso.example")
    adopted = client.post(
        "/Users", user_body("eva", emails=[{"type": "work", "value": "eva@contoso.example"}])
    )
    assert adopted.status in (200, 201)
    assert adopted["userName"] == "eva@contoso.example"
    eva.refresh_from_db()
    assert getattr(eva, column("userName")) == "eva@contoso.example"


def test_B10_with_update_the_first_patch_links_and_updates(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    eva = make_user(client.organization, "eva.l")
    user = found(client)["id"]
    assert client.patch(f"/Users/{user}", replace("displayName", "Eva Lovelace")).status == 200
    eva.refresh_from_db()
    assert getattr(eva, column("displayName")) == "Eva Lovelace"
    assert link_of(user).origin == UserResource.Origin.ADOPTED


def test_B10_identifiers_are_looked_up_in_any_case_and_are_unique(make_client: MakeClient) -> None:
    client = make_client("rfc", existing_users="link")
    make_user(client.organization, "Eva@Contoso.Example")
    adopted = client.post("/Users", user_body("eva@contoso.example"))
    assert adopted.status in (200, 201)
    assert users_of(client.organization) == 1
    assert client.find("/Users", 'userName eq "EVA@CONTOSO.EXAMPLE"')["totalResults"] == 1
