"""The checker of histories finds what a service must not do, and lets pass what it may."""

import random
from collections.abc import Hashable

import pytest

from tests.histories.checker import NEVER, Call, unexplained
from tests.histories.objects import (
    Step,
    added,
    assigned,
    changed,
    freed_by,
    held_by,
    not_of,
    perhaps,
    perhaps_freed_by,
    perhaps_taken,
    removed,
    replaced,
    shown,
    taken,
    taken_by,
)

NOBODY = frozenset[str]()
A, B = frozenset({"a"}), frozenset({"b"})
ADA = (True, "Ada")


def call(started: float, ended: float, step: Step) -> Call:
    return Call(f"{started} to {ended}", started, ended, step)


EXPLAINED: dict[str, tuple[Hashable, list[Call]]] = {
    "one after the other": (NOBODY, [call(0, 1, changed(added(A), A)), call(2, 3, shown(A))]),
    "a read that began before the write ended": (
        NOBODY,
        [call(0, 3, changed(added(A))), call(1, 2, shown(NOBODY))],
    ),
    "a read of what is not answered yet": (NOBODY, [call(0, 3, changed(added(A))), call(1, 2, shown(A))]),
    "two at once, in the order that was not sent": (
        NOBODY,
        [call(0, 5, changed(added(A), A | B)), call(1, 4, changed(added(B), B))],
    ),
    "without an answer, and done": (NOBODY, [call(0, NEVER, perhaps(added(A))), call(5, 6, shown(A))]),
    "without an answer, and not done": (
        NOBODY,
        [call(0, NEVER, perhaps(added(A))), call(5, 6, shown(NOBODY))],
    ),
    "without an answer, and done late": (
        NOBODY,
        [call(0, NEVER, perhaps(added(A))), call(1, 2, shown(NOBODY)), call(5, 6, shown(A))],
    ),
    "two attributes, neither is lost": (
        ADA,
        [
            call(0, 2, changed(assigned(0, False), (False, "Ada"))),
            call(1, 3, changed(assigned(1, "Eva"), (False, "Eva"))),
        ],
    ),
    "a name that is taken, given up and taken again": (
        None,
        [
            call(0, 1, taken_by("1")),
            call(0, 2, taken),
            call(3, 4, freed_by("1")),
            call(3.5, 5, taken_by("2")),
            call(6, 7, not_of("1")),
            call(6, 7, held_by("2")),
        ],
    ),
    "a name that an answer would have told whose it is": (
        None,
        [
            call(0, NEVER, perhaps_taken),
            call(1, 2, taken),
            call(3, 4, held_by("1")),
            call(5, 6, held_by("1")),
        ],
    ),
    "a name that was perhaps given up": (
        None,
        [call(0, 1, taken_by("1")), call(2, NEVER, perhaps_freed_by("1")), call(3, 4, taken_by("2"))],
    ),
}
UNEXPLAINED: dict[str, tuple[Hashable, list[Call]]] = {
    "an acknowledged write is lost": (NOBODY, [call(0, 1, changed(added(A))), call(2, 3, shown(NOBODY))]),
    "a read-modify-write of the whole loses another's": (
        NOBODY,
        [call(0, 3, changed(added(A), A)), call(1, 2, changed(added(B), B)), call(4, 5, shown(A))],
    ),
    "a read goes back in time": (
        NOBODY,
        [call(0, 9, changed(added(A))), call(1, 2, shown(A)), call(3, 4, shown(NOBODY))],
    ),
    "a value that nobody wrote": (NOBODY, [call(0, 1, changed(added(A))), call(2, 3, shown(B))]),
    "half of a replacement": (
        A,
        [call(0, 3, changed(replaced(B))), call(1, 2, shown(A | B))],
    ),
    "removed members come back": (
        A,
        [call(0, 1, changed(removed(A), NOBODY)), call(2, 3, changed(added(B), A | B))],
    ),
    "a deactivation is lost to a rename": (
        ADA,
        [
            call(0, 2, changed(assigned(0, False), (False, "Ada"))),
            call(1, 3, changed(assigned(1, "Eva"), (True, "Eva"))),
            call(4, 5, shown((True, "Eva"))),
        ],
    ),
    "a name is given twice": (None, [call(0, 2, taken_by("1")), call(1, 3, taken_by("2"))]),
    "a name is one's and then another's": (
        None,
        [call(0, NEVER, perhaps_taken), call(1, 2, held_by("1")), call(3, 4, held_by("2"))],
    ),
    "a free name is refused": (None, [call(0, 1, taken)]),
    "what was deleted answers": (ADA, [call(0, 1, changed(lambda _state: None)), call(2, 3, shown(ADA))]),
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_some_order_explains_is_let_pass(name: str) -> None:
    state, calls = EXPLAINED[name]
    assert unexplained(calls, state) == ""


@pytest.mark.parametrize("name", UNEXPLAINED)
def test_F4_what_no_order_explains_is_found(name: str) -> None:
    state, calls = UNEXPLAINED[name]
    assert "none fits" in unexplained(calls, state)


def history(chance: random.Random, writers: int, rounds: int) -> list[Call]:
    """Return what a correct service would have answered, each at some moment within its request."""
    times = [
        (moment := chance.uniform(0, rounds), writer) for writer in range(writers) for _ in range(rounds)
    ]
    state, calls = NOBODY, []
    for moment, writer in sorted(times):
        members = frozenset(str(chance.randrange(20)) for _ in range(3))
        change = chance.choice([added, removed, replaced])(members)
        state = frozenset(change(state))
        before, after = (chance.uniform(0, 0.5) for _ in range(2))
        calls.append(Call(f"writer {writer}", moment - before, moment + after, changed(change, state)))
    return calls


def test_histories_of_sixteen_writers_are_explained_and_one_wrong_answer_in_them_is_not() -> None:
    for seed in range(20):
        chance = random.Random(seed)
        calls = history(chance, writers=16, rounds=8)
        assert unexplained(calls, NOBODY) == "", seed
        position = chance.randrange(len(calls))
        wrong = calls[position]
        calls[position] = Call("wrong", wrong.started, wrong.ended, shown(frozenset({"nobody's"})))
        assert unexplained(calls, NOBODY) != "", seed
