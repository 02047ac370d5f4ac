"""Microsoft's certification against a server in memory: a fault makes its own tests fail and no others."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from scim_provisioning.simulator import DIALECTS, MAPPINGS, Directory, constant
from scim_provisioning.simulator.certification import (
    TESTS,
    Candidate,
    Certification,
    CertificationResult,
    CertificationTest,
    OAuthClient,
    Place,
    Specimens,
)
from scim_provisioning.simulator.certification.outcomes import Outcome
from scim_provisioning.simulator.paths import ENTERPRISE, MANAGER
from tests.simulator.target import BASE, SECRET, Document, Target, reply

FLOW_CONNECT = MAPPINGS["flow_connect"]
GROUP_NUMBERS = {8, 9, 10, 11, 12, 13, 14, 19, 20, 24}


def certify(target: Target, *dialects: str, **options: Any) -> CertificationResult:
    """Certify the server in memory."""
    known: dict[str, Any] = {"url": BASE, "token": SECRET, "mapping": FLOW_CONNECT}
    candidate = Candidate(**{**known, "transport": target.transport(), **options})
    return Certification(candidate, [DIALECTS[name] for name in dialects or DIALECTS]).run()


def numbers(result: CertificationResult, outcome: Outcome, dialect: str = "legacy") -> set[int]:
    """Return the tests that ended so."""
    return {row.number for row in result.rows if row.outcome is outcome and row.dialect == dialect}


def body_of(request: httpx.Request) -> Document:
    """Return the JSON body of a request."""
    body: Document = json.loads(request.content) if request.content else {}
    return body


def operations(request: httpx.Request) -> list[Document]:
    """Return the operations of a PATCH, and of anything else none."""
    return body_of(request).get("Operations", []) if request.method == "PATCH" else []


def kind_of(request: httpx.Request) -> str:
    """Return Users or Groups."""
    return request.url.path.removeprefix("/scim/v2/").partition("/")[0]


def written(request: httpx.Request) -> dict[str, Any]:
    """Return path → value of a PATCH, in either dialect."""
    found: dict[str, Any] = {}
    for operation in operations(request):
        path = operation.get("path")
        found |= {path: operation.get("value")} if path else operation["value"]
    return found


Fault = Callable[[Target], None]


def patching(change: Callable[[Document, list[Document]], bool]) -> Fault:
    """Make a fault of a function that does a PATCH on the stored resource itself; False leaves it alone."""

    def switch_on(target: Target) -> None:
        def intercept(request: httpx.Request) -> httpx.Response | None:
            stored = target.stored.get(kind_of(request), {}).get(request.url.path.rpartition("/")[2])
            found = operations(request)
            return reply(204, None) if found and stored and change(stored, found) else None

        target.intercept = intercept

    return switch_on


def answering(choose: Callable[[Target, httpx.Request], tuple[int, Any] | None]) -> Fault:
    """Make a fault of a function that answers some requests instead of the server."""

    def switch_on(target: Target) -> None:
        def intercept(request: httpx.Request) -> httpx.Response | None:
            answer = choose(target, request)
            return None if answer is None else reply(*answer)

        target.intercept = intercept

    return switch_on


def ignores(path: str) -> Fault:
    """Accept a PATCH with this path and do nothing at all."""
    return answering(lambda _, request: (204, None) if path in written(request) else None)


def verb(operation: Document) -> str:
    return str(operation["op"]).lower()


def wipe(stored: Document, found: list[Document]) -> bool:
    if verb(found[0]) == "remove":
        stored["members"] = []
    return verb(found[0]) == "remove"


def add_as_replace(stored: Document, found: list[Document]) -> bool:
    if verb(found[0]) != "add" or found[0].get("path") != "members":
        return False
    stored["members"] = [{"value": member["value"]} for member in found[0]["value"]]
    return True


def hide_disabled(target: Target, request: httpx.Request) -> tuple[int, Any] | None:
    if "filter" not in request.url.params or kind_of(request) != "Users":
        return None
    visible = Target()
    visible.stored["Users"] = {key: user for key, user in target.stored["Users"].items() if user["active"]}
    return 200, visible.answer(request).json()


def start_at_zero(target: Target, request: httpx.Request) -> tuple[int, Any] | None:
    if "startIndex" not in request.url.params or kind_of(request) != "Users":
        return None
    page = {"totalResults": len(target.users), "startIndex": 0, "Resources": []}
    return 200, page


def repeat_the_first_page(target: Target, request: httpx.Request) -> tuple[int, Any] | None:
    if "startIndex" not in request.url.params or kind_of(request) != "Groups":
        return None
    groups = list(target.stored["Groups"].values())
    start = int(request.url.params["startIndex"])
    return 200, {"totalResults": len(groups), "startIndex": start, "Resources": groups[:5]}


def refuse_null(_: Target, request: httpx.Request) -> tuple[int, Any] | None:
    values = [op["value"] for op in operations(request) if "value" in op]
    values += [part for value in values if isinstance(value, dict) for part in value.values()]
    return (400, {"detail": "null is not a string"}) if None in values else None


def keep_texts(_: Target, request: httpx.Request) -> tuple[int, Any] | None:
    return (204, None) if "" in written(request).values() and MANAGER not in written(request) else None


def accept_duplicates(target: Target, request: httpx.Request) -> tuple[int, Any] | None:
    taken = request.method == "POST" and body_of(request).get("userName") in target.users
    return (201, {**body_of(request), "id": "u0"}) if taken else None


def conflict_without_a_type(target: Target, request: httpx.Request) -> tuple[int, Any] | None:
    taken = request.method == "POST" and body_of(request).get("userName") in target.users
    return (409, {"detail": "taken"}) if taken else None


def drop_external_id(target: Target) -> None:
    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and kind_of(request) == "Groups":
            body = {**body_of(request), "externalId": None}
            target.intercept = None
            answer = target.answer(httpx.Request("POST", request.url, headers=request.headers, json=body))
            target.intercept = intercept
            return answer
        return None

    target.intercept = intercept


def without_canonical_values(target: Target) -> None:
    for schema in target.discovery["Schemas"]:
        for attribute in schema["attributes"]:
            for part in attribute["subAttributes"]:
                part.pop("canonicalValues", None)


def reserve_names(target: Target) -> None:
    names: list[str] = []

    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and kind_of(request) == "Groups":
            names.append(body_of(request)["displayName"])
            if names.count(names[-1]) > 1:
                return reply(409, {"scimType": "uniqueness", "detail": "was taken once"})
        return None

    target.intercept = intercept


def no_manager_removal(_: Target, request: httpx.Request) -> tuple[int, Any] | None:
    return (400, {"detail": "no such user"}) if written(request).get(MANAGER) == "" else None


def ignore_the_manager_filter(target: Target, request: httpx.Request) -> tuple[int, Any] | None:
    text = request.url.params.get("filter", "")
    return (200, {"totalResults": 1, "Resources": [{"id": "u1"}]}) if " and manager " in text else None


FAULTS: dict[str, tuple[Fault, set[int]]] = {
    "members are wiped by a removal": (patching(wipe), {12}),
    "members are replaced by an addition": (patching(add_as_replace), {11}),
    "disabled users vanish from filters": (answering(hide_disabled), {3}),
    "startIndex is not echoed": (answering(start_at_zero), {23}),
    "every page is the first": (answering(repeat_the_first_page), {24}),
    "null is refused": (answering(refuse_null), {16}),
    "an empty text changes nothing": (answering(keep_texts), {16}),
    "duplicates are created": (answering(accept_duplicates), {17}),
    "a conflict has no scimType": (answering(conflict_without_a_type), {17}),
    "externalId of groups is not kept": (drop_external_id, {19}),
    "types have no canonical values": (without_canonical_values, {15}),
    "names of deleted groups stay taken": (reserve_names, {14}),
    "updates with a displayName change nothing": (ignores("displayName"), {2, 7, 9, 16, 18, 20}),
    "updates with active change nothing": (ignores("active"), {3, 6}),
    "users cannot be deleted": (
        answering(lambda _, r: (405, {}) if r.method == "DELETE" and kind_of(r) == "Users" else None),
        {4},
    ),
    "groups cannot be deleted": (
        answering(lambda _, r: (405, {}) if r.method == "DELETE" and kind_of(r) == "Groups" else None),
        {10, 14},
    ),
    "a manager cannot be removed": (answering(no_manager_removal), {5, 25}),
}


def test_a_sound_server_passes_everything(target: Target) -> None:
    result = certify(target)
    assert [(row.label, row.dialect, row.seen) for row in result.failures] == []
    for dialect in DIALECTS:
        assert numbers(result, Outcome.NOT_APPLICABLE, dialect) == {21, 22}
    assert (result.ok, result.exit_code, result.left_behind) == (True, 0, [])
    assert target.stored == {"Users": {}, "Groups": {}}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_fault_fails_its_own_tests_and_no_others(fault: str, dialect: str, target: Target) -> None:
    switch_on, expected = FAULTS[fault]
    switch_on(target)
    result = certify(target, dialect)
    assert {row.number: row.seen for row in result.failures}.keys() == expected
    assert (result.ok, result.exit_code) == (False, 1)
    assert all(row.seen for row in result.failures)


def test_a_manager_believed_set_is_found_out_where_the_reference_is_checked(target: Target) -> None:
    answering(ignore_the_manager_filter)(target)
    assert {row.number for row in certify(target, "legacy").failures} == {5}


def test_what_cannot_be_deleted_is_named(target: Target) -> None:
    FAULTS["users cannot be deleted"][0](target)
    result = certify(target, "legacy")
    assert len(result.left_behind) == len(target.users) > 20
    assert result.left_behind[0] == "/Users/u1 (HTTP 405)"


def test_a_user_whose_creation_was_not_answered_is_deleted_too(target: Target) -> None:
    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        target.intercept = None
        target.answer(request)
        target.intercept = intercept
        return reply(503, {"detail": "too late"})

    target.intercept = intercept
    result = certify(target, "legacy")
    assert {1, 8, 17, 19} <= {row.number for row in result.failures}
    assert target.stored == {"Users": {}, "Groups": {}}


def test_a_server_that_ignores_filters_loses_nobody(target: Target) -> None:
    target.stored["Users"]["mine"] = {"id": "mine", "userName": "mine@contoso.example", "active": True}
    everybody = {"totalResults": 1, "Resources": [target.stored["Users"]["mine"]]}

    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST":
            return reply(500, {})
        looked_up = "filter" in request.url.params and target.seen[3:]
        return reply(200, everybody) if looked_up else None

    target.intercept = intercept
    assert certify(target, "legacy").exit_code == 1
    assert list(target.stored["Users"]) == ["mine"]


def test_groups_are_not_applicable_where_no_resource_type_says_so(target: Target) -> None:
    target.discovery["ResourceTypes"].pop()
    result = certify(target, "legacy")
    assert numbers(result, Outcome.NOT_APPLICABLE) == GROUP_NUMBERS | {21, 22}
    assert result.exit_code == 0
    assert {row.seen for row in result.rows if row.number in GROUP_NUMBERS} == {"/ResourceTypes has no Group"}


def test_groups_and_managers_are_not_applicable_where_they_are_not_mapped(target: Target) -> None:
    result = certify(target, "optscim", mapping=MAPPINGS["flowcase"].without_user_line("active"))
    unmapped = numbers(result, Outcome.NOT_APPLICABLE, "optscim")
    assert unmapped == GROUP_NUMBERS | {3, 5, 6, 21, 22, 25}


def test_a_wrong_token_ends_it_at_once(target: Target) -> None:
    result = certify(target, token="wrong")
    assert (result.exit_code, result.rows, result.ok) == (2, [], False)
    assert "HTTP 401" in result.connection.message


def test_an_unknown_attribute_is_not_discoverable(target: Target) -> None:
    mapping = FLOW_CONNECT.with_user_line(constant("x", "organisation"))
    [row] = [row for row in certify(target, "legacy", mapping=mapping).failures if row.number == 15]
    assert row.seen == "not derivable: organisation"


@pytest.mark.parametrize(
    ("schemas", "seen"),
    [
        ([], "the answer has no Resources"),
        ([{"id": ENTERPRISE, "attributes": None}], "lacks the User schema"),
    ],
)
def test_empty_schemas_fail(target: Target, schemas: list[Document], seen: str) -> None:
    target.discovery["Schemas"] = schemas
    rows = {row.number: row.seen for row in certify(target, "legacy").failures}
    assert seen in rows[15]


def test_common_attributes_need_not_be_published_but_are_mentioned(target: Target) -> None:
    attributes = target.discovery["Schemas"][0]["attributes"]
    attributes[:] = [attribute for attribute in attributes if attribute["name"] != "externalId"]
    result = certify(target, "legacy")
    assert result.ok
    assert next(row for row in result.rows if row.number == 15).seen.endswith("externalId")


def token_endpoint(target: Target, status: int = 200, **answer: Any) -> list[dict[str, str]]:
    """Let the server have a token endpoint; returns the forms that it is sent."""
    forms: list[dict[str, str]] = []

    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/token":
            return None
        forms.append(dict(httpx.QueryParams(request.content.decode())))
        return httpx.Response(status, json=answer)

    target.intercept = intercept
    return forms


@pytest.mark.parametrize(
    ("expires_in", "outcome"),
    [(3600, "passed"), ("21600", "passed"), (3599, "failed"), (21601, "failed"), (None, "failed")],
)
def test_t21_gets_a_token_and_uses_it(expires_in: object, outcome: str, target: Target) -> None:
    forms = token_endpoint(target, access_token=SECRET, expires_in=expires_in)
    oauth = OAuthClient("https://hub.example/token", "entra", secret="s3cret", scope="scim")
    result = certify(target, "legacy", oauth=oauth)
    assert next(row for row in result.rows if row.number == 21).outcome == outcome
    assert numbers(result, Outcome.NOT_APPLICABLE) == {22}
    wanted = {
        "grant_type": "client_credentials",
        "client_id": "entra",
        "client_secret": "s3cret",
        "scope": "scim",
    }
    assert forms == [wanted]
    assert "s3cret" not in json.dumps(result.as_dict())


def test_t22_exchanges_an_assertion(target: Target) -> None:
    forms = token_endpoint(target, access_token=SECRET, expires_in=600)
    result = certify(
        target, "legacy", oauth=OAuthClient("https://hub.example/token", "entra", assertion="a.b.c")
    )
    assert next(row for row in result.rows if row.number == 22).outcome == "passed"
    assert forms[0]["client_assertion"] == "a.b.c"


@pytest.mark.parametrize(
    ("status", "answer", "seen"),
    [
        (400, {"error": "invalid_client"}, "HTTP 400 without an access_token: "),
        (200, {"token": "x"}, "HTTP 200 without an access_token"),
        (200, {"access_token": "of somebody else"}, "HTTP 401 instead of 200"),
    ],
)
def test_a_token_that_is_not_one_fails_t21(
    status: int, answer: dict[str, str], seen: str, target: Target
) -> None:
    token_endpoint(target, status, **answer)
    result = certify(target, "legacy", oauth=OAuthClient("https://hub.example/token", "entra", secret="x"))
    assert seen in next(row for row in result.rows if row.number == 21).seen


@pytest.mark.parametrize("url", ["ftp://hub.example/token", "https://"])
def test_a_token_endpoint_that_is_no_address_fails_t21(url: str, target: Target) -> None:
    oauth = OAuthClient(url, "entra", secret="x")
    result = certify(target, "legacy", oauth=oauth)
    assert 21 in numbers(result, Outcome.FAILED)


def test_requests_are_counted_in_short(target: Target) -> None:
    rows = {row.number: row for row in certify(target, "legacy").rows}
    assert rows[1].sent == "R2 GET ×2, R4 POST"
    assert rows[21].sent == ""


def test_there_are_25_tests_each_named_after_its_number() -> None:
    assert [test.number for test in TESTS] == list(range(1, 26))
    assert [test.number for test in TESTS if test.optional] == [4, 10, 14, 24]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: f"T{test.number}")
def test_every_test_says_its_number(test: CertificationTest) -> None:
    assert (test.steps.__doc__ or "").startswith(f"T{test.number}: ")


def test_people_are_like_those_of_a_directory() -> None:
    directory = Directory()
    directory.add_user("Ada@Fabrikam.example", department="Finance", country="DK")
    directory.add_user("bo@fabrikam.example", department="Finance", country="DK")
    directory.add_user("cyd@fabrikam.example", department="Sales", country="SE")
    found = Specimens.like(directory)
    assert found == Specimens("fabrikam.example", (Place("Finance", "DK"), Place("Sales", "SE")))
    assert Specimens.like(Directory()) == Specimens()
    assert Specimens.of_departments([], "NO").places == (Place(None, "NO"),)
