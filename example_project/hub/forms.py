"""The page that stands for "Sign in with Microsoft"."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from example_project.hub.models import Organization, User


class SignInForm(forms.Form):
    """Who is signing in, as an identity provider would say after its own sign-in."""

    organization = forms.ModelChoiceField(
        Organization.objects.all(), to_field_name="slug", label=_("Organization"), empty_label=None
    )
    username = forms.CharField(
        label=_("User name or email"),
        max_length=320,
        widget=forms.TextInput(attrs={"autocomplete": "username", "placeholder": "ada@contoso.example"}),
    )

    user: User

    def clean(self) -> dict[str, Any]:
        """Find the user: a Pending one may sign in without an invitation (A8), an Inactive one may not."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        user = find_user(cleaned["organization"], cleaned["username"])
        if user is None:
            raise forms.ValidationError(_("This organization has no such user."), code="unknown")
        if not user.is_active:
            raise forms.ValidationError(
                _("This account is inactive. Ask your administrator to restore it."), code="inactive"
            )
        self.user = user
        return cleaned


def find_user(organization: Organization, name: str) -> User | None:
    """Return the user of that user name, or else the only one with that email."""
    named = organization.users.filter(username__iexact=name).first()
    if named is not None:
        return named
    mailed = list(organization.users.filter(email__iexact=name)[:2])
    return mailed[0] if len(mailed) == 1 else None
