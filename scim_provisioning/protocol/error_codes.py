"""One row of the table of refusals."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row of the error table: what is answered, and what the reader can do about it (RFC 7644 section 3.12)."""

    code: str
    status: int
    scim_type: str | None
    sentence: str
    fix: str = ""
