"""T16: an empty text and JSON's null clear every optional attribute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.certification.bench import Bench, shown
from scim_provisioning.simulator.certification.catalogue import certification_test
from scim_provisioning.simulator.certification.direct import created
from scim_provisioning.simulator.certification.outcomes import NotApplicable, TestFailed
from scim_provisioning.simulator.certification.schemas import published_schemas, required_attributes
from scim_provisioning.simulator.dialects import Operation
from scim_provisioning.simulator.paths import MANAGER, Document, Target
from scim_provisioning.simulator.requests import ScimRequest

KEPT = frozenset({"userName", "active", "externalId", "roles", MANAGER})


def optional_targets(bench: Bench) -> list[Target]:
    """Return the mapped attributes that may be empty: not for matching, no references, not required."""
    required = required_attributes(published_schemas(bench))
    targets = [line.target for line in bench.mapping.users if line.precedence is None]
    return [
        target
        for target in targets
        if target.text not in KEPT
        and target.name != "roles"
        and (f"{target.urn}:{target.name}" if target.urn else target.name).lower() not in required
    ]


def verbose(targets: Sequence[Target], empty: str | None) -> list[Operation]:
    """Return one operation for each attribute."""
    return [{"op": "replace", "path": target.text, "value": empty} for target in targets]


def compact(targets: Sequence[Target], empty: str | None) -> list[Operation]:
    """Return one operation without a path; filtered paths stay apart."""
    filtered = verbose([target for target in targets if target.filtered], empty)
    rest = {target.text: empty for target in targets if not target.filtered}
    return [*filtered, {"op": "replace", "value": rest}] if rest else filtered


FORMS = {"verbose": verbose, "compact": compact}


@certification_test(
    16,
    "SCIM_Null_Update_Test",
    '200 or 204 for "" and for null, in both forms; then the attributes are empty',
)
def clear_attributes(bench: Bench) -> str:
    """T16: every optional attribute is emptied by "" and by null, verbose and compact (R5)."""
    targets = optional_targets(bench)
    if not targets:
        raise NotApplicable("no optional attribute is mapped")
    for form, operations in FORMS.items():
        for empty, again in (("", None), (None, "")):
            target_id = created(bench, bench.person(f"{form}-{'text' if empty == '' else 'null'}"))["id"]
            # Once on values and once on what is empty already.
            for value in (empty, again):
                name = "null" if value is None else '""'
                clear(bench, target_id, operations(targets, value), f"{name}, {form}")
                expect_empty(bench.user(target_id), targets, f"{name}, {form}")
    return f'{len(targets)} attributes emptied by "" and by null, verbose and compact'


def clear(bench: Bench, target_id: str, operations: list[Operation], what: str) -> None:
    """Send the operations; the answer must be a success."""
    body = bench.dialect.body(operations)
    request = ScimRequest("T16", "PATCH", f"/Users/{requests.segment(target_id)}", body=body)
    try:
        bench.send(request, 200, 204)
    except TestFailed as failure:
        raise TestFailed(f"{what}: {failure}") from failure


def expect_empty(document: Document, targets: Sequence[Target], what: str) -> None:
    """Make sure that a user holds nothing at these paths."""
    left = [
        f"{target.text} is {shown(target, document)}"
        for target in targets
        if not is_empty(target.read(document))
    ]
    if left:
        raise TestFailed(f"{what}: {'; '.join(left)}")


def is_empty(value: Any) -> bool:
    """Whether a value counts as none: absent, null, an empty text, list or object."""
    return value is None or value in ("", [], {})


TESTS = (clear_attributes,)
