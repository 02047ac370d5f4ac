"""Document → host columns and kept attributes → document is the identity: what was accepted is returned (C4)."""

import uuid
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.mapping.attributes import Column
from scim_provisioning.mapping.rendering import document_of, etag, kept_attributes, resource_of, timestamp
from scim_provisioning.mapping.rows import Row, Rows
from scim_provisioning.models import Connection
from tests.conftest import MakeClient
from tests.factories import USERS, column, make_user
from tests.lifecycle.rows import host_user, link_of, replace
from tests.scim import ENTERPRISE, ScimClient, user_body

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


def entries(*types: str, **more: Any) -> Any:
    return st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(types), "value": TEXT}, optional={"display": TEXT, **more}
        ),
        min_size=1,
        max_size=4,
    )


DOCUMENTS = st.fixed_dictionaries(
    {"userName": TEXT, "active": st.booleans()},
    optional={
        "externalId": TEXT,
        "displayName": TEXT,
        "nickName": TEXT,
        "title": TEXT,
        "name": st.fixed_dictionaries(
            {}, optional={"givenName": TEXT, "familyName": TEXT, "formatted": TEXT}
        ).filter(bool),
        "emails": entries("work", "home", "other", "Work", primary=st.booleans()),
        "phoneNumbers": entries("work", "mobile", "fax"),
        "addresses": st.lists(st.fixed_dictionaries({"type": st.just("work"), "locality": TEXT}), min_size=1),
        ENTERPRISE: st.fixed_dictionaries({"employeeNumber": TEXT}, optional={"costCenter": TEXT}),
    },
)


@given(DOCUMENTS)
def test_a_document_that_is_split_between_host_and_scim_comes_back_whole(document: dict[str, Any]) -> None:
    mapping = USERS(Connection())
    values: dict[str, Any] = dict.fromkeys(
        lookup for _target, line in USERS.lines() for lookup in line.lookups()
    )
    held = set()
    for target, line in USERS.lines():
        found = target.get(document)
        if isinstance(line, Column) and found is not None:
            values[line.name] = found
            held.add(target.path)
    status = USERS.status
    values[status.column] = status.active if document["active"] else status.inactive
    now = timezone.now()
    row = Row(
        id=uuid.uuid4(),
        host_id=1,
        name=document["userName"],
        external_id=document.get("externalId", ""),
        attributes=kept_attributes(mapping, document, held),
        version=1,
        created_at=now,
        modified_at=now,
        scim_managed=True,
        origin="created",
        previous_status="",
        values=values,
    )
    for target, line in USERS.lines():
        if target.path in held and isinstance(line, Column):
            assert target.get(row.attributes) in (None, *also(document, target)), "kept twice"
    assert document_of(mapping, row) == document


def also(document: dict[str, Any], target: Any) -> list[Any]:
    """Return the values of further entries that the selector fits: these are kept, the first is the host's."""
    if target.selector is None:
        return []
    name, wanted = target.selector
    fitting = [entry for entry in document[target.attribute] if entry.get(name, "").lower() == wanted.lower()]
    return [entry.get(target.sub_attribute) for entry in fitting[1:]]


@pytest.mark.django_db
def test_the_hubs_own_change_of_a_column_is_what_a_read_shows(rfc: ScimClient) -> None:
    user = rfc.create_user("ada", displayName="Ada").id
    host = host_user(user)
    setattr(host, column("displayName"), "Changed in the Hub")
    host.save()
    assert rfc.user(user)["displayName"] == "Changed in the Hub"


@pytest.mark.django_db
def test_a_column_that_the_hub_empties_takes_its_entry_along(rfc: ScimClient) -> None:
    user = rfc.create_user("ada").id
    host = host_user(user)
    setattr(host, column('emails[type eq "work"].value'), "")
    host.save()
    assert "emails" not in rfc.user(user)


@pytest.mark.django_db
def test_what_the_host_holds_is_not_kept_a_second_time(rfc: ScimClient) -> None:
    user = rfc.create_user("ada", displayName="Ada", nickName="A").id
    assert link_of(user).attributes == {"nickName": "A", "emails": [{"type": "work", "primary": True}]}


@pytest.mark.django_db
def test_a_resource_names_its_schemas_and_says_when_it_changed(rfc: ScimClient) -> None:
    user = rfc.post("/Users", {**user_body("ada"), ENTERPRISE: {"costCenter": "7"}}).id
    rows = Rows(USERS(rfc.connection))
    row = rows.get(user)
    assert row is not None
    resource = resource_of(rows.mapping, row, "https://x/Users/1")
    assert resource["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]
    assert resource["meta"] == {
        "resourceType": "User",
        "created": timestamp(row.created_at),
        "lastModified": timestamp(row.modified_at),
        "location": "https://x/Users/1",
        "version": etag(1),
    }
    assert resource["meta"]["created"].endswith("Z")


@pytest.mark.django_db
def test_a_row_is_read_from_its_connection_alone(rfc: ScimClient, make_client: MakeClient) -> None:
    other = make_client("rfc")
    user = rfc.create_user("ada").id
    assert Rows(USERS(rfc.connection)).get(user) is not None
    assert Rows(USERS(other.connection)).get(user) is None
    assert Rows(USERS(other.connection)).locked(user) is None
    assert Rows(USERS(other.connection)).of_host(host_user(user).pk) is None


@pytest.mark.django_db
def test_a_row_whose_host_left_the_organization_is_out_of_sight(
    rfc: ScimClient, other_organization: Any
) -> None:
    """Invariant 2: every queryset starts from the connection, the host's side of it included."""
    user = rfc.create_user("ada").id
    host = host_user(user)
    elsewhere = make_user(other_organization)
    for field in type(host)._meta.concrete_fields:
        if field.related_model is type(other_organization):
            setattr(host, field.attname, getattr(elsewhere, field.attname))
    host.save()
    for answer in (
        rfc.get(f"/Users/{user}"),
        rfc.patch(f"/Users/{user}", replace("displayName", "B")),
        rfc.delete(f"/Users/{user}"),
    ):
        assert answer.status == 404
    assert rfc.get("/Users")["totalResults"] == 0
