"""Random users and groups with everything that filters and sorting meet, written through the API."""

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from scim_provisioning.models import GroupResource, UserResource
from tests.factories import GROUPS, IS_EXAMPLE, USERS
from tests.scim import ENTERPRISE, FLOWCASE, ScimClient

# Cases of one another, look-alikes that are none (T22), composed and decomposed, what LIKE and JSON treat apart.
TEXTS = [
    "Ada", "ADA", "ada lovelace", "Ada Lovelace", "a", "Z", "zoë", "ZOË", "Zoe\u0308", "Øyvind", "ØYVIND", "øyvind",
    "Åse", "\u212bse", "åse", "Straße", "STRASSE", "STRA\u1e9eE", "straße", "İstanbul", "istanbul", "Isparta",
    "ısparta",
    "ΟΔΟΣ", "οδος", "οδοσ", "Kim", "\u212aim", "kim", "\u2126", "ω", "Ω", "ϴ", "θ", "100%", "100", "%", "_", "a_b",
    "axb",
    "a\\b", "a\\\\b", 'say "hi"', "O'Brien", "o'brien", "日本", "😀 Smile", "😀", "null", "True", "true", "1", "01",
    "two  spaces", "{}", "[0]", "$.x", "--", ";", "Ǆ", "ǆ", "ǅ", "é", "e\u0301",
]  # fmt: skip
TYPES = ["work", "work", "work", "Work", "WORK", "home", "other", "mobile", "wörk"]
SINGLE = [
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
]
NAME_PARTS = ["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"]
MULTIPLE = [
    "emails",
    "phoneNumbers",
    "ims",
    "photos",
    "entitlements",
    "addresses",
    "x509Certificates",
    "roles",
]
ADDRESS_PARTS = ["formatted", "streetAddress", "locality", "region", "postalCode", "country"]
ENTERPRISE_PARTS = ["employeeNumber", "costCenter", "organization", "division", "department"]
DEPARTMENTS = ["Finance", "Data Science", "DataScience", "Unknown", "finance"]
ROLES = ["countrymanager", "consultant", "internationalmanager", "Viewer"]
CERTIFICATES = ["aGVsbG8=", "SEVMTE8=", "aGVsbG8h", "d29ybGQ="]
COUNTRIES = ["NO", "SE", "DK", "no"]


class People:
    """Makes users and groups at random, always the same for a seed."""

    def __init__(self, client: ScimClient, seed: int) -> None:
        self.client = client
        self.random = random.Random(seed)

    def text(self) -> str:
        """Return a text, now and then two of them, or with its case swapped."""
        found = self.random.choice(TEXTS)
        if self.random.random() < 0.15:
            found += self.random.choice(["", " ", "-"]) + self.random.choice(TEXTS)
        return found.swapcase() if self.random.random() < 0.1 else found

    def name(self, number: int) -> str:
        """Return a name."""
        return f"{self.text()}{number}".strip()

    def some(self, names: list[str], share: float = 0.4) -> dict[str, str]:
        """Return some of the names, each with a text."""
        return {name: self.text() for name in names if self.random.random() < share}

    def user_body(self, number: int) -> dict[str, Any]:
        """Return the body of a POST of a user."""
        chance = self.random.random
        body: dict[str, Any] = {"userName": self.name(number), **self.some(SINGLE)}
        if chance() < 0.6:
            body["externalId"] = self.random.choice(["x", "X", "a_b", "%", f"id-{number}", f"ID-{number}"])
        if chance() < 0.7:
            body["active"] = chance() < 0.6
        if name := self.some(NAME_PARTS):
            body["name"] = name
        for attribute in MULTIPLE:
            if entries := self.entries(attribute):
                body[attribute] = entries
        if extension := self.extension():
            body[ENTERPRISE] = extension
        if IS_EXAMPLE and chance() < 0.4:
            body[FLOWCASE] = {"countryCode": self.random.choice(COUNTRIES)}
        return body

    def extension(self) -> dict[str, Any]:
        """Return an enterprise extension, or nothing."""
        extension: dict[str, Any] = dict(self.some(ENTERPRISE_PARTS, 0.3))
        if "department" in extension:
            extension["department"] = self.random.choice(DEPARTMENTS)
        if self.random.random() < 0.3:
            extension["manager"] = {"value": self.random.choice(["m-1", "M-1", self.text()])}
        return extension

    def entry(self, attribute: str) -> dict[str, Any]:
        """Return an entry of a multi-valued attribute; any part of it may be missing."""
        chance = self.random.random
        entry: dict[str, Any] = {}
        if attribute == "addresses":
            entry.update(self.some(ADDRESS_PARTS, 0.3))
        elif attribute == "x509Certificates":
            entry["value"] = self.random.choice(CERTIFICATES)
        elif attribute == "roles":
            entry["value"] = self.random.choice(ROLES)
        elif chance() < 0.7:
            entry["value"] = self.text()
        if chance() < 0.3 and attribute != "addresses":
            entry["display"] = self.text()
        if chance() < 0.7:
            entry["type"] = self.random.choice(TYPES)
        if chance() < 0.3:
            entry["primary"] = chance() < 0.5
        return entry

    def entries(self, attribute: str) -> list[dict[str, Any]]:
        """Return entries of a multi-valued attribute, one of them primary at most."""
        found = [self.entry(attribute) for _ in range(self.random.choice([0, 0, 1, 1, 2, 3, 4]))]
        primary = [entry for entry in found if entry.get("primary")]
        for entry in primary[1:]:
            del entry["primary"]
        return [entry for entry in found if entry]

    def make_users(self, count: int) -> None:
        """Write users by POST, change some by PATCH, and some behind the back of SCIM as the Hub's admin does."""
        for number in range(count):
            answer = self.client.post("/Users", self.user_body(number))
            if answer.status == 409:
                continue
            assert answer.status == 201, answer.json
            if self.random.random() < 0.3:
                self.patch(answer.id, number)
            if self.random.random() < 0.3:
                self.change_in_hub(answer.id)
        self.spread_moments(UserResource)

    def patch(self, user: str, number: int) -> None:
        """Change a user by PATCH."""
        other = self.user_body(number)
        paths = [name for name in other if name not in ("userName", "active")]
        operations = [
            # An add could leave two primary entries.
            {"op": "replace", "path": path, "value": other[path]}
            for path in self.random.sample(paths, min(2, len(paths)))
        ]
        if self.random.random() < 0.3:
            operations.append({"op": "remove", "path": self.random.choice([*SINGLE, *MULTIPLE, "name"])})
        if operations:
            answer = self.client.patch(f"/Users/{user}", *operations)
            assert answer.status in (200, 204), answer.json

    def change_in_hub(self, user: str) -> None:
        """Set or clear columns of the host's row."""
        columns = [line.filter_lookup() for _target, line in USERS.lines()]
        plain = [name for name in columns if name and "__" not in name and name != USERS.column("userName")]
        changes = {
            name: self.random.choice(["", self.text()]) for name in plain if self.random.random() < 0.4
        }
        host = UserResource.objects.get(pk=user).user
        if changes:
            type(host)._base_manager.filter(pk=host.pk).update(**changes)

    def make_groups(self, count: int) -> None:
        """Write groups with members."""
        users = [str(pk) for pk in UserResource.objects.order_by("created_at").values_list("pk", flat=True)]
        for number in range(count):
            body: dict[str, Any] = {"displayName": self.name(number % 40)}
            if self.random.random() < 0.5:
                body["externalId"] = self.random.choice(["x", "X", f"id-{number}"])
            chosen = self.random.sample(users, self.random.choice([0, 0, 1, 2, 5]))
            if chosen:
                body["members"] = [{"value": user} for user in chosen]
            answer = self.client.post("/Groups", body)
            assert answer.status in (201, 409), answer.json
            if answer.status == 201 and self.random.random() < 0.2:
                host = GroupResource.objects.get(pk=answer.id).group
                column = str(GROUPS.attributes["displayName"])
                type(host)._base_manager.filter(pk=host.pk).update(**{column: self.text()})
        self.spread_moments(GroupResource)

    def spread_moments(self, model: Any) -> None:
        """Give resources moments that differ by less than a millisecond, and some that are equal."""
        start = timezone.now().replace(microsecond=123_000)
        for found in model.objects.order_by("pk"):
            micro = self.random.choice([0, 0, 400, 999, 1000, 1600, 2000, 500_000])
            at = start.replace(microsecond=123_000 + micro) - timedelta(
                seconds=self.random.choice([0, 0, 1, 60])
            )
            model.objects.filter(pk=found.pk).update(created_at=at, modified_at=at)
