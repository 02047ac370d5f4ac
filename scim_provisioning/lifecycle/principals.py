"""The principal of a token: the person it was issued to, who has to hold a role for it to work (B3)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from scim_provisioning import conf
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection, Token


def principals_of(connection: Connection) -> QuerySet[Any]:
    """Return who may stand behind a token of a connection, whether or not its policy asks for anybody."""
    mapping: type[UserMapping] = conf.imported("USER_MAPPING")
    return mapping.principals(connection.organization)


def role_of_principals() -> str:
    """Return what a principal has to hold, in the Hub's words."""
    mapping: type[UserMapping] = conf.imported("USER_MAPPING")
    return mapping.principal_role


def may_be_principal(connection: Connection, user: Any) -> bool:
    """Return whether a token that is issued to *user* would work."""
    return not connection.token_principal or principals_of(connection).filter(pk=user.pk).exists()


def without_principal(connection: Connection, tokens: Iterable[Token]) -> set[int]:
    """Return the keys of those tokens that are refused because their principal does not hold the role."""
    issued = {token.pk: token.created_by_id for token in tokens if token.has_principal}
    if not connection.token_principal or not issued:
        return set()
    wanted = {user for user in issued.values() if user is not None}
    holding = set(principals_of(connection).filter(pk__in=wanted).values_list("pk", flat=True))
    return {token for token, user in issued.items() if user not in holding}
