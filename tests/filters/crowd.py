"""An organization of 100,000 users in PostgreSQL, copied in SQL from one row of each table."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from scim_provisioning.models import GroupResource, UserResource
from tests.factories import GROUPS, USERS, column, make_group, make_user
from tests.scim import ScimClient

USERS_COUNT, GROUPS_COUNT = 100_000, 5_000
WORK = 'emails[type eq "work"].value'
GROUP_NAME = str(GROUPS.attributes["displayName"])


def copied(model: type[models.Model], template: Any, count: int, **changed: str) -> None:
    """Copy a row *count* times; *changed* gives SQL for columns, in which n counts from one."""
    table = connection.ops.quote_name(model._meta.db_table)
    columns: dict[str, str] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key and not isinstance(field, models.UUIDField):
            continue
        value = "gen_random_uuid()" if field.primary_key else f"template.{field.column}"
        columns[str(field.column)] = changed.get(field.attname, value)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
            f" FROM {table} template, generate_series(1, {count}) n WHERE template.{model._meta.pk.column} = %s",
            [template.pk],
        )


def linked(
    resource: type[models.Model], template: Any, host: str, of: type[models.Model], **changed: str
) -> None:
    """Give each row of the host in the template's organization a SCIM resource like *template*."""
    columns: dict[str, str] = {}
    for field in resource._meta.concrete_fields:
        value = "gen_random_uuid()" if field.primary_key else f"template.{field.column}"
        columns[str(field.column)] = changed.get(field.attname, value)
    columns[f"{host}_id"] = "host.id"
    names = ", ".join(columns), ", ".join(columns.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {resource._meta.db_table} ({names[0]}) SELECT {names[1]} FROM"
            f" {resource._meta.db_table} template,"
            f" (SELECT *, row_number() OVER () n FROM {of._meta.db_table}) host"
            f" WHERE template.id = %s AND host.id <> template.{host}_id AND host.{names_the_organization(of)} ="
            f" (SELECT {names_the_organization(of)} FROM {of._meta.db_table} WHERE id = template.{host}_id)",
            [template.pk],
        )


def names_the_organization(model: type[models.Model]) -> str:
    """Return the column that a copied row keeps from its template's organization."""
    mapping = USERS if model is USERS.model else GROUPS
    field = next(field for field in mapping.model._meta.concrete_fields if is_organization(field))
    return str(field.column)


def is_organization(field: Any) -> bool:
    """Return whether a field points at the organization."""
    return bool(field.is_relation and field.related_model._meta.label == _organization_label())


def _organization_label() -> str:
    from_connection: Any = UserResource._meta.get_field("connection").related_model
    return str(from_connection._meta.get_field("organization").related_model._meta.label)


def populate(client: ScimClient) -> None:
    """Fill the client's organization, and say how it is filled to the planner."""
    mail = {"emails": [{"type": "work", "value": "ada@contoso.example", "primary": True}]}
    user = UserResource.objects.get(pk=client.create_user("ada", displayName="Ada", **mail).id)
    group = GroupResource.objects.get(pk=client.create_group("Team 0").id)
    with connection.cursor() as cursor:
        # The limits of those two requests end with their transaction, which is this one.
        cursor.execute("SET LOCAL statement_timeout = 0")
    name = "'user' || n || '@contoso.example'"
    copied(USERS.model, user.user, USERS_COUNT, **{column("userName"): name, column(WORK): name})
    linked(
        UserResource,
        user,
        "user",
        USERS.model,
        user_name=f"host.{column('userName')}",
        user_name_key=f"host.{column('userName')}",
        external_id="'external-' || n",
        external_id_key="'external-' || n",
        keeps_mapped="mod(n, 5000) = 0",
        created_at="template.created_at + n * interval '1 millisecond'",
    )
    copied(GROUPS.model, group.group, GROUPS_COUNT, **{GROUP_NAME: "'Team ' || n"})
    linked(
        GroupResource,
        group,
        "group",
        GROUPS.model,
        display_name=f"host.{GROUP_NAME}",
        name_key=f"lower(host.{GROUP_NAME})",
        external_id="'group-' || n",
        external_id_key="NULL",
        created_at="template.created_at + n * interval '1 millisecond'",
    )
    members = getattr(group.group, GROUPS.members)
    members.add(*USERS.model._default_manager.order_by("pk").values_list("pk", flat=True)[:10_000])
    with connection.cursor() as cursor:
        # Its own tables alone: the catalogs that all databases of a server share stay locked until the end, and the
        # next process of the run has a database on this server, too.
        names = connection.introspection.table_names(cursor)
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, names))}")


class Plan:
    """What PostgreSQL says of one statement."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        measured = "ANALYZE, BUFFERS, " if sql.startswith("SELECT") else ""
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN ({measured}FORMAT JSON) {sql.replace('%', '%%')}", [])
            found = cursor.fetchone()[0]
        self.top: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Return all nodes of the plan."""
        waiting = [self.top]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.get("Plans", [])

    @property
    def scanned(self) -> set[str]:
        """The large tables that are read from end to end."""
        large = {model._meta.db_table for model in (USERS.model, GROUPS.model, UserResource, GroupResource)}
        large.add(getattr(GROUPS.model, GROUPS.members).through._meta.db_table)
        seen = {node["Relation Name"] for node in self.nodes() if node["Node Type"] == "Seq Scan"}
        return seen & large

    @property
    def indexes(self) -> set[str]:
        """The indexes that are used."""
        return {node["Index Name"] for node in self.nodes() if "Index Name" in node}

    @property
    def shape(self) -> list[str]:
        """The kinds of the nodes and what they read, which two plans are compared by."""
        return [f"{node['Node Type']} {node.get('Index Name', '')}" for node in self.nodes()]

    @property
    def buffers(self) -> int:
        """How many blocks were touched."""
        return int(self.top["Shared Hit Blocks"] + self.top["Shared Read Blocks"])

    @property
    def rows(self) -> int:
        """How many rows came out."""
        return int(self.top["Actual Rows"])

    def __repr__(self) -> str:
        return f"<{' > '.join(self.shape)}: {self.sql[:2000]}>"


KINDS = ("SELECT", "UPDATE", "DELETE")


def plans(send: Callable[[], Any]) -> list[Plan]:
    """Return the plans of the statements that *send* runs on the tables of resources and of the host."""
    with CaptureQueriesContext(connection) as context:
        send()
    statements = [query["sql"] for query in context.captured_queries]
    return [Plan(sql) for sql in statements if sql.startswith(KINDS) and "FOR UPDATE" not in sql]


__all__ = ["USERS_COUNT", "Plan", "make_group", "make_user", "plans", "populate"]
