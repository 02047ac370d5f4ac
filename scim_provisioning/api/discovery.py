"""ServiceProviderConfig, ResourceTypes and Schemas, true for the connection that asks (RFC 7644 section 4)."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from scim2_models import ResourceType

from scim_provisioning import conf
from scim_provisioning.api.base import ScimView, respond
from scim_provisioning.lifecycle.guards import mapped_attributes
from scim_provisioning.mapping.groups import has_groups
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.models import Connection
from scim_provisioning.protocol.discovery import (
    Offer,
    Place,
    published_schemas,
    schema_extensions,
    service_provider_config,
)
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.members import MEMBERS
from scim_provisioning.protocol.messages import list_response
from scim_provisioning.protocol.schemas import ENTERPRISE


class DiscoveryView(ScimView):
    """A read-only document, or a list of them of which one can be asked for."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, and forbid a filter: ignoring it would feign a match (RFC 7644 section 4)."""
        super().initial(request, *args, **kwargs)
        if "filter" in request.GET:
            raise ScimError("forbidden")

    def documents(self) -> list[dict[str, Any]]:
        """Return the documents of the endpoint."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return one document, or all."""
        documents = self.documents()
        wanted = kwargs.get("uuid")
        if wanted is None:
            return respond(list_response(documents, len(documents)))
        for document in documents:
            if str(document.get("id", document.get("name"))).lower() == wanted.lower():
                return respond(document)
        raise ScimError("not_found")

    def mappings(self) -> list[ResourceMapping]:
        """Return the resource types of the connection."""
        return mappings_of(self.connection)

    def schemas(self, mapping: ResourceMapping) -> list[dict[str, Any]]:
        """Return the schemas of one resource type, as the connection keeps it."""
        return published_schemas(mapping.scim_model(), offer_of(mapping))


class ServiceProviderConfigView(DiscoveryView):
    """/ServiceProviderConfig."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return what the service can do, with the limits that it enforces."""
        return respond(service_provider_config(self.limits, f"{self.base_url}/ServiceProviderConfig"))


class ResourceTypesView(DiscoveryView):
    """/ResourceTypes."""

    def documents(self) -> list[dict[str, Any]]:
        """Return the resource types that the connection has."""
        documents = []
        for mapping in self.mappings():
            document = ResourceType.from_resource(mapping.scim_model()).model_dump()
            document["endpoint"] = f"/{mapping.resource_type}s"
            document.pop("schemaExtensions", None)
            if extensions := schema_extensions(self.schemas(mapping)):
                document["schemaExtensions"] = extensions
            document["meta"] = {
                "resourceType": "ResourceType",
                "location": f"{self.base_url}/ResourceTypes/{mapping.resource_type}",
            }
            documents.append(document)
        return documents


class SchemasView(DiscoveryView):
    """/Schemas."""

    def documents(self) -> list[dict[str, Any]]:
        """Return the schemas of what is really kept."""
        documents = []
        for mapping in self.mappings():
            documents += self.schemas(mapping)
        for document in documents:
            document["meta"] = {
                "resourceType": "Schema",
                "location": f"{self.base_url}/Schemas/{document['id']}",
            }
        return documents


def mappings_of(connection: Connection) -> list[ResourceMapping]:
    """Return the Hub's mapping of each resource type that a connection has, bound to it."""
    names = ["USER_MAPPING", "GROUP_MAPPING"] if has_groups(connection) else ["USER_MAPPING"]
    return [conf.imported(name)(connection) for name in names]


def offer_of(mapping: ResourceMapping) -> Offer:
    """Return what a connection has of a resource type, as its policy and the Hub's mapping say."""
    policy = mapping.connection
    kept: set[Place] | None = None
    if policy.unmapped_attributes != Connection.Unmapped.KEEP:
        kept = mapped_attributes(mapping) | {("", MEMBERS)}
    required = set()
    for target, line in mapping.lines():
        if line.required:
            urn = target.urn or ""
            required.add((urn, target.attribute, ""))
            # Of several values, not each one must have what one of them must.
            if target.sub_attribute and not target.multi_valued:
                required.add((urn, target.attribute, target.sub_attribute))
    return Offer(
        kept=kept,
        hidden=frozenset() if policy.managers else frozenset({(ENTERPRISE, "manager")}),
        required=required,
        unique=frozenset({("", mapping.name_attribute)}),
    )


class NotImplementedView(ScimView):
    """An endpoint of the RFC that this service does not have: /Me."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, then say so, whatever is asked of it."""
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:
            raise ScimError("not_implemented", value=self.kwargs["endpoint"])

    @property
    def allowed_methods(self) -> list[str]:
        """Every verb of SCIM: what is missing is the endpoint (RFC 7644 section 3.11)."""
        return [name.upper() for name in self.http_method_names]


class UnknownView(ScimView):
    """Anything else below a tenant URL."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, then say that there is nothing."""
        super().initial(request, *args, **kwargs)
        raise ScimError("no_endpoint")
