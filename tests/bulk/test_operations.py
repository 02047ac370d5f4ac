"""What each operation of a bulk request does and is answered with (RFC 7644 sections 3.7 and 3.7.3)."""

from typing import Any

import pytest

from scim_provisioning.models import Effect, Event
from tests.bulk.requests import bulk, patch, post_group, post_user, results, retitle, statuses
from tests.conftest import MakeClient
from tests.scim import CONTENT_TYPE, ERROR, ScimClient, add_members, database_digest, group_body, user_body


def test_each_operation_has_its_own_status_location_and_version(rfc: ScimClient) -> None:
    ada, grace = rfc.create_user("ada"), rfc.create_user("grace")
    answer = bulk(
        rfc,
        post_user("new"),
        {"method": "PUT", "path": f"/Users/{ada.id}", "data": user_body("ada", title="Eng")},
        retitle(f"/Users/{grace.id}"),
        {"method": "DELETE", "path": f"/Users/{ada.id}"},
    )
    assert answer.status == 200
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    created, replaced, patched, deleted = answer["Operations"]
    new = rfc.find("/Users", 'userName sw "new@"')["Resources"][0]
    assert created == {
        "method": "POST",
        "bulkId": "new",
        "location": new["meta"]["location"],
        "version": 'W/"1"',
        "status": "201",
    }
    location = ada["meta"]["location"]
    assert replaced == {"method": "PUT", "location": location, "version": 'W/"2"', "status": "200"}
    assert patched == {
        "method": "PATCH",
        "location": grace["meta"]["location"],
        "version": rfc.get(f"/Users/{grace.id}")["meta"]["version"],
        "status": "200",
    }
    assert deleted == {"method": "DELETE", "location": location, "status": "204"}
    assert rfc.get(f"/Users/{ada.id}").status == 404
    assert rfc.get(f"/Users/{grace.id}")["title"] == "Boss"


def test_a_failed_operation_answers_with_its_error_and_leaves_the_others_alone(rfc: ScimClient) -> None:
    user = rfc.create_user("ada").id
    taken, fine, unknown = results(
        rfc,
        post_user("again", "ada"),
        post_user("new"),
        retitle("/Users/00000000-0000-4000-8000-000000000000"),
    )
    assert taken["status"] == "409"
    assert taken["bulkId"] == "again"
    assert "location" not in taken
    assert taken["response"]["schemas"] == [ERROR]
    assert (taken["response"]["status"], taken["response"]["scimType"]) == ("409", "uniqueness")
    assert fine["status"] == "201"
    assert unknown["status"] == unknown["response"]["status"] == "404"
    assert unknown["location"].endswith("/v2/Users/00000000-0000-4000-8000-000000000000")
    assert rfc.get("/Users").names == ["ada@contoso.example", "new@contoso.example"]
    assert rfc.get(f"/Users/{user}")["meta"]["version"] == 'W/"1"'


def test_operations_are_applied_in_the_order_they_came(rfc: ScimClient) -> None:
    user = rfc.create_user("ada").id
    path = f"/Users/{user}"
    answered = results(rfc, *(retitle(path, f"Title {number}") for number in range(5)))
    assert [result["version"] for result in answered] == [f'W/"{number}"' for number in range(2, 7)]
    assert rfc.get(path)["title"] == "Title 4"


def test_an_operation_is_answered_as_the_request_would_be(make_client: MakeClient) -> None:
    client = make_client("rfc", user_patch_response=204)
    user, group = client.create_user("ada").id, client.create_group("Team A").id
    assert statuses(client, retitle(f"/Users/{user}"), patch(f"/Groups/{group}", add_members(user))) == [
        "204",
        "200",
    ]


@pytest.mark.parametrize("path", ["/Users", "Users", "/users/", "/USERS"])
def test_a_path_may_be_written_in_several_ways(rfc: ScimClient, path: str) -> None:
    assert statuses(rfc, {**post_user("new"), "path": path}) == ["201"]


def test_method_and_member_names_are_read_in_any_case(rfc: ScimClient) -> None:
    operation = {"METHOD": "post", "Path": "/Users", "bulkid": "x", "Data": user_body("ada")}
    assert statuses(rfc, operation) == ["201"]


def test_a_patch_may_list_its_operations_as_the_rfc_prints_it(rfc: ScimClient) -> None:
    user = rfc.create_user("ada").id
    operations = [{"op": "add", "path": "nickName", "value": "Countess"}]
    assert statuses(rfc, {"method": "PATCH", "path": f"/Users/{user}", "data": operations}) == ["200"]
    assert rfc.get(f"/Users/{user}")["nickName"] == "Countess"


@pytest.mark.parametrize(
    ("version", "status"),
    [('W/"1"', "200"), ("*", "200"), ('W/"2"', "412"), ('W/"x"', "412"), ("nonsense", "412")],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_version_is_compared_before_anything_is_done(
    rfc: ScimClient, method: str, version: str, status: str
) -> None:
    user = rfc.create_user("ada")
    path = f"/Users/{user.id}"
    operation = {**retitle(path), "method": method, "version": version}
    if method == "PUT":
        operation["data"] = user_body("ada", title="Boss")
    before = database_digest()
    [result] = results(rfc, operation)
    assert result["status"] == {"200": "204"}.get(status, status) if method == "DELETE" else status
    assert (database_digest() == before) == (status == "412")
    if status == "412":
        assert result["location"] == user["meta"]["location"]
        assert result["response"]["status"] == "412"


def test_a_later_operation_can_name_the_version_an_earlier_one_made(rfc: ScimClient) -> None:
    path = f"/Users/{rfc.create_user('ada').id}"
    assert statuses(
        rfc,
        retitle(path, "One", version='W/"1"'),
        retitle(path, "Two", version='W/"2"'),
        retitle(path, "Three", version='W/"2"'),
    ) == ["200", "200", "412"]
    assert rfc.get(path)["title"] == "Two"


INVALID: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("POST", {}, "400", "invalidValue"),
    ("POST", {"userName": ""}, "400", "invalidValue"),
    ("POST", user_body("x", emails="x"), "400", "invalidValue"),
    ("POST", user_body("x", active="perhaps"), "400", "invalidValue"),
    ("PUT", {}, "400", "invalidValue"),
    ("PATCH", {}, "400", "invalidSyntax"),
    ("PATCH", {"Operations": "x"}, "400", "invalidSyntax"),
    ("PATCH", {"Operations": [{"op": "mend"}]}, "400", "invalidSyntax"),
    ("PATCH", {"Operations": [{"op": "replace", "path": "nowhere", "value": 1}]}, "400", "invalidPath"),
    ("PATCH", {"Operations": [{"op": "remove"}]}, "400", "noTarget"),
    ("PATCH", {"Operations": [{"op": "remove", "path": "userName"}]}, "400", "mutability"),
]
# Not the data itself: it holds a new GUID in every process.
INVALID_NAMES = [f"{method} {number}" for number, (method, *_rest) in enumerate(INVALID)]


@pytest.mark.parametrize(("method", "data", "status", "scim_type"), INVALID, ids=INVALID_NAMES)
def test_bad_data_is_the_error_of_its_operation(
    rfc: ScimClient, method: str, data: dict[str, Any], status: str, scim_type: str | None
) -> None:
    path = "/Users" if method == "POST" else f"/Users/{rfc.create_user('ada').id}"
    bad: dict[str, Any] = {"method": method, "path": path, "bulkId": "bad", "data": data}
    [result, other] = results(rfc, bad, post_user("fine"))
    assert (result["status"], result["response"].get("scimType")) == (status, scim_type)
    assert other["status"] == "201"


def test_a_failing_operation_leaves_nothing_behind(rfc: ScimClient) -> None:
    group, user = rfc.create_group("Team A").id, rfc.create_user("ada").id
    half_done = patch(
        f"/Groups/{group}",
        {"op": "replace", "path": "displayName", "value": "Team B"},
        add_members(user, "00000000-0000-4000-8000-000000000000"),
    )
    before = database_digest()
    events, effects = Event.objects.count(), Effect.objects.count()
    [result] = results(rfc, half_done)
    assert (result["status"], result["response"]["scimType"]) == ("400", "invalidValue")
    assert database_digest() == before
    assert (Event.objects.count(), Effect.objects.count()) == (events + 1, effects)


def test_a_group_that_names_an_unknown_member_is_not_created(rfc: ScimClient) -> None:
    assert statuses(rfc, post_group("g", "00000000-0000-4000-8000-000000000000"), post_user("new")) == [
        "400",
        "201",
    ]
    assert rfc.get("/Groups")["totalResults"] == 0


def test_groups_that_are_off_are_absent_for_each_operation(make_client: MakeClient) -> None:
    client = make_client("rfc", groups=False)
    answered = results(client, post_group("g"), post_user("new"), patch("/Groups/7"))
    assert [result["status"] for result in answered] == ["404", "201", "404"]
    assert "group mapping" in answered[0]["response"]["detail"]


def test_what_belongs_to_another_organization_is_absent(contoso: ScimClient, northwind: ScimClient) -> None:
    user, group = northwind.create_user("eve").id, northwind.create_group("Spies").id
    mine = contoso.create_group("Team A").id
    before = database_digest()
    foreign = [
        retitle(f"/Users/{user}"),
        {"method": "PUT", "path": f"/Users/{user}", "data": user_body("eve")},
        {"method": "DELETE", "path": f"/Users/{user}"},
        patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "Ours"}),
        {"method": "PUT", "path": f"/Groups/{group}", "data": group_body("Ours")},
        {"method": "DELETE", "path": f"/Groups/{group}"},
    ]
    answered = results(contoso, *foreign)
    assert [result["status"] for result in answered] == ["404"] * 6
    absent = results(contoso, retitle("/Users/00000000-0000-4000-8000-000000000000"))[0]
    assert answered[0]["response"] == absent["response"]
    assert database_digest() == before
    # A member of another organization is ignored as an unknown one is (A27).
    assert statuses(contoso, patch(f"/Groups/{mine}", add_members(user))) == ["204"]
    assert contoso.members(mine) == set()
    assert northwind.members(group) == set()


def test_every_operation_is_in_the_log_under_one_request(rfc: ScimClient) -> None:
    user = rfc.create_user("ada").id
    Event.objects.all().delete()
    results(
        rfc,
        post_user("new"),
        retitle(f"/Users/{user}"),
        post_user("again", "ada"),
        {"method": "DELETE", "path": f"/Users/{user}"},
    )
    events = list(Event.objects.order_by("pk"))
    assert [(event.operation, event.outcome, event.status, event.code) for event in events] == [
        ("create", "success", 201, ""),
        ("update", "success", 200, ""),
        ("post", "refused", 409, "user_name_taken"),
        ("delete", "success", 204, ""),
    ]
    assert len({event.request_id for event in events}) == 1
    assert {event.resource_type for event in events} == {"User"}
    assert {str(event.resource_id) for event in events[1::2]} == {user}


def test_a_paused_connection_runs_no_operation(rfc: ScimClient) -> None:
    rfc.connection.enabled = False
    rfc.connection.save()
    assert bulk(rfc, post_user("new")).status == 503


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("±", "%C2%B1"), ("a b", "a%20b"), ('"<x>', "%22%3Cx%3E"), ("%2F", "%252F"), ("bulkId:x", "bulkId:x")],
)
def test_the_location_of_what_there_is_not_is_a_url_all_the_same(
    rfc: ScimClient, sent: str, shown: str
) -> None:
    """What schemathesis found: an id that is none stood in the location letter by letter."""
    [result] = results(rfc, {"method": "DELETE", "path": f"/Users/{sent}"})
    assert int(result["status"]) >= 400
    assert result["location"].endswith(f"{rfc.base}/Users/{shown}")
