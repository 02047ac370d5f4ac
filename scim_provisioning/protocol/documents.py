"""Documents: validated resources as plain dicts, and PATCH as document to document (RFC 7644 sections 3.3, 3.5).

A document holds the attributes of a resource under their canonical names, without ``id``, ``meta`` and
``schemas``, which the service makes, and without a group's members, which are a relation.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from scim2_models import Context, PatchOp, ScimPolicy
from scim2_models.exceptions import SCIMException

from scim_provisioning.protocol import plain
from scim_provisioning.protocol.dialects import SHELL, Operation, Tolerance
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import PATCH_SCHEMA
from scim_provisioning.protocol.schemas import ResourceModel

Document = dict[str, Any]

# Never part of a document: made by the service, or never stored (T6).
LEFT_OUT = ("schemas", "id", "meta", "password", "groups", "members")
_CODE_BY_SCIM_TYPE = {
    "invalidPath": "unknown_path",
    "noTarget": "no_target",
    "mutability": "read_only",
    "invalidFilter": "bad_path",
}


def validate(model: ResourceModel, body: dict[str, Any], tolerance: Tolerance) -> Document:
    """Return the document that a normalized POST or PUT body describes (RFC 7644 sections 3.3 and 3.5.1).

    Attributes that the model does not declare are dropped, or refused where the connection says so.
    """
    unknown = ScimPolicy.Unknown.forbid if tolerance.refuse_unmapped else ScimPolicy.Unknown.ignore
    try:
        resource = model.model_validate(
            body, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=ScimPolicy(unknown=unknown)
        )
    except ValidationError as error:
        raise refusal(error) from None
    return _without(resource.model_dump())


def patch(
    model: ResourceModel, document: Document, operations: Sequence[Operation], tolerance: Tolerance
) -> Document:
    """Return what *document* becomes under normalized PATCH operations; all of them, or none (section 3.5.2)."""
    if not operations:
        return document
    if (plainly := plain.patched(model, document, operations)) is not None:
        return plainly
    policy = ScimPolicy(
        remove_value_as_filter=ScimPolicy.RemoveValue.apply,
        unmatched_path_filter=(
            ScimPolicy.UnmatchedPathFilter.create
            if tolerance.create_unmatched
            else ScimPolicy.UnmatchedPathFilter.forbid
        ),
    )
    try:
        patched = _patched(model, document, operations, policy)
    except (ValidationError, SCIMException):
        raise _fault(model, document, operations, policy) from None
    for operation in operations:
        if operation.get("clears"):
            _drop_shells(patched, operation["path"])
    return patched


def _patched(
    model: ResourceModel, document: Document, operations: Sequence[Operation], policy: ScimPolicy
) -> Document:
    message = PatchOp.__class_getitem__(model).model_validate(
        {
            "schemas": [PATCH_SCHEMA],
            "Operations": [
                {key: value for key, value in operation.items() if key != "clears"}
                for operation in operations
            ],
        },
        scim_ctx=Context.RESOURCE_PATCH_REQUEST,
        scim_policy=policy,
    )
    resource = model.model_validate(document, scim_policy=policy)
    message.patch(resource, scim_policy=policy)
    return _without(resource.model_dump())


def _drop_shells(document: Document, path: str) -> None:
    """Drop the entries that hold nothing but what they are for, once their value is cleared (T16)."""
    wanted, bracket, _filter = path.partition("[")
    attribute = wanted.rpartition(":")[2].lower()
    for name in [name for name in document if bracket and name.lower() == attribute]:
        kept = [entry for entry in document[name] if not set(entry) <= SHELL]
        if kept:
            document[name] = kept
        else:
            del document[name]


def _fault(
    model: ResourceModel, document: Document, operations: Sequence[Operation], policy: ScimPolicy
) -> ScimError:
    """Find the operation at fault by playing them one by one: the message must name its path and value."""
    for operation in operations:
        try:
            document = _patched(model, document, [operation], policy)
        except (ValidationError, SCIMException) as error:
            return refusal(error, operation)
    return ScimError(
        "bad_value", field="Operations", value=None, reason="the operations contradict each other"
    )


def refusal(error: ValidationError | SCIMException, operation: Operation | None = None) -> ScimError:
    """Translate the library's error; its own text is a dump of several lines with links."""
    path = operation["path"] if operation else None
    value = operation.get("value") if operation else None
    if isinstance(error, SCIMException):
        if isinstance(error.__cause__, ValidationError):
            return refusal(error.__cause__, operation)
        return _refusal_of_type(error.scim_type, error.detail, path, value)
    first = error.errors(include_url=False, include_input=True)[0]
    context = first.get("ctx") or {}
    if first["type"] == "required_error":
        return ScimError("missing_attribute", field=context.get("field_name"))
    if first["type"].startswith("scim_"):
        return _refusal_of_type(str(context.get("scim_type") or ""), first["msg"], path, value)
    field = path or ".".join(str(part) for part in first["loc"] if not isinstance(part, int)) or "The body"
    if first["type"] == "extra_forbidden":
        return ScimError("unmapped_attribute", field=field)
    return ScimError("bad_value", field=field, value=first.get("input"), reason=first["msg"])


def _refusal_of_type(scim_type: str, message: str, path: str | None, value: Any) -> ScimError:
    code = _CODE_BY_SCIM_TYPE.get(scim_type, "bad_value")
    if code == "unknown_path":
        return ScimError("bad_path" if "syntax" in message else code, value=path)
    if code == "read_only" and "required" in message:
        return ScimError("required_removed", field=path)
    if code == "bad_value":
        return ScimError(code, field=path, value=value, reason=message)
    return ScimError(code, field=path, value=path)


def _without(dumped: dict[str, Any]) -> Document:
    for name in LEFT_OUT:
        dumped.pop(name, None)
    return dumped
