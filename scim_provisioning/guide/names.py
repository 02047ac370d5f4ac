"""Names that must exist in the Hub, ready to copy: departments and whatever else a mapping refers to (B13, B14)."""

from collections import Counter
from dataclasses import dataclass

from scim_provisioning.guide.setups import Setup

MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Names:
    """The names that one attribute may have."""

    path: str
    # Name, and how often it exists.
    names: list[tuple[str, int]]
    narrowed_by: tuple[str, ...]
    is_cut: bool

    @property
    def has_doubles(self) -> bool:
        """Whether a name alone does not say which one is meant."""
        return any(count > 1 for _name, count in self.names)


def referable_names(setup: Setup) -> list[Names]:
    """Return the names for each line of the mapping that refers to something: one query each."""
    found = []
    for target, line in setup.references:
        rows = line.candidates(setup.mapping).order_by(line.by).values_list(line.by, flat=True)
        names = [str(name) for name in rows[: MOST_NAMES + 1]]
        counted = Counter(names[:MOST_NAMES])
        found.append(
            Names(target.path, sorted(counted.items()), tuple(line.narrowed_by), len(names) > MOST_NAMES)
        )
    return found
