"""Signing in and the home page."""

from typing import cast

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from example_project.hub.forms import SignInForm
from example_project.hub.models import Organization, User

# People of each organization that the sign-in page offers to try, oldest first.
OFFERED = 5


@never_cache
@sensitive_post_parameters("username")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Start a session for the person an identity provider would vouch for; a demonstration only."""
    if not (settings.DEBUG or settings.HUB_DEMO_LOGIN):
        raise Http404
    form = SignInForm(request.POST or None, initial={"organization": request.GET.get("organization")})
    if request.method == "POST" and form.is_valid():
        login(request, form.user, backend="example_project.hub.backends.HubBackend")
        return redirect(next_page(request))
    return render(
        request,
        "hub/sign_in.html",
        {"form": form, "people": people_to_try(), "next": request.GET.get("next", "")},
    )


def next_page(request: HttpRequest) -> str:
    """Return where the person wanted to go, if that is a page of the Hub."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return settings.LOGIN_REDIRECT_URL


def people_to_try() -> list[tuple[Organization, list[User]]]:
    """Return the first few users of every organization."""
    return [
        (organization, list(organization.users.order_by("pk")[:OFFERED]))
        for organization in Organization.objects.all()
    ]


@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show who is signed in, with status, groups and roles."""
    # Read again: the first sign-in may just have turned a Pending user Active (A10).
    user = User.objects.select_related("organization", "department__country").get(
        pk=cast("int", request.user.pk)
    )
    return render(
        request,
        "hub/home.html",
        {
            "person": user,
            "groups": user.groups.prefetch_related("permissions"),
            "roles": user.role_assignments.select_related("department__country", "tag__category"),
        },
    )
