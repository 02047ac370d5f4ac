"""`scim_connection`: create, list, pause, resume, link, remove."""

import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.test import Client

from scim_provisioning.models import Connection, Effect, Event, Token, UserResource, policy_fields
from tests.commands.conftest import Shell
from tests.conftest import MakeConnection
from tests.factories import make_user, status_of
from tests.scim import ScimClient
from tests.tasks.outbox import Seen, listening, owe

TENANT = "4fb1bc05-09e7-4f5c-8ec2-4cf2ef3bb8a2"


def create(shell: Shell, organization: str = "contoso", *arguments: str) -> Any:
    return shell.json(
        "scim_connection", "create", "--organization", organization, "--preset", "rfc", *arguments
    )


@pytest.mark.usefixtures("organization")
class TestCreate:
    """Create Tenant URL (A1, A2)."""

    def test_json_holds_the_connection_and_its_tenant_url(self, shell: Shell) -> None:
        made = create(shell)
        assert set(made) == {"connection", "tenant_url"}
        assert Connection.objects.get().pk == uuid.UUID(made["connection"])
        assert made["tenant_url"].startswith("http://127.0.0.1:8000/")
        assert made["tenant_url"].endswith(f"/scim/{made['connection']}/v2")

    def test_the_tenant_url_answers(self, shell: Shell) -> None:
        made = create(shell)
        token = shell.json("scim_token", "create", "--connection", made["connection"])["token"]
        path = made["tenant_url"].removeprefix("http://127.0.0.1:8000")
        answer = Client().get(f"{path}/Users", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200

    def test_people_read_both_in_lines(self, shell: Shell) -> None:
        printed = shell("scim_connection", "create", "--organization", "contoso", "--preset", "rfc")
        connection = Connection.objects.get()
        assert printed.splitlines()[0] == f"Connection: {connection.pk}"
        assert printed.splitlines()[1].startswith("Tenant URL: http://")

    @pytest.mark.parametrize(
        ("base_url", "expected"),
        [
            ("https://hub.example", "https://hub.example/"),
            ("https://hub.example/", "https://hub.example/"),
            ("https://hub.example/api/scim", "https://hub.example/api/scim/"),
            ("https://hub.example/api/scim/", "https://hub.example/api/scim/"),
        ],
    )
    def test_the_base_url_may_be_an_origin_or_complete(
        self, shell: Shell, base_url: str, expected: str
    ) -> None:
        made = create(shell, "contoso", "--base-url", base_url)
        assert made["tenant_url"].startswith(expected)
        assert made["tenant_url"].endswith(f"/{made['connection']}/v2")
        assert "//" not in made["tenant_url"].removeprefix("https://")

    def test_the_setting_base_url_is_complete(self, shell: Shell, settings: Any) -> None:
        settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": "https://scim.hub.example"}
        made = create(shell)
        assert made["tenant_url"] == f"https://scim.hub.example/{made['connection']}/v2"

    def test_a_hub_without_our_urls_is_told_so(self, shell: Shell, settings: Any) -> None:
        settings.ROOT_URLCONF = "tests.checks.no_scim_urls"
        with pytest.raises(CommandError, match=r"does not include scim_provisioning\.urls"):
            create(shell)
        assert not Connection.objects.exists()

    def test_a2_an_entra_preset_needs_the_tenant_id(self, shell: Shell) -> None:
        for preset in ("flow_connect", "flowcase"):
            arguments = ("scim_connection", "create", "--organization", "contoso", "--preset", preset)
            with pytest.raises(CommandError, match="--tenant-id"):
                shell(*arguments)
            shell(*arguments, "--tenant-id", str(uuid.uuid4()))
        assert Connection.objects.count() == 2

    def test_a2_the_tenant_id_is_a_guid(self, shell: Shell) -> None:
        with pytest.raises(CommandError, match="“contoso” is not a directory"):
            create(shell, "contoso", "--tenant-id", "contoso")

    def test_one_connection_for_each_tenant(self, shell: Shell) -> None:
        made = create(shell, "contoso", "--tenant-id", TENANT)
        with pytest.raises(CommandError, match=made["connection"]):
            create(shell, "contoso", "--tenant-id", TENANT.upper())
        assert Connection.objects.count() == 1

    def test_an_unknown_preset_is_refused_with_the_choices(self, shell: Shell) -> None:
        with pytest.raises(CommandError, match="flow_connect"):
            shell("scim_connection", "create", "--organization", "contoso", "--preset", "okta")

    def test_columns_are_set_over_the_preset(self, shell: Shell) -> None:
        create(
            shell,
            "contoso",
            "--name=Contoso’s Entra",
            "--set=existing_users=update",
            "--set=groups=off",
            "--set=managers=FALSE",
            "--set=external_id_unique=on",
            "--set=token_lifetime=30",
            "--set=user_patch_response=204",
            "--set=verified_domains=contoso.example contoso.test",
        )
        made = Connection.objects.get()
        assert made.name == "Contoso’s Entra"
        assert made.existing_users == Connection.ExistingUsers.UPDATE
        assert (made.groups, made.managers, made.external_id_unique) == (False, False, True)
        assert made.token_lifetime == 30
        assert (made.user_patch_response, made.group_patch_response) == (204, 200)
        assert made.verified_domains == "contoso.example contoso.test"

    def test_patch_response_sets_both(self, shell: Shell) -> None:
        create(shell, "contoso", "--set", "patch_response=204", "--set", "unknown_members=ignore")
        made = Connection.objects.get()
        assert (made.user_patch_response, made.group_patch_response) == (204, 204)
        assert made.unknown_members == Connection.Unknown.IGNORE

    @pytest.mark.parametrize("given", ["colour=red", "groups", "organization=2", "preset=rfc", "=on"])
    def test_an_unknown_column_is_refused_with_the_choices(self, shell: Shell, given: str) -> None:
        with pytest.raises(CommandError) as caught:
            create(shell, "contoso", "--set", given)
        assert f"“{given}”" in str(caught.value)
        for column in [*policy_fields(), "patch_response", "verified_domains", "allowed_networks"]:
            assert column in str(caught.value)

    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ("existing_users=adopt", ["adopt", "existing_users", "link, update, reject"]),
            ("groups=maybe", ["maybe", "groups", "on, true"]),
            ("patch_response=201", ["201", "200, 204"]),
            ("token_lifetime=soon", ["soon", "token_lifetime"]),
            ("token_lifetime=0", ["token_lifetime", "1"]),
        ],
    )
    def test_an_unknown_value_is_refused_with_the_choices(
        self, shell: Shell, given: str, named: list[str]
    ) -> None:
        with pytest.raises(CommandError) as caught:
            create(shell, "contoso", "--set", given)
        for text in named:
            assert text in str(caught.value)
        assert not Connection.objects.exists()

    def test_what_only_the_model_can_refuse_is_named_too(self, shell: Shell) -> None:
        with pytest.raises(CommandError, match=r"name: .*200"):
            create(shell, "contoso", "--name", "n" * 201)

    def test_existing_users_are_linked_where_the_connection_sees_them(
        self, shell: Shell, organization: Any
    ) -> None:
        make_user(organization, "ada")
        create(shell, "contoso", "--set", "visible_users=organization")
        assert UserResource.objects.get().scim_managed is False

    def test_djangos_own_options_may_come_last(self) -> None:
        command = [sys.executable, "-m", "django", "scim_connection", "list"]
        ran = subprocess.run(
            [*command, "--help", "--settings=example_project.config.settings", "--no-color"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert "--organization" in ran.stdout


class TestOrganization:
    """`--organization`: by slug, else by primary key, else by natural key."""

    def test_by_slug(self, shell: Shell, organization: Any) -> None:
        create(shell, "contoso")
        assert Connection.objects.get().organization == organization

    def test_by_primary_key(self, shell: Shell, organization: Any) -> None:
        create(shell, str(organization.pk))
        assert Connection.objects.get().organization == organization

    def test_by_natural_key(self, shell: Shell, organization: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        manager = type(organization)._default_manager

        def by_name(name: str) -> Any:
            return manager.get(name=name)

        monkeypatch.setattr(manager, "get_by_natural_key", by_name, raising=False)
        create(shell, organization.name)
        assert Connection.objects.get().organization == organization
        with pytest.raises(CommandError, match="no organization"):
            create(shell, "Nobody")

    def test_a_natural_key_of_two_parts_is_not_tried(
        self, shell: Shell, organization: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        manager = type(organization)._default_manager
        monkeypatch.setattr(manager, "get_by_natural_key", lambda _one, _two: organization, raising=False)
        with pytest.raises(CommandError, match="no organization"):
            create(shell, "Nobody")

    def test_an_unknown_one_is_refused(self, shell: Shell) -> None:
        with pytest.raises(CommandError, match="There is no organization “nobody”"):
            create(shell, "nobody")


class TestList:
    """`list`."""

    def test_nothing(self, shell: Shell) -> None:
        assert shell.json("scim_connection", "list") == []
        assert shell("scim_connection", "list") == "Nothing to show.\n"

    def test_json_holds_what_each_connection_manages(
        self, shell: Shell, contoso: ScimClient, northwind: ScimClient
    ) -> None:
        contoso.post("/Users", {"userName": "ada@contoso.example", "externalId": TENANT})
        contoso.post("/Groups", {"displayName": "Team", "externalId": TENANT})
        first, second = shell.json("scim_connection", "list")
        assert first["connection"] == str(contoso.connection.pk)
        assert (first["users"], first["groups"], first["enabled"]) == (1, 1, True)
        assert (second["users"], second["groups"]) == (0, 0)
        assert first["tenant_url"].endswith(f"{contoso.connection.pk}/v2")

    def test_one_organization_alone(self, shell: Shell, contoso: ScimClient, northwind: ScimClient) -> None:
        [found] = shell.json("scim_connection", "list", "--organization", "northwind")
        assert found["connection"] == str(northwind.connection.pk)

    def test_people_read_a_table(self, shell: Shell, make_connection: MakeConnection) -> None:
        connection = make_connection("rfc", name="Entra\x1b[31m")
        heading, line = shell("scim_connection", "list").splitlines()
        assert heading.split()[:3] == ["connection", "organization", "name"]
        assert str(connection.pk) in line
        assert "\x1b" not in line


class TestPauseAndResume:
    """A paused connection answers 503, and answers again when resumed."""

    def test_pause_and_resume(self, shell: Shell, rfc: ScimClient) -> None:
        assert shell.json("scim_connection", "pause", rfc.connection.pk) == {
            "connection": str(rfc.connection.pk),
            "enabled": False,
        }
        assert rfc.get("/Users").status == 503
        assert "is on." in shell("scim_connection", "resume", rfc.connection.pk)
        assert rfc.get("/Users").status == 200

    @pytest.mark.parametrize("action", ["pause", "resume", "link", "remove"])
    @pytest.mark.parametrize("name", ["nonsense", str(uuid.UUID(int=7))])
    def test_an_unknown_connection_is_refused(self, shell: Shell, action: str, name: str) -> None:
        with pytest.raises(CommandError, match="There is no connection"):
            shell("scim_connection", action, name)


def test_link_links_what_the_connection_does_not_see_yet(
    shell: Shell, make_connection: MakeConnection, organization: Any
) -> None:
    connection = make_connection("flow_connect")
    make_user(organization, "ada")
    UserResource.objects.all().delete()
    assert shell.json("scim_connection", "link", connection.pk) == {
        "connection": str(connection.pk),
        "linked": 1,
    }
    assert "0 users" in shell("scim_connection", "link", connection.pk)


class TestRemove:
    """`remove`: users stay and are managed by nobody, events stay, what is owed is done first."""

    def test_users_stay_and_events_survive(self, shell: Shell, contoso: ScimClient) -> None:
        contoso.post("/Users", {"userName": "ada@contoso.example", "externalId": TENANT})
        contoso.post("/Groups", {"displayName": "Team", "externalId": TENANT})
        user = UserResource.objects.get().user
        before = status_of(user)
        key = contoso.connection.pk
        removed = shell.json("scim_connection", "remove", key, "--no-input")
        assert removed == {"connection": str(key), "users": 1, "groups": 1}
        assert status_of(user) == before
        assert not Connection.objects.exists()
        assert not Token.objects.exists()
        assert not UserResource.objects.exists()
        events = Event.objects.filter(connection_key=key)
        assert events.count() == 2
        assert contoso.get("/Users").status == 401

    def test_it_asks(self, shell: Shell, rfc: ScimClient, answer: Callable[[str | None], None]) -> None:
        for refusal in ("no", "", None):
            answer(refusal)
            with pytest.raises(CommandError, match="Nothing was removed"):
                shell("scim_connection", "remove", rfc.connection.pk)
        assert Connection.objects.exists()
        answer("yes")
        assert "is removed" in shell("scim_connection", "remove", rfc.connection.pk)
        assert not Connection.objects.exists()

    def test_t12_what_is_owed_is_done_first(self, shell: Shell, rfc: ScimClient) -> None:
        owe(rfc.connection, "user_deactivated")
        seen = Seen()
        with listening(seen):
            shell("scim_connection", "remove", rfc.connection.pk, "--no-input")
        assert seen.kinds == ["user_deactivated"]

    def test_t12_what_cannot_be_done_now_is_not_lost(self, shell: Shell, rfc: ScimClient) -> None:
        effect = owe(rfc.connection, "user_deactivated")
        seen = Seen()
        seen.failing.add(effect.resource_id)
        with listening(seen), pytest.raises(CommandError, match=r"1 effects .* still owed"):
            shell("scim_connection", "remove", rfc.connection.pk, "--no-input")
        assert Effect.objects.get().state == Effect.State.DUE
        shell("scim_effects", "skip", "--all", "--connection", rfc.connection.pk, "--reason", "gone")
        shell("scim_connection", "remove", rfc.connection.pk, "--no-input")
        assert not Connection.objects.exists()
