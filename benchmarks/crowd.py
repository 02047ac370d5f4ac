"""A large organization with a long log, made quickly: rows by the thousand, events by SQL."""

import uuid
from typing import Any

from django.db import connection as database
from django.utils import timezone

from example_project.hub.models import Group, Organization, User
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Connection, Event, GroupResource, Token, UserResource, name_key

SLUG = "bench"
NAME = "Large directory"
BATCH = 5000
# The first cycle makes a fifth of the events in one go; the others make a hundred each, every forty minutes.
FIRST_CYCLE = 5
PER_CYCLE = 100
EVENTS = """
INSERT INTO {table} (
    connection_key, request_id, token_key_id, operation, resource_type, resource_id, resource_name,
    outcome, status, scim_type, code, detail, changes, method, path, request_body, answer_body,
    duration_ms, created_at
)
SELECT
    %(connection)s, gen_random_uuid()::text, %(token)s,
    CASE WHEN number <= %(users)s THEN 'create' WHEN number %% 50 = 0 THEN 'deactivate' ELSE 'update' END,
    'User', resource.id, resource.user_name,
    CASE WHEN number %% 40 = 0 THEN 'refused' WHEN number %% 97 = 0 THEN 'ignored' ELSE 'success' END,
    CASE WHEN number %% 40 = 0 THEN 400 ELSE 200 END,
    CASE WHEN number %% 40 = 0 THEN 'invalidValue' ELSE '' END,
    CASE WHEN number %% 40 = 0 THEN 'external_id_not_guid' ELSE '' END,
    CASE WHEN number %% 40 = 0 THEN %(detail)s ELSE '' END,
    jsonb_build_object('displayName', jsonb_build_object('before', 'Name ' || number, 'after', 'New ' || number),
                       'externalId', jsonb_build_object('before', NULL, 'after', resource.external_id)),
    'PATCH', '/Users/' || resource.id,
    '{{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{{"op": "Replace", '
    || '"path": "displayName", "value": "New ' || number || '"}}]}}',
    '{{"id": "' || resource.id || '", "userName": "' || resource.user_name || '", "padding": "'
    || repeat(md5(number::text), 16) || '"}}',
    3,
    CASE WHEN number <= %(first)s
        THEN now() - (%(cycles)s + 10) * interval '40 minutes' - (%(first)s - number) * interval '50 milliseconds'
        ELSE now() - interval '10 minutes'
            - (%(cycles)s - (number - %(first)s - 1) / %(per_cycle)s) * interval '40 minutes'
            + ((number - %(first)s - 1) %% %(per_cycle)s) * interval '500 milliseconds'
    END
FROM generate_series(1, %(events)s) AS number
JOIN bench_resources AS resource ON resource.place = (number - 1) %% %(users)s + 1
ORDER BY number
"""


def crowd(users: int, events: int) -> Connection:
    """Return a connection with so many users and events; made anew only when it has others."""
    found = Connection.objects.filter(organization__slug=SLUG).first()
    if found is not None and _sizes(found) == (users, events):
        return found
    if found is not None:
        Event.objects.filter(connection_key=found.pk).delete()
        Organization.objects.get(slug=SLUG).delete()
    organization = Organization.objects.create(slug=SLUG, name="Bench")
    made = create_connection(organization, "flow_connect", name=NAME)
    token, _secret = Token.issue(made)
    Token.objects.filter(pk=token.pk).update(
        first_used_at=timezone.now(), last_used_at=timezone.now(), created_at=timezone.now()
    )
    _make_users(made, users)
    _make_groups(made, max(1, users // 1000))
    _make_events(made, token.key_id, users, events)
    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return made


def _sizes(made: Connection) -> tuple[int, int]:
    return (
        UserResource.objects.filter(connection=made).count(),
        Event.objects.filter(connection_key=made.pk).count(),
    )


def _make_users(made: Connection, count: int) -> None:
    states = ("active", "active", "pending", "inactive")
    now = timezone.now()
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        users = User.objects.bulk_create(
            User(
                organization=made.organization,
                username=f"user{number}@bench.example",
                email=f"user{number}@bench.example",
                display_name=f"User {number}",
                status=states[number % len(states)],
            )
            for number in numbers
        )
        UserResource.objects.bulk_create(
            UserResource(
                connection=made,
                user=user,
                user_name=user.username,
                user_name_key=name_key(user.username),
                external_id=str(uuid.uuid5(uuid.NAMESPACE_URL, user.username)),
                created_at=now,
                modified_at=now,
            )
            for user in users
        )


def _make_groups(made: Connection, count: int) -> None:
    now = timezone.now()
    groups = Group.objects.bulk_create(
        Group(organization=made.organization, name=f"Group {number}") for number in range(count)
    )
    GroupResource.objects.bulk_create(
        GroupResource(
            connection=made,
            group=group,
            display_name=group.name,
            name_key=name_key(group.name),
            created_at=now,
            modified_at=now,
        )
        for group in groups
    )


def _make_events(made: Connection, token: str, users: int, events: int) -> None:
    first = events // FIRST_CYCLE
    values: dict[str, Any] = {
        "connection": made.pk,
        "token": token,
        "users": users,
        "events": events,
        "first": first,
        "cycles": (events - first) // PER_CYCLE,
        "per_cycle": PER_CYCLE,
        "detail": "externalId must be the user's object ID (a GUID), but is 'x'. [external_id_not_guid]",
    }
    with database.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_resources AS SELECT id, user_name, external_id, "  # noqa: S608
            f"row_number() OVER (ORDER BY created_at, id) AS place FROM {UserResource._meta.db_table} "
            "WHERE connection_id = %s",
            [made.pk],
        )
        cursor.execute("CREATE INDEX ON bench_resources (place)")
        cursor.execute("ANALYZE bench_resources")
        cursor.execute(EVENTS.format(table=Event._meta.db_table), values)
        cursor.execute("DROP TABLE bench_resources")
