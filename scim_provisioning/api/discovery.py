"""ServiceProviderConfig, ResourceTypes and Schemas, true for the connection that asks (RFC 7644 section 4)."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from scim2_models import ResourceType

from scim_provisioning.api.base import ScimView, respond
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.protocol.discovery import published_schemas, service_provider_config
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import list_response


class DiscoveryView(ScimView):
    """A read-only document, or a list of them of which one can be asked for."""

    def documents(self) -> list[dict[str, Any]]:
        """Return the documents of the endpoint."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return one document, or all."""
        if "filter" in request.GET:
            # RFC 7644 section 4: a filter on these endpoints is forbidden, not ignored.
            raise ScimError("forbidden")
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
        return [self.user_mapping, self.group_mapping] if self.groups_on else [self.user_mapping]


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
            documents += published_schemas(mapping.scim_model(), managers=self.connection.managers)
        for document in documents:
            document["meta"] = {
                "resourceType": "Schema",
                "location": f"{self.base_url}/Schemas/{document['id']}",
            }
        return documents


class NotImplementedView(ScimView):
    """An endpoint of the RFC that this service does not have: /Me and /Bulk."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, then say so."""
        super().initial(request, *args, **kwargs)
        raise ScimError("not_implemented", value=self.kwargs["endpoint"])


class UnknownView(ScimView):
    """Anything else below a tenant URL."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, then say that there is nothing."""
        super().initial(request, *args, **kwargs)
        raise ScimError("no_endpoint")
