"""Whether some order of the requests explains every answer: linearizability, one object at a time.

A request takes effect at one moment between its sending and its answer; of one without an answer nobody knows whether
it did, at any time after its sending. The search is the one of Wing and Gong, with Lowe's memory of what was tried:
it takes the requests in any order that their times allow, and goes back where an answer does not fit the state. What
is true of a whole is shown object by object (Herlihy and Wing, 1990), which keeps the searches short.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

# What a step returns where the answer cannot be that of the request in this state.
IMPOSSIBLE = object()
NEVER = float("inf")
# Histories of a correct service need about one step for each request.
MOST_STEPS = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request and its answer.

    :param step: returns the state after it, or ``IMPOSSIBLE``.
    :param ended: when the answer came; ``NEVER`` without one.
    """

    text: str
    started: float
    ended: float
    step: Callable[[Any], Any]


@dataclass(slots=True)
class _Moment:
    """The sending or the answer of a call, in a list ordered by time."""

    number: int
    answer: "_Moment | None" = None
    before: "_Moment | None" = None
    after: "_Moment | None" = None


def unexplained(calls: Sequence[Call], state: Hashable) -> str:
    """Return why no order explains the answers, or nothing.

    :param state: what the object was before the first request.
    """
    head = _in_time(calls)
    left = sum(1 for call in calls if call.ended < NEVER)
    taken, tried = 0, set()
    path: list[tuple[_Moment, Any]] = []
    best: tuple[int, Any, list[str]] = (-1, state, [])
    moment = head.after
    for _step in range(MOST_STEPS):
        if not left:
            return ""
        assert moment is not None, "an answer is left, and it stands in the list"
        call = calls[moment.number]
        if moment.answer is not None or call.ended == NEVER:
            after = call.step(state)
            mark = taken | 1 << moment.number
            if after is not IMPOSSIBLE and (mark, after) not in tried:
                tried.add((mark, after))
                path.append((moment, state))
                state, taken = after, mark
                left -= call.ended < NEVER
                _lift(moment)
                moment = head.after
            else:
                moment = moment.after
            continue
        # An answer, and none of the calls that may come before it fits any more.
        if len(path) > best[0]:
            best = (len(path), state, [each.text for each in _pending(calls, head, moment)])
        if not path:
            _depth, at, open_calls = best
            return f"after {best[0]} of {len(calls)} requests the state is {at!r}; none fits: " + "; ".join(
                open_calls
            )
        moment, state = path.pop()
        taken &= ~(1 << moment.number)
        left += calls[moment.number].ended < NEVER
        _put_back(moment)
        moment = moment.after
    return f"undecided after {MOST_STEPS} steps"


def _in_time(calls: Sequence[Call]) -> _Moment:
    """Return the head of the list of sendings and answers; at one moment, sendings come first."""
    moments: list[tuple[float, int, _Moment]] = []
    for number, call in enumerate(calls):
        sent = _Moment(number)
        moments.append((call.started, 0, sent))
        if call.ended < NEVER:
            sent.answer = _Moment(number)
            moments.append((call.ended, 1, sent.answer))
    head = last = _Moment(-1)
    for _time, _kind, moment in sorted(moments, key=lambda each: each[:2]):
        last.after, moment.before = moment, last
        last = moment
    return head


def _lift(moment: _Moment) -> None:
    """Take a call out of the list, its sending and its answer."""
    for each in (moment, moment.answer):
        if each is not None:
            assert each.before is not None
            each.before.after = each.after
            if each.after is not None:
                each.after.before = each.before


def _put_back(moment: _Moment) -> None:
    """Undo :func:`_lift`; it has to be done in the opposite order."""
    for each in (moment.answer, moment):
        if each is not None:
            assert each.before is not None
            each.before.after = each
            if each.after is not None:
                each.after.before = each


def _pending(calls: Sequence[Call], head: _Moment, until: _Moment) -> list[Call]:
    found = []
    moment = head.after
    while moment is not None and moment is not until:
        found.append(calls[moment.number])
        moment = moment.after
    return found
