"""Made-up directories of any size, the same for the same seed."""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from scim_provisioning.simulator.clock import Clock
from scim_provisioning.simulator.directory import Directory
from scim_provisioning.simulator.objects import AppRole, DirectoryUser

GIVEN = ("Ada", "Åse", "Björn", "Chloé", "Dmitri", "Élodie", "Fatima", "Gülşen", "Håkon", "Ines",
         "José", "Kübra", "Łukasz", "Mei", "Nikos", "Øyvind", "Petra", "Quỳnh", "Renée", "Søren",
         "Tōru", "Ülle", "Vlad", "Wei", "Ximena", "Yusuf", "Zoë", "Дарья", "李", "נועה")  # fmt: skip
FAMILY = ("Andersen", "Bjørnstad", "Çelik", "D'Angelo", "Eriksson", "Fernández", "Großmann", "Haugland",
          "Ibáñez", "Jørgensen", "Kovač", "Lindström", "Müller", "Nguyễn", "O'Brien", "Pétursdóttir",
          "Quintero", "Ruiz-Álvarez", "Şahin", "Tremblay", "Uzun", "van der Berg", "Wójcik", "Yılmaz",
          "Żak", "Иванова", "王", "כהן")  # fmt: skip
TITLES = ("Engineer", "Senior Engineer", "Consultant", "Project Manager", "Designer", "Analyst")
TEAMS = ("Bridge", "Tunnel", "Rail", "Harbour", "Energy", "Water", "Facade", "Survey", "Digital", "Climate")
PLACES = (("NO", "Oslo", "nb-NO"), ("NO", "Bergen", "nb-NO"), ("SE", "Göteborg", "sv-SE"),
          ("DK", "København", "da-DK"), ("DE", "Köln", "de-DE"), ("GB", "London", "en-GB"))  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """What a generated directory shall hold; the lists may be set to a product's own values."""

    users: int = 50
    groups: int = 5
    seed: int = 1
    domain: str = "contoso.example"
    departments: Sequence[str] = ("Engineering", "Sales", "Finance", "People & Culture")
    places: Sequence[tuple[str, str, str]] = PLACES
    roles: Sequence[str] = ("consultant", "countrymanager", "external")
    guest_share: float = 0.04
    sparse_share: float = 0.1
    """How many users have only the names filled: full and empty ones fail differently (section 6, 26)."""
    assign_users: bool = True
    """Assign some users directly, each with a role; everybody else comes through a group."""
    nested: bool = True
    rng: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the numbers and seed the random source."""
        if self.users < 0 or self.groups < 0:
            raise ValueError("a directory cannot hold a negative number of objects")
        object.__setattr__(self, "rng", random.Random(self.seed))


def generate_directory(recipe: Recipe | None = None, clock: Clock | None = None) -> Directory:
    """Make up a directory: employees, guests, managers, groups, one nested group, app roles, assignments."""
    recipe = recipe or Recipe()
    directory = Directory(clock)
    for value in recipe.roles:
        name = value.replace("_", " ").capitalize()
        directory.app_roles[value] = AppRole(value, name, _guid(recipe.rng))
    people = [_person(directory, recipe, number) for number in range(recipe.users)]
    for number, user in enumerate(people):
        # A tree of managers: everybody but the first reports to somebody hired earlier.
        if number and recipe.rng.random() < 0.8:
            user.manager = people[recipe.rng.randrange(min(number, max(1, recipe.users // 8)))].object_id
    _fill_groups(directory, recipe, people)
    return directory


def _guid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum()).lower()


def _person(directory: Directory, recipe: Recipe, number: int) -> DirectoryUser:
    rng = recipe.rng
    given, surname = rng.choice(GIVEN), rng.choice(FAMILY)
    # The number keeps names unique whatever the letters fold to; capitals show who forgot ToLower().
    alias = ".".join(part for part in (_ascii(given), _ascii(surname), str(number)) if part)
    alias = alias.capitalize() if rng.random() < 0.3 else alias
    name = f"{alias}@{recipe.domain}"
    mail = name
    if rng.random() < recipe.guest_share:
        mail = f"{alias.lower()}@partner.example"
        name = f"{mail.replace('@', '_')}#EXT#@{recipe.domain}"
    user = directory.add_user(
        name,
        object_id=_guid(rng),
        mail=mail,
        given_name=given,
        surname=surname,
        display_name=f"{given} {surname}",
        user_type="Guest" if "#EXT#" in name else "Member",
    )
    if rng.random() >= recipe.sparse_share:
        _fill_profile(user, recipe, number)
    return user


def _fill_profile(user: DirectoryUser, recipe: Recipe, number: int) -> None:
    rng = recipe.rng
    country, city, language = rng.choice(recipe.places)
    user.job_title = rng.choice(TITLES)
    user.department = rng.choice(recipe.departments)
    user.employee_id = f"{10_000 + number}"
    user.country, user.city, user.preferred_language = country, city, language
    user.locale = language
    user.street_address = f"{rng.choice(FAMILY)} street {number % 90 + 1}"
    user.postal_code = f"{rng.randrange(10_000):04}"
    user.physical_delivery_office_name = f"{city} {number % 7}"
    user.telephone_number = f"+47 {rng.randrange(10**8):08}"
    user.mobile = f"+47 9{rng.randrange(10**7):07}" if rng.random() < 0.5 else None


def _fill_groups(directory: Directory, recipe: Recipe, people: list[DirectoryUser]) -> None:
    rng = recipe.rng
    for number in range(recipe.groups):
        name = f"{TEAMS[number % len(TEAMS)]} team"
        if number >= len(TEAMS):
            name += f" {number // len(TEAMS) + 1}"
        size = min(len(people), max(1, 2 * recipe.users // max(1, recipe.groups)))
        members = rng.sample(people, rng.randint(max(1, size // 2), size)) if people else []
        group = directory.add_group(name, members, object_id=_guid(rng))
        directory.assign(group)
    if recipe.nested and recipe.groups > 1 and people:
        outer = next(iter(directory.groups.values()))
        directory.add_member(outer, directory.add_group("Nested team", people[-1:], object_id=_guid(rng)))
    if recipe.assign_users and people:
        for user in rng.sample(people, max(1, len(people) // 3)):
            directory.assign(user, rng.choice(recipe.roles) if recipe.roles else None)
