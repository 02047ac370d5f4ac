"""A SCIM client for tests: real requests through the host's URLs, answers as status and JSON."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import serializers
from django.test import Client
from django.urls import reverse

from scim_provisioning.models import Connection, Token

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
FLOWCASE = "urn:ietf:params:scim:schemas:extension:flowcase:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
# What Entra puts into the schemas of a group (R17).
ENTRA_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
CONTENT_TYPE = "application/scim+json"
# Tables that a request may touch without having changed anything: the log, refused calls, what was seen, a token's use.
UNDIGESTED = frozenset(
    {"event", "failedauthentication", "token", "effect", "observation", "session", "logentry"}
)


@dataclass(frozen=True)
class Answer:
    """What a request was answered with."""

    status: int
    json: Any
    headers: Mapping[str, str]
    content: bytes

    def __getitem__(self, name: str) -> Any:
        """Return a member of the JSON body."""
        return self.json[name]

    @property
    def id(self) -> str:
        """The id of the resource in the body."""
        return str(self.json["id"])

    @property
    def names(self) -> list[str]:
        """The userName or displayName of each resource in a list."""
        return [found.get("userName") or found["displayName"] for found in self.json["Resources"]]


class ScimClient:
    """An identity provider that holds a token of one connection."""

    def __init__(self, connection: Connection, token: str | None = None) -> None:
        self.connection = connection
        self.token = token if token is not None else Token.issue(connection)[1]
        self.base = reverse("scim_provisioning:users", kwargs={"connection": connection.pk}).rpartition("/")[
            0
        ]
        self._client = Client(raise_request_exception=False)

    @property
    def organization(self) -> Any:
        """The organization of the connection."""
        return self.connection.organization

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        content_type: str = CONTENT_TYPE,
        authorization: str | None = None,
        **headers: str,
    ) -> Answer:
        """Send one request; *body* is JSON, or bytes as they are.

        Headers are written with underscores: ``If_Match='W/"1"'``.
        """
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        authorization = f"Bearer {self.token}" if authorization is None else authorization
        if authorization:
            sent["Authorization"] = authorization
        if body is not None:
            # Django's client leaves it out for a body of no bytes.
            sent["Content-Type"] = content_type
        response = self._client.generic(
            method,
            self.base + path,
            content,
            content_type=content_type,
            headers=sent,
            query_params=dict(query) if query else None,
        )
        return Answer(
            response.status_code,
            json.loads(response.content) if response.content else None,
            response.headers,
            response.content,
        )

    def get(self, path: str, **query: Any) -> Answer:
        """GET a path with query parameters."""
        return self.request("GET", path, query=query)

    def find(self, path: str, text: str, **query: Any) -> Answer:
        """GET a collection with a filter."""
        return self.get(path, filter=text, **query)

    def post(self, path: str, body: Any, **options: Any) -> Answer:
        """POST a body."""
        return self.request("POST", path, body, **options)

    def put(self, path: str, body: Any, **options: Any) -> Answer:
        """PUT a body."""
        return self.request("PUT", path, body, **options)

    def patch(self, path: str, *operations: Mapping[str, Any], **options: Any) -> Answer:
        """PATCH with operations."""
        body = {"schemas": [PATCH_OP], "Operations": list(operations)}
        return self.request("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """DELETE a path."""
        return self.request("DELETE", path, **options)

    def create_user(self, name: str = "ada", /, **attributes: Any) -> Answer:
        """Create a user with the least that every preset accepts, and insist that it worked."""
        answer = self.post("/Users", user_body(name, **attributes))
        assert answer.status == 201, answer.json
        return answer

    def create_group(self, name: str = "Team A", /, *members: str, **attributes: Any) -> Answer:
        """Create a group as Entra does, then its members, and insist that it worked."""
        answer = self.post("/Groups", group_body(name, **attributes))
        assert answer.status == 201, answer.json
        if members:
            added = self.patch(f"/Groups/{answer.id}", add_members(*members))
            assert added.status in (200, 204), added.json
        return answer

    def members(self, group: str) -> set[str]:
        """Return the ids of a group's members, as GET shows them."""
        return {member["value"] for member in self.get(f"/Groups/{group}")["members"]}

    def user(self, user: str) -> dict[str, Any]:
        """Return a user as GET shows it, without what the service makes."""
        shown = self.get(f"/Users/{user}")
        assert shown.status == 200, shown.json
        return {name: value for name, value in shown.json.items() if name not in ("id", "meta", "schemas")}


def user_body(name: str = "ada", /, **attributes: Any) -> dict[str, Any]:
    """Return the body of a POST of a user; *attributes* come on top, and None leaves one out."""
    user_name = name if "@" in name else f"{name}@contoso.example"
    body: dict[str, Any] = {
        "schemas": [USER],
        "externalId": str(uuid.uuid4()),
        "userName": user_name,
        "active": True,
        "emails": [{"primary": True, "type": "work", "value": user_name}],
        **attributes,
    }
    return {key: value for key, value in body.items() if value is not None}


def group_body(name: str = "Team A", /, **attributes: Any) -> dict[str, Any]:
    """Return the body of a POST of a group, as Entra writes it (R17)."""
    return {
        "schemas": [GROUP, ENTRA_GROUP],
        "externalId": str(uuid.uuid4()),
        "displayName": name,
        "meta": {"resourceType": "Group"},
        **attributes,
    }


def add_members(*members: str) -> dict[str, Any]:
    """Return the operation that adds members, as Entra's newer dialect writes it (R18)."""
    return {"op": "add", "path": "members", "value": [{"value": member} for member in members]}


def database_digest() -> str:
    """Return a digest of every row that a refused request must leave alone, in all organizations."""
    digest = hashlib.sha256()
    labels = {"scim_provisioning", get_user_model()._meta.app_label}
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
        if model._meta.app_label in labels and model._meta.model_name not in UNDIGESTED:
            rows = model._base_manager.order_by("pk")
            digest.update(serializers.serialize("json", rows).encode())
    return digest.hexdigest()
