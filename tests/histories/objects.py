"""What requests do to the objects that a history is about: a user, the members of a group, a name."""

from collections.abc import Callable
from typing import Any

from tests.histories.checker import IMPOSSIBLE

Step = Callable[[Any], Any]


def shown(value: Any) -> Step:
    """An answer that shows what is there; None is a 404."""
    return lambda state: state if state == value else IMPOSSIBLE


def changed(change: Step, after: Any = IMPOSSIBLE) -> Step:
    """A change of something that exists.

    :param after: what the answer shows; without it nothing is known but that it was done.
    """

    def step(state: Any) -> Any:
        if state is None:
            return IMPOSSIBLE
        new = change(state)
        return new if after is IMPOSSIBLE or new == after else IMPOSSIBLE

    return step


def perhaps(change: Step) -> Step:
    """A request that nothing is known of: something that is gone stays gone."""
    return lambda state: None if state is None else change(state)


def assigned(place: int, value: Any) -> Step:
    """One attribute of a user gets a value, and the others keep theirs."""
    return lambda state: (*state[:place], value, *state[place + 1 :])


def added(members: frozenset[str]) -> Step:
    """Members come."""
    return lambda state: state | members


def removed(members: frozenset[str]) -> Step:
    """Members go."""
    return lambda state: state - members


def replaced(members: frozenset[str]) -> Step:
    """Members are these."""
    return lambda state: members


# Whoever a creation without an answer gave a name to, if it gave it to anybody.
SOMEBODY = "somebody"


def taken_by(resource: str) -> Step:
    """A name that was free is now this resource's: 201."""
    return lambda holder: resource if holder is None else IMPOSSIBLE


def perhaps_taken(holder: Any) -> Any:
    """A creation that nothing is known of: a name that was free is somebody's."""
    return SOMEBODY if holder is None else holder


def taken(holder: Any) -> Any:
    """A name is somebody's: 409."""
    return IMPOSSIBLE if holder is None else holder


def held_by(resource: str | None) -> Step:
    """A name is this resource's, or nobody's; now it is known who somebody was."""

    def step(holder: Any) -> Any:
        if holder == SOMEBODY and resource is not None:
            return resource
        return holder if holder == resource else IMPOSSIBLE

    return step


def freed_by(resource: str) -> Step:
    """A name is free again, for its resource was deleted: 204."""
    return lambda holder: None if holder in (resource, SOMEBODY) else IMPOSSIBLE


def perhaps_freed_by(resource: str) -> Step:
    """A deletion that nothing is known of."""
    return lambda holder: None if holder == resource else holder


def not_of(resource: str) -> Step:
    """A name is not this resource's any more: 404."""
    return lambda holder: holder if holder != resource else IMPOSSIBLE
