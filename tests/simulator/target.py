"""A small SCIM server in memory that understands what Entra sends: the simulator's sparring partner."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from scim_provisioning.simulator.paths import (
    CORE_GROUP,
    CORE_USER,
    ENTERPRISE,
    MANAGER,
    boolean_of,
    parse_target,
)

Document = dict[str, Any]
Answer = tuple[int, Document | None]
Interception = Callable[[httpx.Request], httpx.Response | None]

FLOWCASE = "urn:ietf:params:scim:schemas:extension:flowcase:2.0:User"
BASE = "https://hub.example/scim/v2"
SECRET = "a-secret"
_TERM = re.compile(r'(?P<path>.+?) eq "(?P<value>(?:[^"\\]|\\.)*)"(?: and |$)')


class Target:
    """Stores users and groups; `intercept` answers a request instead, to play a faulty server."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Document]] = {"Users": {}, "Groups": {}}
        self.discovery: dict[str, list[Document]] = {"Schemas": schemas(), "ResourceTypes": resource_types()}
        self.intercept: Interception | None = None
        self.seen: list[httpx.Request] = []
        self._created = 0

    @property
    def users(self) -> dict[str, Document]:
        """The users by userName."""
        return {user["userName"]: user for user in self.stored["Users"].values()}

    @property
    def groups(self) -> dict[str, Document]:
        """The groups by displayName."""
        return {group["displayName"]: group for group in self.stored["Groups"].values()}

    def member_names(self, group: str) -> set[str]:
        """Return the userNames of a group's members."""
        ids = {member["value"] for member in self.groups[group].get("members", [])}
        return {user["userName"] for user in self.stored["Users"].values() if user["id"] in ids}

    def transport(self) -> httpx.MockTransport:
        """Return the server as an httpx transport."""
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.seen.append(request)
        early = self.intercept(request) if self.intercept else None
        if early is not None:
            return early
        if request.headers.get("authorization") not in {f"Bearer {SECRET}", f'Bearer token="{SECRET}"'}:
            return reply(401, {"detail": "bad token", "status": "401"})
        parts = unquote(request.url.raw_path.decode().partition("?")[0]).removeprefix("/scim/v2/").split("/")
        body = json.loads(request.content) if request.content else {}
        if parts[0] in self.discovery:
            resources = self.discovery[parts[0]]
            return reply(200, {"totalResults": len(resources), "Resources": resources})
        store = self.stored[parts[0]]
        if len(parts) == 1:
            answer = self._create(parts[0], body) if request.method == "POST" else self._find(request, store)
        elif parts[1] not in store:
            answer = 404, {"detail": "not found", "status": "404"}
        else:
            answer = self._one(request, store, parts[1], body)
        return reply(*answer)

    def _find(self, request: httpx.Request, store: dict[str, Document]) -> Answer:
        query = parse_qs(request.url.query.decode())
        if "startIndex" in query:
            start, count = int(query["startIndex"][0]), int(query["count"][0])
            page = list(store.values())[start - 1 : start - 1 + count]
            return 200, {"totalResults": len(store), "startIndex": start, "Resources": page}
        terms = [(m["path"], m["value"].replace('\\"', '"')) for m in _TERM.finditer(query["filter"][0])]
        found = [r for r in store.values() if all(holds(r, path, value) for path, value in terms)]
        return 200, {"totalResults": len(found), "Resources": [without(r, "members") for r in found]}

    def _create(self, kind: str, body: Document) -> Answer:
        key = "userName" if kind == "Users" else "displayName"
        if any(str(r[key]).lower() == body[key].lower() for r in self.stored[kind].values()):
            return 409, {"scimType": "uniqueness", "detail": f"{key} is taken", "status": "409"}
        self._created += 1
        resource = {name: value for name, value in body.items() if value is not None}
        resource["id"] = f"{kind[0].lower()}{self._created}"
        set_manager(resource, resource.get(ENTERPRISE, {}).get("manager"))
        self.stored[kind][resource["id"]] = resource
        return 201, resource

    def _one(self, request: httpx.Request, store: dict[str, Document], key: str, body: Document) -> Answer:
        if request.method == "DELETE":
            del store[key]
            return 204, None
        if request.method == "PATCH":
            for operation in body["Operations"]:
                apply(store[key], operation)
            return 204, None
        excluded = request.url.params.get("excludedAttributes", "")
        return 200, without(store[key], excluded)


def attribute(name: str, kind: str = "string", *parts: Document, **characteristics: Any) -> Document:
    """Return an attribute of a schema."""
    return {"name": name, "type": kind, "multiValued": False, "subAttributes": [*parts], **characteristics}


def schemas() -> list[Document]:
    """Return the schemas of what Entra maps by default."""
    kinds = ("work", "home", "mobile", "fax")
    parts = ("value", "formatted", "streetAddress", "locality", "region", "postalCode", "country")
    texts = [attribute(part) for part in parts]
    typed = [*texts, attribute("type", canonicalValues=list(kinds)), attribute("primary", "boolean")]
    simple = ("externalId", "active", "displayName", "title", "preferredLanguage", "locale")
    names = [attribute(name) for name in ("givenName", "familyName", "formatted")]
    user = [
        attribute("userName", required=True),
        *(attribute(name) for name in simple),
        attribute("name", "complex", *names),
        *(attribute(n, "complex", *typed, multiValued=True) for n in ("emails", "phoneNumbers", "addresses")),
        attribute("roles", "complex", *texts, attribute("type"), multiValued=True),
    ]
    enterprise = [attribute("department"), attribute("employeeNumber"), attribute("manager", "complex")]
    group = [
        attribute("displayName", required=True),
        attribute("externalId"),
        attribute("members", "complex"),
    ]
    country = [attribute("countryCode")]
    found = {CORE_USER: user, ENTERPRISE: enterprise, FLOWCASE: country, CORE_GROUP: group}
    return [{"id": urn, "attributes": attributes} for urn, attributes in found.items()]


def resource_types() -> list[Document]:
    """Return the resource types."""
    return [{"name": "User", "endpoint": "/Users"}, {"name": "Group", "endpoint": "/Groups"}]


def reply(status: int, document: Any) -> httpx.Response:
    """Return a SCIM answer."""
    content = b"" if document is None else json.dumps(document).encode()
    return httpx.Response(status, content=content, headers={"content-type": "application/scim+json"})


def without(document: Document, name: str) -> Document:
    """Return a document without one attribute."""
    return {key: value for key, value in document.items() if key != name}


def holds(document: Document, path: str, value: str) -> bool:
    """Whether a document has this value at this path."""
    target = parse_target(f"{MANAGER}.value" if path == "manager" else path)
    found = target.read(document)
    return isinstance(found, str) and found.lower() == value.lower()


def set_manager(document: Document, value: object) -> None:
    """Store a manager as the object that Entra expects back (R10)."""
    if isinstance(value, str):
        document.setdefault(ENTERPRISE, {})["manager"] = {"value": value}


def apply(document: Document, operation: Document) -> None:
    """Apply one operation in either dialect."""
    verb, path, value = operation["op"].lower(), operation.get("path"), operation.get("value", {})
    if path is None:
        for key, part in value.items():
            apply(document, {"op": verb, "path": key, "value": part})
    elif path.startswith("members"):
        change_members(document, verb, path, value)
    elif path == MANAGER:
        set_manager(document, value)
    elif path == "roles":
        known = document.get("roles", []) if verb == "add" else []
        document["roles"] = [*known, *(json.loads(r["value"]) if r["value"][0] == "{" else r for r in value)]
    else:
        parse_target(path).write(document, boolean_of(value) if path == "active" else value)


def change_members(document: Document, verb: str, path: str, value: Any) -> None:
    """Add or remove members, told as an array, as strings, or by a filter (R18, R19)."""
    ids = re.findall(r'value eq "([^"]+)"', path)
    ids = ids or [member["value"] if isinstance(member, dict) else member for member in value]
    before = [] if verb == "replace" else [member["value"] for member in document.get("members", [])]
    after = [i for i in before if i not in ids] + ([] if verb == "remove" else ids)
    document["members"] = [{"value": i} for i in after]
