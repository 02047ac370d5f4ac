"""Users of Flow Connect who were there before (A11 to A13, A36)."""

from __future__ import annotations

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.hub.models import User
from scim_provisioning.models import Connection, UserResource
from scim_provisioning.simulator import DirectoryUser

RULES = Rules()
WORK_MAIL = 'emails[type eq "work"].value'


@RULES.rule(
    "A11 a",
    "A user who was there before is found, linked and kept",
    http="PATCH 200",
    tables="adopted, managed; active; 1 user",
)
def adoption_by_match(scene: Scene) -> Seen:
    scene.resident("Kari")
    user = scene.hire("Kari")
    cycle = scene.cycle()
    return Seen(scene.writes(cycle, user), f"{_adopted(scene, user)}; {scene.users_named('Kari')} user")


@RULES.rule(
    "A11 b",
    "… also when only the e-mail is the same (UPN ≠ mail)",
    http="POST 201, the user's id",
    tables="adopted, managed; active; 1 user",
)
def adoption_by_mail(scene: Scene) -> Seen:
    resident = scene.resident("Kjell")
    user = scene.hire("Kjell", principal_name=scene.address("kjell.upn"))
    cycle = scene.cycle()
    same = "the user's id" if scene.account(user).pk == resident.pk else "another id"
    named = scene.users_named("Kjell") + scene.users_named("kjell.upn")
    return Seen(f"{scene.writes(cycle, user)}, {same}", f"{_adopted(scene, user)}; {named} user")


def _adopted(scene: Scene, user: DirectoryUser) -> str:
    link = scene.link(user)
    return f"{link.origin}, {_managed(link)}; {link.user.status}"


@RULES.rule(
    "A12",
    "A match writes nothing; the first write links (add externalId)",
    http="GET: 1 found, no externalId; PATCH 200, externalId",
    tables="not managed, 0 events → managed",
)
def match_writes_nothing(scene: Scene) -> Seen:
    scene.resident("Kurt")
    before = scene.events()
    found = scene.wire.find(f'userName eq "{scene.address("Kurt")}"')
    resource = found.body["Resources"][0]
    link = scene.link(resource["id"])
    events = scene.events() - before
    user = scene.hire("Kurt")
    cycle = scene.cycle()
    returned = "externalId" if scene.read(user).body.get("externalId") == user.object_id else "none"
    return Seen(
        f"GET: {found.found} found, {resource.get('externalId', 'no externalId')}; "
        f"{scene.writes(cycle, user)}, {returned}",
        f"{_managed(link)}, {events} events → {_managed(scene.link(user))}",
    )


def _managed(link: UserResource) -> str:
    return "managed" if link.scim_managed else "not managed"


@RULES.rule(
    "A13",
    "Kept as is: contact links only; later profile syncs, mail only to a verified domain",
    http="contact 200, title 200; mail elsewhere 400 mutability, verified 200",
    tables="Founder → Architect; mail kept, then changed",
)
def kept_as_is(scene: Scene) -> Seen:
    resident = scene.resident("Knut", title="Founder")
    user = scene.hire("Knut", job_title="Boss")
    contact = scene.cycle()
    titles = [scene.account(user).title]
    scene.directory.change(user, job_title="Architect")
    later = scene.cycle()
    titles.append(scene.account(user).title)
    target = scene.target(user)
    elsewhere = scene.change(target, {WORK_MAIL: "knut@attacker.example"})
    mails = ["kept" if scene.account(user).email == resident.email else "lost"]
    connections = Connection.objects.filter(pk=scene.connection.pk)
    connections.update(verified_domains="verified.example")
    verified = scene.change(target, {WORK_MAIL: "knut@verified.example"})
    connections.update(verified_domains="")
    mails.append("then changed" if scene.account(user).email == "knut@verified.example" else "then kept")
    statuses = [scene.writes(cycle, user).removeprefix("PATCH ") for cycle in (contact, later)]
    return Seen(
        f"contact {statuses[0]}, title {statuses[1]}; mail elsewhere {elsewhere}, verified {verified}",
        f"{' → '.join(titles)}; mail {', '.join(mails)}",
    )


@RULES.rule(
    "A36",
    "Users with a local account are adopted too and keep it",
    http="PATCH 200",
    tables="adopted; password kept",
)
def local_account(scene: Scene) -> Seen:
    scene.resident("Lars", password="before")
    user = scene.hire("Lars")
    cycle = scene.cycle()
    account = User.objects.get(pk=scene.link(user).user_id)
    kept = "password kept" if account.check_password("before") else "password lost"
    return Seen(scene.writes(cycle, user), f"{scene.link(user).origin}; {kept}")
