"""Mappings of whichever host project the tests run on, with lines that are required and extensions of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from scim_provisioning.mapping import ENTERPRISE, Choice
from scim_provisioning.mapping.attributes import Column
from scim_provisioning.mapping.users import WORK_EMAIL
from tests.factories import USERS, column

HOST_USERS: Any = USERS
OWN = "urn:example:params:scim:schemas:extension:badge:2.0:User"


class Strict(HOST_USERS):
    """Users that must have a display name, a mail, a prefix and a department."""

    attributes = {
        "userName": column("userName"),
        WORK_EMAIL: Column(column(WORK_EMAIL), required=True),
        "displayName": Column(column("displayName"), required=True),
        "name.honorificPrefix": Choice(["Dr.", "Prof."], required=True),
        f"{ENTERPRISE}:department": Choice(["Sales"], required=True),
    }
    extensions: Mapping[str, Sequence[str]] = {}
    exclusive: Sequence[tuple[str, str]] = ()
    dependent: Sequence[tuple[str, str]] = ()


class Badges(HOST_USERS):
    """Users with an extension of which one attribute is mapped and one only declared."""

    attributes = {"userName": column("userName"), f"{OWN}:colour": Choice(["red", "green"])}
    extensions = {OWN: ["colour", "number"]}
    exclusive: Sequence[tuple[str, str]] = ()
    dependent: Sequence[tuple[str, str]] = ()
