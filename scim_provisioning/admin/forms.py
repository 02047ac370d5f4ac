"""The forms of the pages."""

import json
import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.admin import access
from scim_provisioning.models import NEED_TENANT, PRESET_LABELS, Connection, policy_fields, presets

if TYPE_CHECKING:
    OrganizationField = forms.ModelChoiceField[Any]
else:
    OrganizationField = forms.ModelChoiceField

AS_PRESET = gettext_lazy("As the preset says")
SWITCH = {"on": True, "off": False}
SWITCH_LABELS = (("on", gettext_lazy("Yes")), ("off", gettext_lazy("No")))


class TenantUrlForm(forms.Form):
    """Create Tenant URL: the organization, its directory, a preset, and what differs from the preset (A2)."""

    organization = OrganizationField(queryset=None, label=gettext_lazy("Organization"))
    tenant_id = forms.CharField(
        label=gettext_lazy("Entra tenant ID"),
        required=False,
        max_length=64,
        help_text=gettext_lazy(
            "The directory (tenant) ID to synchronize users and groups from; Entra shows it on its Overview page."
        ),
    )
    preset = forms.ChoiceField(
        label=gettext_lazy("Preset"),
        help_text=gettext_lazy("Fills the policy below; each line of it can differ."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For an organization with several connections."),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization: Any = self.fields["organization"]
        organization.queryset = access.permitted_organizations(request)
        preset: Any = self.fields["preset"]
        preset.choices = [(name, PRESET_LABELS.get(name, name)) for name in presets()]
        for column in policy_fields():
            self.fields[column] = policy_field(column)

    def clean_tenant_id(self) -> uuid.UUID | None:
        """Read the GUID, or say where to find it."""
        text = self.cleaned_data["tenant_id"].strip()
        if not text:
            return None
        try:
            return uuid.UUID(text)
        except ValueError:
            raise ValidationError(
                _("This is not a directory (tenant) ID: a GUID such as 00000000-0000-0000-0000-000000000000.")
            ) from None

    def clean(self) -> dict[str, Any]:
        """Refuse a preset without the directory it needs, and a directory that is connected already."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        tenant_id, organization = values.get("tenant_id"), values.get("organization")
        if tenant_id is None and "tenant_id" not in self.errors and values.get("preset") in NEED_TENANT:
            self.add_error("tenant_id", _("This preset is provisioned from Entra; enter the tenant ID."))
        if tenant_id and organization:
            found = Connection.objects.filter(organization=organization, tenant_id=tenant_id).first()
            if found is not None:
                self.add_error(
                    "tenant_id",
                    _("%(organization)s has a tenant URL for this directory already: %(connection)s.")
                    % {"organization": organization, "connection": found},
                )
        return values

    def columns(self) -> dict[str, Any]:
        """Return the policy columns that differ from the preset."""
        chosen = {name: self.cleaned_data[name] for name in policy_fields()}
        return {name: value for name, value in chosen.items() if value not in (None, "")}

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [bound for bound in self if bound.name not in policy_fields()]

    @property
    def policy(self) -> list[forms.BoundField]:
        """One field for each decision."""
        return [self[name] for name in policy_fields()]

    @property
    def policy_has_errors(self) -> bool:
        """Whether the policy has to be open for its errors to be seen."""
        return any(bound.errors for bound in self.policy)

    @property
    def preset_labels(self) -> str:
        """What each preset says of each column, as JSON for the script that shows it."""
        return json.dumps(
            {
                preset: {column: str(label_of(column, columns)) for column in policy_fields()}
                for preset, columns in presets().items()
            }
        )


def policy_field(column: str) -> forms.Field:
    """Return the field of one policy column; left empty, the preset decides."""
    field: Any = Connection._meta.get_field(column)
    described: dict[str, Any] = {
        "label": capfirst(field.verbose_name),
        "help_text": field.help_text,
        "required": False,
    }
    if isinstance(field, models.BooleanField):
        choices = [("", AS_PRESET), *SWITCH_LABELS]
        return forms.TypedChoiceField(
            choices=choices, coerce=SWITCH.__getitem__, empty_value=None, **described
        )
    if field.choices:
        choices = [("", AS_PRESET), *field.flatchoices]
        return forms.TypedChoiceField(choices=choices, coerce=field.to_python, empty_value=None, **described)
    return forms.IntegerField(validators=field.validators, **described)


def label_of(column: str, preset: Any) -> Any:
    """Return in words what a preset makes of a column."""
    field: Any = Connection._meta.get_field(column)
    value = preset.get(column, field.get_default())
    if isinstance(value, bool):
        return dict(SWITCH_LABELS)["on" if value else "off"]
    return dict(field.flatchoices).get(value, value)
