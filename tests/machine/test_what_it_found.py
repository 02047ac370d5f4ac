"""Requests on which the machine and the service once disagreed, alone."""

from typing import Any

import pytest

from tests.scim import USER, ScimClient


@pytest.mark.parametrize(
    ("operation", "status", "emptied"),
    [
        ({"op": "add", "path": "members", "value": None}, 200, False),
        ({"op": "add", "path": "members", "value": ""}, 200, False),
        ({"op": "add", "path": "members", "value": []}, 200, False),
        ({"op": "add", "value": {"members": None}}, 200, False),
        ({"op": "replace", "path": "members", "value": [None]}, 400, False),
        ({"op": "replace", "path": "members", "value": [{"value": ""}]}, 400, False),
        ({"op": "replace", "path": "members", "value": [{"display": "x"}]}, 400, False),
        ({"op": "replace", "path": "members", "value": [{}]}, 400, False),
        ({"op": "remove", "path": "members", "value": []}, 200, False),
        ({"op": "remove", "path": "members", "value": [None]}, 400, False),
        ({"op": "remove", "path": 'members[value eq "{user}"].display'}, 400, False),
        ({"op": "replace", "path": 'members[value eq "{user}"].display', "value": ""}, 200, False),
        ({"op": "replace", "path": "members", "value": []}, 200, True),
        ({"op": "replace", "path": "members", "value": None}, 200, True),
        ({"op": "remove", "path": 'members[value eq "{user}"].value'}, 200, True),
    ],
    ids=str,
)
def test_a_group_is_not_emptied_by_what_names_nobody(
    rfc: ScimClient, operation: dict[str, Any], status: int, emptied: bool
) -> None:
    user = rfc.create_user("ada").id
    group = rfc.create_group("Team A", user).id
    if "path" in operation:
        operation = {**operation, "path": operation["path"].format(user=user)}
    assert rfc.patch(f"/Groups/{group}", operation).status == status
    assert rfc.members(group) == (set() if emptied else {user})


@pytest.mark.parametrize("path", ["active", f"{USER}:active"])
@pytest.mark.parametrize(
    "taken_away", [{"op": "remove"}, {"op": "replace", "value": ""}, {"op": "add", "value": None}]
)
def test_a_deactivation_is_not_lost_by_a_removal_in_the_same_request(
    rfc: ScimClient, path: str, taken_away: dict[str, Any]
) -> None:
    user = rfc.create_user("ada").id
    off = {"op": "replace", "path": path, "value": "False"}
    answer = rfc.patch(f"/Users/{user}", off, {"path": path, **taken_away})
    assert (answer.status, answer["active"]) == (200, False)
    assert rfc.patch(f"/Users/{user}", {"path": path, **taken_away})["active"] is False


@pytest.mark.parametrize("path", ["emails", None], ids=str)
def test_of_two_primary_entries_the_newest_stays_primary(rfc: ScimClient, path: str | None) -> None:
    user = rfc.create_user("ada").id
    work = {"type": "work", "value": "ada@contoso.example", "primary": True}
    home = {"type": "home", "value": "ada@home.example", "primary": True}
    assert rfc.patch(f"/Users/{user}", {"op": "add", "path": "emails", "value": [work]}).status == 200
    added = (
        {"op": "add", "path": path, "value": [home]} if path else {"op": "add", "value": {"emails": [home]}}
    )
    answer = rfc.patch(f"/Users/{user}", added)
    assert answer["emails"] == [{**work, "primary": False}, home]
