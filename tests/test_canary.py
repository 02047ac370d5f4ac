"""The canary that watches every test sees what it is there for."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from scim_provisioning.models import Connection, Event, Token
from tests.canary import CANARY
from tests.conftest import MakeConnection
from tests.factories import make_user

LEAKED: list[str] = []
SECRET_PART = 2


def page(request: Any) -> HttpResponse:
    return HttpResponse(f"<p>{LEAKED[-1]}</p>")


def header(request: Any) -> HttpResponse:
    return HttpResponse("", headers={"X-Token": LEAKED[-1]})


def cookie(request: Any) -> HttpResponse:
    response = HttpResponse("")
    response.set_cookie("token", LEAKED[-1])
    return response


urlpatterns = [path("page/", page), path("header/", header), path("cookie/", cookie)]


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return a connection."""
    return make_connection("rfc")


def log(connection: Connection, text: str) -> None:
    logging.getLogger("scim_provisioning.api.base").debug("Authorization: %s", text)


def log_exception(connection: Connection, text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("django.request").info("failed", exc_info=True)


def write_mail(connection: Connection, text: str) -> None:
    mail.send_mail("Your token", f"It is {text}.", None, ["olivia@contoso.example"])


def note(connection: Connection, text: str) -> None:
    person = make_user(connection.organization, "olivia")
    LogEntry.objects.create(user=person, action_flag=2, object_repr="x", change_message=text)


def record(connection: Connection, text: str) -> None:
    Event.objects.create(
        connection_key=connection.pk, status=200, detail=text, created_at=connection.created_at
    )


def keep_in_session(connection: Connection, text: str) -> None:
    session = SessionStore()
    session["token"] = text
    session.save()


def answer(name: str) -> Callable[[Connection, str], None]:
    def answered(connection: Connection, text: str) -> None:
        LEAKED.append(text)
        with override_settings(ROOT_URLCONF=__name__):
            Client().get(f"/{name}/")

    return answered


@pytest.mark.parametrize(
    ("leak", "where"),
    [
        (log, "the log: scim_provisioning.api.base"),
        (log_exception, "the log: django.request"),
        (write_mail, "a mail"),
        (note, "the table admin.LogEntry"),
        (record, "the table scim_provisioning.Event"),
        (keep_in_session, "a session"),
        (answer("page"), "the answer to GET /page/"),
        (answer("header"), "the answer to GET /header/: headers"),
        (answer("cookie"), "the answer to GET /cookie/: cookies"),
    ],
)
def test_T24_a_leak_is_seen(
    leak: Callable[[Connection, str], None], where: str, connection: Connection
) -> None:
    _token, text = Token.issue(connection)
    assert text.split("_")[SECRET_PART] in CANARY.secrets
    leak(connection, text)
    CANARY.look_at_what_is_kept(rows=True)
    seen = list(CANARY.leaks)
    # What this test has let out is taken back, or it would fail as any other does.
    CANARY.leaks.clear()
    CANARY.secrets.clear()
    assert where in seen


def test_a_key_id_is_no_secret(connection: Connection) -> None:
    token, _text = Token.issue(connection)
    log(connection, token.key_id)
    CANARY.look_at_what_is_kept(rows=True)
    assert CANARY.leaks == []
