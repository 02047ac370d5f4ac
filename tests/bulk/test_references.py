"""bulkId references: in data, in paths, forward, in circles (RFC 7644 sections 3.7.1 and 3.7.2)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.models import Event
from scim_provisioning.protocol.bulk import BulkOperation, in_order
from tests.bulk.requests import bulk, patch, post_group, post_user, results, retitle, statuses
from tests.conftest import MakeClient
from tests.factories import make_user
from tests.scim import ENTERPRISE, ScimClient, add_members, database_digest


def manager(bulk_id: str) -> dict[str, Any]:
    """Return the attributes that make a user of the same request the manager."""
    return {ENTERPRISE: {"manager": {"value": f"bulkId:{bulk_id}"}}}


def made(answered: list[dict[str, Any]]) -> dict[str, str]:
    """Return the ids of the created resources by bulkId."""
    return {
        result["bulkId"]: result["location"].rpartition("/")[2]
        for result in answered
        if result["method"] == "POST" and result["status"] == "201"
    }


def manager_of(client: ScimClient, user: str) -> str | None:
    extension = client.user(user).get(ENTERPRISE, {})
    found: str | None = extension.get("manager", {}).get("value")
    return found


def test_the_rfcs_example_of_a_user_and_its_group(rfc: ScimClient) -> None:
    # RFC 7644 section 3.7.2, letter by letter but for what the service adds.
    answer = rfc.post(
        "/Bulk",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {
                    "method": "POST",
                    "path": "/Users",
                    "bulkId": "qwerty",
                    "data": {
                        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                        "userName": "Alice",
                    },
                },
                {
                    "method": "POST",
                    "path": "/Groups",
                    "bulkId": "ytrewq",
                    "data": {
                        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                        "displayName": "Tour Guides",
                        "members": [{"type": "User", "value": "bulkId:qwerty"}],
                    },
                },
            ],
        },
    )
    alice, guides = answer["Operations"]
    assert (alice["method"], alice["bulkId"], alice["status"]) == ("POST", "qwerty", "201")
    assert (guides["method"], guides["bulkId"], guides["status"]) == ("POST", "ytrewq", "201")
    group = rfc.get(f"/Groups/{made(answer['Operations'])['ytrewq']}").json
    assert group["displayName"] == "Tour Guides"
    assert [member["$ref"] for member in group["members"]] == [alice["location"]]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_group_may_come_before_its_members(rfc: ScimClient, backwards: bool) -> None:
    operations = [post_group("g", "bulkId:a", "bulkId:b"), post_user("a"), post_user("b")]
    if backwards:
        operations.reverse()
    answered = results(rfc, *operations)
    assert [result["bulkId"] for result in answered] == [operation["bulkId"] for operation in operations]
    ids = made(answered)
    assert rfc.members(ids["g"]) == {ids["a"], ids["b"]}


def test_a_reference_in_a_patch_and_in_a_put(rfc: ScimClient) -> None:
    group, boss = rfc.create_group("Team A").id, rfc.create_user("boss")
    put = {"method": "PUT", "path": f"/Users/{boss.id}", "data": {"userName": "boss", **manager("a")}}
    answered = results(rfc, patch(f"/Groups/{group}", add_members("bulkId:a")), put, post_user("a"))
    ids = made(answered)
    assert rfc.members(group) == {ids["a"]}
    assert manager_of(rfc, boss.id) == ids["a"]


def test_a_reference_in_a_path(rfc: ScimClient) -> None:
    answered = results(
        rfc,
        retitle("/Users/bulkId:a"),
        post_user("a"),
        post_user("b"),
        {"method": "DELETE", "path": "/Users/bulkId:b"},
    )
    assert [result["status"] for result in answered] == ["200", "201", "201", "204"]
    ids = made(answered)
    assert answered[0]["location"] == answered[1]["location"]
    assert rfc.get(f"/Users/{ids['a']}")["title"] == "Boss"
    assert rfc.get(f"/Users/{ids['b']}").status == 404


def test_a_reference_to_another_type_in_a_path_is_404(rfc: ScimClient) -> None:
    assert statuses(rfc, post_user("a"), {"method": "DELETE", "path": "/Groups/bulkId:a"}) == ["201", "404"]


def test_a_reference_to_nothing_is_409_for_that_operation(rfc: ScimClient) -> None:
    group = rfc.create_group("Team A").id
    answered = results(
        rfc,
        post_group("g", "bulkId:nobody"),
        patch(f"/Groups/{group}", add_members("bulkId:nobody")),
        retitle("/Users/bulkId:nobody"),
        post_user("a"),
    )
    assert [result["status"] for result in answered] == ["409", "409", "409", "201"]
    assert "bulkId:nobody" in answered[0]["response"]["detail"]
    assert rfc.get("/Groups").names == ["Team A"]
    assert rfc.members(group) == set()


def test_what_needs_a_failed_operation_fails_with_it(rfc: ScimClient) -> None:
    rfc.create_user("a")
    answered = results(rfc, post_user("a"), post_group("g", "bulkId:a"), post_user("b", **manager("a")))
    assert [result["status"] for result in answered] == ["409", "409", "409"]
    assert [result["response"].get("scimType") for result in answered] == ["uniqueness", None, None]
    assert rfc.get("/Groups")["totalResults"] == 0


def test_a_long_chain_of_forward_references(rfc: ScimClient) -> None:
    operations = [post_user(f"u{number}", **manager(f"u{number + 1}")) for number in range(60)]
    answered = results(rfc, *operations, post_user("u60"))
    assert {result["status"] for result in answered} == {"201"}
    ids = made(answered)
    assert all(manager_of(rfc, ids[f"u{number}"]) == ids[f"u{number + 1}"] for number in (0, 30, 59))


def test_the_order_of_a_thousand_that_each_need_the_next() -> None:
    operations = [
        BulkOperation("POST", "User", None, str(number), None, {"x": f"bulkId:{number + 1}"})
        for number in range(1000)
    ]
    assert in_order(operations) == [[number] for number in reversed(range(1000))]
    operations[-1].data["x"] = "bulkId:0"
    assert in_order(operations) == [list(range(1000))]


@given(st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=10))
def test_what_is_needed_comes_first_and_circles_stand_together(needs: list[set[int]]) -> None:
    needs = [{other for other in needed if other < len(needs)} for needed in needs]
    operations = [
        BulkOperation("POST", "User", None, str(index), None, {"x": [f"bulkId:{n}" for n in needed]})
        for index, needed in enumerate(needs)
    ]
    reached = [set(needed) for needed in needs]
    for _ in needs:
        for found in reached:
            found |= {far for near in list(found) for far in reached[near]}
    groups = in_order(operations)
    assert sorted(index for group in groups for index in group) == list(range(len(needs)))
    before: set[int] = set()
    for group in groups:
        for index in group:
            circle = {other for other in reached[index] if index in reached[other]} | {index}
            assert set(group) == circle
            assert needs[index] <= before | circle
        before.update(group)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_users_who_manage_each_other_in_a_circle(rfc: ScimClient, size: int) -> None:
    operations = [post_user(f"u{number}", **manager(f"u{(number + 1) % size}")) for number in range(size)]
    answered = results(rfc, *operations)
    assert [result["status"] for result in answered] == ["201"] * size
    ids = made(answered)
    for number, result in enumerate(answered):
        user = rfc.get(f"/Users/{ids[f'u{number}']}")
        assert user[ENTERPRISE]["manager"]["value"] == ids[f"u{(number + 1) % size}"]
        assert result["version"] == user["meta"]["version"] == user.headers["ETag"]


def test_a_circle_and_what_hangs_on_it(rfc: ScimClient) -> None:
    answered = results(
        rfc,
        post_group("g", "bulkId:c", "bulkId:a"),
        post_user("c", **manager("a")),
        post_user("a", **manager("b")),
        post_user("b", **manager("a")),
        retitle("/Users/bulkId:b"),
    )
    assert [result["status"] for result in answered] == ["201", "201", "201", "201", "200"]
    ids = made(answered)
    assert {name: manager_of(rfc, ids[name]) for name in "abc"} == {
        "a": ids["b"],
        "b": ids["a"],
        "c": ids["a"],
    }
    assert rfc.members(ids["g"]) == {ids["a"], ids["c"]}


def test_a_circle_keeps_everything_else_that_was_sent(rfc: ScimClient) -> None:
    one = post_user("a", title="Eng", **{ENTERPRISE: {"employeeNumber": "7", **manager("b")[ENTERPRISE]}})
    ids = made(results(rfc, one, post_user("b", **manager("a"))))
    kept = rfc.user(ids["a"])
    assert (kept["title"], kept[ENTERPRISE]) == (
        "Eng",
        {"employeeNumber": "7", "manager": {"value": ids["b"]}},
    )


def test_a_circle_that_breaks_leaves_nothing(rfc: ScimClient) -> None:
    rfc.create_user("b")
    before = database_digest()
    answered = results(rfc, post_user("a", **manager("b")), post_user("b", **manager("a")))
    assert [result["status"] for result in answered] == ["409", "409"]
    assert answered[1]["response"]["scimType"] == "uniqueness"
    assert "bulkId:b" in answered[0]["response"]["detail"]
    assert database_digest() == before


def test_groups_in_a_circle_are_refused_as_groups_in_groups_are(rfc: ScimClient) -> None:
    # The example of RFC 7644 section 3.7.1; members of a group are users here.
    answered = results(rfc, post_group("a", "bulkId:b"), post_group("b", "bulkId:a"), post_user("c"))
    assert [result["status"] for result in answered] == ["409", "400", "201"]
    assert answered[1]["response"]["scimType"] == "invalidValue"
    assert rfc.get("/Groups")["totalResults"] == 0


def test_a_circle_writes_nothing_to_an_account_that_existed(contoso: ScimClient) -> None:
    make_user(contoso.organization, "a", display="Ada")
    ids = made(results(contoso, post_user("a", title="New", **manager("b")), post_user("b", **manager("a"))))
    assert manager_of(contoso, ids["b"]) == ids["a"]
    adopted = contoso.user(ids["a"])
    assert ENTERPRISE not in adopted
    assert "title" not in adopted
    assert adopted["displayName"] == "Ada"


def test_a_circle_of_managers_that_are_not_kept(make_client: MakeClient) -> None:
    client = make_client("rfc", managers=False)
    answered = results(client, post_user("a", **manager("b")), post_user("b", **manager("a")))
    assert [result["status"] for result in answered] == ["201", "201"]
    assert all(manager_of(client, user) is None for user in made(answered).values())


def test_failing_after_so_many_errors_stops_there(rfc: ScimClient) -> None:
    rfc.create_user("taken")
    bad = [post_user(f"bad{number}", "taken") for number in range(4)]
    operations = [post_user("a"), bad[0], post_user("b"), bad[1], post_user("c"), bad[2], bad[3]]
    answered = results(rfc, *operations, failOnErrors=2)
    assert [result["status"] for result in answered] == ["201", "409", "201", "409"]
    # What was done before stays done.
    assert rfc.get("/Users").names == [f"{name}@contoso.example" for name in ("taken", "a", "b")]
    assert Event.objects.filter(outcome="refused").count() == 2


@pytest.mark.parametrize(("limit", "count"), [(1, 2), (3, 4), (4, 5), (5, 6), (1000, 6), (None, 6)])
def test_as_many_errors_are_accepted_as_the_client_says(
    rfc: ScimClient, limit: int | None, count: int
) -> None:
    rfc.create_user("taken")
    bad = [post_user(f"bad{number}", "taken") for number in range(4)]
    assert len(results(rfc, post_user("a"), *bad, post_user("z"), failOnErrors=limit)) == count


def test_a_forward_reference_and_an_end_at_the_first_error(rfc: ScimClient) -> None:
    rfc.create_user("a")
    answered = results(rfc, post_group("g", "bulkId:a"), post_user("a"), post_user("b"), failOnErrors=1)
    assert [(result["bulkId"], result["status"]) for result in answered] == [("a", "409")]
    assert rfc.get("/Groups")["totalResults"] == 0


def test_a_text_that_only_looks_like_a_reference(rfc: ScimClient) -> None:
    answered = results(rfc, post_user("a", displayName="See bulkId:a"))
    assert rfc.get(f"/Users/{made(answered)['a']}")["displayName"] == "See bulkId:a"


def test_a_bulk_id_is_gone_with_its_request(rfc: ScimClient) -> None:
    results(rfc, post_user("a"))
    assert statuses(rfc, retitle("/Users/bulkId:a")) == ["409"]
    assert bulk(rfc, post_user("a", "b")).status == 200
