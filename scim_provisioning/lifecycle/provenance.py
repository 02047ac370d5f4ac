"""Who writes at this moment, and whether it is meant, for receivers that treat the Hub's own writes otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_by_scim: ContextVar[bool] = ContextVar("scim_provisioning_by_scim", default=False)
_rehearsal: ContextVar[bool] = ContextVar("scim_provisioning_rehearsal", default=False)


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


@contextmanager
def rehearsing() -> Iterator[None]:
    """Mark what happens inside as a self-test: it is rolled back, and nothing may be told of it."""
    token = _rehearsal.set(True)
    try:
        yield
    finally:
        _rehearsal.reset(token)


def is_rehearsal() -> bool:
    """Return whether a self-test is what happens, whose every write is rolled back.

    A host whose ``post_save`` receivers act outside of the database asks this before they do.
    """
    return _rehearsal.get()
