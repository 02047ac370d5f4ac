"""R10 and R11: the manager, and Entra's check of references."""

from typing import Any
from uuid import uuid4

import pytest

from tests.entra.bodies import add, folded, replace
from tests.scim import ENTERPRISE, ScimClient

MANAGER = f"{ENTERPRISE}:manager"


@pytest.fixture
def ada(contoso: ScimClient) -> str:
    """Return the id of a user without a manager."""
    return contoso.create_user("ada").id


@pytest.fixture
def boss(contoso: ScimClient) -> str:
    """Return the id of a user who may become the manager."""
    return contoso.create_user("boss").id


def shapes(user: str) -> list[dict[str, Any]]:
    """Return each way in which a manager has been seen to arrive."""
    return [
        add(MANAGER, user),
        replace(MANAGER, user),
        folded({MANAGER: user}),
        folded({MANAGER: user}, "add"),
        replace("manager", [{"$ref": f"https://hub.example/scim/v2/Users/{user}", "value": user}]),
        replace(MANAGER, {"value": user}),
        replace(f"{MANAGER}.value", user),
        folded({ENTERPRISE: {"manager": {"value": user}}}),
        folded({ENTERPRISE: {"manager": user}}),
    ]


@pytest.mark.parametrize("shape", range(len(shapes(""))))
def test_R10_a_manager_arrives_in_any_shape_and_leaves_as_an_object(
    contoso: ScimClient, ada: str, boss: str, shape: int
) -> None:
    answer = contoso.patch(f"/Users/{ada}", shapes(boss)[shape])
    assert answer.status == 200, answer.json
    assert answer[ENTERPRISE]["manager"]["value"] == boss
    assert ENTERPRISE in answer["schemas"]
    assert contoso.get(f"/Users/{ada}").json == answer.json
    assert "manager" not in answer.json


def test_R10_the_manager_is_changed_by_a_second_request(contoso: ScimClient, ada: str, boss: str) -> None:
    contoso.patch(f"/Users/{ada}", add(MANAGER, str(uuid4())))
    answer = contoso.patch(f"/Users/{ada}", replace(MANAGER, boss))
    assert answer[ENTERPRISE]["manager"]["value"] == boss


@pytest.mark.parametrize(
    "operation",
    [replace(MANAGER, ""), replace(MANAGER, None), {"op": "Remove", "path": MANAGER},
     {"op": "remove", "path": "manager"}, folded({MANAGER: ""}), folded({MANAGER: None}),
     replace(MANAGER, {"value": ""})],
)  # fmt: skip
def test_R10_an_empty_manager_is_none(
    contoso: ScimClient, ada: str, boss: str, operation: dict[str, Any]
) -> None:
    contoso.patch(f"/Users/{ada}", add(MANAGER, boss))
    answer = contoso.patch(f"/Users/{ada}", operation)
    assert answer.status == 200, answer.json
    assert "manager" not in answer.json.get(ENTERPRISE, {})


def test_R10_a_create_carries_the_manager_as_a_string_under_the_extension(
    contoso: ScimClient, boss: str
) -> None:
    answer = contoso.create_user("ada", **{ENTERPRISE: {"manager": boss, "employeeNumber": "7"}})
    assert answer[ENTERPRISE]["manager"]["value"] == boss
    assert answer[ENTERPRISE]["employeeNumber"] == "7"


@pytest.mark.parametrize("bad", [7, True, [7], {"value": 7}, [["x"]]])
def test_R10_a_manager_that_is_no_id_is_400(contoso: ScimClient, ada: str, bad: Any) -> None:
    answer = contoso.patch(f"/Users/{ada}", replace(MANAGER, bad))
    assert (answer.status, answer["scimType"]) == (400, "invalidValue")


@pytest.mark.parametrize(
    "text",
    ['id eq "{ada}" and manager eq "{boss}"', "id eq {ada} and manager eq {boss}",
     f'id eq "{{ada}}" and {MANAGER} eq "{{boss}}"', 'id eq "{ada}" and manager.value eq "{boss}"'],
)  # fmt: skip
def test_R11_the_reference_check_answers_with_the_id_alone(
    contoso: ScimClient, ada: str, boss: str, text: str
) -> None:
    query = text.format(ada=ada, boss=boss)
    assert contoso.find("/Users", query, attributes="id")["totalResults"] == 0
    contoso.patch(f"/Users/{ada}", add(MANAGER, boss))
    answer = contoso.find("/Users", query, attributes="id")
    assert answer["totalResults"] == 1
    (found,) = answer["Resources"]
    assert set(found) <= {"id", "schemas"}
    assert found["id"] == ada
    assert contoso.find("/Users", text.format(ada=boss, boss=ada), attributes="id")["totalResults"] == 0


@pytest.mark.parametrize("text", ['id eq "{0}" and members eq "{1}"', "id eq {0} and members eq {1}"])
def test_R11_the_reference_check_of_a_group_answers_with_the_id_alone(
    contoso: ScimClient, ada: str, boss: str, text: str
) -> None:
    group = contoso.create_group("Team A", ada).id
    answer = contoso.find("/Groups", text.format(group, ada), attributes="id")
    assert answer["totalResults"] == 1
    assert set(answer["Resources"][0]) <= {"id", "schemas"}
    assert contoso.find("/Groups", text.format(group, boss), attributes="id")["totalResults"] == 0
