"""A user with tokens of each package is deactivated by SCIM; prints what is left, as JSON."""

import json
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.test.utils import setup_test_environment
from django.utils import timezone

django.setup()

from scim_provisioning.lifecycle import effects  # noqa: E402 - Django's apps have to be there first
from scim_provisioning.lifecycle.connections import create_connection  # noqa: E402
from scim_provisioning.models import Effect  # noqa: E402
from tests.factories import OrganizationFactory  # noqa: E402
from tests.lifecycle.rows import DISABLE, host_user  # noqa: E402
from tests.scim import ScimClient  # noqa: E402

revoked: list[str] = []
statuses = [503, 200]


class Provider(BaseHTTPRequestHandler):
    """Refuses the first time, and revokes the second."""

    def do_POST(self) -> None:
        """Revoke a token (RFC 7009)."""
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())
        status = statuses.pop(0)
        if status == 200:
            revoked.extend(body["token"])
        self.send_response(status)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


def table(name: str) -> Any:
    """Return a model of those packages."""
    app, _dot, model = name.partition(".")
    return apps.get_model(app, model)


def tokens_of(user: Any) -> dict[str, int]:
    """Return how many tokens of each kind a user has that work."""
    refresh = table("oauth2_provider.RefreshToken").objects.filter(user=user, revoked=None)
    links = table("social_django.UserSocialAuth").objects.filter(user=user)
    return {
        "authtoken": table("authtoken.Token").objects.filter(user=user).count(),
        "knox": table("knox.AuthToken").objects.filter(user=user).count(),
        "access": table("oauth2_provider.AccessToken").objects.filter(user=user).count(),
        "grant": table("oauth2_provider.Grant").objects.filter(user=user).count(),
        "refresh": refresh.count(),
        "social": sum(bool(link.extra_data.get("refresh_token")) for link in links),
    }


def give_tokens(user: Any) -> None:
    """Give a user a token of each kind."""
    later = timezone.now() + timedelta(days=1)
    table("authtoken.Token").objects.create(user=user)
    table("knox.AuthToken").objects.create(user=user)
    application = table("oauth2_provider.Application").objects.create(
        name=str(user.pk), client_type="public", authorization_grant_type="authorization-code"
    )
    access = table("oauth2_provider.AccessToken").objects.create(
        user=user, token=f"access {user.pk}", application=application, expires=later
    )
    table("oauth2_provider.RefreshToken").objects.create(
        user=user, token=f"refresh {user.pk}", application=application, access_token=access
    )
    table("oauth2_provider.Grant").objects.create(
        user=user, code=f"code {user.pk}", application=application, expires=later, redirect_uri="", scope=""
    )
    table("social_django.UserSocialAuth").objects.create(
        user=user,
        provider="loopback",
        uid=str(user.pk),
        extra_data={"refresh_token": f"r {user.pk}", "id": 1},
    )


def main() -> None:
    """Play the scenario."""
    server = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SOCIAL_AUTH_LOOPBACK_REVOKE_TOKEN_URL = f"http://127.0.0.1:{server.server_address[1]}/revoke"
    setup_test_environment()
    call_command("migrate", verbosity=0)
    client = ScimClient(create_connection(OrganizationFactory.create(slug="contoso"), "rfc"))
    # Effects are run below, one round after another.
    effects.set_nudge(lambda: None)
    ada, eva = client.create_user("ada").id, client.create_user("eva").id
    for user in (ada, eva):
        give_tokens(host_user(user))
    client.patch(f"/Users/{ada}", DISABLE)
    owed = sorted(Effect.objects.values_list("handler", flat=True))
    effects.run_due()
    first = Effect.objects.get(handler="social_auth")
    Effect.objects.update(next_attempt_at=first.created_at)
    effects.run_due()
    second = Effect.objects.get(handler="social_auth")
    json.dump(
        {
            "owed": owed,
            "ada": tokens_of(host_user(ada)),
            "eva": tokens_of(host_user(eva)),
            "first": [first.state, first.last_error],
            "second": [second.state, second.last_error],
            "revoked": [token == f"r {host_user(ada).pk}" for token in revoked],
            "states": sorted(set(Effect.objects.values_list("state", flat=True))),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
