"""The Hub's database, made ready by the commands that need it."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate_where_needed() -> None:
    """Apply the migrations that are missing, so that a fresh clone needs one command."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
