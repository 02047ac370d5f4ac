"""The end of sessions: found by an index, gone for good, whichever engine keeps them."""

import threading
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY, get_user, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import connection as database
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scim_provisioning.lifecycle import effects
from scim_provisioning.models import Effect, UserSession
from scim_provisioning.revocation import sessions
from tests.factories import make_user
from tests.lifecycle.rows import DISABLE, ENABLE, host_user
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db

ENGINES = ("db", "cached_db", "cache", "file")


@pytest.fixture(params=ENGINES)
def engine(request: Any, settings: Any, tmp_path: Any) -> str:
    """Keep sessions in each place that Django can keep them in on the server."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    }
    return str(request.param)


def signed_in(user: Any) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def is_live(browser: Client) -> bool:
    """Return whether the server still knows the session of a browser as somebody's."""
    [cookie] = browser.cookies.values()
    store = sessions.store_class()(cookie.value)
    return SESSION_KEY in store


def request_of(browser: Client) -> HttpRequest:
    """Return a request of a browser with its session."""
    request = HttpRequest()
    request.session = browser.session
    request.user = get_user(request)
    return request


def test_t12_all_sessions_of_a_deactivated_user_end_for_good(rfc: ScimClient, engine: str) -> None:
    ada, eva = rfc.create_user("ada").id, rfc.create_user("eva").id
    browsers = [signed_in(host_user(ada)) for _number in range(3)]
    other = signed_in(host_user(eva))
    rfc.patch(f"/Users/{ada}", DISABLE)
    effects.run_due()
    assert [is_live(browser) for browser in browsers] == [False] * 3
    assert is_live(other)
    done = Effect.objects.get(handler="sessions")
    assert (done.state, done.attempts) == (Effect.State.DONE, 1)


def test_t14_no_session_comes_back_with_its_user(rfc: ScimClient, engine: str) -> None:
    ada = rfc.create_user("ada").id
    browser = signed_in(host_user(ada))
    rfc.patch(f"/Users/{ada}", DISABLE)
    effects.run_due()
    rfc.patch(f"/Users/{ada}", ENABLE)
    assert not is_live(browser)
    assert not request_of(browser).user.is_authenticated


def test_t12_the_sessions_of_a_deleted_user_end(rfc: ScimClient, engine: str) -> None:
    ada = rfc.create_user("ada").id
    browser = signed_in(host_user(ada))
    rfc.delete(f"/Users/{ada}")
    effects.run_due()
    assert not is_live(browser)
    assert not UserSession.objects.exists()


def test_the_end_of_sessions_can_be_repeated(rfc: ScimClient, engine: str) -> None:
    ada = rfc.create_user("ada").id
    signed_in(host_user(ada))
    key = str(host_user(ada).pk)
    for _time in range(2):
        sessions.end_sessions(host_id=key)
    assert not UserSession.objects.filter(user_key=key).exists()


def test_a_session_that_gets_a_new_key_is_found_under_it(rfc: ScimClient) -> None:
    """As after a change of the password by the user itself."""
    ada = rfc.create_user("ada").id
    browser = signed_in(host_user(ada))
    request = request_of(browser)
    before = request.session.session_key
    update_session_auth_hash(request, host_user(ada))
    assert request.session.session_key != before
    rfc.patch(f"/Users/{ada}", DISABLE)
    effects.run_due()
    assert not Session.objects.exists()


def test_what_it_costs_does_not_depend_on_how_many_sessions_there_are(rfc: ScimClient) -> None:
    ada = rfc.create_user("ada").id
    counts = []
    for crowd in (0, 300):
        signed_in(host_user(ada))
        Session.objects.bulk_create(
            Session(session_key=f"{crowd}-{number}", session_data="", expire_date=timezone.now())
            for number in range(crowd)
        )
        with CaptureQueriesContext(database) as queries:
            sessions.end_sessions(host_id=str(host_user(ada).pk))
        counts.append(len(queries))
        assert not [each["sql"] for each in queries if "session_data" in each["sql"]]
    assert counts[0] == counts[1] <= 5


def test_a_logout_forgets_its_session(rfc: ScimClient, engine: str) -> None:
    browser = signed_in(host_user(rfc.create_user("ada").id))
    assert UserSession.objects.count() == 1
    browser.logout()
    assert UserSession.objects.count() == (0 if engine else 1)


def test_sessions_that_ended_by_themselves_are_forgotten_and_those_that_live_are_kept(
    organization: Any, settings: Any
) -> None:
    """A session that is prolonged by use can be older than its cookie's age."""
    user = make_user(organization, "ada")
    ended, living = signed_in(user), signed_in(user)
    old = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE + 1)
    UserSession.objects.update(created_at=old)
    Session.objects.filter(session_key=ended.session.session_key).delete()
    signed_in(user)
    noted = set(UserSession.objects.values_list("session_key", flat=True))
    assert living.session.session_key in noted
    assert len(noted) == 2


def test_a_session_in_a_signed_cookie_is_not_claimed_to_be_ended(rfc: ScimClient, settings: Any) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    ada = rfc.create_user("ada").id
    signed_in(host_user(ada))
    assert not UserSession.objects.exists()
    rfc.patch(f"/Users/{ada}", DISABLE)
    assert not Effect.objects.filter(handler="sessions").exists()


def test_an_anonymous_session_is_nobodys() -> None:
    store = import_module("django.contrib.sessions.backends.db").SessionStore()
    store["basket"] = [1]
    store.save()
    assert not UserSession.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_logins_at_once_are_both_noted(organization: Any) -> None:
    user = make_user(organization, "ada")

    def sign_in() -> None:
        try:
            signed_in(user)
        finally:
            database.close()

    threads = [threading.Thread(target=sign_in) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert UserSession.objects.filter(user_key=str(user.pk)).count() == 4
