"""The rows of the table of refusals that say who may do what, and what there is (RFC 7644 section 3.12)."""

from scim_provisioning.protocol.error_codes import ErrorCode

ACCESS = (
    ErrorCode("unauthorized", 401, None, "The request has no valid bearer token for this tenant URL."),
    ErrorCode("forbidden", 403, None, "The token does not permit this request."),
    ErrorCode(
        "principal_lacks_role",
        403,
        None,
        "The person to whom the token was issued does not hold the role {value}.",
        "Give the role back, or have somebody who holds it generate a token, and enter that as the secret token.",
    ),
    ErrorCode(
        "last_admin",
        403,
        None,
        "{value} is the last active administrator of the organization and keeps its access.",
        "Make somebody else an administrator in the product first; the next attempt then goes through.",
    ),
    ErrorCode(
        "last_owner",
        403,
        None,
        "{value} is the last active owner of the organization and keeps its access.",
        "Make somebody else an owner in the product first; the next attempt then goes through.",
    ),
    ErrorCode(
        "deprovisioning_rejected",
        403,
        None,
        "{value} stays: an administrator of the organization has rejected this deprovisioning.",
        "Correct the scope of provisioning, or ask the administrator to approve it after all.",
    ),
    ErrorCode("not_found", 404, None, "The resource does not exist."),
    ErrorCode("no_endpoint", 404, None, "There is no such endpoint."),
    ErrorCode(
        "groups_off",
        404,
        None,
        "This connection does not provision groups.",
        "Disable the group mapping under Provisioning, Mappings.",
    ),
    ErrorCode(
        "not_managed",
        404,
        None,
        "The user exists but is not managed by SCIM yet.",
        "Map objectId to externalId, so that the user is linked first.",
    ),
    ErrorCode("method_not_allowed", 405, None, "The method {value} is not possible here."),
    ErrorCode("not_acceptable", 406, None, "Answers are application/scim+json only."),
)
