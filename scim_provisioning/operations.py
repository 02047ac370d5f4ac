"""Migration operations for the host's own migrations."""

from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation

from scim_provisioning.models.marks import MARK, ON

APP = "scim_provisioning"
LONGEST_NAME = 63
CONSTRAINT = "scim_protect_memberships"

CREATE = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $scim$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.{group} IS NOT DISTINCT FROM OLD.{group} AND NEW.{user} IS NOT DISTINCT FROM OLD.{user} THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        -- Asked when the transaction ends: a user or a group that goes takes its rows along.
        IF NOT EXISTS (SELECT 1 FROM {groups} WHERE {group_key} = OLD.{group})
            OR NOT EXISTS (SELECT 1 FROM {users} WHERE {user_key} = OLD.{user}) THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        IF EXISTS ({managed} AND resource.group_id = OLD.{group}) THEN
            {refuse}
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF EXISTS ({managed} AND resource.group_id = NEW.{group}) THEN
            {refuse}
        END IF;
    END IF;
    RETURN NEW;
END
$scim$;
CREATE TRIGGER scim_protect_rows BEFORE INSERT OR UPDATE ON {rows}
    FOR EACH ROW WHEN ({by_hand}) EXECUTE FUNCTION {function}();
CREATE CONSTRAINT TRIGGER scim_protect_removal AFTER DELETE ON {rows}
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ({by_hand}) EXECUTE FUNCTION {function}();
"""
DROP = """
DROP TRIGGER scim_protect_removal ON {rows};
DROP TRIGGER scim_protect_rows ON {rows};
DROP FUNCTION {function}();
"""
MANAGED = """SELECT 1 FROM {resources} resource
            JOIN {connections} connection ON connection.id = resource.connection_id
            WHERE resource.scim_managed AND connection.protect_groups"""
REFUSE = f"""RAISE EXCEPTION 'The members of a group that SCIM manages change through SCIM alone.'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{CONSTRAINT}';"""
BY_HAND = f"current_setting('{MARK}', true) IS DISTINCT FROM '{ON}'"


class ProtectMemberships(Operation):
    """Guard the members of SCIM-managed groups in PostgreSQL itself, against SQL by hand as well (A25, A26).

    On another database it does nothing: there the guard of Django's own paths is the only one.

    :param model_name: the model that declares the many-to-many field between users and groups.
    :param name: that field.
    """

    reversible = True

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name = model_name
        self.name = name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing about the models."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create the function and its triggers."""
        self._execute(CREATE, app_label, schema_editor, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop them."""
        self._execute(DROP, app_label, schema_editor, to_state)

    def describe(self) -> str:
        """Say what the operation is for."""
        return f"Protect the memberships of {self.model_name}.{self.name} that SCIM manages"

    @property
    def migration_name_fragment(self) -> str:
        """What a migration with this operation may be called."""
        return f"protect_{self.model_name.lower()}_{self.name.lower()}"

    def _execute(self, sql: str, app_label: str, schema_editor: Any, state: Any) -> None:
        model = state.apps.get_model(app_label, self.model_name)
        alias = schema_editor.connection.alias
        if schema_editor.connection.vendor != "postgresql" or not self.allow_migrate_model(alias, model):
            return
        names = _names(model._meta.get_field(self.name).remote_field.through, state)
        quoted = {key: schema_editor.quote_name(name) for key, name in names.items()}
        managed = MANAGED.format(**quoted)
        schema_editor.execute(sql.format(**quoted, managed=managed, refuse=REFUSE, by_hand=BY_HAND), None)


def _names(through: Any, state: Any) -> dict[str, str]:
    """Return the tables and columns of the relation, and those that say what SCIM manages.

    :raises LookupError: when the migration does not come after the first one of this app.
    """
    relations = {
        field.related_model._meta.label_lower: field
        for field in through._meta.concrete_fields
        if field.is_relation
    }
    group = relations[settings.SCIM_GROUP_MODEL.lower()]
    user = relations[settings.AUTH_USER_MODEL.lower()]
    rows = through._meta.db_table
    return {
        "function": f"scim_protect_{rows}"[:LONGEST_NAME],
        "rows": rows,
        "group": group.column,
        "groups": group.related_model._meta.db_table,
        "group_key": group.target_field.column,
        "user": user.column,
        "users": user.related_model._meta.db_table,
        "user_key": user.target_field.column,
        "resources": state.apps.get_model(APP, "GroupResource")._meta.db_table,
        "connections": state.apps.get_model(APP, "Connection")._meta.db_table,
    }
