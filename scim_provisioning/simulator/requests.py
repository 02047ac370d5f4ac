"""The requests that Entra sends, one function per entry of the catalogue (R1–R23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from scim_provisioning.simulator.dialects import FLAG, Change, Dialect
from scim_provisioning.simulator.expressions import RoleSet
from scim_provisioning.simulator.mapping import Mapped
from scim_provisioning.simulator.paths import CORE_GROUP, CORE_USER, ENTERPRISE, Document, Target, boolean_of

ADSCIM_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"

_ORDER = ("schemas", "externalId", "userName", "active", "displayName", "emails", "meta", "name", "title",
          "preferredLanguage", "locale", "phoneNumbers", "addresses", "roles")  # fmt: skip
_NAME_ORDER = ("formatted", "familyName", "givenName")


@dataclass(frozen=True, slots=True)
class ScimRequest:
    """A request before it has an address: the catalogue's number, method, path, query and body."""

    rule: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Document | None = None

    @property
    def collection(self) -> bool:
        """Whether it addresses /Users or /Groups themselves: there 404 means an unfit server (C13)."""
        return self.path.count("/") == 1


def encode_query(query: Sequence[tuple[str, str]], *, plus_for_space: bool) -> str:
    """Return a query string with quotes as `%22` and spaces as `+` or `%20`."""
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    return text.replace("%20", "+") if plus_for_space else text


def address(tenant_url: str, request: ScimRequest, dialect: Dialect) -> str:
    """Return the full URL: the tenant URL is a prefix, and what it has as query stays (B1)."""
    parts = urlsplit(tenant_url)
    query = encode_query(request.query, plus_for_space=dialect.plus_for_space)
    query = "&".join(text for text in (parts.query, query) if text)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + request.path, query, ""))


def flagged(tenant_url: str) -> str:
    """Return the tenant URL with `?aadOptscim062020`, as an admin appends it (B1)."""
    if FLAG.lower() in tenant_url.lower():
        return tenant_url
    return f"{tenant_url}{'&' if '?' in tenant_url else '?'}{FLAG}"


def quoted(value: str) -> str:
    """Return a filter value in quotes; a quote inside it is escaped (RFC 7644 3.4.2.2)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def find_user(target: Target, value: str, rule: str = "R2") -> ScimRequest:
    """Look for a user by a matching attribute (R1, R2)."""
    return ScimRequest(rule, "GET", "/Users", (("filter", f"{target.text} eq {quoted(value)}"),))


def read_user(target_id: str) -> ScimRequest:
    """Read a user by id (R3)."""
    return ScimRequest("R3", "GET", f"/Users/{segment(target_id)}")


def create_user(values: Mapped, dialect: Dialect, manager: str | None = None) -> ScimRequest:
    """Create a user from mapped values (R4); a manager travels as a plain string (R10)."""
    body: Document = {"schemas": [CORE_USER, ENTERPRISE], "meta": {"resourceType": "User"}, "roles": []}
    for target, value in values.items():
        if isinstance(value, RoleSet):
            body[target.name] = dialect.role_elements(value.roles)
        elif target.boolean and not dialect.active_as_text:
            target.write(body, boolean_of(value))
        else:
            target.write(body, value)
    if manager is not None:
        body.setdefault(ENTERPRISE, {})["manager"] = manager
    if isinstance(body.get("name"), dict):
        body["name"] = _ordered(body["name"], _NAME_ORDER)
    if dialect.null_members:
        body = {**dict.fromkeys(("addresses", "title", "department", "manager")), **body}
    return ScimRequest("R4", "POST", "/Users", body=_ordered(body, _ORDER))


def update_user(target_id: str, changes: Sequence[Change], dialect: Dialect, rule: str = "R5") -> ScimRequest:
    """Write the differences of a user (R5–R9, R12, R13)."""
    return ScimRequest(rule, "PATCH", f"/Users/{segment(target_id)}", body=dialect.user_patch(changes))


def check_manager(target_id: str, manager_id: str) -> ScimRequest:
    """Ask whether a user has this manager already (R11)."""
    text = f"id eq {quoted(target_id)} and manager eq {quoted(manager_id)}"
    return ScimRequest("R11", "GET", "/Users", (("filter", text), ("attributes", "id")))


def set_manager(target_id: str, verb: str, manager_id: str, dialect: Dialect) -> ScimRequest:
    """Write a manager in the second pass (R10)."""
    body = dialect.reference_patch(verb, manager_id)
    return ScimRequest("R10", "PATCH", f"/Users/{segment(target_id)}", body=body)


def delete_user(target_id: str) -> ScimRequest:
    """Delete a user (R14)."""
    return ScimRequest("R14", "DELETE", f"/Users/{segment(target_id)}")


def find_group(target: Target, value: str, dialect: Dialect, rule: str = "R15") -> ScimRequest:
    """Look for a group by its matching attribute, never with its members (R15)."""
    query = (("excludedAttributes", "members"), ("filter", f"{target.text} eq {quoted(value)}"))
    return ScimRequest(rule, "GET", "/Groups", query if dialect.excluded_first else query[::-1])


def read_group(target_id: str) -> ScimRequest:
    """Read a group by id, never with its members (R16)."""
    return ScimRequest("R16", "GET", f"/Groups/{segment(target_id)}", (("excludedAttributes", "members"),))


def read_group_with_members(target_id: str) -> ScimRequest:
    """Read a group by id as it is: not Entra, which never looks at members (C12), but its certification."""
    return ScimRequest("R16", "GET", f"/Groups/{segment(target_id)}")


def create_group(values: Mapped) -> ScimRequest:
    """Create a group without members (R17)."""
    body: Document = {"schemas": [CORE_GROUP, ADSCIM_GROUP], "meta": {"resourceType": "Group"}}
    for target, value in values.items():
        target.write(body, value)
    return ScimRequest(
        "R17", "POST", "/Groups", body=_ordered(body, ("schemas", "externalId", "displayName"))
    )


def update_group(target_id: str, changes: Sequence[Change], dialect: Dialect) -> ScimRequest:
    """Rename a group or mend its externalId (R20)."""
    return ScimRequest("R20", "PATCH", f"/Groups/{segment(target_id)}", body=dialect.user_patch(changes))


def change_members(target_id: str, verb: str, ids: Sequence[str], dialect: Dialect) -> ScimRequest:
    """Add members to a group or remove them (R18, R19)."""
    rule = "R19" if verb == "remove" else "R18"
    body = dialect.members_patch(verb, ids)
    return ScimRequest(rule, "PATCH", f"/Groups/{segment(target_id)}", body=body)


def delete_group(target_id: str) -> ScimRequest:
    """Delete a group (R21)."""
    return ScimRequest("R21", "DELETE", f"/Groups/{segment(target_id)}")


def read_schemas() -> ScimRequest:
    """Read the schemas, as on opening the provisioning page of some applications (R22, C22)."""
    return ScimRequest("R22", "GET", "/Schemas")


def list_users(start_index: int, count: int) -> ScimRequest:
    """Page through every user, as Account Discovery does (R23, C21)."""
    return ScimRequest("R23", "GET", "/Users", (("startIndex", str(start_index)), ("count", str(count))))


def list_groups(start_index: int, count: int) -> ScimRequest:
    """Page through every group (T24)."""
    return ScimRequest("R23", "GET", "/Groups", (("startIndex", str(start_index)), ("count", str(count))))


def read_resource_types() -> ScimRequest:
    """Read the resource types (R22)."""
    return ScimRequest("R22", "GET", "/ResourceTypes")


def segment(target_id: str) -> str:
    """Return a server's id as one safe path segment."""
    return quote(target_id, safe="")


def _ordered(document: Document, order: Sequence[str]) -> Document:
    known = [name for name in order if name in document]
    # Extensions come last, as in the catalogue's bodies.
    other = sorted((name for name in document if name not in order), key=lambda name: name.startswith("urn:"))
    return {name: document[name] for name in (*known, *other)}
