"""The migrations fit the models on whichever host project, and can be undone."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

APP = "scim_provisioning"


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith(f"{APP}_")}


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    out = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)
    assert "No changes detected" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_migrations_can_be_undone_and_done_again() -> None:
    before = tables()
    assert len(before) >= 6
    call_command("migrate", APP, "zero", verbosity=0)
    try:
        assert tables() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert tables() == before
