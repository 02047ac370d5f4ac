"""What a test of the certification is: Microsoft's number and name, and the function that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto

from scim_provisioning.simulator.certification.bench import Bench

Steps = Callable[[Bench], str]
"""Runs a test and returns what was seen; raises `TestFailed` or `NotApplicable`."""


class Needs(Flag):
    """What a test can only be run with."""

    NOTHING = 0
    GROUPS = auto()
    """A server that has groups, and a mapping that provisions them."""
    MANAGER = auto()
    """A mapping that provisions managers."""
    ACTIVE = auto()
    """A mapping to `active`; without it nobody is ever disabled (B29)."""


@dataclass(frozen=True, slots=True)
class CertificationTest:
    """One of the 25 tests."""

    number: int
    name: str
    expected: str
    steps: Steps
    needs: Needs = Needs.NOTHING
    optional: bool = False


def certification_test(
    number: int, name: str, expected: str, *, needs: Needs = Needs.NOTHING, optional: bool = False
) -> Callable[[Steps], CertificationTest]:
    """Make a test of a function.

    :param optional: whether Microsoft counts a failure as a warning only.
    """

    def decorate(steps: Steps) -> CertificationTest:
        return CertificationTest(number, name, expected, steps, needs, optional)

    return decorate
