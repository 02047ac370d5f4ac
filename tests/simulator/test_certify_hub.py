"""Microsoft's certification against a Hub over real HTTP: every applicable test, in both dialects."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from scim_provisioning.models import Connection, GroupResource, Token, UserResource
from tests.factories import OrganizationFactory, host_rows, seed_places

pytestmark = pytest.mark.django_db(transaction=True)

DIALECTS = ["legacy", "optscim"]
GROUP_TESTS = ["T8", "T9", "T10", "T11", "T12", "T13", "T14", "T19", "T20", "T24"]


@pytest.fixture
def certify(live_server: LiveServer) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Return a function that certifies a connection and returns exit code and JSON."""

    def run(connection: Connection, *arguments: str) -> tuple[int, dict[str, Any]]:
        _, secret = Token.issue(connection)
        path = reverse("scim_provisioning:users", kwargs={"connection": connection.pk})
        url, out = live_server.url + path.removesuffix("/Users"), StringIO()
        options = ("--certify", "--json", "--url", url, "--token", secret, *arguments)
        code = 0
        try:
            call_command("scim_simulate_entra", *options, stdout=out)
        except SystemExit as stop:
            code = int(str(stop.code))
        return code, json.loads(out.getvalue())

    return run


Certify = Callable[..., tuple[int, dict[str, Any]]]


def not_passed(document: dict[str, Any], *allowed: str) -> list[str]:
    """Return each test that did not pass, with what was seen."""
    return [
        f"{row['test']} {row['dialect']} {row['outcome']}: {row['seen']}"
        for row in document["tests"]
        if row["outcome"] != "passed" and row["test"] not in allowed
    ]


def assert_nothing_is_left(connection: Connection) -> None:
    assert not UserResource.objects.filter(connection=connection).exists()
    assert not GroupResource.objects.filter(connection=connection).exists()
    assert [rows.count() for rows in host_rows(connection)] == [0, 0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_contoso_passes_every_applicable_test(
    dialect: str, certify: Certify, make_connection: Callable[..., Connection]
) -> None:
    connection = make_connection("flow_connect")
    code, document = certify(connection, "--mapping", "flow_connect", "--dialect", dialect)
    assert not_passed(document, "T21", "T22") == []
    assert (code, document["passed"], document["not_applicable"]) == (0, 23, 2)
    assert document["leftBehind"] == []
    assert_nothing_is_left(connection)


@pytest.mark.examplehub
@pytest.mark.parametrize("dialect", DIALECTS)
def test_fabrikam_passes_every_user_test(
    dialect: str, certify: Certify, make_connection: Callable[..., Connection]
) -> None:
    organization = OrganizationFactory.create(slug="fabrikam")
    seed_places(organization)
    connection = make_connection("flowcase", organization)
    places = ("--department", "Finance", "--department", "Data Science", "--country", "DK")
    code, document = certify(connection, "--mapping", "flowcase", "--dialect", dialect, *places)
    assert not_passed(document, "T5", "T21", "T22", "T25", *GROUP_TESTS) == []
    assert (code, document["passed"], document["leftBehind"]) == (0, 11, [])
    reasons = {row["test"]: row["seen"] for row in document["tests"] if row["outcome"] == "not applicable"}
    assert {reasons[name] for name in GROUP_TESTS} == {"/ResourceTypes has no Group"}
    assert reasons["T5"] == reasons["T25"] == "the mapping has no manager"
    assert_nothing_is_left(connection)
