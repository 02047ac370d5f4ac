"""Flow Connect's connection: tenant URL, token, test, cycle (A1 to A7, A34, A37)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.apps import apps
from django.core.management.base import CommandError
from django.utils import timezone

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.demo.stage import command
from scim_provisioning.models import Connection, Token, UserResource
from scim_provisioning.simulator import LEGACY, OPTSCIM

RULES = Rules()


@RULES.rule("A7", "Test connection succeeds right after the paste", http="200, 200", tables="0 events")
def test_connection(scene: Scene) -> Seen:
    before = scene.events()
    test = scene.app.test_connection()
    statuses = ", ".join(str(exchange.status) for exchange in test.exchanges)
    return Seen(statuses if test.ok else test.message, f"{scene.events() - before} events")


@RULES.rule(
    "A1",
    "An organization has a tenant URL of its own",
    http="GET 200; with another id 401",
    tables="organization contoso",
)
def tenant_url(scene: Scene) -> Seen:
    own = scene.wire.get("/Users", count="0")
    key = str(scene.connection.pk)
    other = scene.wire.at(scene.wire.url.replace(key, str(uuid4()))).get("/Users", count="0")
    kept = Connection.objects.select_related("organization").get(pk=key)
    return Seen(f"GET {own}; with another id {other}", f"organization {kept.organization.slug}")


@RULES.rule(
    "A2",
    "It is made for an Entra tenant ID, a GUID",
    tables="tenant ID kept; “contoso” and none refused",
)
def tenant_id(scene: Scene) -> Seen:
    create = ("scim_connection", "create", "--organization", scene.organization.slug, "--preset")
    refused = []
    for arguments in (("--tenant-id", "contoso"), ()):
        try:
            command(*create, scene.connection.preset, *arguments)
        except CommandError:
            refused.append(arguments)
    kept = "tenant ID kept" if scene.connection.tenant_id else "no tenant ID"
    return Seen(tables=f"{kept}; “contoso” and none {'refused' if len(refused) == 2 else 'accepted'}")


@RULES.rule(
    "A4",
    "A token is shown once and kept as a digest",
    http="GET 200",
    tables="64 hex digits; the secret in no table",
)
def token_digest(scene: Scene) -> Seen:
    answer = scene.wire.get("/Users", count="0")
    key_id, secret = scene.endpoint.token.split("_")[1:3]
    digest = Token.objects.get(key_id=key_id).digest
    places = [
        model._meta.label
        for model in apps.get_models()
        for row in model._base_manager.values()
        if secret in repr(row)
    ]
    hexadecimal = len(digest) if set(digest) <= set("0123456789abcdef") else 0
    return Seen(f"GET {answer}", f"{hexadecimal} hex digits; the secret in {', '.join(places) or 'no table'}")


@RULES.rule(
    "A5",
    "A token is valid one year; two at a time for rotation",
    http="old 200, new 200; expired 401",
    tables="365 days; the third refused; 1 live",
)
def token_lifetime(scene: Scene) -> Seen:
    create = ("scim_token", "create", "--connection", str(scene.connection.pk))
    created = command(*create)
    statuses = [str(scene.wire.send("GET", "/Users", token=t)) for t in (None, created["token"])]
    try:
        command(*create)
        third = "accepted"
    except CommandError:
        third = "refused"
    tokens = Token.objects.filter(key_id=created["key_id"])
    token = tokens.get()
    tokens.update(expires_at=timezone.now() - timedelta(seconds=1))
    expired = scene.wire.send("GET", "/Users", token=created["token"])
    live = Token.objects.live().filter(connection=scene.connection).count()
    days = round((token.expires_at - token.created_at) / timedelta(days=1))
    return Seen(
        f"old {statuses[0]}, new {statuses[1]}; expired {expired}",
        f"{days} days; the third {third}; {live} live",
    )


@RULES.rule(
    "A6",
    "“Bearer authentication”",
    http="Bearer X 200; no header 401 Bearer",
    tables="first use noted",
)
def bearer(scene: Scene) -> Seen:
    good = scene.wire.send("GET", "/Users", authorization=f"Bearer {scene.endpoint.token}")
    bare = scene.wire.send("GET", "/Users", authorization="")
    challenge = bare.headers.get("www-authenticate", "none").split()[0]
    token = Token.objects.get(key_id=scene.endpoint.token.split("_")[1])
    return Seen(
        f"Bearer X {good}; no header {bare} {challenge}",
        "first use noted" if token.first_used_at else "unused",
    )


@RULES.rule(
    "A34",
    "After 40 minutes without a change Entra sends nothing",
    http="40 minutes, 0 requests",
    tables="0 events",
)
def quiet_cycle(scene: Scene) -> Seen:
    scene.cycle()
    start, before = scene.app.clock.now, scene.events()
    cycle = scene.cycle()
    minutes = (cycle.started - start).seconds // 60
    return Seen(f"{minutes} minutes, {cycle.requests} requests", f"{scene.events() - before} events")


@RULES.rule(
    "A37",
    "Without the flag Entra writes its legacy dialect; one URL reads both",
    http="legacy 200, flagged 200",
    tables="title Second, kept as one user",
)
def both_dialects(scene: Scene) -> Seen:
    user = scene.hire("Benny")
    scene.cycle()
    target = scene.target(user)
    first = scene.change(target, {"title": "First", "name.givenName": "Ben"}, LEGACY)
    second = scene.change(target, {"title": "Second", "name.givenName": "Benny"}, OPTSCIM)
    kept = UserResource.objects.filter(connection=scene.connection, user__title="Second")
    return Seen(
        f"legacy {first}, flagged {second}",
        f"title {scene.account(user).title}, kept as {'one user' if kept.count() == 1 else kept.count()}",
    )
