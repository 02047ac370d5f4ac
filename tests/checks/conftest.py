"""The checks of whichever host project the tests run on, and hosts that break one thing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.checks import run_checks

from scim_provisioning.checks import TAG
from tests.checks import hosts
from tests.factories import IS_EXAMPLE

collect_ignore = (
    [] if IS_EXAMPLE else ["test_mapping_checks.py", "test_line_checks.py", "test_other_models.py"]
)

SetMapping = Callable[[Any], None]


def found(*, deploy: bool = False) -> list[str]:
    """Return the sorted ids of what the checks say, without the app's name."""
    messages = run_checks(tags=[TAG], include_deployment_checks=deploy)
    for message in messages:
        assert message.hint, f"{message.id} has no fix"
        assert not re.search(r"\{\w*\}", f"{message.msg} {message.hint}"), message
    return sorted(str(message.id).removeprefix(f"{TAG}.") for message in messages)


@pytest.fixture
def set_user_mapping(settings: Any, monkeypatch: pytest.MonkeyPatch) -> SetMapping:
    """Return a function that makes a class the host's mapping of users."""

    def set_mapping(mapping: Any) -> None:
        monkeypatch.setattr(hosts, "Users", mapping, raising=False)
        settings.SCIM_PROVISIONING = {
            **settings.SCIM_PROVISIONING,
            "USER_MAPPING": "tests.checks.hosts.Users",
        }

    return set_mapping


@pytest.fixture
def set_group_mapping(settings: Any, monkeypatch: pytest.MonkeyPatch) -> SetMapping:
    """Return a function that makes a class the host's mapping of groups."""

    def set_mapping(mapping: Any) -> None:
        monkeypatch.setattr(hosts, "Groups", mapping, raising=False)
        settings.SCIM_PROVISIONING = {
            **settings.SCIM_PROVISIONING,
            "GROUP_MAPPING": "tests.checks.hosts.Groups",
        }

    return set_mapping
