"""The forty facts most likely to be implemented wrongly (section 7 of the catalogue): from 23 on."""

from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps

from tests.entra.bodies import CREATE, add, create_body, folded, replace
from tests.factories import expected_status, host_rows, make_group, make_user, status_of
from tests.scim import ENTERPRISE, ERROR, FLOWCASE, USER, ScimClient, group_body, user_body

MANAGER = f"{ENTERPRISE}:manager"


@pytest.fixture
def ada(contoso: ScimClient) -> str:
    """Return the id of a user with every attribute of R4."""
    return contoso.post("/Users", CREATE).id


def test_fact_23_an_e_mail_that_exists_is_adopted_and_no_conflict(
    organization: Any, make_client: Any
) -> None:
    user = make_user(organization, "a.lovelace", mail="Ada@Contoso.example")
    client = make_client("flow_connect")
    answer = client.post("/Users", CREATE)
    assert answer.status == 201
    assert client.connection.user_resources.get().user_id == user.pk


@pytest.mark.examplehub
@pytest.mark.parametrize("kind", ["admin", "built_in"])
def test_fact_24_admin_and_built_in_groups_are_invisible(
    organization: Any, make_client: Any, kind: str
) -> None:
    make_group(organization, "Administrators", kind=kind)
    client = make_client("flow_connect")
    assert client.get("/Groups")["totalResults"] == 0
    assert client.find("/Groups", 'displayName eq "Administrators"')["totalResults"] == 0
    answer = client.post("/Groups", group_body("administrators"))
    assert (answer.status, answer["scimType"]) == (409, "uniqueness")
    team = client.create_group("Team A").id
    answer = client.patch(f"/Groups/{team}", replace("displayName", "Administrators"))
    assert (answer.status, answer["scimType"]) == (409, "uniqueness")


def test_fact_24_users_and_groups_of_others_are_invisible(
    contoso: ScimClient, northwind: ScimClient, other_organization: Any
) -> None:
    make_group(other_organization, "Theirs")
    user, group = northwind.create_user("eve").id, northwind.create_group("Spies").id
    assert contoso.get("/Users")["totalResults"] == contoso.get("/Groups")["totalResults"] == 0
    assert contoso.get(f"/Users/{user}").status == contoso.get(f"/Groups/{group}").status == 404


@pytest.mark.examplehub
def test_fact_25_a_group_that_comes_back_has_a_new_id_and_no_permissions(contoso: ScimClient) -> None:
    group_model = apps.get_model("hub", "Group")
    first = contoso.create_group("Team A").id
    permission = apps.get_model("auth", "Permission").objects.get(codename="manage_users_and_groups")
    group_model.objects.get(name="Team A").permissions.add(permission)
    contoso.delete(f"/Groups/{first}")
    assert contoso.create_group("Team A").id != first
    assert not group_model.objects.get(name="Team A").permissions.exists()


def test_fact_26_membership_is_kept_while_inactive(contoso: ScimClient, ada: str) -> None:
    team = contoso.create_group("Team A", ada).id
    contoso.patch(f"/Users/{ada}", replace("active", "False"))
    assert contoso.members(team) == {ada}
    contoso.patch(f"/Users/{ada}", replace("active", "True"))
    assert contoso.members(team) == {ada}


def test_fact_27_a_manager_arrives_as_a_string_and_leaves_as_an_object(contoso: ScimClient, ada: str) -> None:
    answer = contoso.patch(f"/Users/{ada}", replace(MANAGER, ada))
    assert answer[ENTERPRISE]["manager"]["value"] == ada


def test_fact_28_an_empty_manager_removes_it(contoso: ScimClient, ada: str) -> None:
    contoso.patch(f"/Users/{ada}", replace(MANAGER, ada))
    assert "manager" not in contoso.patch(f"/Users/{ada}", replace(MANAGER, ""))[ENTERPRISE]


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize(
    "path", ["title", "displayName", "name.givenName", 'phoneNumbers[type eq "work"].value']
)
def test_fact_29_empties_clear_any_optional_attribute(
    contoso: ScimClient, ada: str, path: str, empty: Any
) -> None:
    text = f"{path} pr" if "[" not in path else 'phoneNumbers[type eq "work" and value pr]'
    assert contoso.find("/Users", text)["totalResults"] == 1
    assert contoso.patch(f"/Users/{ada}", replace(path, empty)).status == 200
    assert contoso.find("/Users", text)["totalResults"] == 0


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize("path", ["userName", "active"])
def test_fact_29_what_is_required_cannot_be_cleared(
    contoso: ScimClient, ada: str, path: str, empty: Any
) -> None:
    answer = contoso.patch(f"/Users/{ada}", replace(path, empty))
    assert answer.status in (200, 400)
    assert contoso.user(ada)["userName"] == CREATE["userName"]
    assert contoso.user(ada)["active"] is True
    if path == "userName":
        assert answer.status == 400


def test_fact_30_nulls_and_unknown_attributes_of_a_create_are_ignored(contoso: ScimClient) -> None:
    answer = contoso.post("/Users", create_body(title=None, nothing=None, surname="L", employeeId=7))
    assert answer.status == 201
    assert not {"title", "nothing", "surname", "employeeId"} & answer.json.keys()


def test_fact_31_names_may_be_missing(contoso: ScimClient) -> None:
    answer = contoso.post("/Users", create_body(name=..., displayName=...))
    assert answer.status == 201
    assert not {"name", "displayName"} & answer.json.keys()


def test_fact_32_extension_data_without_its_urn_is_legal(contoso: ScimClient) -> None:
    answer = contoso.post("/Users", create_body(schemas=[USER]))
    assert answer[ENTERPRISE]["employeeNumber"] == "7"


@pytest.mark.parametrize(
    "accepted",
    [{"nickName": "A"}, {"profileUrl": "https://x.example/a"}, {"userType": "Guest"}, {"locale": "nb-NO"},
     {"timezone": "Europe/Oslo"}, {"ims": [{"type": "skype", "value": "ada"}]},
     {"photos": [{"type": "photo", "value": "https://x.example/a.png"}]},
     {"entitlements": [{"value": "e"}]}, {"addresses": [{"type": "home", "locality": "Bergen"}]},
     {"emails": [{"type": "work", "value": "a@x.example"}, {"type": "home", "value": "b@x.example"}]}],
    ids=lambda accepted: next(iter(accepted)),
)  # fmt: skip
def test_fact_33_every_accepted_attribute_is_returned(contoso: ScimClient, accepted: dict[str, Any]) -> None:
    created = contoso.post("/Users", create_body(**accepted))
    assert created.status == 201, created.json
    assert {name: contoso.user(created.id)[name] for name in accepted} == accepted


VERBATIM = [
    ("phoneNumbers", [{"type": "work", "value": "+47 (22) 00-00 ext. 7"}]),
    ("emails", [{"type": "work", "value": "Ada.Lovelace@Contoso.Example"}]),
    ("displayName", "  Ada   LOVELACE "),
    ("title", "Ingeniør & 'chief' <b>\"x\"</b>"),
    ("phoneNumbers", [{"type": "Work", "value": "5551"}]),
    ("userName", "Ada.Lovelace@Contoso.Example"),
    ("name", {"familyName": "Ωμέγα 李", "givenName": "Łucja"}),
]


@pytest.mark.parametrize(("name", "value"), VERBATIM)
def test_fact_34_stored_values_are_what_was_sent(contoso: ScimClient, name: str, value: Any) -> None:
    created = contoso.post("/Users", create_body(**{name: value}))
    assert created.status == 201, created.json
    assert contoso.user(created.id)[name] == value


def test_fact_35_a_patch_is_done_whole_or_not_at_all(contoso: ScimClient, ada: str) -> None:
    before = contoso.get(f"/Users/{ada}").json
    answer = contoso.patch(f"/Users/{ada}", replace("title", "Boss"), replace("favouriteColour", "red"))
    assert answer.status == 400
    assert contoso.get(f"/Users/{ada}").json == before


@pytest.mark.examplehub
def test_fact_35_fields_that_belong_together_are_judged_after_all_operations(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada").id
    department, code, name = (
        f"{ENTERPRISE}:department", f"{FLOWCASE}:countryCode", f"{FLOWCASE}:countryName"
    )  # fmt: skip
    ambiguous = fabrikam.patch(f"/Users/{user}", replace(department, "Engineering"))
    assert (ambiguous.status, ambiguous["scimType"]) == (400, "invalidValue")
    assert "country" in ambiguous["detail"]
    both_ways = [replace(department, "Engineering"), replace(code, "SE")]
    for operations in (both_ways, both_ways[::-1]):
        assert fabrikam.patch(f"/Users/{user}", *operations).status == 200
        clear = (replace(department, ""), replace(code, ""))
        assert fabrikam.patch(f"/Users/{user}", *clear).status == 200
    for operation in (folded({code: "NO", name: "Norway"}), folded({code: "NO"}), folded({name: "Norway"})):
        answer = fabrikam.patch(f"/Users/{user}", operation)
        one_only = operation["value"].keys() == {code}
        assert answer.status == (200 if one_only else 400), operation


def test_fact_36_the_quoted_token_header_is_accepted(contoso: ScimClient) -> None:
    for header in ('Bearer token="{}"', "Bearer {}", 'Token token="{}"', "Token {}"):
        answer = contoso.request("GET", "/Users", authorization=header.format(contoso.token))
        assert answer.status == 200, header


@pytest.mark.parametrize(
    "name",
    ["a+b@x.example", "guest_gmail.com#EXT#@contoso.example", "o'neil@x.example", "a&b@x.example",
     "åse@contoso.example", "李@contoso.example", "a%20b@x.example", "a=b@x.example", "a;b,c@x.example",
     "(ada)@x.example", 'ada"q@x.example', "back\\slash@x.example", "under_score%@x.example"],
)  # fmt: skip
def test_fact_37_special_characters_and_utf8_are_matched(contoso: ScimClient, name: str) -> None:
    contoso.create_user("underXscoreY@x.example")
    created = contoso.create_user(name)
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    for text in (f'userName eq "{escaped}"', f'emails[type eq "work"].value eq "{escaped}"'):
        assert [found["id"] for found in contoso.find("/Users", text)["Resources"]] == [created.id]


@pytest.mark.parametrize(
    "name", ["a+b@x.example", "guest#EXT#@x.example", "o'neil@x.example", "åse@x.example", "77"]
)
def test_fact_37_values_may_be_unquoted(contoso: ScimClient, name: str) -> None:
    contoso.post("/Users", user_body(f"x{name}@x.example", displayName=name))
    assert contoso.find("/Users", f"displayName eq {name}")["totalResults"] == 1
    assert contoso.find("/Users", f"displayName eq {name} and active eq true")["totalResults"] == 1


def test_fact_38_paging_echoes_the_start_and_allows_a_count_of_zero(contoso: ScimClient, ada: str) -> None:
    answer = contoso.get("/Users", startIndex=7, count=0)
    assert (answer.status, answer["startIndex"], answer["itemsPerPage"]) == (200, 7, 0)
    assert (answer["totalResults"], answer["Resources"]) == (1, [])


def test_fact_39_canonical_values_are_not_published_where_they_are_not_enforced(contoso: ScimClient) -> None:
    published = {item["name"]: item for item in contoso.get(f"/Schemas/{USER}")["attributes"]}
    for name in ("roles", "entitlements", "ims", "photos"):
        kinds = [sub for sub in published.get(name, {}).get("subAttributes", ()) if sub["name"] == "type"]
        assert not [kind for kind in kinds if kind.get("canonicalValues")]


def test_fact_40_an_error_is_one_that_a_customer_can_act_on(contoso: ScimClient, ada: str) -> None:
    refusals = [
        (contoso.post("/Users", CREATE), 409, "uniqueness"),
        (
            contoso.post("/Users", create_body(userName="b@x.example", externalId="jyoung")),
            400,
            "invalidValue",
        ),
        (contoso.patch(f"/Users/{ada}", replace("nowhere", "x")), 400, "invalidPath"),
        (contoso.get(f"/Users/{uuid4()}"), 404, None),
    ]
    for answer, status, scim_type in refusals:
        assert answer.status == status
        assert answer["schemas"] == [ERROR]
        assert answer["status"] == str(status)
        assert answer.json.get("scimType") == scim_type
        assert len(answer["detail"]) > 20
    assert "objectId" in refusals[1][0]["detail"]
    assert status_of(host_rows(contoso.connection)[0].get()) == expected_status("pending")
    assert contoso.patch(f"/Users/{ada}", add("title", "x")).status == 200
