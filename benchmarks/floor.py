"""The floor: what Django itself costs, without a product around it.

One token lookup and one statement for each request, in a transaction where it writes. No validation, no audit trail, no
row locks, no tenancy: a limit to be held against, and not an example of how to write a service provider.
"""

import hashlib
import json
import os
import re
import sys
import uuid
from collections.abc import Callable
from typing import Any

import dj_database_url
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import re_path

if not settings.configured:
    settings.configure(
        DATABASES={"default": {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 600}},
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()

TABLES = """
DROP TABLE IF EXISTS floor_member, floor_user, floor_group, floor_token;
CREATE TABLE floor_token (digest text PRIMARY KEY);
CREATE TABLE floor_user (id uuid PRIMARY KEY, key text UNIQUE, active boolean, data jsonb);
CREATE TABLE floor_group (id uuid PRIMARY KEY, key text UNIQUE, data jsonb);
CREATE TABLE floor_member (group_id uuid, user_id uuid, PRIMARY KEY (group_id, user_id));
"""
FILTER = re.compile(r'\w+ eq "(.*)"')
SELECTED = re.compile(r'members\[value eq "(.*)"\]')
TYPE = "application/scim+json"
View = Callable[..., HttpResponse]


def answer(body: Any, status: int = 200) -> HttpResponse:
    """Return JSON."""
    return HttpResponse(json.dumps(body), content_type=TYPE, status=status)


def authenticated(view: View) -> View:
    """Look the token up, as each request has to."""

    def checked(request: HttpRequest, **arguments: str) -> HttpResponse:
        secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
        digest = hashlib.sha256(secret.encode()).hexdigest()
        if not rows("SELECT 1 FROM floor_token WHERE digest = %s", digest):
            return answer({"status": "401"}, 401)
        return view(request, **arguments)

    return checked


def rows(sql: str, *parameters: Any) -> list[Any]:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def resource(pk: Any, data: Any, **more: Any) -> dict[str, Any]:
    """Return a stored document with its id."""
    return {**(json.loads(data) if isinstance(data, str) else data), "id": str(pk), **more}


def collection(request: HttpRequest, kind: str) -> HttpResponse:
    """Find by name, or create."""
    table, name = ("floor_user", "userName") if kind == "Users" else ("floor_group", "displayName")
    if request.method == "GET":
        match = FILTER.fullmatch(request.GET.get("filter", ""))
        found = rows(f"SELECT id, data FROM {table} WHERE key = %s", match[1].casefold() if match else "")  # noqa: S608
        listed = [resource(*row) for row in found]
        return answer(
            {"totalResults": len(listed), "startIndex": 1, "itemsPerPage": len(listed), "Resources": listed}
        )
    body = json.loads(request.body)
    pk = uuid.uuid4()
    with transaction.atomic():
        columns = "(id, key, active, data)" if kind == "Users" else "(id, key, data)"
        values: list[Any] = [
            pk,
            body[name].casefold(),
            *([True] if kind == "Users" else []),
            json.dumps(body),
        ]
        marks = ", ".join(["%s"] * len(values))
        rows(f"INSERT INTO {table} {columns} VALUES ({marks})", *values)  # noqa: S608
    return answer(resource(pk, body), 201)


def item(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """Read one, or change one."""
    table = "floor_user" if kind == "Users" else "floor_group"
    if request.method == "GET":
        found = rows(f"SELECT id, data FROM {table} WHERE id = %s", pk)  # noqa: S608
        if not found:
            return answer({"status": "404"}, 404)
        members = (
            {} if kind == "Users" or "excludedAttributes" in request.GET else {"members": members_of(pk)}
        )
        return answer(resource(*found[0], **members))
    with transaction.atomic():
        for operation in json.loads(request.body)["Operations"]:
            changed = change(table, pk, operation) if kind == "Users" else change_members(pk, operation)
            if not changed:
                return answer({"status": "404"}, 404)
    return HttpResponse(status=204)


def members_of(pk: str) -> list[dict[str, str]]:
    """Return the members of a group."""
    return [
        {"value": str(row[0])} for row in rows("SELECT user_id FROM floor_member WHERE group_id = %s", pk)
    ]


def change(table: str, pk: str, operation: dict[str, Any]) -> bool:
    """Put one value into the document."""
    path = operation["path"].split(".")
    return bool(
        rows(
            f"UPDATE {table} SET data = jsonb_set(data, %s, %s) WHERE id = %s RETURNING id",  # noqa: S608
            path,
            json.dumps(operation["value"]),
            pk,
        )
    )


def change_members(pk: str, operation: dict[str, Any]) -> bool:
    """Add or remove members, as one statement."""
    selected = SELECTED.fullmatch(operation["path"])
    ids = [selected[1]] if selected else [member["value"] for member in operation["value"]]
    if operation["op"].lower() == "remove":
        rows("DELETE FROM floor_member WHERE group_id = %s AND user_id = ANY(%s::uuid[])", pk, ids)
    else:
        rows(
            "INSERT INTO floor_member SELECT %s, id FROM floor_user WHERE id = ANY(%s::uuid[]) ON CONFLICT DO NOTHING",
            pk,
            ids,
        )
    return True


urlpatterns = [
    re_path(r"^scim/(?P<kind>Users|Groups)$", authenticated(collection)),
    re_path(r"^scim/(?P<kind>Users|Groups)/(?P<pk>[^/]+)$", authenticated(item)),
]
application = get_wsgi_application()


def prepare(token: str) -> None:
    """Make the tables, and a token."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    rows("INSERT INTO floor_token VALUES (%s)", hashlib.sha256(token.encode()).hexdigest())


if __name__ == "__main__":
    prepare(sys.argv[1])
