"""What observations come to, and when a step is ticked."""

import uuid
from typing import Any

import pytest

from scim_provisioning.guide.findings import State
from scim_provisioning.guide.guides import GUIDES, setup_of, steps_of
from scim_provisioning.guide.progress import Progress, confirm, fingerprint, progress_of, reopen
from scim_provisioning.guide.subjects import SUBJECTS
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.models import PRESETS, Confirmation, Connection
from scim_provisioning.protocol.codes import CODES
from scim_provisioning.protocol.sightings import SUBJECT_OF_CODE
from tests.conftest import MakeClient, MakeConnection
from tests.guide.conftest import Pass, findings, named, steps
from tests.scim import ENTERPRISE, ScimClient, user_body

CAPITAL = "Eva@contoso.example"


@pytest.fixture
def strict(make_client: MakeClient) -> ScimClient:
    """Return a client of a connection that refuses capital letters, managers and groups."""
    return make_client("rfc", letter_case="reject", groups=False, managers=False)


def test_every_code_that_is_watched_is_a_code_and_every_subject_is_known() -> None:
    assert set(SUBJECT_OF_CODE) <= set(CODES)
    assert set(SUBJECT_OF_CODE.values()) <= set(SUBJECTS)


def test_every_subject_that_can_be_wrong_says_what_mends_it() -> None:
    assert all(bool(subject.wrong) == bool(subject.fix) for subject in SUBJECTS.values())


@pytest.mark.django_db
@pytest.mark.parametrize("preset", PRESETS)
def test_every_step_asks_for_known_subjects_and_each_is_asked_for_once(
    preset: str, make_connection: MakeConnection
) -> None:
    guide = steps_of(setup_of(make_connection(preset)))
    assert len({step.name for step in guide}) == len(guide)
    told = {name for step in guide for name in (*step.needs, *step.watches)}
    assert told <= set(SUBJECTS)
    assert {name for step in guide for name in step.rests_on} <= told


@pytest.mark.django_db
@pytest.mark.parametrize("preset", PRESETS)
def test_every_step_can_be_ticked_by_what_is_seen(preset: str, make_connection: MakeConnection) -> None:
    connection = make_connection(preset)
    asked = set(findings(connection))
    for step in steps_of(setup_of(connection)):
        assert asked & {*step.needs, *step.rests_on}, step.name


@pytest.mark.django_db
@pytest.mark.parametrize("preset", PRESETS)
def test_whatever_can_be_wrong_is_told_in_some_step(preset: str, make_connection: MakeConnection) -> None:
    connection = make_connection(preset)
    told = {name for step in steps_of(setup_of(connection)) for name in (*step.needs, *step.watches)}
    assert {name for name, found in findings(connection).items() if found.subject.fix} <= told


def test_nothing_seen_is_nothing_said(strict: ScimClient) -> None:
    assert {each.state for each in findings(strict.connection).values()} == {State.UNSEEN}
    assert set(steps(strict.connection).values()) == {Progress.OPEN}


def test_right_wrong_mended_and_right_again(strict: ScimClient, let_pass: Pass) -> None:
    def state() -> State:
        return findings(strict.connection)["lower_case"].state

    strict.create_user("ada")
    assert state() == State.RIGHT
    strict.post("/Users", user_body(CAPITAL))
    assert state() == State.WRONG
    let_pass(500)
    assert state() == State.WRONG
    strict.create_user("eva")
    assert state() == State.RIGHT


def test_what_was_wrong_in_the_last_cycle_is_not_settled_yet(strict: ScimClient, let_pass: Pass) -> None:
    strict.post("/Users", user_body(CAPITAL))
    strict.create_user("ada")
    finding = findings(strict.connection)["lower_case"]
    assert (finding.state, finding.is_wrong) == (State.MENDED, True)
    let_pass(41)
    assert findings(strict.connection)["lower_case"].state == State.RIGHT


@pytest.mark.parametrize("subject", ["groups", "manager"])
def test_B05_B06_absence_takes_a_whole_cycle(strict: ScimClient, let_pass: Pass, subject: str) -> None:
    strict.create_user("ada")
    assert findings(strict.connection)[subject].state == State.WATCHED
    let_pass(41)
    assert findings(strict.connection)[subject].state == State.RIGHT


def test_B05_after_a_call_to_groups_it_takes_another_cycle(strict: ScimClient, let_pass: Pass) -> None:
    strict.create_user("ada")
    strict.find("/Groups", 'displayName eq "Team"')
    assert findings(strict.connection)["groups"].state == State.WRONG
    let_pass(30)
    strict.create_user("eva")
    assert findings(strict.connection)["groups"].state == State.MENDED
    let_pass(11)
    assert findings(strict.connection)["groups"].state == State.RIGHT


def test_a_step_is_ticked_by_what_was_seen(strict: ScimClient) -> None:
    strict.find("/Users", f'userName eq "{uuid.uuid4()}"')
    assert steps(strict.connection)["application"] == Progress.SEEN
    assert steps(strict.connection)["provision"] == Progress.OPEN
    strict.create_user("ada")
    assert steps(strict.connection)["provision"] == Progress.SEEN


def test_the_first_step_is_ticked_once_every_note_was_seen_to_be_heeded(
    strict: ScimClient, let_pass: Pass
) -> None:
    def first() -> Progress:
        return steps(strict.connection)["prerequisites"]

    strict.create_user("ada")
    # No call for groups so far, but they come last in a cycle.
    assert first() == Progress.OPEN
    let_pass(41)
    assert first() == Progress.SEEN
    strict.post("/Users", user_body(CAPITAL))
    assert first() == Progress.OPEN
    assert steps(strict.connection)["mapping"] == Progress.WRONG
    mentions = progress_of(setup_of(strict.connection))[0].mentions
    assert {(each.finding.subject.name, each.step.name) for each in mentions} == {
        ("groups", "mapping"),
        ("manager", "mapping"),
        ("lower_case", "mapping"),
    }
    confirm(strict.connection, "prerequisites", "olivia")
    assert first() == Progress.CONFIRMED


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, ["connected"]),
        ({"groups": False}, ["groups"]),
        ({"managers": False}, ["manager"]),
        ({"letter_case": "reject"}, ["lower_case"]),
        ({"existing_users": "link"}, ["matching", "accounts"]),
        ({"unknown_reference": "reject"}, ["reference_known", "reference_unique"]),
    ],
)
@pytest.mark.django_db
def test_the_first_step_rests_on_what_its_notes_ask_for_and_nothing_else(
    changed: dict[str, Any], wanted: list[str], make_connection: MakeConnection
) -> None:
    first = steps_of(setup_of(make_connection("rfc", **changed)))[0]
    assert list(first.rests_on) == wanted


@pytest.mark.examplehub
def test_B19_what_is_ignored_ticks_no_step_but_keeps_none_open(make_client: MakeClient) -> None:
    client = make_client("rfc", unknown_reference="ignore")
    client.create_user("ada", roles=[{"value": "owner"}])
    assert steps(client.connection)["roles"] == Progress.OPEN
    client.create_user("eva", roles=[{"value": "consultant"}])
    assert steps(client.connection)["roles"] == Progress.SEEN
    assert findings(client.connection)["roles"].state == State.IGNORED


@pytest.mark.examplehub
def test_what_is_neither_asked_for_nor_refused_is_not_spoken_of_until_it_was_seen(
    make_client: MakeClient,
) -> None:
    def told(connection: Connection) -> set[str]:
        recorder.flush()
        mapping = next(each for each in progress_of(setup_of(connection)) if each.step.name == "mapping")
        return {each.subject.name for each in mapping.findings}

    strict, lenient = (make_client("flow_connect", unknown_reference=value) for value in ("reject", "ignore"))
    quiet = {"roles", "reference_known", "reference_unique", "choice"}
    assert quiet <= told(strict.connection)
    assert not quiet & told(lenient.connection)
    lenient.create_user("ada", **{ENTERPRISE: {"department": "Enginering"}})
    assert quiet & told(lenient.connection) == {"reference_known"}


def test_a_step_is_ticked_by_a_confirmation_until_something_is_wrong(strict: ScimClient) -> None:
    assert confirm(strict.connection, "mapping", "olivia")
    assert steps(strict.connection)["mapping"] == Progress.CONFIRMED
    strict.post("/Users", user_body(CAPITAL))
    assert steps(strict.connection)["mapping"] == Progress.WRONG
    assert named(strict.connection) == {"lower_case"}


def test_the_first_confirmation_stays_and_can_be_taken_back(strict: ScimClient) -> None:
    for who in ("olivia", "peter"):
        assert confirm(strict.connection, "mapping", who)
    assert [each.confirmed_by for each in Confirmation.objects.all()] == ["olivia"]
    assert reopen(strict.connection, "mapping")
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize("step", ["", "no-such-step", "mapping ", "x" * 5000])
def test_a_step_that_the_guide_has_not_cannot_be_confirmed(strict: ScimClient, step: str) -> None:
    assert not confirm(strict.connection, step, "olivia")
    assert not Confirmation.objects.exists()


def test_the_version_changes_with_everything_that_is_shown(strict: ScimClient) -> None:
    def version() -> str:
        return fingerprint(progress_of(setup_of(strict.connection)))

    versions = [version()]
    strict.create_user("ada")
    versions.append(version())
    confirm(strict.connection, "prerequisites", "olivia")
    versions.append(version())
    reopen(strict.connection, "prerequisites")
    versions.append(version())
    assert versions[0] != versions[1] == versions[3] != versions[2]


@pytest.mark.django_db
def test_only_what_a_policy_asks_for_is_watched(make_connection: MakeConnection) -> None:
    everything = make_connection("rfc")
    assert not {"lower_case", "external_id", "groups", "manager", "flag"} & set(findings(everything))
    strict = make_connection(
        "rfc", letter_case="reject", external_id_format="guid", groups=False, managers=False
    )
    assert {"lower_case", "external_id", "groups", "manager"} <= set(findings(strict))
    assert "group_sync" not in findings(strict)


@pytest.mark.django_db
def test_B01_the_flag_is_asked_for_as_the_guide_says(make_connection: MakeConnection) -> None:
    asked = {preset: "flag" in findings(make_connection(preset)) for preset in PRESETS}
    assert asked == {"flow_connect": False, "flowcase": True, "rfc": False}


def test_a_guide_of_its_own_is_for_presets_that_exist() -> None:
    assert set(GUIDES) <= set(PRESETS)
