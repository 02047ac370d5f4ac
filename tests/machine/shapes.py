"""Requests as clients write them, good and bad, drawn from a small world so that they meet."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.machine.patching import ENTERPRISE_SIMPLE, NAME_PARTS, SIMPLE
from tests.scim import ENTERPRISE, USER

Strategy = st.SearchStrategy[Any]

GUIDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(4)]
NAMES = ["ada@x.example", "ADA@x.example", "grace@x.example", "zoë", "ZOË", "o'neil %_", "x" * 200]
TEAMS = ["Team A", "team a", "Équipe", "équipe", 'The "best"', "R&D: 1_%"]
WORDS = ["a", "B", "Å", "x y", "O'Neil", 'say "x"', "100%", "ß", "\N{GRINNING FACE}", "null", "True"]
MAILS = ["a@x.example", "A@X.example", "b@x.example"]
TYPES = {
    "emails": ["work", "home", "other"],
    "phoneNumbers": ["work", "mobile"],
    "addresses": ["work", "home"],
}
PARTS = {"emails": "value", "phoneNumbers": "value", "addresses": "locality"}

words = st.sampled_from(WORDS)
empties = st.sampled_from([None, ""])
texts = st.one_of(words, words, words, empties)
# What is no text, where one is expected.
misfits: Strategy = st.sampled_from([7, True, ["x"], {"a": "b"}])
actives: Strategy = st.sampled_from([True, False, "True", "False", "true", "FALSE"])
external_ids = st.sampled_from([*GUIDS, *GUIDS, "7", "not-a-guid"])
mails = st.sampled_from(MAILS)


def entry(attribute: str, kind: str) -> Strategy:
    """Return an entry of a multi-valued attribute."""
    part = PARTS[attribute]
    values = mails if attribute == "emails" else texts
    return values.map(lambda value: {"type": kind, part: value})


def entries(attribute: str) -> Strategy:
    """Return entries of different types, the first of them primary at times."""
    kinds = st.lists(st.sampled_from(TYPES[attribute]), max_size=3)
    listed = kinds.flatmap(lambda chosen: st.tuples(*(entry(attribute, kind) for kind in chosen)).map(list))
    return st.tuples(listed, st.booleans()).map(
        lambda drawn: [
            {**one, "primary": True} if drawn[1] and not n else one for n, one in enumerate(drawn[0])
        ]
    )


managers: Strategy = st.one_of(words, words.map(lambda text: {"value": text}))
extension = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(ENTERPRISE_SIMPLE, texts), "manager": st.one_of(managers, empties)}
)
optional: dict[str, Strategy] = {
    "externalId": external_ids,
    "active": actives,
    "displayName": texts,
    "title": texts,
    "nickName": texts,
    "name": st.fixed_dictionaries({}, optional=dict.fromkeys(NAME_PARTS, texts)),
    **{attribute: entries(attribute) for attribute in PARTS},
    ENTERPRISE: extension,
    "favouriteColour": words,
    "id": words,
    "meta": st.just({"resourceType": "User"}),
    "addresses": st.one_of(entries("addresses"), st.none()),
}
good_users = st.fixed_dictionaries(
    {"schemas": st.just([USER]), "userName": st.sampled_from(NAMES), "externalId": st.sampled_from(GUIDS)},
    optional={name: value for name, value in optional.items() if name != "externalId"},
)
any_users = st.fixed_dictionaries(
    {},
    optional={
        **optional,
        "userName": st.sampled_from([*NAMES, "", None, " padded "]),
        "title": st.one_of(texts, misfits),
        "active": st.one_of(actives, st.sampled_from(["perhaps", 7])),
        "emails": st.one_of(entries("emails"), st.sampled_from(["x", [7], {"value": "x"}])),
    },
)
users = st.one_of(good_users, good_users, any_users)

adding = st.sampled_from(["add", "replace", "Add", "Replace", "REPLACE"])


def operation(path: str | None, value: Strategy, ops: Strategy = adding) -> Strategy:
    """Return an operation at a path, or without one."""
    place = {} if path is None else {"path": st.just(path)}
    return st.fixed_dictionaries({"op": ops, **place, "value": value})


def removal(path: str) -> Strategy:
    """Return an operation that takes away what is at a path."""
    return st.sampled_from(["remove", "Remove"]).map(lambda op: {"op": op, "path": path})


TEXT_PATHS = [
    *(name for name in SIMPLE if name != "externalId"),
    *(f"name.{part}" for part in NAME_PARTS),
    *(f"{ENTERPRISE}:{name}" for name in ENTERPRISE_SIMPLE),
]
FILTERED_PATHS = [
    f'{attribute}[type eq "{kind}"].{PARTS[attribute]}'
    for attribute, kinds in TYPES.items()
    for kind in kinds
]
ODD_PATHS = [f"{USER}:title", "DISPLAYNAME", "Name.GivenName", f"{ENTERPRISE.upper()}:Department"]

text_operations = st.sampled_from([*TEXT_PATHS, *ODD_PATHS]).flatmap(
    lambda path: st.one_of(operation(path, texts), operation(path, texts), removal(path))
)
entry_operations = st.sampled_from(FILTERED_PATHS).flatmap(
    lambda path: st.one_of(
        operation(path, mails if path.startswith("emails") else texts),
        operation(path, empties),
        removal(path.partition("]")[0] + "]"),
    )
)
list_operations = st.sampled_from(list(PARTS)).flatmap(
    lambda attribute: st.one_of(
        operation(attribute, entries(attribute), st.sampled_from(["replace", "Replace"])),
        operation(
            attribute,
            st.lists(
                st.sampled_from(TYPES[attribute]).flatmap(lambda kind: entry(attribute, kind)), max_size=2
            ),
            st.just("add"),
        ),
        removal(attribute),
    )
)
own_operations = st.one_of(
    operation("userName", st.sampled_from(NAMES)),
    st.sampled_from(["active", "Active", f"{USER}:active"]).flatmap(lambda path: operation(path, actives)),
    operation("active", empties),
    operation("externalId", external_ids),
    operation(f"{ENTERPRISE}:manager", st.one_of(managers, empties)),
    removal("externalId"),
    removal("active"),
    removal(f"{ENTERPRISE}:manager"),
)
pathless = operation(
    None,
    st.dictionaries(
        st.sampled_from([*TEXT_PATHS, "active", "userName", f"{ENTERPRISE}:manager", "id", "meta"]),
        words,
        max_size=4,
    ).map(lambda value: {**value, **({"active": "False"} if "active" in value else {})}),
    st.sampled_from(["add", "replace", "Replace"]),
)
bad_operations: Strategy = st.one_of(
    operation("title", misfits),
    operation("active", st.sampled_from(["perhaps", 7])),
    operation("userName", empties),
    operation("userName", st.just(" padded ")),
    operation(None, st.sampled_from(["x", 7, None, ["a"], {"nowhere": "x"}, {"a b": "x"}])),
    st.sampled_from(
        ["nowhere", "a b", "emails[", "emails[type eq", "id", "meta.version", "members", "urn:x:y", "."]
    ).flatmap(lambda path: operation(path, words)),
    st.sampled_from(
        [
            {"op": "mend", "path": "title", "value": "x"},
            {"path": "title", "value": "x"},
            {"op": 7, "path": "title"},
            {"op": "add", "path": "title"},
            {"op": "replace"},
            {"op": "remove"},
            {"op": "remove", "path": "userName"},
        ]
    ),
)
good_operations = st.one_of(
    text_operations, text_operations, entry_operations, list_operations, own_operations, pathless
)
patches = st.one_of(
    st.lists(good_operations, max_size=4),
    st.lists(good_operations, min_size=1, max_size=2),
    st.tuples(good_operations, bad_operations).map(list),
    bad_operations.map(lambda one: [one]),
)

group_names = st.sampled_from(TEAMS)


def member_values(ids: list[str]) -> Strategy:
    """Return values of ``members``: objects, bare texts, one alone; unknown ones among them at times."""
    known = st.sampled_from(ids) if ids else st.nothing()
    one = st.one_of(known, known, known, st.sampled_from([GUIDS[0], "nobody"])) if ids else st.just(GUIDS[0])
    objects = one.map(lambda value: {"value": value})
    shown = one.map(lambda value: {"$ref": None, "value": value, "display": "x", "type": "User"})
    return st.one_of(
        st.lists(st.one_of(objects, shown), max_size=4),
        st.lists(known.map(lambda value: {"value": value}), max_size=3) if ids else st.just([]),
        st.lists(one, min_size=1, max_size=2),
        objects,
    )


def groups(ids: list[str]) -> Strategy:
    """Return bodies of groups."""
    good = st.fixed_dictionaries(
        {"displayName": group_names, "externalId": st.sampled_from(GUIDS)},
        optional={"members": member_values(ids)},
    )
    bad = st.fixed_dictionaries(
        {}, optional={"displayName": st.sampled_from([*TEAMS, "", None, " x", 7]), "externalId": external_ids}
    )
    return st.one_of(good, good, bad)


def group_patches(ids: list[str]) -> Strategy:
    """Return operations on a group."""
    members = member_values(ids)
    selected = st.sampled_from([*ids, GUIDS[0]]).map(
        lambda one: {"op": "remove", "path": f'members[value eq "{one}"]'}
    )
    good = st.one_of(
        operation("members", members),
        operation("members", members, st.sampled_from(["remove", "Remove"])),
        selected,
        operation("displayName", group_names),
        operation(
            None, st.fixed_dictionaries({"displayName": group_names}, optional={"externalId": external_ids})
        ),
        operation(None, st.fixed_dictionaries({"members": members}), st.just("add")),
        removal("members"),
        removal("externalId"),
    )
    bad: Strategy = st.one_of(
        operation("members", st.sampled_from([7, [7], [{"display": "x"}], [None]])),
        operation("displayName", empties),
        removal("displayName"),
        operation("nowhere", words),
        operation(None, misfits.filter(lambda value: not isinstance(value, dict))),
    )
    return st.one_of(
        st.lists(good, max_size=3), st.lists(good, min_size=1, max_size=3), st.tuples(good, bad).map(list)
    )


def quoted(text: str) -> str:
    """Return a text as a filter writes it."""
    return json.dumps(text, ensure_ascii=False)
