"""From a row to its SCIM document, and from a document to what the SCIM resource keeps."""

import copy
from datetime import UTC, datetime
from typing import Any

from scim_provisioning.mapping.rows import Row
from scim_provisioning.mapping.targets import Document
from scim_provisioning.mapping.users import ResourceMapping, UserMapping

# Columns of the SCIM resource itself; never among the kept attributes.
OWN_COLUMNS = ("externalId", "active")


def document_of(mapping: ResourceMapping, row: Row) -> Document:
    """Return the document of a row: what SCIM keeps, with the host's columns laid over it."""
    document = copy.deepcopy(row.attributes)
    for target, attribute in mapping.lines():
        value = attribute.render(row.values)
        if value is not None:
            target.set(document, value)
        elif target.selector is not None and attribute.in_host:
            target.prune(document)
    document[mapping.name_attribute] = row.name
    if row.external_id:
        document["externalId"] = row.external_id
    if isinstance(mapping, UserMapping):
        document["active"] = mapping.status.is_active(row.values[mapping.status.column])
    return document


def resource_of(mapping: ResourceMapping, row: Row, location: str) -> dict[str, Any]:
    """Return the SCIM resource of a row, as an answer carries it (RFC 7643 section 3)."""
    document = document_of(mapping, row)
    core = str(mapping.scim_model().__schema__)
    schemas = [core, *(key for key in document if key.startswith("urn:"))]
    return {
        "schemas": schemas,
        "id": str(row.id),
        **document,
        "meta": {
            "resourceType": mapping.resource_type,
            "created": timestamp(row.created_at),
            "lastModified": timestamp(row.modified_at),
            "location": location,
            "version": etag(row.version),
        },
    }


def kept_attributes(mapping: ResourceMapping, document: Document, held: set[str]) -> dict[str, Any]:
    """Return what the SCIM resource keeps of a document: all that the host does not hold (C4).

    :param held: the mapped paths whose values the host holds.
    """
    kept = copy.deepcopy(document)
    kept.pop(mapping.name_attribute, None)
    for name in OWN_COLUMNS:
        kept.pop(name, None)
    for target, _attribute in mapping.lines():
        if target.path in held:
            target.discard(kept)
    return kept


def etag(version: int) -> str:
    """Return a version as a weak entity tag (RFC 7644 section 3.14)."""
    return f'W/"{version}"'


def timestamp(moment: datetime) -> str:
    """Return a moment as a SCIM dateTime in UTC (RFC 7643 section 2.3.5)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
