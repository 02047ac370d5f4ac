"""Sign in with Microsoft: the authorization-code flow of OpenID Connect, with PKCE, by Authlib."""

from functools import lru_cache
from typing import Any
from urllib.parse import quote

from authlib.integrations.django_client import OAuth, OAuthError
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from joserfc.errors import JoseError
from requests import RequestException

from example_project.hub.models import Organization, User

SCOPE = "openid profile email"
# How long the Hub waits for the issuer, and how far their clocks may differ.
TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
# What the issuer of the endpoints for every directory has in place of one (tid).
ANY_TENANT = "{tenantid}"
BEGUN = "microsoft"

# Authlib has no types of its own.
registry: Any = OAuth

UNREACHABLE = _("Microsoft cannot be reached at the moment. Try again in a few minutes.")
UNCONFIRMED = _("Microsoft did not confirm who you are. Try again.")
NO_ACCESS = _("Your account has no access here, or no longer. Ask your administrator.")


class SignInRefused(Exception):
    """Nobody is signed in; the reason is for the person."""

    def __init__(self, reason: Any, status: int = 403) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def is_configured() -> bool:
    """Return whether the Hub knows an issuer."""
    return bool(settings.HUB_OIDC_ISSUER)


def begin(request: HttpRequest, organization: Organization | None, next_page: str) -> HttpResponse:
    """Send the person to the issuer, and remember in the session what for: state, nonce and code verifier too."""
    request.session[BEGUN] = {"organization": organization and organization.pk, "next": next_page}
    callback = request.build_absolute_uri(reverse("microsoft-callback"))
    try:
        answer: HttpResponse = client().authorize_redirect(request, callback)
    except (RequestException, ValueError, RuntimeError) as error:
        raise SignInRefused(UNREACHABLE, 503) from error
    return answer


def finish(request: HttpRequest) -> tuple[User, str]:
    """Return who came back from the issuer, and where the person wanted to go.

    :raises SignInRefused: when the answer is not one to this browser's question, when its ID token is not what
        it should be, or when the person is nobody that SCIM provisioned, or Inactive.
    """
    begun = request.session.pop(BEGUN, {})
    claims = verified_claims(request)
    user = authenticate(
        request,
        tenant_id=claims["tid"],
        object_id=claims["oid"],
        organization=begun.get("organization"),
    )
    if not isinstance(user, User):
        raise SignInRefused(NO_ACCESS)
    return user, begun.get("next", "")


def verified_claims(request: HttpRequest) -> dict[str, Any]:
    """Redeem the code, and return the claims of the ID token, verified: signature, issuer, audience, time, nonce."""
    app = client()
    try:
        issuer = app.load_server_metadata()["issuer"]
        token = app.authorize_access_token(
            request, claims_options=claims_options(issuer), leeway=LEEWAY_SECONDS
        )
        return dict(token["userinfo"])
    except RequestException as error:
        raise SignInRefused(UNREACHABLE, 503) from error
    except (OAuthError, JoseError, ValueError, TypeError, KeyError) as error:
        raise SignInRefused(UNCONFIRMED) from error


def claims_options(issuer: str) -> dict[str, Any]:
    """Return what an ID token must say; made anew for each, because Authlib uses it up."""
    return {
        "iss": {"essential": True, "validate": lambda claims, value: value == issuer_of(issuer, claims)},
        "aud": {"essential": True, "value": settings.HUB_OIDC_CLIENT_ID},
        "tid": {"essential": True, "validate": is_text},
        "oid": {"essential": True, "validate": is_text},
    }


def issuer_of(template: str, claims: dict[str, Any]) -> str:
    """Return the issuer that must have signed: of the directory that the token speaks of, and no other's."""
    return template.replace(ANY_TENANT, quote(str(claims.get("tid")), safe=""))


def is_text(_claims: dict[str, Any], value: Any) -> bool:
    """Return whether a claim is a text that says something."""
    return isinstance(value, str) and bool(value)


def client() -> Any:
    """Return Authlib's client of the issuer in the settings; what it has read of the issuer is kept."""
    return client_of(settings.HUB_OIDC_ISSUER, settings.HUB_OIDC_CLIENT_ID, settings.HUB_OIDC_CLIENT_SECRET)


@lru_cache(maxsize=4)
def client_of(issuer: str, client_id: str, client_secret: str) -> Any:
    """Return Authlib's client of an issuer."""
    return registry().register(
        "microsoft",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPE,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )
