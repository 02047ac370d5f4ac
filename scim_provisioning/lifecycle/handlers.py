"""Who is told of a change: the handlers of effects, the Hub's own and the built-in ones.

Each handler that wants a kind of change is owed one effect of its own for it, so that one that fails holds up no
other.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps

from scim_provisioning import signals

NAME_LENGTH = 128
Function = TypeVar("Function", bound=Callable[..., object])


class EffectFailed(Exception):
    """Raised by a handler to be tried again later; its text is kept, unlike that of any other exception."""


def always(kind: str) -> bool:
    """Return True: the handler wants each change of its kinds."""
    return True


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that is called for changes of some kinds, until it has ended without an exception.

    :param is_wanted: asked when a change is written; where it returns False, nothing is owed.
    :param atomic: run inside a transaction that holds the resource and ends with the effect's own mark.
    :param slow: waits for another machine: run by a worker or a command, never in the process of a request.
    """

    name: str
    kinds: frozenset[str]
    function: Callable[..., object]
    is_wanted: Callable[[str], bool] = always
    atomic: bool = False
    slow: bool = False


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    """Make a handler known; one of the same name and function takes the place of the first.

    :raises ValueError: for a kind that does not exist, or a name that another function has.
    """
    for kind in sorted(handler.kinds - signals.BY_KIND.keys()):
        near = difflib.get_close_matches(kind, signals.BY_KIND, n=1)
        raise ValueError(f"{kind} is no kind of effect{f'; did you mean {near[0]}?' if near else ''}")
    if not handler.kinds:
        raise ValueError(f"{handler.name} names no kind of effect")
    if len(handler.name) > NAME_LENGTH:
        raise ValueError(f"{handler.name} is longer than {NAME_LENGTH} characters; give it a name")
    known = _handlers.get(handler.name)
    if known is not None and _origin(known.function) != _origin(handler.function):
        raise ValueError(f"another function is registered as {handler.name}")
    _handlers[handler.name] = handler


def unregister(name: str) -> None:
    """Forget a handler; what it is still owed fails until one of that name is back."""
    _handlers.pop(name, None)


def named(name: str) -> Handler | None:
    """Return the handler of a name, or None where this process has none."""
    return _handlers.get(name)


def wanting(kind: str) -> list[Handler]:
    """Return the handlers that want a change of this kind."""
    return [each for each in _handlers.values() if kind in each.kinds and each.is_wanted(kind)]


def slow() -> list[str]:
    """Return the names of the handlers that no request may wait for."""
    return [each.name for each in _handlers.values() if each.slow]


def effect(*kinds: str, name: str = "", atomic: bool = False) -> Callable[[Function], Function]:
    """Register a function as the handler of some kinds of changes.

    It is called with ``kind``, ``connection_id``, ``resource_id``, ``resource_version``, ``host_id``, ``payload``
    and ``effect_id`` by name, after the commit, at least once.

    :param name: what the effects in the table call it; the function's dotted path without it.
    :param atomic: run it inside a transaction that holds the resource and ends with the effect's own mark: then
        what it writes to the database is written once, and in the order of the changes.
    """

    def decorate(function: Function) -> Function:
        called: Any = function
        path = f"{called.__module__}.{called.__qualname__}"
        register(Handler(name or path, frozenset(kinds), function, atomic=atomic))
        return function

    return decorate


def send_signal(*, kind: str, **told: Any) -> None:
    """Tell the host's receivers of the signal of this kind.

    :raises EffectFailed: naming the receivers that failed, and by what; never the text of an exception.
    """
    signal = signals.BY_KIND.get(kind)
    if signal is None:
        raise EffectFailed("unknown kind of effect")
    try:
        # Not imported: a Hub may register a handler before the models are there.
        results = signal.send_robust(sender=apps.get_model("scim_provisioning", "Effect"), **told)
    except AttributeError:
        # Django logs a failure by the receiver's name, which a partial or an instance does not have.
        raise EffectFailed("a receiver without a name") from None
    failures = [
        f"{receiver.__qualname__}: {type(result).__name__}"
        for receiver, result in results
        if isinstance(result, Exception)
    ]
    if failures:
        raise EffectFailed("; ".join(failures))


def _is_listened_to(kind: str) -> bool:
    return signals.BY_KIND[kind].has_listeners()


def _origin(function: Any) -> tuple[str, str]:
    return getattr(function, "__module__", ""), getattr(function, "__qualname__", repr(function))


SIGNALS = Handler("signals", frozenset(signals.BY_KIND), send_signal, _is_listened_to)
register(SIGNALS)
