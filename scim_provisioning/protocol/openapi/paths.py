"""The endpoints: which verb of which path takes what, and how it is answered (RFC 7644 section 3)."""

from collections.abc import Iterable

from scim_provisioning.protocol.messages import MEDIA_TYPES
from scim_provisioning.protocol.openapi.face import Face, Json, Kind
from scim_provisioning.protocol.openapi.messages import reference
from scim_provisioning.protocol.openapi.parameters import OF_CONDITION, OF_ROOT, references
from scim_provisioning.protocol.openapi.responses import answer, error_references
from scim_provisioning.protocol.searches import LISTS, PARAMETERS

# What any request may be refused with, what a body adds to it, and what a write adds.
ANY = frozenset({400, 401, 429, 500, 503})
WITH_BODY = frozenset({413, 415})
# An announced length is looked at in a DELETE too.
WRITE = frozenset({403, 404, 409, 413})
ONE = frozenset({404, 412})
DISCOVERY = "Discovery"


class Paths:
    """The paths of one face."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.any = ANY | {403} if face.token_principal else ANY

    def all(self) -> dict[str, Json]:
        """Return every path."""
        paths: dict[str, Json] = {}
        for kind in self.face.kinds:
            paths[kind.endpoint] = {"get": self._list(kind), "post": self._create(kind)}
            paths[f"{kind.endpoint}/.search"] = {
                "post": self._search(f"search{kind.name}s", f"{kind.name}List", kind.endpoint[1:])
            }
            paths[f"{kind.endpoint}/{{id}}"] = self._one(kind)
        paths["/"] = {"get": self._find("find"), "post": self._search("search", "AnyList", "Search")}
        paths["/.search"] = {
            "get": self._find("findBySearch"),
            "post": self._search("searchBySearch", "AnyList", "Search"),
        }
        paths["/Bulk"] = {"post": self._bulk()}
        return {**paths, **self._discovery(), "/Me": self._me()}

    def _operation(
        self,
        name: str,
        summary: str,
        tag: str,
        answers: dict[int, Json],
        refused: Iterable[int] = (),
        *,
        takes: Iterable[str] = (),
        body: str = "",
    ) -> Json:
        """Return one verb of a path."""
        statuses = self.any | set(refused) | (WITH_BODY if body else set())
        made: Json = {"operationId": name, "summary": summary, "tags": [tag]}
        if listed := references(takes):
            made["parameters"] = listed
        if body:
            content = {media_type: {"schema": reference(body)} for media_type in sorted(MEDIA_TYPES)}
            made["requestBody"] = {"required": True, "content": content}
        made["responses"] = {
            **{str(status): one for status, one in answers.items()},
            **error_references(statuses),
        }
        return made

    def _list(self, kind: Kind) -> Json:
        found = answer("The page.", reference(f"{kind.name}List"))
        return self._operation(
            f"list{kind.name}s", f"Find {kind.name}s", kind.endpoint[1:], {200: found}, takes=PARAMETERS
        )

    def _search(self, name: str, schema: str, tag: str) -> Json:
        found = answer("The page.", reference(schema))
        return self._operation(name, "Find by a SearchRequest", tag, {200: found}, body="SearchRequest")

    def _find(self, name: str) -> Json:
        found = answer("The page.", reference("AnyList"))
        return self._operation(name, "Find resources of every type", "Search", {200: found}, takes=OF_ROOT)

    def _create(self, kind: Kind) -> Json:
        made = answer("The resource.", reference(kind.name), ("ETag", "Location"))
        verbs = ("get", "replace", "patch", "delete")
        made["links"] = {
            f"{verb}{kind.name}": {
                "operationId": f"{verb}{kind.name}",
                "parameters": {"id": "$response.body#/id"},
            }
            for verb in verbs
        }
        return self._operation(
            f"create{kind.name}",
            f"Create a {kind.name}",
            kind.endpoint[1:],
            {201: made},
            WRITE,
            takes=LISTS,
            body=f"{kind.name}Write",
        )

    def _one(self, kind: Kind) -> Json:
        """Return the verbs of one resource."""
        tag, name = kind.endpoint[1:], kind.name
        shown = answer("The resource.", reference(name), ("ETag", "Location"))
        gone = answer("It is deleted.")
        unchanged = answer("It has not changed.", None, ("ETag",))
        patched = shown if kind.patch_status == 200 else answer("It is changed.", None, ("ETag",))
        takes = (*LISTS, *OF_CONDITION)
        return {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
            ],
            "get": self._operation(
                f"get{name}", f"Read a {name}", tag, {200: shown, 304: unchanged}, ONE, takes=takes
            ),
            "put": self._operation(
                f"replace{name}",
                f"Replace a {name}",
                tag,
                {200: shown},
                WRITE | ONE,
                takes=takes,
                body=f"{name}Write",
            ),
            "patch": self._operation(
                f"patch{name}",
                f"Change a {name}",
                tag,
                {kind.patch_status: patched},
                WRITE | ONE,
                takes=takes,
                body="PatchOp",
            ),
            "delete": self._operation(
                f"delete{name}", f"Delete a {name}", tag, {204: gone}, WRITE | ONE, takes=OF_CONDITION
            ),
        }

    def _bulk(self) -> Json:
        done = answer("What came of each operation.", reference("BulkResponse"))
        return self._operation(
            "bulk", "Run many writes, each by itself", "Bulk", {200: done}, body="BulkRequest"
        )

    def _discovery(self) -> dict[str, Json]:
        """Return the endpoints on which the face describes itself; a filter is 403 there (RFC 7644 section 4)."""
        config = answer("The features and limits.", reference("ServiceProviderConfig"))
        paths: dict[str, Json] = {
            "/ServiceProviderConfig": {
                "get": self._operation(
                    "getServiceProviderConfig", "Read the features", DISCOVERY, {200: config}, {403}
                )
            }
        }
        for name, key in (("ResourceType", "name"), ("Schema", "urn")):
            listed, one = answer("All of them.", reference(f"{name}List")), answer("It.", reference(name))
            paths[f"/{name}s"] = {
                "get": self._operation(f"list{name}s", f"Read every {name}", DISCOVERY, {200: listed}, {403})
            }
            place = {
                "name": key,
                "in": "path",
                "required": True,
                "schema": {"type": "string", "minLength": 1},
            }
            read = self._operation(f"get{name}", f"Read a {name}", DISCOVERY, {200: one}, {403, 404})
            paths[f"/{name}s/{{{key}}}"] = {"parameters": [place], "get": read}
        return paths

    def _me(self) -> Json:
        """Return the endpoint that there is not (RFC 7644 section 3.11)."""
        return {
            verb: self._operation(f"{verb}Me", "Not implemented", "Me", {}, {501})
            for verb in ("get", "post", "put", "patch", "delete")
        }
