"""What Entra makes of an answer: its error codes, and which ones stop the whole job."""

from __future__ import annotations

from scim_provisioning.simulator.client import TIMED_OUT, UNREACHABLE, Exchange
from scim_provisioning.simulator.paths import ENTERPRISE, Document
from scim_provisioning.simulator.requests import ScimRequest

INCOMPATIBLE = "SystemForCrossDomainIdentityManagementServiceIncompatible"
MULTIPLE_ENTRIES = "SystemForCrossDomainIdentityManagementMultipleEntriesInResponse"
BAD_RESPONSE = "SystemForCrossDomainIdentityManagementBadResponse"

_BY_STATUS = {
    400: INCOMPATIBLE,
    401: "Unauthorized",
    403: "InsufficientRights",
    404: "InvalidAnchor",
    405: "MethodNotAllowed",
    409: "EntryConflict",
    412: "NotImplemented",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    501: "NotImplemented",
    TIMED_OUT: "Timeout",
    UNREACHABLE: "WebExceptionProtocolError",
}


class ProvisioningFault(Exception):
    """One object could not be provisioned; it is tried again in a later cycle (C13)."""

    def __init__(self, code: str, detail: str, status: int = 0) -> None:
        """Keep Entra's error code and the text that its provisioning log would show."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.status = status


class JobStopped(Exception):
    """The whole job goes into quarantine at once: bad credentials or an unfit server (C13)."""

    def __init__(self, reason: str, detail: str, code: str = INCOMPATIBLE) -> None:
        """Keep the quarantine reason and its details."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.code = code


def code_for(status: int) -> str:
    """Return Entra's error code for a status."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return "InternalServerError"
    return INCOMPATIBLE if 400 <= status < 500 else "WebExceptionProtocolError"


def check_answer(request: ScimRequest, exchange: Exchange) -> None:
    """Raise what Entra makes of an answer that is not a success."""
    if exchange.ok:
        return
    text = f"Web Response: {exchange.response_text.strip() or '(empty)'}"
    if exchange.status == 401:
        raise JobStopped(
            "InvalidCredentials", f"HTTP 401 on {exchange.method} {request.path}. {text}", "Unauthorized"
        )
    if exchange.status == 404 and request.collection:
        # The first quarantine reason that Microsoft names: a query without a hit must be 200 and empty.
        raise JobStopped("ScimCompliance", f"HTTP 404 on {exchange.method} {request.path}. {text}")
    code = code_for(exchange.status)
    if exchange.status == 405 and request.method == "DELETE":
        code = INCOMPATIBLE
    raise ProvisioningFault(code, f"HTTP {exchange.status}. {text}", exchange.status)


def resource_of(exchange: Exchange) -> Document:
    """Return the resource in an answer, or fail as Entra does on one that it cannot deserialize."""
    return deserialized(exchange.response_body)


def deserialized(body: object) -> Document:
    """Return a resource that Entra could read: an object with an id, sound shapes (R10, section 6 no. 8)."""
    if not isinstance(body, dict):
        raise _unreadable("the body is not a JSON object")
    if not isinstance(body.get("id"), str) or not body["id"]:
        raise _unreadable("the resource has no id")
    shapes = {
        "emails": list,
        "phoneNumbers": list,
        "addresses": list,
        "roles": list,
        "name": dict,
        ENTERPRISE: dict,
    }
    for name, shape in shapes.items():
        if body.get(name) is not None and not isinstance(body[name], shape):
            raise _unreadable(f"{name} is not {'an array' if shape is list else 'an object'}")
    if body.get("active") is not None and not isinstance(body["active"], bool):
        raise _unreadable("active is not a boolean")
    extension = body.get(ENTERPRISE) or {}
    if extension.get("manager") is not None and not isinstance(extension["manager"], dict):
        raise _unreadable("manager is a string where an object is expected")
    return body


def found_in(exchange: Exchange) -> Document | None:
    """Return the one resource of a filter's answer, None when there is none, or fail on several (C2)."""
    body = exchange.response_body
    if not isinstance(body, dict) or not isinstance(body.get("Resources", []), list):
        raise _unreadable("the answer to a filter is not a ListResponse")
    resources = body.get("Resources") or []
    total = body.get("totalResults", len(resources))
    if len(resources) > 1 or (isinstance(total, int) and total > 1):
        raise ProvisioningFault("DuplicateTargetEntries", f"{total} objects match in the target system")
    return deserialized(resources[0]) if resources else None


def without_members(group: Document) -> Document:
    """Return a group that was read without members, or fail as Entra does when they came along (R16)."""
    if group.get("members"):
        raise ProvisioningFault(
            MULTIPLE_ENTRIES, "the group came with members despite excludedAttributes=members"
        )
    return group


def _unreadable(why: str) -> ProvisioningFault:
    return ProvisioningFault(BAD_RESPONSE, f"not able to deserialize the resource: {why}")
