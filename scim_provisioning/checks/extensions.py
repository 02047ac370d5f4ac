"""Checks of a mapping's own extension schemas (RFC 7643 sections 2.1 and 3.3)."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage

from scim_provisioning.checks.catalogue import CHECKS
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.protocol.schemas import ENTERPRISE, GROUP, USER

URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:[A-Za-z0-9()+,\-.:=@;$_!*'%/]+")
ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9$_-]*")
TAKEN = (USER, GROUP, ENTERPRISE)


def check_extensions(mapping: type[ResourceMapping]) -> Iterator[CheckMessage]:
    """Check each extension that a mapping declares."""
    before = list(TAKEN)
    for urn, names in mapping.extensions.items():
        reason = _fault_of(urn, before)
        if reason:
            yield CHECKS["E026"].message(mapping, urn=urn, reason=reason)
        before.append(urn)
        yield from _names(mapping, urn, names)


def _fault_of(urn: str, before: list[str]) -> str:
    if not URN.fullmatch(urn):
        return "is no URN"
    for other in before:
        if urn.casefold() == other.casefold():
            return "exists already"
        if f"{urn}:".casefold().startswith(f"{other}:".casefold()):
            return f"reads like an attribute of {other}"
        # Schema classes are named after the URN, and one of two equal names would win.
        if re.sub(r"\W", "_", urn) == re.sub(r"\W", "_", other):
            return f"differs from {other} by a punctuation mark alone"
    return ""


def _names(mapping: type[ResourceMapping], urn: str, names: Any) -> Iterator[CheckMessage]:
    if isinstance(names, str):
        yield CHECKS["E027"].message(mapping, urn=urn, name=repr(names), reason="is one text, not a list")
        return
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not ATTRIBUTE.fullmatch(name):
            yield CHECKS["E027"].message(mapping, urn=urn, name=repr(name), reason="is no attribute name")
        elif name.casefold() in seen:
            yield CHECKS["E027"].message(mapping, urn=urn, name=repr(name), reason="is there twice")
        else:
            seen.add(name.casefold())
