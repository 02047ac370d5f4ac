"""Take away what SCIM has given: licences, roles of other systems – whatever the Hub's mapping says (T14)."""

from typing import Any

from scim_provisioning import conf
from scim_provisioning.lifecycle.handlers import Handler, register
from scim_provisioning.lifecycle.overtaking import ENDS_ACCESS
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection


def drop_grants(*, connection_id: Any, host_id: str, **told: Any) -> None:
    """Call the mapping's ``drop_grants`` with the user, where there still is one."""
    connection = Connection.objects.select_related("organization").get(pk=connection_id)
    mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
    user = mapping.model._default_manager.filter(pk=host_id).first()
    if user is not None:
        mapping.drop_grants(user)


def _has_hook(kind: str) -> bool:
    mapping: type[UserMapping] | None = conf.imported("USER_MAPPING")
    return mapping is not None and mapping.drop_grants is not UserMapping.drop_grants


register(Handler("grants", ENDS_ACCESS, drop_grants, _has_hook, atomic=True))
