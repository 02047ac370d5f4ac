"""A group of SCIM with a member, and one of the Hub's own."""

from typing import Any

import pytest

from scim_provisioning import protection
from tests.factories import make_group
from tests.guards.paths import Scene
from tests.lifecycle.rows import host_group, host_user
from tests.scim import ScimClient


@pytest.fixture
def scene(contoso: ScimClient) -> Scene:
    """Return what every path starts from: SCIM manages the group and both people."""
    ada, grace = contoso.create_user("ada"), contoso.create_user("grace")
    person = host_user(grace)
    return Scene(
        group=host_group(contoso.create_group("Team A", ada.id)),
        member=host_user(ada),
        person=person,
        own=make_group(contoso.organization, "Own", person),
    )


@pytest.fixture
def no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the question that every path must ask."""

    def ask_nothing(groups: Any) -> None:
        pass

    monkeypatch.setattr(protection, "check_change", ask_nothing)
