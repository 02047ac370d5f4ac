"""Every refusal this service provider can give, each with a stable code.

An IdP shows ``detail`` verbatim to the customer (Entra's provisioning log does), so a detail names the
attribute, the value and the setting that mends it. The code never changes once released.
"""

from typing import Any

from scim_provisioning.protocol.codes import CODES

ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
SHOWN_CHARACTERS = 120


def shown(value: Any) -> str:
    """Return *value* as it may stand in a detail: quoted, printable, at most 120 characters."""
    text = value if isinstance(value, str) else repr(value)
    printable = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
    if len(printable) > SHOWN_CHARACTERS:
        printable = printable[:SHOWN_CHARACTERS] + "…"
    return f"'{printable}'"


class ScimError(Exception):
    """A refusal on its way to the client (RFC 7644 section 3.12).

    :param code: a key of ``CODES``.
    :param field: the SCIM path of the attribute at fault.
    :param value: what was sent there.
    :param retry_after: seconds for the ``Retry-After`` header.
    :param context: what else the sentence of the code names.
    """

    def __init__(
        self,
        code: str,
        *,
        field: str | None = None,
        value: Any = None,
        retry_after: int | None = None,
        **context: Any,
    ) -> None:
        self.row = CODES[code]
        self.field = field
        self.value = value
        self.retry_after = retry_after
        names = {"field": field or "The value", "value": shown(value), **context}
        self.sentence = self.row.sentence.format_map(names)
        self.fix = self.row.fix.format_map(names)
        super().__init__(self.detail)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.row.status

    @property
    def scim_type(self) -> str | None:
        """The ``scimType`` keyword, for the statuses that have one."""
        return self.row.scim_type

    @property
    def code(self) -> str:
        """The stable code."""
        return self.row.code

    @property
    def detail(self) -> str:
        """Sentence, fix and code, as the client shows them."""
        return " ".join(part for part in (self.sentence, self.fix, f"[{self.code}]") if part)

    def body(self) -> dict[str, Any]:
        """Return the SCIM Error message; ``status`` is a string equal to the HTTP status."""
        message: dict[str, Any] = {
            "schemas": [ERROR_SCHEMA],
            "status": str(self.status),
            "detail": self.detail,
        }
        if self.scim_type:
            message["scimType"] = self.scim_type
        return message
