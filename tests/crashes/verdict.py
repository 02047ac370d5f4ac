"""What the Hub's tables say after a cycle, held against the directory that was provisioned."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.crashes.cycle import Played
from tests.crashes.population import Population
from tests.crashes.stack import Stack

# Every sweep comes in ten seconds, and a claim of a worker that died holds for a minute.
EFFECT_SECONDS = 150.0
OWED = "SELECT count(*) FROM scim_provisioning_effect WHERE state = 'due'"


@dataclass(slots=True)
class Verdict:
    """What is wrong, and a few figures of it; nothing wrong is an empty list."""

    wrong: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def expect(self, what: str, expected: object, seen: object) -> None:
        """Note a difference."""
        if expected != seen:
            self.wrong.append(f"{what}: expected {expected}, is {seen}")


def judge(stack: Stack, *populations: Population) -> Verdict:
    """Compare users, groups, links and effects with the directories, once nothing is owed any more.

    What was judged on this stack before has to be there still.
    """
    stack.populations += populations
    populations = tuple(stack.populations)
    verdict = Verdict()
    verdict.figures["effects_done_after_s"] = round(wait_for_effects(stack), 1)
    _users(stack, populations, verdict)
    _groups(stack, populations, verdict)
    _links(stack, verdict)
    _effects(stack, populations, verdict)
    return verdict


def count(verdict: Verdict, played: Played) -> None:
    """Hold the answers of a cycle against what every fault allows: a 503 that says when to come back, and no 500."""
    answers = played.answers
    verdict.expect("requests that the client gave up", [], played.given_up[:3])
    verdict.expect("answers 500", 0, answers.count("500"))
    verdict.expect("answers 503 without Retry-After", 0, answers.without_retry_after)
    verdict.figures["requests"] = len(answers.noted)
    verdict.figures["p99_ms"] = round(answers.percentile(0.99) * 1000)


def wait_for_effects(stack: Stack, seconds: float = EFFECT_SECONDS) -> float:
    """Wait until no effect is owed, or for so long none was done, and return how long that took."""
    started = last = time.monotonic()
    before = owed = stack.count(OWED)
    while owed and time.monotonic() - last < seconds:
        time.sleep(0.2)
        owed = stack.count(OWED)
        if owed < before:
            before, last = owed, time.monotonic()
    return time.monotonic() - started


def _users(stack: Stack, populations: Sequence[Population], verdict: Verdict) -> None:
    rows = stack.query(
        "SELECT r.id::text, u.username, u.display_name, u.status FROM scim_provisioning_userresource r "
        f"JOIN hub_user u ON u.id = r.user_id WHERE r.connection_id = '{stack.connection}' AND r.scim_managed"
    )
    seen = {str(pk): (name, shown, status != "inactive") for pk, name, shown, status in rows}
    expected = {
        person.id: (person.name, person.display_name, person.active)
        for population in populations
        for person in population.people
        if not person.deleted
    }
    wrong = [pk for pk in {*seen, *expected} if seen.get(pk) != expected.get(pk)]
    verdict.figures["users"] = len(seen)
    different = [(expected.get(pk), seen.get(pk)) for pk in wrong[:3]]
    verdict.expect("users that are not as the directory has them", [], different)


def _groups(stack: Stack, populations: Sequence[Population], verdict: Verdict) -> None:
    rows = stack.query(
        "SELECT g.display_name, r.id::text FROM scim_provisioning_groupresource g "
        "LEFT JOIN hub_group_members m ON m.group_id = g.group_id "
        "LEFT JOIN scim_provisioning_userresource r ON r.user_id = m.user_id AND r.connection_id = g.connection_id "
        f"WHERE g.connection_id = '{stack.connection}'"
    )
    seen: dict[str, set[str]] = {}
    for name, member in rows:
        seen.setdefault(str(name), set()).update({str(member)} if member else ())
    verdict.figures["groups"] = len(seen)
    expected = {name: each.expected_members(name) for each in populations for name in each.teams}
    verdict.expect("groups", set(expected), set(seen))
    for name, members in expected.items():
        verdict.expect(
            f"members of {name} that are missing or too many", 0, len(members ^ seen.get(name, set()))
        )


def _links(stack: Stack, verdict: Verdict) -> None:
    """No user without its resource, no two users of one name: what SCIM could never mend again."""
    half_made = stack.count(
        "SELECT count(*) FROM hub_user u WHERE u.username LIKE 'person%' AND NOT EXISTS "
        "(SELECT 1 FROM scim_provisioning_userresource r WHERE r.user_id = u.id)"
    )
    verdict.expect("half-made users", 0, half_made)
    double = stack.count(
        "SELECT count(*) FROM (SELECT upper(username) FROM hub_user GROUP BY upper(username) HAVING count(*) > 1) d"
    )
    verdict.expect("users that exist twice", 0, double)


def _effects(stack: Stack, populations: Sequence[Population], verdict: Verdict) -> None:
    verdict.expect(
        "effects still owed or given up",
        0,
        stack.count("SELECT count(*) FROM scim_provisioning_effect WHERE state NOT IN ('done', 'overtaken')"),
    )
    people = [person for each in populations for person in each.people]
    disabled = [each.people[n].id for each in populations for n in each.disabled]
    deleted = [person.id for person in people if person.deleted]
    for kind, wanted in (("user_deactivated", disabled), ("user_deleted", deleted)):
        seen = stack.query(f"SELECT resource_id::text FROM witness_sighting WHERE kind = '{kind}'")
        told = sorted(str(row[0]) for row in seen)
        lost = set(wanted) - set(told) - _overtaken(stack, kind)
        verdict.expect(f"{kind} effects lost", 0, len(lost))
        verdict.expect(f"{kind} effects visible twice", 0, len(told) - len(set(told)))
    verdict.figures["effects"] = stack.count("SELECT count(*) FROM witness_sighting")
    verdict.figures["run_again"] = stack.count("SELECT count(*) FROM witness_sighting WHERE runs > 1")


def _overtaken(stack: Stack, kind: str) -> set[str]:
    """Return whose effect came too late: a later change of the resource had been carried out before it."""
    return {
        str(row[0])
        for row in stack.query(
            "SELECT e.resource_id::text FROM scim_provisioning_effect e WHERE e.state = 'overtaken' "
            f"AND e.kind = '{kind}' AND EXISTS (SELECT 1 FROM scim_provisioning_effect l WHERE "
            "l.resource_id = e.resource_id AND l.handler = e.handler AND l.id > e.id AND l.state = 'done')"
        )
    }
