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
from django.views.decorators.http import require_GET, require_POST

from example_project.hub import microsoft
from example_project.hub.forms import SignInForm
from example_project.hub.models import Organization, User

# People of each organization that the sign-in page offers to try, oldest first.
OFFERED = 5


@never_cache
@sensitive_post_parameters("username")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Offer to sign in with Microsoft, or start a session for whom Microsoft would vouch for: a demonstration."""
    may_try = offers_to_try()
    if not (microsoft.is_configured() or may_try) or (request.method == "POST" and not may_try):
        raise Http404
    form = SignInForm(request.POST or None, initial={"organization": request.GET.get("organization")})
    if request.method == "POST" and form.is_valid():
        login(request, form.user, backend="example_project.hub.backends.HubBackend")
        return redirect(next_page(request, request.POST.get("next", "")))
    return sign_in_page(request, form)


def offers_to_try() -> bool:
    """Return whether the page that asks for no password is on."""
    return settings.DEBUG or settings.HUB_DEMO_LOGIN


def sign_in_page(
    request: HttpRequest, form: SignInForm, refusal: object = "", status: int = 200
) -> HttpResponse:
    """Show the ways to sign in, and why one of them led nowhere."""
    return render(
        request,
        "hub/sign_in.html",
        {
            "form": form,
            "people": people_to_try() if offers_to_try() else [],
            "offers_to_try": offers_to_try(),
            "with_microsoft": microsoft.is_configured(),
            "organization": request.GET.get("organization", ""),
            "next": request.GET.get("next", ""),
            "refusal": refusal,
        },
        status=status,
    )


@never_cache
@require_POST
def microsoft_begin(request: HttpRequest) -> HttpResponse:
    """Sign in with Microsoft; with an organization, to that one."""
    if not microsoft.is_configured():
        raise Http404
    organization = Organization.objects.filter(slug=request.POST.get("organization", "")).first()
    try:
        return microsoft.begin(request, organization, next_page(request, request.POST.get("next", "")))
    except microsoft.SignInRefused as error:
        return sign_in_page(request, SignInForm(), error.reason, error.status)


@never_cache
@require_GET
def microsoft_callback(request: HttpRequest) -> HttpResponse:
    """Come back from Microsoft; the first time, a Pending user becomes Active by it (A8, A10)."""
    if not microsoft.is_configured():
        raise Http404
    try:
        user, wanted = microsoft.finish(request)
    except microsoft.SignInRefused as error:
        return sign_in_page(request, SignInForm(), error.reason, error.status)
    login(request, user)
    return redirect(next_page(request, wanted))


def next_page(request: HttpRequest, wanted: str) -> str:
    """Return where the person wanted to go, if that is a page of the Hub."""
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
