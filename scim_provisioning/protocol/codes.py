"""The table of refusals: status, scimType, stable code, what it says and what mends it (RFC 7644 section 3.12).

A code never changes once it is released. In sentence and fix, ``{field}`` is the SCIM path of the attribute at
fault and ``{value}`` what was sent there.
"""

from collections.abc import Mapping

from scim_provisioning.protocol.codes_of_access import ACCESS
from scim_provisioning.protocol.error_codes import ErrorCode

_ROWS = (
    # Syntax and limits
    ErrorCode("empty_body", 400, "invalidSyntax", "The body of the request is empty."),
    ErrorCode("malformed_json", 400, "invalidSyntax", "The body is not valid JSON: {reason}."),
    ErrorCode("not_utf8", 400, "invalidSyntax", "The body is not UTF-8 text."),
    ErrorCode("not_an_object", 400, "invalidSyntax", "{field} must be a JSON object."),
    ErrorCode("duplicate_key", 400, "invalidSyntax", "The key {value} occurs twice in one JSON object."),
    ErrorCode("too_deep", 400, "invalidSyntax", "The JSON is nested deeper than {limit} levels."),
    ErrorCode("bad_number", 400, "invalidSyntax", "{value} is not a number this service accepts."),
    ErrorCode(
        "bad_character", 400, "invalidValue", "{field} holds a character that cannot be stored ({value})."
    ),
    ErrorCode("bad_schema", 400, "invalidSyntax", "The body's schemas must name {value}."),
    ErrorCode("missing_operations", 400, "invalidSyntax", "A PATCH needs a list named Operations."),
    ErrorCode(
        "bad_operation", 400, "invalidSyntax", "{value} is not a PATCH operation; use add, remove or replace."
    ),
    ErrorCode(
        "too_many_operations", 400, "tooMany", "A PATCH may hold {limit} operations; this one has {value}."
    ),
    ErrorCode(
        "too_many_members", 400, "tooMany", "An operation may name {limit} members; this one has {value}."
    ),
    ErrorCode(
        "too_many_bulk_operations", 413, None, "A bulk request may hold {limit} operations, not {value}."
    ),
    ErrorCode("bad_host", 400, None, "The request names a host that this service does not answer to."),
    ErrorCode("body_too_large", 413, None, "The body is larger than {limit} bytes."),
    ErrorCode(
        "media_type",
        415,
        None,
        "The content type {value} is not supported.",
        "Send application/scim+json or application/json.",
    ),
    # Filters, paging, projection
    ErrorCode("bad_filter", 400, "invalidFilter", "The filter cannot be read: {reason}."),
    ErrorCode(
        "unknown_filter_attribute",
        400,
        "invalidFilter",
        "{field} is not an attribute that can be filtered on.",
        "Use a matching attribute that this service lists under /Schemas.",
    ),
    ErrorCode("filter_too_long", 400, "invalidFilter", "A filter may have {limit} characters."),
    ErrorCode("filter_too_complex", 400, "invalidFilter", "A filter may have {limit}."),
    ErrorCode("bad_paging", 400, "invalidValue", "{field} must be a whole number, not {value}."),
    ErrorCode(
        "bad_cursor",
        400,
        "invalidCursor",
        "The cursor is not one of this list.",
        "Begin again with an empty cursor, and keep filter and order as they are.",
    ),
    ErrorCode(
        "cursor_expired", 400, "expiredCursor", "The cursor is too old; begin again with an empty cursor."
    ),
    ErrorCode("bad_projection", 400, "invalidValue", "attributes and excludedAttributes cannot be combined."),
    # Paths and values
    ErrorCode("bad_path", 400, "invalidPath", "The path {value} cannot be read."),
    ErrorCode(
        "unknown_path",
        400,
        "invalidPath",
        "{value} is not an attribute of this resource.",
        "Remove the attribute from the attribute mapping, or correct its name.",
    ),
    ErrorCode("no_target", 400, "noTarget", "No value matches the path {value}."),
    ErrorCode("remove_without_path", 400, "noTarget", "A remove operation needs a path."),
    ErrorCode("read_only", 400, "mutability", "{field} cannot be changed."),
    ErrorCode("required_removed", 400, "mutability", "{field} is required and cannot be removed."),
    ErrorCode("bad_value", 400, "invalidValue", "The value {value} does not fit {field}: {reason}."),
    ErrorCode(
        "missing_attribute",
        400,
        "invalidValue",
        "{field} is required and was not sent.",
        "Add it to the attribute mapping, and fill the source attribute of the user.",
    ),
    ErrorCode(
        "unmapped_attribute",
        400,
        "invalidValue",
        "{field} is not kept by this service.",
        "Remove it from the attribute mapping.",
    ),
    ErrorCode(
        "value_too_long", 400, "invalidValue", "{field} may have {limit} characters; {value} is longer."
    ),
    # Rules of a connection
    ErrorCode(
        "not_lower_case",
        400,
        "invalidValue",
        "{field} must be lower-case, but {value} is not.",
        "In Entra's attribute mapping use the expression ToLower([{source}], ) for this attribute.",
    ),
    ErrorCode(
        "external_id_not_guid",
        400,
        "invalidValue",
        "externalId must be the user's object ID (a GUID), but is {value}.",
        "In Entra's attribute mapping set the source attribute of externalId to objectId.",
    ),
    ErrorCode(
        "unknown_reference",
        400,
        "invalidValue",
        "{field} {value} does not exist{near}. It is never created through SCIM.",
        "Create it in the product first, or correct the value of the user in the directory.",
    ),
    ErrorCode(
        "ambiguous_reference",
        400,
        "invalidValue",
        "{field} {value} exists more than once.",
        "Map an attribute that tells them apart: {narrowed_by}.",
    ),
    ErrorCode(
        "reference_elsewhere",
        400,
        "invalidValue",
        "{field} {value} does not exist with {narrowing}{choices}. It is never created through SCIM.",
        "Correct one of the two values of the user in the directory, or create it in the product first.",
    ),
    ErrorCode(
        "dependent_attribute",
        400,
        "invalidValue",
        "{field} says nothing without {value}, which the user does not have.",
        "Fill the source attribute of {value} in the directory, or remove {field} from the attribute mapping.",
    ),
    ErrorCode(
        "exclusive_attributes",
        400,
        "invalidValue",
        "{field} and {value} exclude each other; only one of them may be set.",
        "Remove one of the two from the attribute mapping.",
    ),
    ErrorCode(
        "unknown_choice",
        400,
        "invalidValue",
        "{value} is not a permitted value of {field}{near}.",
        "Correct the value in the directory or the expression in the attribute mapping.",
    ),
    ErrorCode(
        "unknown_role",
        400,
        "invalidValue",
        "The role {value} does not exist{near}. Role values are case-sensitive.",
        "Correct the Value of the app role under App registrations, App roles.",
    ),
    ErrorCode(
        "ambiguous_role",
        400,
        "invalidValue",
        "The role {value} fits more than one entry.",
        "Use the form of the role value that names exactly one.",
    ),
    ErrorCode(
        "role_not_allowed",
        400,
        "invalidValue",
        "The role {value} may not be given through this connection.",
        "Ask the product's administrator to allow it for the connection, or withdraw the assignment in the directory.",
    ),
    ErrorCode(
        "adopted_identifier",
        400,
        "mutability",
        "{field} of an account that existed before provisioning can only change to a verified domain of the "
        "organization, and {value} is not in one.",
        "Ask the organization's administrator to verify the domain, or correct the attribute mapping.",
    ),
    ErrorCode("bad_bulk_operation", 400, "invalidSyntax", "A bulk operation cannot be read: {reason}."),
    ErrorCode(
        "unresolved_bulk_id",
        409,
        None,
        "{value} names no resource that another operation of the request created.",
    ),
    ErrorCode(
        "unknown_member",
        400,
        "invalidValue",
        "The member {value} is not a user that this connection manages.",
        "Provision the user before adding it to the group.",
    ),
    *ACCESS,
    # Conflicts
    ErrorCode("user_name_taken", 409, "uniqueness", "A user with the userName {value} exists already."),
    ErrorCode(
        "external_id_taken",
        409,
        "uniqueness",
        "Another resource of this connection has the externalId {value}.",
        "Check that externalId is mapped from objectId.",
    ),
    ErrorCode(
        "email_taken",
        409,
        "uniqueness",
        "The e-mail address {value} belongs to another user that SCIM manages.",
        "Make the mail attribute unique in the directory.",
    ),
    ErrorCode(
        "group_name_taken", 409, "uniqueness", "A group named {value} exists already.", "Rename the group."
    ),
    ErrorCode(
        "group_name_reserved", 409, "uniqueness", "The group name {value} is reserved.", "Rename the group."
    ),
    ErrorCode(
        "ambiguous_match",
        409,
        "uniqueness",
        "More than one existing user matches {value}; none is chosen.",
        "Correct the existing users so that one remains.",
    ),
    ErrorCode("value_taken", 409, "uniqueness", "{field} must be unique and its value is taken."),
    ErrorCode(
        "version_mismatch",
        412,
        None,
        "The version of the resource is not one that the request allows; read it again.",
    ),
    # Ours
    ErrorCode("too_many_requests", 429, None, "Too many requests; try again later."),
    ErrorCode("internal", 500, None, "The request failed by a fault of this service. Its id is {value}."),
    ErrorCode("not_implemented", 501, None, "{value} is not implemented."),
    ErrorCode(
        "deprovisioning_held",
        503,
        None,
        "{value} is left as it is for now: more would be deprovisioned at once than the organization allows.",
        "Ask the organization's administrator to approve or reject what is held; nothing is lost meanwhile.",
    ),
    ErrorCode("paused", 503, None, "Provisioning of this connection is paused; try again later."),
    ErrorCode(
        "database_unavailable", 503, None, "The service cannot be reached for the moment; try again later."
    ),
)

CODES: Mapping[str, ErrorCode] = {row.code: row for row in _ROWS}

__all__ = ["CODES", "ErrorCode"]
