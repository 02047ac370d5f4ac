"""T15: every mapped attribute must be derivable from /Schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.certification.bench import Bench
from scim_provisioning.simulator.certification.catalogue import certification_test
from scim_provisioning.simulator.certification.outcomes import TestFailed
from scim_provisioning.simulator.mapping import AttributeMapping
from scim_provisioning.simulator.paths import CORE_GROUP, CORE_USER, Document

REFERENCES = ("manager", "members")
# RFC 7643 section 3.1: part of every resource and defined in no schema. Microsoft's run excepts only id.
COMMON = frozenset({"id", "externalid"})


def published_schemas(bench: Bench) -> dict[str, Document]:
    """Read /Schemas and return the schemas by id."""
    body = bench.send(requests.read_schemas(), 200).resource or {}
    schemas = {str(schema.get("id")): schema for schema in objects(body.get("Resources"))}
    if not schemas:
        raise TestFailed("GET /Schemas: the answer has no Resources")
    return schemas


def objects(value: Any) -> list[Document]:
    """Return the JSON objects of an array; of anything else, none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def derived_names(schemas: dict[str, Document]) -> tuple[set[str], set[str]]:
    """Return the attributes of users and of groups by the names of Entra's mapping screen, in lower case."""
    users = {name for attribute in _attributes(schemas.get(CORE_USER)) for name in derived(attribute)}
    groups = {name for attribute in _attributes(schemas.get(CORE_GROUP)) for name in derived(attribute)}
    for urn, schema in schemas.items():
        if urn not in {CORE_USER, CORE_GROUP}:
            # Extensions are looked at one level deep.
            users |= {f"{urn}:{attribute.get('name')}" for attribute in _attributes(schema)}
    return {name.lower() for name in users}, {name.lower() for name in groups}


def _attributes(schema: Document | None) -> list[Document]:
    return objects((schema or {}).get("attributes"))


def derived(attribute: Document) -> Iterator[str]:
    """Yield the names that one attribute of a core schema stands for."""
    name, kind = str(attribute.get("name")), attribute.get("type")
    parts = objects(attribute.get("subAttributes"))
    if name in REFERENCES:
        yield name
    elif kind == "complex" and attribute.get("multiValued") is True:
        yield from _elements(name, parts)
    elif kind == "complex":
        simple = (part for part in parts if part.get("type") not in {"complex", "reference"})
        yield from (f"{name}.{part.get('name')}" for part in simple)
    elif kind != "reference":
        yield name


def _elements(name: str, parts: list[Document]) -> Iterator[str]:
    types = [value for part in parts if part.get("name") == "type" for value in _canonical(part)]
    names = [str(part.get("name")) for part in parts if part.get("name") != "primary"]
    if types:
        for kind in types:
            yield from (f'{name}[type eq "{kind}"].{part}' for part in names if part != "type")
    else:
        yield from (f'{name}[primary eq "True"].{part}' for part in names)


def _canonical(part: Document) -> list[str]:
    values = part.get("canonicalValues")
    return [str(value) for value in values] if isinstance(values, list) else []


def wanted_name(line: AttributeMapping) -> str:
    """Return the name under which a line's target must be derivable."""
    # All roles at once are a function of Entra's; the attribute is that of the single role (R13).
    return 'roles[primary eq "True"].value' if line.target_text == "roles" else line.target_text


def missing(lines: tuple[AttributeMapping, ...], names: set[str]) -> list[str]:
    """Return the mapped attributes that no schema leads to."""
    return [name for line in lines if (name := wanted_name(line)).lower() not in names]


@certification_test(15, "Schema_Discoverability_Test", "every mapped attribute follows from /Schemas")
def discover_schemas(bench: Bench) -> str:
    """T15: every mapped attribute is derived from /Schemas (R22, C22)."""
    schemas = published_schemas(bench)
    if CORE_USER not in schemas:
        raise TestFailed("/Schemas lacks the User schema")
    users, groups = derived_names(schemas)
    lacking = missing(bench.mapping.users, users)
    if CORE_GROUP in schemas:
        lacking += [f"{name} of groups" for name in missing(bench.mapping.groups, groups)]
    serious = [name for name in lacking if name.lower().partition(" ")[0] not in COMMON]
    if serious:
        raise TestFailed(f"not derivable: {', '.join(serious)}")
    seen = f"{len(bench.mapping.users) + len(bench.mapping.groups)} mapped attributes"
    note = f"; not published, as common attributes need not be: {', '.join(lacking)}" if lacking else ""
    return f"{seen} in {len(schemas)} schemas{note}"


def required_attributes(schemas: dict[str, Document]) -> set[str]:
    """Return the attributes that users must have, extension attributes with their URN, in lower case."""
    found = set()
    for urn, schema in schemas.items():
        for attribute in _attributes(schema):
            if attribute.get("required") is True and urn != CORE_GROUP:
                prefix = "" if urn == CORE_USER else f"{urn}:"
                found.add(f"{prefix}{attribute.get('name')}".lower())
    return found


TESTS = (discover_schemas,)
