"""Settings, URLs and the token check of the peer: one lookup for each request, as the others have."""

import hashlib
import os
import sys
from collections.abc import Callable
from typing import Any

import dj_database_url
import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

if not settings.configured:
    settings.configure(
        DATABASES={"default": {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 600}},
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django_scim",
            "benchmarks.peer.apps.PeerConfig",
        ],
        AUTH_USER_MODEL="peer.Member",
        # The peer has no migrations, and what it points at has to be made in one go with it.
        MIGRATION_MODULES={"auth": None, "contenttypes": None},
        MIDDLEWARE=[
            f"{__name__}.token_middleware",
            "django_scim.middleware.SCIMAuthCheckMiddleware",
        ],
        SCIM_SERVICE_PROVIDER={
            "NETLOC": "localhost",
            "AUTHENTICATION_SCHEMES": [{"type": "oauth2", "name": "Token", "description": "A bearer token"}],
            "GROUP_MODEL": "benchmarks.peer.models.Team",
            "USER_ADAPTER": "django_scim.adapters.SCIMUser",
        },
        SILENCED_SYSTEM_CHECKS=["auth.W004"],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()

from benchmarks.peer.models import Member

Answers = Callable[[HttpRequest], HttpResponse]
CLIENT = "provisioning"


def token_middleware(get_response: Answers) -> Answers:
    """Return a middleware that signs the owner of a token in."""

    def check(request: HttpRequest) -> HttpResponse:
        secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
        found = Member.objects.filter(scim_external_id=hashlib.sha256(secret.encode()).hexdigest()).first()
        if found is not None:
            signed_in: Any = found
            request.user = signed_in
        return get_response(request)

    return check


urlpatterns = [path("scim/", include("django_scim.urls"))]
application = get_wsgi_application()


def prepare(token: str) -> None:
    """Make the tables, and a token."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    Member.objects.create(username=CLIENT, scim_external_id=hashlib.sha256(token.encode()).hexdigest())


if __name__ == "__main__":
    prepare(sys.argv[1])
