"""Nothing is announced that does not work, and nothing works that is not announced."""

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.discovery.reading import Schemas, published, user_of, value_for
from tests.scim import ENTERPRISE, USER, ScimClient

POLICIES: list[dict[str, Any]] = [
    {},
    {"unmapped_attributes": "ignore"},
    {"unmapped_attributes": "reject"},
    {"managers": False},
    {"unmapped_attributes": "ignore", "managers": False},
]
# Every attribute of RFC 7643 sections 4.1 and 4.3, by the schema that it belongs to.
RFC_ATTRIBUTES: dict[str, dict[str, Any]] = {
    USER: {
        "name": {"middleName": "M", "honorificSuffix": "III"},
        "displayName": "Ada L",
        "nickName": "Countess",
        "profileUrl": "https://contoso.example/ada",
        "title": "Eng",
        "userType": "Employee",
        "preferredLanguage": "en",
        "locale": "en-GB",
        "timezone": "Europe/Oslo",
        "password": "correct horse",
        "emails": [{"value": "a@contoso.example", "type": "home"}],
        "phoneNumbers": [{"value": "5551", "type": "fax"}],
        "ims": [{"value": "ada", "type": "xmpp"}],
        "photos": [{"value": "https://contoso.example/ada.png", "type": "photo"}],
        "addresses": [{"locality": "Oslo", "type": "work"}],
        "groups": [{"value": "admins"}],
        "entitlements": [{"value": "e"}],
        "roles": [{"value": "consultant"}],
        "x509Certificates": [{"value": "TWFu"}],
    },
    ENTERPRISE: {
        "employeeNumber": "7",
        "costCenter": "C",
        "organization": "O",
        "division": "D",
        "department": "Dep",
        "manager": {"value": "7"},
    },
}
# Announcing these two makes Microsoft's validator refuse all of /Schemas; they are kept all the same.
QUIET = {("emails", "display"), ("emails", "primary")}


@pytest.fixture(params=POLICIES, ids=str)
def client(request: pytest.FixtureRequest, make_client: MakeClient) -> ScimClient:
    """Return a client for each policy that decides what is kept."""
    return make_client("rfc", **request.param)


@pytest.fixture
def schemas(client: ScimClient) -> Schemas:
    """Return what the connection announces."""
    return published(client)


def shown(client: ScimClient, user: str) -> dict[str, Any]:
    return {name: value for name, value in client.user(user).items() if name != "externalId"}


def test_everything_announced_is_created_and_read_back(client: ScimClient, schemas: Schemas) -> None:
    body = user_of(schemas, USER)
    created = client.post("/Users", {"schemas": list(body), **body})
    assert created.status == 201, created.json
    assert shown(client, created.id) == body


def test_everything_announced_can_be_replaced_at_once(client: ScimClient, schemas: Schemas) -> None:
    user = client.create_user("ada").id
    body = user_of(schemas, USER, number=2)
    assert client.put(f"/Users/{user}", body).status == 200
    assert shown(client, user) == body


def test_everything_announced_can_be_patched_alone(client: ScimClient, schemas: Schemas) -> None:
    user = client.create_user("ada").id
    wanted = user_of(schemas, USER)
    for urn, attributes in schemas.items():
        for name in attributes if urn.endswith(":User") else ():
            path = name if urn == USER else f"{urn}:{name}"
            value = wanted[name] if urn == USER else wanted[urn][name]
            answer = client.patch(f"/Users/{user}", {"op": "replace", "path": path, "value": value})
            assert answer.status == 200, (path, answer.json)
            found = shown(client, user)
            assert (found if urn == USER else found[urn])[name] == value
    assert shown(client, user) == wanted


def test_everything_announced_can_be_taken_away_unless_it_is_required(
    client: ScimClient, schemas: Schemas
) -> None:
    user = client.post("/Users", user_of(schemas, USER)).id
    for urn, attributes in schemas.items():
        for name, attribute in attributes.items() if urn.endswith(":User") else ():
            path = name if urn == USER else f"{urn}:{name}"
            answer = client.patch(f"/Users/{user}", {"op": "remove", "path": path})
            found = shown(client, user).get(urn, {}) if urn != USER else shown(client, user)
            if attribute["required"]:
                assert name in found
            else:
                assert answer.status == 200, (path, answer.json)
                assert name not in found, path


def test_everything_announced_can_be_asked_for_and_filtered_on(client: ScimClient, schemas: Schemas) -> None:
    body = user_of(schemas, USER)
    user = client.post("/Users", body).id
    for urn, attributes in schemas.items():
        for name, attribute in attributes.items() if urn.endswith(":User") else ():
            path = name if urn == USER else f"{urn}:{name}"
            answer = client.get(f"/Users/{user}", attributes=path)
            assert name in (answer.json if urn == USER else answer[urn]), path
            assert client.find("/Users", f"{path} pr")["totalResults"] == 1, path
            value = body[name] if urn == USER else body[urn][name]
            if attribute["type"] == "string":
                assert client.find("/Users", f'{path} eq "{value}"')["totalResults"] == 1, path
            for sub in attribute.get("subAttributes", ()) if attribute["multiValued"] else ():
                if sub["type"] == "string":
                    text = f'{path}[{sub["name"]} eq "{value[0][sub["name"]]}"]'
                    assert client.find("/Users", text)["totalResults"] == 1, text


UNANNOUNCED = [(urn, name, value) for urn, values in RFC_ATTRIBUTES.items() for name, value in values.items()]


@pytest.mark.parametrize(("urn", "name", "value"), UNANNOUNCED, ids=[name for _urn, name, _ in UNANNOUNCED])
def test_what_is_not_announced_is_ignored_or_refused(
    client: ScimClient, schemas: Schemas, urn: str, name: str, value: Any
) -> None:
    announced = name in schemas.get(urn, {})
    body = {name: value} if urn == USER else {urn: {name: value}}
    created = client.post("/Users", {"userName": "ada", **body})
    assert created.status == 201 or (created.status == 400 and not announced)
    if created.status == 201:
        found = shown(client, created.id)
        assert (name in (found if urn == USER else found.get(urn, {}))) == announced
    user = client.post("/Users", {"userName": "grace"}).id
    path = name if urn == USER else f"{urn}:{name}"
    patched = client.patch(f"/Users/{user}", {"op": "add", "path": path, "value": value})
    found = shown(client, user)
    assert patched.status == 200 or (patched.status == 400 and not announced)
    assert (name in (found if urn == USER else found.get(urn, {}))) == announced


def test_every_sub_attribute_that_is_kept_is_announced_but_two(rfc: ScimClient) -> None:
    schemas = published(rfc)
    entry = {"value": "v@contoso.example", "display": "d", "type": "work", "primary": True}
    for name, attribute in schemas[USER].items():
        if attribute["type"] != "complex" or not attribute["multiValued"] or name == "addresses":
            continue
        sent = dict(entry, value=value_for(attribute)[0]["value"])
        user = rfc.post("/Users", {"userName": name, name: [sent]})
        assert user.status == 201, user.json
        announced = {sub["name"] for sub in attribute["subAttributes"]}
        assert {part for part in user[name][0] if (name, part) not in QUIET} == announced
        rfc.delete(f"/Users/{user.id}")
