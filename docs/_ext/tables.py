"""Tables of the reference that are read out of the code."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from scim_provisioning.api.base import limits
from scim_provisioning.checks.catalogue import CHECKS, TAG
from scim_provisioning.models import PRESETS, Connection, policy_fields
from scim_provisioning.protocol.codes import CODES
from scim_provisioning.protocol.discovery import Offer, published_schemas
from scim_provisioning.protocol.openapi import Face, Kind, describe
from scim_provisioning.protocol.openapi.paths import ANY
from scim_provisioning.protocol.schemas import ResourceModel, group_model, user_model

NOTHING = "–"
# What any request may be refused with; said once above the table.
ANYWHERE = {str(status) for status in ANY}


def anchor(kind: str, name: str) -> str:
    """Return the link target of one entry: ``error-bad-filter``."""
    return f"{kind}-{name}".lower().replace("_", "-").replace(".", "-")


def labelled(kind: str, name: str, text: str = "") -> str:
    """Return an entry's name as code that can be linked to."""
    return f"[`{text or name}`]{{#{anchor(kind, name)}}}"


def table(headings: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def cell(text: str) -> str:
    """Return a text as it may stand in a cell."""
    return " ".join(text.split()).replace("|", "\\|") or NOTHING


def errors() -> str:
    """Return every refusal, by HTTP status."""
    rows = [
        [
            labelled("error", row.code),
            str(row.status),
            f"`{row.scim_type}`" if row.scim_type else NOTHING,
            cell(row.sentence),
            cell(row.fix),
        ]
        for row in sorted(CODES.values(), key=lambda row: row.status)
    ]
    return table(["code", "status", "scimType", "sentence", "fix"], rows)


def checks() -> str:
    """Return every system check."""
    rows = [
        [labelled("check", check.id, f"{TAG}.{check.id}"), cell(check.sentence), cell(_unescaped(check.fix))]
        for check in CHECKS.values()
    ]
    return table(["id", "what it says", "fix"], rows)


def _unescaped(template: str) -> str:
    """Return a template of ``str.format`` with the braces that it prints."""
    return template.replace("{{", "{").replace("}}", "}")


def policy() -> str:
    """Return each policy column with its values, and what each preset makes of it."""
    rows = []
    for name in policy_fields():
        field: Any = Connection._meta.get_field(name)
        default = field.get_default()
        presets = [_shown(columns.get(name, default)) for columns in PRESETS.values()]
        rows.append([f"[`{name}`](#{anchor('policy', name)})", values_of(field), *presets])
    return table(["column", "values", *(f"`{preset}`" for preset in PRESETS)], rows)


def values_of(field: Any) -> str:
    """Return what a policy column can be."""
    if isinstance(field, models.BooleanField):
        return "`on`, `off`"
    if field.choices:
        return ", ".join(f"`{value}`" for value, _label in field.flatchoices)
    least = next(v.limit_value for v in field.validators if isinstance(v, MinValueValidator))
    most = max(v.limit_value for v in field.validators if isinstance(v, MaxValueValidator))
    return f"{least} to {most}"


def _shown(value: Any) -> str:
    return ("`on`" if value else "`off`") if isinstance(value, bool) else f"`{value}`"


def answers() -> str:
    """Return what each verb of each endpoint may be answered with, as the OpenAPI description has it."""
    everything = Face("", "", "", [_kind("User", user_model()), _kind("Group", group_model())], limits())
    rows = []
    for path, item in describe(everything)["paths"].items():
        for verb in (verb for verb in item if verb != "parameters"):
            statuses = [status for status in item[verb]["responses"] if status not in ANYWHERE]
            done = ", ".join(status for status in statuses if status < "400")
            refused = ", ".join(status for status in statuses if status >= "400")
            rows.append([f"`{verb.upper()} {path}`", done or NOTHING, refused or NOTHING])
    return table(["request", "done", "refused"], rows)


def _kind(name: str, model: ResourceModel) -> Kind:
    return Kind(name, published_schemas(model, Offer()), patch_status=200)


TABLES = {"errors": errors, "checks": checks, "policy": policy, "answers": answers}
