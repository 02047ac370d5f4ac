"""What a Hub puts in front of its middleware, so that every refusal of a SCIM request is a SCIM Error."""

import logging
from collections.abc import Callable
from contextlib import suppress

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve

from scim_provisioning.api.base import ScimView

# Django's own, which a Hub may listen to.
logger = logging.getLogger("django.security.DisallowedHost")


class ScimHostMiddleware:
    """Answers a SCIM request whose host the Hub does not know with a SCIM Error (T33, RFC 7644 section 3.12).

    Django's middleware would answer it with a page of HTML. Everything else is passed on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        try:
            request.get_host()
        except DisallowedHost as error:
            match = scim_match(request)
            if match is not None:
                logger.error(str(error), extra={"status_code": 400, "request": request})  # noqa: TRY400 - as Django
                # The view refuses it before it does anything.
                response: HttpResponse = match.func(request, *match.args, **match.kwargs)
                return response
        return self.get_response(request)


def scim_match(request: HttpRequest) -> ResolverMatch | None:
    """Return the SCIM endpoint that a request is for, if it is for one."""
    with suppress(Resolver404):
        match = resolve(request.path_info, getattr(request, "urlconf", None))
        if issubclass(getattr(match.func, "cls", object), ScimView):
            return match
    return None
