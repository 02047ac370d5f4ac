"""End the sessions of a user, found by an index that is kept while people sign in (T12, T14).

The status refuses an Inactive user's sessions at once, wherever the Hub asks it; this ends them for good, so that
none comes back to life with the user.
"""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.cache import caches
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from scim_provisioning.lifecycle.handlers import Handler, register
from scim_provisioning.models import UserSession

SESSIONS = "django.contrib.sessions"
# So many of a user's oldest notes are looked after at each sign-in.
LOOKED_AFTER = 10


def store_class() -> Any:
    """Return the class of the Hub's sessions."""
    return import_module(settings.SESSION_ENGINE).SessionStore


def is_on_server(kind: str = "") -> bool:
    """Return whether sessions are kept where they can be ended; one in a signed cookie is the browser's."""
    return apps.is_installed(SESSIONS) and not settings.SESSION_ENGINE.endswith("signed_cookies")


def end_sessions(*, host_id: str, **told: Any) -> None:
    """End all sessions of a user: the rows first, then what a cache holds of them, then our notes."""
    keys = list(UserSession.objects.filter(user_key=host_id).values_list("session_key", flat=True))
    if not keys:
        return
    store = store_class()
    if not hasattr(store, "get_model_class"):
        for key in keys:
            store().delete(key)
    else:
        rows = store.get_model_class().objects.filter(session_key__in=keys)
        rows._raw_delete(rows.db)  # noqa: SLF001 - nothing hangs on a session, and its data need not be read
        prefix = getattr(store, "cache_key_prefix", "")
        if prefix:
            caches[settings.SESSION_CACHE_ALIAS].delete_many([prefix + key for key in keys])
    UserSession.objects.filter(session_key__in=keys).delete()


def note_session(user_key: str, session_key: str) -> None:
    """Remember whose a session is."""
    note = UserSession(user_key=user_key, session_key=session_key, created_at=timezone.now())
    UserSession.objects.bulk_create([note], ignore_conflicts=True)


@receiver(user_logged_in, dispatch_uid="scim_provisioning.note_session")
def note_login(sender: Any, user: Any, request: Any = None, **kwargs: Any) -> None:
    """Note the session of a login, and forget those of the user that ended by themselves."""
    session = getattr(request, "session", None)
    if session is None or not is_on_server() or user.pk is None:
        return
    if not session.session_key:
        session.save()
    key = user._meta.pk.value_to_string(user)
    forget_ended(key)
    note_session(key, session.session_key)


@receiver(user_logged_out, dispatch_uid="scim_provisioning.forget_session")
def forget_logout(sender: Any, request: Any = None, **kwargs: Any) -> None:
    """Forget a session that a logout ends."""
    session_key = getattr(getattr(request, "session", None), "session_key", None)
    if session_key and is_on_server():
        UserSession.objects.filter(session_key=session_key).delete()


@receiver(post_save, dispatch_uid="scim_provisioning.note_new_key")
def note_new_key(sender: Any, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Note the new key that a signed-in session gets, as after a change of the password."""
    if created and not raw and isinstance(instance, AbstractBaseSession):
        user_key = instance.get_decoded().get(SESSION_KEY)
        if user_key:
            note_session(user_key, instance.session_key)


def forget_ended(user_key: str) -> None:
    """Forget a user's sessions that are gone, a few of the oldest at a time; those that live are kept."""
    old = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    notes = UserSession.objects.filter(user_key=user_key, created_at__lt=old).order_by("created_at")
    keys = list(notes.values_list("session_key", flat=True)[:LOOKED_AFTER])
    store = store_class()() if keys else None
    ended = [key for key in keys if store is not None and not store.exists(key)]
    if ended:
        UserSession.objects.filter(session_key__in=ended).delete()


register(Handler("sessions", frozenset({"user_deactivated", "user_deleted"}), end_sessions, is_on_server))
