"""Recorded conversations of Okta, OneLogin, JumpCloud and PingFederate, with their odd shapes (section 5)."""

from typing import Any

import pytest

from tests.factories import host_rows, status_of
from tests.scim import ENTERPRISE, GROUP, PATCH_OP, USER, ScimClient


def okta(client: ScimClient, method: str, path: str, body: Any = None) -> Any:
    """Send a request as Okta does."""
    return client.request(method, path, body, User_Agent="Okta SCIM Client 1.0.0")


OKTA_USER: dict[str, Any] = {
    "schemas": [USER],
    "userName": "ada@contoso.example",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [{"primary": True, "value": "ada@contoso.example", "type": "work"}],
    "displayName": "Ada Lovelace",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}


@pytest.fixture
def ada(rfc: ScimClient) -> str:
    """Return the id of the user that Okta makes."""
    created = okta(rfc, "POST", "/Users", OKTA_USER)
    assert created.status == 201, created.json
    return str(created.id)


def test_okta_tests_the_connection_with_a_page_of_two(rfc: ScimClient) -> None:
    answer = okta(rfc, "GET", "/Users?startIndex=1&count=2")
    assert (answer.status, answer["totalResults"], answer["startIndex"]) == (200, 0, 1)
    assert answer["Resources"] == []


def test_okta_looks_a_user_up_before_it_creates_one(rfc: ScimClient) -> None:
    path = "/Users?filter=userName%20eq%20%22ada%40contoso.example%22&startIndex=1&count=100"
    assert okta(rfc, "GET", path)["totalResults"] == 0
    created = okta(rfc, "POST", "/Users", OKTA_USER)
    assert (created.status, created["externalId"]) == (201, OKTA_USER["externalId"])
    assert not {"password", "groups"} & created.json.keys()
    assert [found["id"] for found in okta(rfc, "GET", path)["Resources"]] == [created.id]


def test_okta_stores_no_password(rfc: ScimClient, ada: str) -> None:
    assert not host_rows(rfc.connection)[0].get().check_password(OKTA_USER["password"])


def test_okta_puts_the_whole_body_back_that_it_has_read(rfc: ScimClient, ada: str) -> None:
    body = okta(rfc, "GET", f"/Users/{ada}").json
    body.update({"displayName": "Countess", "groups": [{"value": "x"}], "unknownAttribute": "x"})
    answer = okta(rfc, "PUT", f"/Users/{ada}", body)
    assert (answer.status, answer.id, answer["displayName"]) == (200, ada, "Countess")
    assert answer["name"] == OKTA_USER["name"]
    assert answer["locale"] == "en-US"


def test_okta_deactivates_by_put(rfc: ScimClient, ada: str) -> None:
    body = {**okta(rfc, "GET", f"/Users/{ada}").json, "active": False}
    assert okta(rfc, "PUT", f"/Users/{ada}", body)["active"] is False
    assert status_of(host_rows(rfc.connection)[0].get()) == "inactive"
    assert okta(rfc, "PUT", f"/Users/{ada}", {**body, "active": True})["active"] is True


def test_okta_deactivates_without_a_path(rfc: ScimClient, ada: str) -> None:
    body = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "value": {"active": False}}]}
    assert okta(rfc, "PATCH", f"/Users/{ada}", body).status == 200
    assert okta(rfc, "GET", f"/Users/{ada}")["active"] is False


@pytest.mark.parametrize("disabled", [False, True])
def test_a_put_without_active_neither_disables_nor_enables(rfc: ScimClient, ada: str, disabled: bool) -> None:
    if disabled:
        rfc.patch(f"/Users/{ada}", {"op": "replace", "value": {"active": False}})
    body = {key: value for key, value in OKTA_USER.items() if key != "active"}
    assert okta(rfc, "PUT", f"/Users/{ada}", body)["active"] is not disabled


def test_a_put_clears_what_it_leaves_out(rfc: ScimClient, ada: str) -> None:
    okta(rfc, "PUT", f"/Users/{ada}", {"schemas": [USER], "userName": "ada@contoso.example"})
    shown = rfc.user(ada)
    assert shown.keys() == {"userName", "active", "externalId"}


def test_okta_creates_a_group_with_members_and_pushes_the_full_set(rfc: ScimClient, ada: str) -> None:
    grace = rfc.create_user("grace").id
    body = {
        "schemas": [GROUP],
        "displayName": "Team A",
        "members": [{"value": ada, "display": "ada@contoso.example"}],
    }
    team = okta(rfc, "POST", "/Groups", body)
    assert team.status == 201
    assert [member["value"] for member in team["members"]] == [ada]
    path = f"/Groups/{team.id}"
    for members in ([ada, grace], [grace], []):
        rename = {"op": "replace", "value": {"id": team.id, "displayName": "Team A"}}
        full = {
            "op": "replace",
            "path": "members",
            "value": [{"value": member, "display": "x"} for member in members],
        }
        assert okta(rfc, "PATCH", path, {"schemas": [PATCH_OP], "Operations": [rename]}).status == 200
        assert rfc.members(team.id) == set(members) or members != [ada]
        assert okta(rfc, "PATCH", path, {"schemas": [PATCH_OP], "Operations": [full]}).status == 200
        assert rfc.members(team.id) == set(members)


def test_okta_adds_and_removes_members_one_by_one(rfc: ScimClient, ada: str) -> None:
    team = rfc.create_group("Team A").id
    rfc.patch(
        f"/Groups/{team}", {"op": "add", "path": "members", "value": [{"value": ada, "display": "ada"}]}
    )
    assert rfc.members(team) == {ada}
    rfc.patch(f"/Groups/{team}", {"op": "remove", "path": f'members[value eq "{ada}"]'})
    assert rfc.members(team) == set()


def test_okta_puts_a_group_with_all_its_members(rfc: ScimClient, ada: str) -> None:
    grace = rfc.create_user("grace").id
    team = rfc.create_group("Team A", ada).id
    body = {"schemas": [GROUP], "id": team, "displayName": "Team B", "members": [{"value": grace}]}
    answer = okta(rfc, "PUT", f"/Groups/{team}", body)
    assert (answer.status, answer["displayName"]) == (200, "Team B")
    assert rfc.members(team) == {grace}
    okta(rfc, "PUT", f"/Groups/{team}", {**body, "members": []})
    assert rfc.members(team) == set()


def test_okta_unlinks_a_group_by_deleting_it(rfc: ScimClient, ada: str) -> None:
    team = rfc.create_group("Team A", ada).id
    assert okta(rfc, "DELETE", f"/Groups/{team}").status == 204
    assert rfc.get(f"/Users/{ada}").status == 200


ONELOGIN: dict[str, Any] = {
    "schemas": ["urn:scim:schemas:core:1.0", USER, "urn:scim:schemas:extension:enterprise:1.0"],
    "userName": "ada@contoso.example",
    "name": {"givenName": "Ada", "familyName": "", "formatted": ""},
    "displayName": "Ada L",
    "title": "",
    "emails": [{"value": "ada@contoso.example", "type": "work", "primary": True}],
    "phoneNumbers": [{"value": "", "type": "work"}],
    "addresses": [{"locality": "Oslo", "country": ""}],
    "department": "",
    ENTERPRISE: {"department": "", "manager": {"value": "b0b", "displayName": "Bob"}},
}


def test_onelogin_sends_a_template_with_empty_strings(rfc: ScimClient) -> None:
    answer = rfc.post("/Users", ONELOGIN)
    assert answer.status == 201, answer.json
    assert rfc.user(answer.id) == {
        "userName": "ada@contoso.example",
        "active": True,
        "name": {"givenName": "Ada"},
        "displayName": "Ada L",
        "emails": [{"value": "ada@contoso.example", "type": "work", "primary": True}],
        "addresses": [{"locality": "Oslo"}],
        ENTERPRISE: {"manager": answer[ENTERPRISE]["manager"]},
    }
    assert answer[ENTERPRISE]["manager"]["value"] == "b0b"
    assert "urn:scim:schemas:core:1.0" not in answer["schemas"]


def test_jumpcloud_creates_changes_and_deletes_a_user_and_a_group_to_test(rfc: ScimClient) -> None:
    for _again in range(2):
        user = rfc.post("/Users", {"schemas": [USER], "userName": "jc.test@x.example", "active": True}).id
        team = rfc.post("/Groups", {"schemas": [GROUP], "displayName": "JumpCloud test", "members": []}).id
        assert (
            rfc.patch(f"/Groups/{team}", {"op": "add", "path": "members", "value": [{"value": user}]}).status
            == 200
        )
        assert (
            rfc.put(f"/Users/{user}", {"userName": "jc.test@x.example", "active": False})["active"] is False
        )
        assert (
            rfc.patch(
                f"/Groups/{team}", {"op": "remove", "path": "members", "value": [{"value": user}]}
            ).status
            == 200
        )
        assert rfc.delete(f"/Groups/{team}").status == 204
        assert rfc.delete(f"/Users/{user}").status == 204


@pytest.mark.parametrize("by", ["put", "patch"])
def test_google_suspends_and_deletes_after_a_delay(rfc: ScimClient, by: str) -> None:
    """It probes with a page of one, scopes by group and sends none, and ends users in two steps."""
    probe = rfc.get("/Users?count=1")
    assert (probe.status, probe["totalResults"]) == (200, 0)
    assert rfc.find("/Users", 'userName eq "ada@contoso.example"')["Resources"] == []
    sent = {
        "schemas": [USER, ENTERPRISE],
        "userName": "ada@contoso.example",
        "externalId": "106222333444555666777",
        "active": True,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "ada@contoso.example", "type": "work", "primary": True}],
        ENTERPRISE: {"department": "", "manager": {}},
    }
    user = rfc.post("/Users", sent).id
    if by == "put":
        suspended = rfc.put(f"/Users/{user}", {**sent, "id": user, "active": False})
    else:
        suspended = rfc.patch(f"/Users/{user}", {"op": "replace", "value": {"active": False}})
    assert (suspended.status, suspended["active"]) == (200, False)
    found = rfc.find("/Users", 'userName eq "ada@contoso.example"')["Resources"]
    assert [(one["id"], one["active"]) for one in found] == [(user, False)]
    assert rfc.delete(f"/Users/{user}").status == 204
    assert rfc.find("/Users", 'userName eq "ada@contoso.example"')["totalResults"] == 0


def test_pingfederate_puts_two_mails_that_are_both_primary(rfc: ScimClient) -> None:
    mails = [
        {"type": "work", "value": "ada@contoso.example", "primary": True},
        {"type": "other", "value": "ada@home.example", "primary": True},
    ]
    user = rfc.post("/Users", {"schemas": [USER], "userName": "ada", "emails": mails}).id
    answer = rfc.put(
        f"/Users/{user}", {"schemas": [USER], "userName": "ada", "emails": mails, "active": True}
    )
    assert answer.status == 200
    primary = [entry["value"] for entry in rfc.user(user)["emails"] if entry.get("primary")]
    assert primary == ["ada@contoso.example"]


def test_pingfederate_matches_on_user_name_and_deactivates_by_put(rfc: ScimClient) -> None:
    user = rfc.post("/Users", {"schemas": [USER], "userName": "ada"}).id
    assert rfc.find("/Users", 'userName eq "ada"')["Resources"][0]["id"] == user
    assert (
        rfc.put(f"/Users/{user}", {"schemas": [USER], "userName": "ada", "active": False})["active"] is False
    )


def test_pingone_looks_for_groups_with_names_beyond_ascii(rfc: ScimClient) -> None:
    team = rfc.create_group("Økonomi – 東京").id
    found = rfc.find("/Groups", 'displayName eq "økonomi – 東京"')
    assert [group["id"] for group in found["Resources"]] == [team]


@pytest.mark.parametrize("path", ["/users", "/Users/", "/USERS", "/users/"])
def test_collections_are_found_in_any_case_and_with_a_slash_at_the_end(rfc: ScimClient, path: str) -> None:
    created = rfc.post(path, {"userName": "ada"})
    assert created.status == 201
    assert rfc.get(path)["totalResults"] == 1
    assert rfc.get(f"{path.rstrip('/')}/{created.id}/").status == 200
    assert "/Users/" in created["meta"]["location"]
