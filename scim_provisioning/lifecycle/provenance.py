"""Whether SCIM is the one that writes at this moment, for receivers that treat the Hub's own writes otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_by_scim: ContextVar[bool] = ContextVar("scim_provisioning_by_scim", default=False)


@contextmanager
def by_scim() -> Iterator[None]:
    """Mark what happens inside as SCIM's doing."""
    token = _by_scim.set(True)
    try:
        yield
    finally:
        _by_scim.reset(token)


def is_by_scim() -> bool:
    """Return whether SCIM is writing."""
    return _by_scim.get()
