"""What wakes whoever runs effects: two methods, so that another queue takes a few lines."""

from abc import ABC, abstractmethod

from scim_provisioning.lifecycle import effects

INLINE_SECONDS = 1.0


class Dispatcher(ABC):
    """Sees to it that effects are run soon after the commit that owes them.

    It carries no effect itself: these are in the table, and a wake-up that is lost costs time and nothing else.
    """

    @abstractmethod
    def is_available(self) -> bool:
        """Return whether the Hub has what this needs; otherwise effects run in process."""

    @abstractmethod
    def wake(self) -> None:
        """Have :func:`scim_provisioning.lifecycle.effects.run_due` called elsewhere, and do not wait for it."""


class Inline(Dispatcher):
    """Runs what is due in the process of the request, after its commit, for so long at most.

    What waits for another machine, as a mail does, is left to ``scim_effects run``.
    """

    def is_available(self) -> bool:
        """Return True: it needs nothing."""
        return True

    def wake(self) -> None:
        """Run what is due."""
        effects.run_due(INLINE_SECONDS, in_request=True)
