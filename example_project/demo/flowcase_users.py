"""Flowcase's users: identifiers, lifecycle, optional attributes (B7 to B12, B28 to B30, B32 to B39, B44)."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.hub.models import User
from example_project.hub.scim import COUNTRY_CODE
from scim_provisioning.simulator import MAPPINGS, JobSettings
from scim_provisioning.simulator.paths import parse_target

RULES = Rules()
WORK_MAIL = 'emails[type eq "work"].value'


@RULES.rule(
    "B7",
    "userName and e-mail are lower-case; filters match in any case",
    http="400 invalidValue, names ToLower; filter in capitals: 1 found",
    tables="0 users",
)
def lower_case(scene: Scene) -> Seen:
    wrong = scene.beside(MAPPINGS["flowcase"].with_mistake("without_to_lower"))
    capital = wrong.hire("Tora", principal_name=f"Tora@{scene.domain}")
    refused = wrong.refusal(wrong.cycle(), capital)
    named = "names ToLower" if "ToLower([userPrincipalName], )" in refused.detail else refused.detail
    scene.hire("Tuva")
    scene.cycle()
    found = scene.wire.find(f'userName eq "{scene.address("Tuva").upper()}"').found
    return Seen(
        f"{refused}, {named}; filter in capitals: {found} found", f"{scene.users_named('Tora')} users"
    )


@RULES.rule(
    "B8",
    "Match in two steps: userName, then the work e-mail",
    http="1 found, 1 found; match by e-mail: PATCH 200",
    tables="adopted; 1 user of the e-mail",
)
def two_step_match(scene: Scene) -> Seen:
    scene.hire("Mari")
    scene.resident("Mats", username=scene.address("mats.local"))
    matched = scene.hire("Mats")
    cycle = scene.cycle()
    by = [f'{path} eq "{scene.address("Mari")}"' for path in ("userName", WORK_MAIL)]
    found = ", ".join(f"{scene.wire.find(text).found} found" for text in by)
    same = User.objects.filter(organization=scene.organization, email=scene.address("Mats")).count()
    return Seen(
        f"{found}; match by e-mail: {scene.writes(cycle, matched)}",
        f"{scene.link(matched).origin}; {same} user of the e-mail",
    )


@RULES.rule(
    "B9",
    "externalId is optional, and anything",
    http="POST 201 without; POST 201, E-1042",
    tables="none; E-1042",
)
def any_external_id(scene: Scene) -> Seen:
    without, with_one = scene.hire("Elin"), scene.hire("Egil", employee_id="E-1042")
    cycle = scene.cycle()
    returned = scene.read(with_one).body.get("externalId")
    lacking = "without" if "externalId" not in scene.read(without).body else "with one"
    return Seen(
        f"{scene.writes(cycle, without)} {lacking}; {scene.writes(cycle, with_one)}, {returned}",
        f"{scene.link(without).external_id or 'none'}; {scene.link(with_one).external_id}",
    )


@RULES.rule(
    "B10",
    "Who is there is matched in any letter case and updated; never one of two",
    http="PATCH 200; two of one e-mail: DuplicateTargetEntries, POST 409 uniqueness",
    tables="adopted, title Lead, 1 user; both of the e-mail unmanaged",
)
def existing_users(scene: Scene) -> Seen:
    scene.resident("Helge", username=f"Helge@{scene.domain}", email=f"Helge@{scene.domain}", title="Old")
    user = scene.hire("Helge", job_title="Lead")
    shared = scene.address("shared")
    twins = [scene.resident(name, email=shared) for name in ("Hilde", "Hanne")]
    third = scene.hire("Hans", mail=shared)
    cycle = scene.cycle()
    code = next(row.code for row in cycle.failures if row.source_id == third.object_id)
    scene.dismiss(third)
    mails = [{"type": "work", "value": shared}]
    refused = scene.wire.post("/Users", scene.person("Hogne", emails=mails))
    managed = sum(twin.scim_resources.filter(scim_managed=True).count() for twin in twins)
    return Seen(
        f"{scene.writes(cycle, user)}; two of one e-mail: {code}, POST {refused}",
        f"{scene.link(user).origin}, title {scene.account(user).title}, {scene.users_named('Helge')} user; "
        f"both of the e-mail {'managed' if managed else 'unmanaged'}",
    )


@RULES.rule(
    "B11",
    "The id is the server's; one that a client sends is ignored",
    http="POST 201, another id, a UUID of version 4",
    tables="kept under the server's id",
)
def server_id(scene: Scene) -> Seen:
    created = scene.wire.post("/Users", scene.person("Ida", id="my-own-id"))
    target = created.body["id"]
    another = "another id" if target != "my-own-id" else "the client's id"
    return Seen(
        f"POST {created}, {another}, a UUID of version {UUID(target).version}",
        "kept under the server's id" if scene.link(target).user.username == scene.address("Ida") else "?",
    )


@RULES.rule(
    "B12",
    "A user may come without name and displayName",
    http="POST 201; neither returned",
    tables="names empty",
)
def no_names(scene: Scene) -> Seen:
    user = scene.hire("Navn", given_name=None, surname=None)
    cycle = scene.cycle()
    returned = {"name", "displayName"} & scene.read(user).body.keys()
    account = scene.account(user)
    names = account.first_name + account.last_name + account.display_name
    return Seen(
        f"{scene.writes(cycle, user)}; {', '.join(returned) or 'neither'} returned",
        f"names {names or 'empty'}",
    )


@RULES.rule(
    "B28",
    "active is text in the legacy dialect, a boolean with the flag",
    http={"legacy": 'sent "False", 200; active false', "optscim": "sent false, 200; active false"},
    tables="inactive",
)
def active_values(scene: Scene) -> Seen:
    user = scene.hire("Solveig")
    scene.cycle()
    scene.directory.disable(user)
    cycle = scene.cycle()
    patch = next(exchange for exchange in cycle.exchanges if exchange.method == "PATCH")
    value = patch.request_body["Operations"][0]["value"]
    sent = f'"{value}"' if isinstance(value, str) else str(value).lower()
    return Seen(f"sent {sent}, {patch.status}; active {scene.active(user)}", scene.account(user).status)


@RULES.rule(
    "B29 a",
    "Soft delete with active mapped: deactivated, and restored the same",
    http="PATCH 200, PATCH 200; same id",
    tables="inactive → active",
)
def soft_delete(scene: Scene) -> Seen:
    user = scene.hire("Siri")
    scene.cycle()
    target, writes, statuses = scene.target(user), [], []
    for edit in (scene.directory.soft_delete, scene.directory.restore):
        edit(user)
        writes.append(scene.writes(scene.cycle(), user))
        statuses.append(scene.account(user).status)
    same = "same id" if scene.target(user) == target else "new id"
    return Seen(f"{', '.join(writes)}; {same}", " → ".join(statuses))


@RULES.rule(
    "B29 b",
    "active not mapped: nothing, or a DELETE at once",
    http="no write; DELETE 204, GET 404",
    tables="active; no row",
)
def active_not_mapped(scene: Scene) -> Seen:
    mapping = MAPPINGS["flowcase"].with_mistake("active_not_mapped")
    seen, rows, target = [], [], ""
    for name, deletes in (("Sindre", False), ("Sunniva", True)):
        wrong = scene.beside(mapping, JobSettings(delete_when_active_unmapped=deletes))
        user = wrong.hire(name)
        wrong.cycle()
        target = wrong.target(user)
        wrong.directory.soft_delete(user)
        seen.append(wrong.writes(wrong.cycle(), user))
        account = User.objects.filter(username=scene.address(name)).first()
        rows.append(account.status if account else "no row")
    return Seen(f"{seen[0]}; {seen[1]}, GET {scene.read(target)}", "; ".join(rows))


@RULES.rule(
    "B30",
    "30 days after the soft delete, or by hand before: deleted for good",
    http="DELETE 204, GET 404; by hand DELETE 204, GET 404",
    tables="no row; no row",
)
def hard_delete(scene: Scene) -> Seen:
    waiting, by_hand = scene.hire("Vigdis"), scene.hire("Vidar")
    scene.cycle()
    targets = [scene.target(waiting), scene.target(by_hand)]
    scene.directory.soft_delete(waiting)
    scene.directory.soft_delete(by_hand)
    scene.cycle()
    scene.directory.hard_delete(by_hand)
    early = scene.writes(scene.cycle(), by_hand)
    late = scene.writes(scene.cycle(days=31), waiting)
    rows = [scene.users_named(name) for name in ("Vigdis", "Vidar")]
    reads = [scene.read(target) for target in targets]
    return Seen(
        f"{late}, GET {reads[0]}; by hand {early}, GET {reads[1]}",
        "; ".join("no row" if count == 0 else "a row" for count in rows),
    )


@RULES.rule("B44", "A user may lack a department", http="POST 201", tables="department none")
def no_department(scene: Scene) -> Seen:
    user = scene.hire("Ulrik")
    cycle = scene.cycle()
    return Seen(scene.writes(cycle, user), f"department {scene.account(user).department or 'none'}")


def optional(scene: Scene, *, path: str, source: str, value: str) -> Seen:
    """Look at one optional attribute: accepted, returned, kept where the Hub has a place for it."""
    attributes: dict[str, Any] = {source: value}
    user = scene.hire(f"Opt{source}", **attributes)
    cycle = scene.cycle()
    target = parse_target(path)
    returned = target.read(scene.read(user).body)
    link, account = scene.link(user), scene.account(user)
    kept = {
        "column title": account.title,
        "column phone": account.phone,
        "column display_name": account.display_name,
        "external_id": link.external_id,
        "the resource": target.read(link.attributes),
    }
    places = [place for place, held in kept.items() if held == returned]
    return Seen(f"{scene.writes(cycle, user)}; {returned}", ", ".join(places))


for number, path, source, value, place, returned in (
    ("B32", "displayName", "given_name", "Olga", "column display_name", "Olga Rehearsal"),
    ("B33", 'addresses[type eq "home"].locality', "city", "Bodø", "the resource", "Bodø"),
    ("B34", 'phoneNumbers[type eq "work"].value', "telephone_number", "+47 1", "column phone", "+47 1"),
    ("B35", "title", "job_title", "Clerk", "column title", "Clerk"),
    ("B36", "preferredLanguage", "preferred_language", "nb-NO", "the resource", "nb-NO"),
    ("B37", "locale", "locale", "nn-NO", "the resource", "nn-NO"),
    ("B38", "externalId", "employee_id", "E-38", "external_id", "E-38"),
    ("B39", COUNTRY_CODE, "country", "NO", "the resource", "NO"),
):
    RULES.rule(
        number,
        f"Optional: {path.rpartition(':')[2]}",
        http=f"POST 201; {returned}",
        tables=place,
    )(partial(optional, path=path, source=source, value=value))
