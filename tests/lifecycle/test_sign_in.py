"""Signing in by a directory: whom it provisioned, nobody that is Inactive, and nobody new (A2, A8, T1, T12, T14)."""

import uuid
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate
from django.contrib.auth.backends import BaseBackend, ModelBackend

from scim_provisioning import sign_in
from scim_provisioning.backends import DirectoryBackend, ScimBackendMixin
from scim_provisioning.models import Event, UserResource
from tests.factories import USERS, make_user, status_of
from tests.lifecycle.rows import DISABLE, ENABLE, host_user, users_of
from tests.scim import ScimClient, user_body

pytestmark = pytest.mark.django_db

# Not random: they are in the names of tests, which have to be the same in every worker.
TENANT, OTHER_TENANT = "5c1a0000-0000-4000-8000-000000000001", "5c1a0000-0000-4000-8000-000000000002"
ADA = "5f0c1a52-7c1c-4b1e-9c8b-2f2f3c1d4e5f"


class OwnBackend(ScimBackendMixin, ModelBackend):
    """What a Hub with Django's own backend writes."""


class SuspiciousBackend(ScimBackendMixin, ModelBackend):
    """Refuses somebody for a reason of its own: here everybody."""

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and user is None


class BareBackend(BaseBackend):
    """Has no ``user_can_authenticate`` to ask."""

    def get_user(self, user_id: Any) -> Any:
        return USERS.model._base_manager.get(pk=user_id)


class GuardedBareBackend(ScimBackendMixin, BareBackend):
    """The same, behind the mixin."""


@pytest.fixture(autouse=True)
def directory_backend(settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [
        f"{__name__}.OwnBackend",
        "scim_provisioning.backends.DirectoryBackend",
    ]


@pytest.fixture
def entra(make_client: Any) -> ScimClient:
    """Return the client of a connection with a directory."""
    client: ScimClient = make_client("flow_connect", tenant_id=TENANT)
    return client


def vouched_for(tenant_id: Any = TENANT, object_id: Any = ADA, **more: Any) -> Any:
    """Sign in with what an identity provider says of somebody."""
    return authenticate(tenant_id=tenant_id, object_id=object_id, **more)


def test_A8_who_is_provisioned_signs_in_without_an_invitation(entra: ScimClient) -> None:
    user = host_user(entra.create_user("ada", externalId=ADA))
    assert vouched_for() == user
    assert vouched_for(uuid.UUID(TENANT)) == user
    assert vouched_for(TENANT.upper()) == user


def test_A8_a_paused_connection_still_says_who_its_people_are(entra: ScimClient) -> None:
    user = host_user(entra.create_user("ada", externalId=ADA))
    type(entra.connection).objects.update(enabled=False)
    assert vouched_for() == user


@pytest.mark.parametrize(
    ("tenant_id", "object_id"),
    [
        (OTHER_TENANT, ADA),
        (TENANT, OTHER_TENANT),
        (TENANT, "ada@contoso.example"),
        (TENANT, ADA.upper()),
        (TENANT, f"{ADA} "),
        (TENANT, ""),
        (TENANT, None),
        ("", ADA),
        (None, ADA),
        ("no GUID", ADA),
    ],
)
def test_A2_T1_nobody_else_does(entra: ScimClient, tenant_id: Any, object_id: Any) -> None:
    entra.create_user("ada", externalId=ADA)
    assert vouched_for(tenant_id, object_id) is None


def test_T1_an_id_of_the_hub_or_of_scim_names_nobody(entra: ScimClient) -> None:
    created = entra.create_user("ada", externalId=ADA)
    assert vouched_for(object_id=str(host_user(created).pk)) is None
    assert vouched_for(object_id=created.id) is None


def test_T1_a_user_without_external_id_cannot_be_named_by_an_empty_one(make_client: Any) -> None:
    client = make_client("rfc", tenant_id=TENANT)
    client.create_user("ada", externalId=None)
    assert sign_in.provisioned_user(TENANT, "") is None


def test_T4_a_user_that_scim_does_not_manage_is_not_the_directorys(entra: ScimClient) -> None:
    make_user(entra.organization, "ada")
    assert vouched_for(object_id="ada@contoso.example") is None
    let_go = entra.create_user("eve", externalId=ADA)
    UserResource.objects.filter(pk=let_go.id).update(scim_managed=False)
    assert vouched_for() is None


def test_T14_an_inactive_user_is_refused_and_stays_inactive(entra: ScimClient) -> None:
    created = entra.create_user("ada", externalId=ADA)
    entra.patch(f"/Users/{created.id}", DISABLE)
    events = Event.objects.count()
    assert vouched_for() is None
    assert status_of(host_user(created)) == "inactive"
    assert Event.objects.count() == events
    entra.patch(f"/Users/{created.id}", ENABLE)
    assert vouched_for() == host_user(created)


def test_T14_a_deleted_user_is_refused_and_not_made_again(entra: ScimClient) -> None:
    created = entra.create_user("ada", externalId=ADA)
    before = users_of(entra.organization)
    entra.delete(f"/Users/{created.id}")
    assert vouched_for() is None
    assert users_of(entra.organization) == before - 1


def test_T14_a_stack_that_makes_users_can_ask_whether_it_may(entra: ScimClient) -> None:
    assert sign_in.is_provisioned(TENANT)
    assert sign_in.is_provisioned(TENANT, entra.organization)
    assert not sign_in.is_provisioned(OTHER_TENANT)
    assert not sign_in.is_provisioned("no GUID")


def test_T2_a_person_of_two_organizations_signs_in_to_the_one_that_is_named(
    entra: ScimClient, make_client: Any, other_organization: Any
) -> None:
    other = make_client("flow_connect", other_organization, tenant_id=TENANT)
    here = host_user(entra.create_user("ada", externalId=ADA))
    there = host_user(other.create_user("ada@northwind.example", externalId=ADA))
    assert vouched_for() is None
    assert vouched_for(organization=entra.organization) == here
    assert vouched_for(organization=other.organization.pk) == there


def test_T2_a_user_that_the_hub_moved_elsewhere_is_not_the_directorys_any_more(
    entra: ScimClient, other_organization: Any
) -> None:
    user = host_user(entra.create_user("ada", externalId=ADA))
    field = "organization" if hasattr(user, "organization") else "company"
    type(user)._base_manager.filter(pk=user.pk).update(**{field: other_organization})
    assert vouched_for() is None


def test_two_users_of_one_external_id_are_nobody(make_client: Any) -> None:
    client = make_client("rfc", tenant_id=TENANT)
    for name in ("ada", "eve"):
        assert client.post("/Users", user_body(name, externalId=ADA)).status == 201
    assert vouched_for() is None


def test_credentials_of_another_backend_are_not_this_ones(entra: ScimClient) -> None:
    assert authenticate(username="ada", password="secret") is None


@pytest.mark.parametrize("backend", [OwnBackend, DirectoryBackend, GuardedBareBackend])
def test_T12_an_open_session_ends_with_the_status(entra: ScimClient, backend: Any) -> None:
    created = entra.create_user("ada", externalId=ADA)
    user = host_user(created)
    assert backend().get_user(user.pk) == user
    entra.patch(f"/Users/{created.id}", DISABLE)
    assert backend().get_user(user.pk) is None
    assert async_to_sync(backend().aget_user)(user.pk) is None
    entra.delete(f"/Users/{created.id}")
    assert DirectoryBackend().get_user(user.pk) is None


def test_T12_the_backend_of_the_hub_still_has_its_say(entra: ScimClient) -> None:
    user = host_user(entra.create_user("ada"))
    assert OwnBackend().user_can_authenticate(user)
    assert SuspiciousBackend().get_user(user.pk) is None


def test_T14_the_asynchronous_way_is_the_same(entra: ScimClient) -> None:
    created = entra.create_user("ada", externalId=ADA)

    def sign_in_by_async() -> Any:
        return async_to_sync(aauthenticate)(tenant_id=TENANT, object_id=ADA)

    assert sign_in_by_async() == host_user(created)
    entra.patch(f"/Users/{created.id}", DISABLE)
    assert sign_in_by_async() is None


def test_the_plain_function_is_where_it_is_documented(entra: ScimClient) -> None:
    user = host_user(entra.create_user("ada", externalId=ADA))
    assert sign_in.activate_on_login(user) is (USERS.status.pending != USERS.status.active)
    assert status_of(user) == "active"
    assert sign_in.activate_on_login(user) is False
