"""What goes wrong: error codes, retries, quarantine, accidental deletions (C13, C14)."""

from itertools import pairwise

import httpx
import pytest

from scim_provisioning.simulator import (
    MAPPINGS,
    Directory,
    DirectoryUser,
    EntraApp,
    JobSettings,
    QuarantineRules,
    constant,
)
from scim_provisioning.simulator.faults import code_for
from scim_provisioning.simulator.paths import ENTERPRISE
from tests.simulator.conftest import MakeApp
from tests.simulator.target import SECRET, Target, reply

HOUR = 3600


def fail_posts(target: Target, status: int) -> None:
    answer = {"detail": "because", "status": str(status)}
    target.intercept = lambda request: reply(status, answer) if request.method == "POST" else None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "SystemForCrossDomainIdentityManagementServiceIncompatible"),
        (403, "InsufficientRights"),
        (405, "MethodNotAllowed"),
        (409, "EntryConflict"),
        (412, "NotImplemented"),
        (413, "SystemForCrossDomainIdentityManagementServiceIncompatible"),
        (422, "UnprocessableEntity"),
        (429, "TooManyRequests"),
        (500, "InternalServerError"),
        (501, "NotImplemented"),
        (503, "InternalServerError"),
    ],
)
def test_a_refused_creation_is_one_failed_row(
    *, status: int, code: str, make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    fail_posts(target, status)
    result = make_app().cycle()
    [row] = result.failures
    assert (row.code, row.exchanges[-1].status, result.quarantine) == (code, status, "")
    assert f"HTTP {status}. Web Response: " in row.detail
    assert "because" in row.detail


def test_a_redirect_and_a_dead_server_are_protocol_errors() -> None:
    assert code_for(302) == code_for(0) == "WebExceptionProtocolError"


def test_an_unreachable_server_is_reported(make_app: MakeApp, target: Target) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    target.intercept = refuse
    test = make_app().test_connection()
    assert not test.ok
    assert "connection refused" in test.message


@pytest.mark.parametrize(
    "body",
    [
        None,
        {"userName": "no id"},
        {"id": ""},
        {"id": "u1", "emails": "ada@x"},
        {"id": "u1", "name": ["Ada"]},
        {"id": "u1", "active": "True"},
        {"id": "u1", ENTERPRISE: {"manager": "u2"}},
    ],
)
def test_an_answer_that_entra_cannot_read_fails_the_object(
    body: dict[str, object] | None,
    make_app: MakeApp,
    directory: Directory,
    ada: DirectoryUser,
    target: Target,
) -> None:
    directory.assign(ada)
    target.intercept = lambda request: reply(201, body) if request.method == "POST" else None
    [row] = make_app().cycle().failures
    assert "deserialize" in row.detail


def test_c13_a_failing_object_is_retried_with_back_off(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    fail_posts(target, 400)
    app = make_app()
    tried = [app.cycle().requests > 0 for _ in range(9)]
    assert tried == [True, True, False, True, False, False, False, True, False]
    directory.change(ada, jobTitle="Mended")
    assert app.cycle().requests > 0


def test_c13_bad_credentials_quarantine_at_once(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, bo: DirectoryUser
) -> None:
    directory.assign(ada)
    directory.assign(bo)
    app = make_app(token="wrong")
    assert not app.test_connection().ok
    result = app.cycle()
    assert (result.requests, result.quarantine) == (1, "InvalidCredentials")
    assert app.quarantine is not None
    app.update_credentials(SECRET)
    result = app.cycle()
    assert (result.created, result.quarantine) == (2, "")


def test_c13_404_on_a_filter_quarantines_at_once(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    target.intercept = lambda request: (
        reply(404, {"detail": "none"}) if b"filter" in request.url.query else None
    )
    app = make_app()
    assert not app.test_connection().ok
    assert app.cycle().quarantine == "ScimCompliance"


def test_b5_groups_left_on_at_a_server_without_groups(
    make_app: MakeApp, directory: Directory, target: Target
) -> None:
    directory.assign("Team A")
    target.intercept = lambda request: reply(404, {}) if "/Groups" in request.url.path else None
    app = make_app("flowcase")
    assert app.test_connection().ok
    app.use_mapping(app.job.mapping.with_mistake("groups_left_on"))
    assert not app.test_connection().ok
    assert app.cycle().quarantine == "ScimCompliance"


def test_c13_quarantine_slows_down_and_ends_after_28_days(make_app: MakeApp, directory: Directory) -> None:
    directory.assign("Team A")
    app = make_app(token="wrong")
    starts = [app.cycle().started for _ in range(6)]
    pauses = [(b - a).total_seconds() / HOUR for a, b in pairwise(starts)]
    assert pauses == [6, 12, 24, 24, 24]
    app.clock.advance(days=28)
    result = app.cycle()
    assert (result.job_disabled, result.requests) == (True, 0)
    app.update_credentials(SECRET)
    assert app.cycle().requests == 0
    app.restart()
    assert app.cycle().created == 3


@pytest.mark.parametrize(
    ("failures", "references", "attempts", "broken"),
    [
        (4_999, 0, 4_999, False),
        (5_000, 0, 12_500, False),
        (5_001, 0, 12_500, True),
        (40_000, 0, 1_000_000, False),
        (40_001, 0, 1_000_000, True),
        (30_000, 30_000, 1_000_000, False),
        (30_000, 30_001, 1_000_000, True),
    ],
)
def test_c13_the_numbers(failures: int, references: int, attempts: int, broken: bool) -> None:
    assert QuarantineRules().broken_by(failures, references, attempts) is broken


def test_c13_too_many_failures_quarantine_after_the_cycle(
    make_app: MakeApp, directory: Directory, target: Target
) -> None:
    directory.assign("Team A")
    fail_posts(target, 400)
    settings = JobSettings(quarantine=QuarantineRules(least=2, share=0.4))
    result = make_app(settings=settings).cycle()
    assert (result.quarantine, result.quarantine_detail) == ("TooManyFailures", "3 of 3 objects failed")


def deleting(make_app: MakeApp, directory: Directory) -> EntraApp:
    """Return an application that has provisioned three users and is about to lose them all."""
    for user in directory.users.values():
        directory.assign(user)
    app = make_app(settings=JobSettings(deletion_threshold=2))
    app.cycle()
    for user in directory.users.values():
        directory.unassign(user)
    return app


def test_c14_above_the_threshold_deletions_are_staged_then_a_burst(
    make_app: MakeApp, directory: Directory, target: Target
) -> None:
    app = deleting(make_app, directory)
    result = app.cycle()
    assert (result.disabled, result.count("StagedDelete"), result.quarantine) == (0, 0, "AccidentalDeletions")
    assert [row.action for row in result.actions] == ["StagedDelete"] * 3
    assert all(user["active"] for user in target.users.values())
    app.allow_deletes()
    result = app.cycle()
    assert (result.disabled, result.quarantine) == (3, "")
    assert not any(user["active"] for user in target.users.values())


def test_c14_up_to_the_threshold_nothing_is_held_back(make_app: MakeApp, directory: Directory) -> None:
    app = deleting(make_app, directory)
    directory.assign("ada@contoso.example")
    assert app.cycle().disabled == 2


def test_r21_a_server_that_cannot_delete_is_incompatible(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    directory.hard_delete(ada)
    target.intercept = lambda request: reply(405, {}) if request.method == "DELETE" else None
    [row] = app.cycle().failures
    assert (row.action, row.code) == ("Delete", "SystemForCrossDomainIdentityManagementServiceIncompatible")
    target.intercept = None
    assert app.cycle().deleted == 1


def test_a_list_that_is_none_fails_the_match(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    target.intercept = lambda request: reply(200, {"Resources": "x"})
    [row] = make_app().cycle().failures
    assert (row.action, "ListResponse" in row.detail) == ("Match", True)


def test_what_a_refusal_says_is_at_hand(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    for answer, detail in (
        (reply(400, {"detail": "the reason"}), "the reason"),
        (httpx.Response(502, text="<p>Bad gateway</p>"), "<p>Bad gateway</p>"),
        (reply(409, ["x"]), '["x"]'),
    ):
        target.intercept = lambda request, answer=answer: answer if request.method == "POST" else None
        app.restart()
        app.cycle()
        assert app.log[-1].detail == detail
        assert app.log[-1].resource == ({"detail": detail} if detail == "the reason" else None)


def test_an_active_mapping_that_never_disables_is_obeyed(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser
) -> None:
    directory.assign(ada)
    app = make_app(MAPPINGS["flow_connect"].with_user_line(constant("True", "active")))
    app.cycle()
    directory.unassign(ada)
    result = app.cycle()
    assert (result.disabled, result.failures) == (0, [])
