"""Values, bodies, filters and paths that a hostile or broken client might send."""

import json
import random
from typing import Any

from scim_provisioning.protocol.messages import PATCH_SCHEMA
from scim_provisioning.protocol.schemas import ENTERPRISE

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
FLOWCASE = "urn:ietf:params:scim:schemas:extension:flowcase:2.0:User"

TEXTS = ["", " ", "ada", "Ada@Contoso.Example", "x" * 300, "x" * 5000, "\u0000", "\ud800", "\u202eada", "\u200b", "ſ",
         "İ", "ﷺ" * 20, "'; DROP TABLE hub_user; --", "%", "_", "\\", '"', "<script>", "=cmd", "true", "False", "null",
         "../../etc/passwd", "{{7*7}}", "${jndi:x}", "\r\nX: y", "ø" * 100, "😀",
         "2026-11-27T00:00:00Z", "-1", "1e999"]  # fmt: skip
SCALARS: list[Any] = [None, True, False, 0, -1, 7, 2**63, 2**64, -(2**63), 1.5, 1e308, *TEXTS]
ATTRIBUTES = ["userName", "externalId", "active", "displayName", "name", "name.givenName", "name.familyName", "emails",
              'emails[type eq "work"]', 'emails[type eq "work"].value', "phoneNumbers", "addresses", "roles", "title",
              'roles[primary eq "True"].value', "members", 'members[value eq "x"]', "groups", "id", "meta", "schemas",
              "password", "is_superuser", "nickName", "manager", f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager",
              f"{FLOWCASE}:countryCode", ENTERPRISE, "urn:x:y", "nowhere", "", ".", "[", "a[b", "a.b.c", "$ref",
              "emails.$ref", "emails[", 'x[y eq "z"].w', "USERNAME", "meta.version", "organization",
              "x509Certificates", "photos"]  # fmt: skip
OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "EQ", "xx", "and", ""]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO"]
LARGEST_NESTING = 60


class Values:
    """Random values, all from one seed."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def one_of(self, *options: Any) -> Any:
        """Return one of the options."""
        return self.chance.choice(options)

    def any(self, depth: int = 0) -> Any:
        """Return any JSON value."""
        kind = self.chance.random()
        if kind < 0.6 or depth > 3:
            return self.chance.choice(SCALARS)
        if kind < 0.7:
            return self.nested(self.chance.randint(1, LARGEST_NESTING))
        if kind < 0.85:
            return [self.any(depth + 1) for _item in range(self.chance.randint(0, 4))]
        return {self.key(): self.any(depth + 1) for _item in range(self.chance.randint(0, 4))}

    def nested(self, levels: int) -> Any:
        """Return lists and objects in each other."""
        value: Any = "x"
        for _level in range(levels):
            value = [value] if self.chance.random() < 0.5 else {"value": value}
        return value

    def key(self) -> str:
        """Return the name of an attribute, or what is none."""
        return str(self.chance.choice([*ATTRIBUTES, *TEXTS]))

    def user(self) -> dict[str, Any]:
        """Return a user that would do, as a rule."""
        name = f"user{self.chance.randrange(500)}@contoso.example"
        return {
            "schemas": [USER],
            "userName": name,
            "externalId": f"{self.chance.getrandbits(32):08x}-0000-4000-8000-{self.chance.randrange(500):012d}",
            "active": self.one_of(True, False, "True", "False"),
            "displayName": self.one_of("Ada", "Åse", "x"),
            "name": {"givenName": "A", "familyName": "B"},
            "emails": [{"type": "work", "primary": True, "value": name}],
            ENTERPRISE: {"department": "Engineering", "manager": self.one_of("x", {"value": "x"}, "")},
        }

    def group(self, members: list[str]) -> dict[str, Any]:
        """Return a group that would do, as a rule."""
        return {
            "schemas": [GROUP],
            "displayName": f"Team {self.chance.randrange(200)}",
            "members": [{"value": member} for member in members],
        }

    def operation(self, ids: list[str]) -> Any:
        """Return an operation of a PATCH."""
        made: dict[str, Any] = {
            "op": self.one_of("add", "Add", "replace", "Replace", "remove", "Remove", "move", "", None, 7),
            "path": self.chance.choice([*ATTRIBUTES, None, 7, ["userName"]]),
            "value": self.any()
            if self.chance.random() < 0.6
            else [{"value": self.chance.choice([*ids, "x"])}],
        }
        for name in list(made):
            if self.chance.random() < 0.15:
                del made[name]
        return made if self.chance.random() < 0.95 else self.any()

    def patch(self, ids: list[str]) -> dict[str, Any]:
        """Return the body of a PATCH."""
        operations = [self.operation(ids) for _operation in range(self.chance.randint(0, 5))]
        return {
            "schemas": [PATCH_SCHEMA],
            "Operations": operations if self.chance.random() < 0.97 else self.any(),
        }

    def bulk(self, ids: list[str]) -> dict[str, Any]:
        """Return the body of a bulk request."""
        operations = []
        for number in range(self.chance.randint(0, 5)):
            kind = self.one_of("Users", "Groups", "Nowhere", "")
            method = self.one_of("POST", "PUT", "PATCH", "DELETE", "GET", "", None)
            path = f"/{kind}" + ("" if method == "POST" else f"/{self.chance.choice([*ids, 'x'])}")
            data = self.one_of(self.user(), self.group([f"bulkId:{number}"]), self.patch(ids), self.any())
            operations.append({"method": method, "path": path, "bulkId": str(number), "data": data})
        return {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "failOnErrors": self.one_of(1, 0, -1, "x", None),
            "Operations": operations,
        }

    def spoiled(self, body: Any) -> Any:
        """Change one place of a body."""
        if not isinstance(body, dict) or not body or self.chance.random() < 0.05:
            return self.any()
        name = self.chance.choice(list(body))
        what = self.chance.random()
        if what < 0.25:
            del body[name]
        elif what < 0.6:
            body[name] = self.any()
        elif what < 0.8:
            body[self.key()] = self.any()
        else:
            body[name] = self.spoiled(body[name])
        return body

    def document(self, body: Any) -> bytes:
        """Return JSON, or nearly so."""
        text = json.dumps(body, ensure_ascii=self.chance.random() < 0.5)
        content = text.encode("utf-8", "surrogatepass")
        if self.chance.random() < 0.12:
            content = self.scrambled(content)
        return content

    def scrambled(self, content: bytes) -> bytes:
        """Change bytes."""
        changed = bytearray(content or b"x")
        for _change in range(self.chance.randint(1, 6)):
            place = self.chance.randrange(len(changed))
            what = self.chance.random()
            if what < 0.4:
                changed[place] = self.chance.randrange(256)
            elif what < 0.6:
                del changed[place:]
                changed += b"x"
            elif what < 0.8:
                changed[place:place] = self.one_of(
                    b"{" * 50, b"\xff\xfe", b"NaN", b',"a":1', b"\x00", b'"', b"1e999"
                )
            else:
                changed += changed[place : place + 50]
        return bytes(changed)

    def filter(self, depth: int = 0) -> str:
        """Return a filter, or nearly so."""
        kind = self.chance.random()
        if kind < 0.55 or depth > 4:
            text = self.chance.choice(TEXTS).replace("\\", "\\\\").replace('"', '\\"')
            value = self.one_of(f'"{text}"', "true", "null", "7", "x", '"', "-1", "1e999", "")
            return f"{self.chance.choice(ATTRIBUTES)} {self.chance.choice(OPERATORS)} {value}"
        if kind < 0.75:
            return f"{self.filter(depth + 1)} {self.one_of('and', 'or')} {self.filter(depth + 1)}"
        if kind < 0.85:
            return f"{self.one_of('not ', '')}({self.filter(depth + 1)})"
        if kind < 0.95:
            return f"{self.chance.choice(ATTRIBUTES)}[{self.filter(depth + 1)}]"
        return str(self.one_of("(" * 40, " or ".join(["title pr"] * 60), "x" * 5000, *TEXTS))
