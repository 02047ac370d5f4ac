"""The people and groups of a certification: names nobody else has, values that the server accepts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from scim_provisioning.simulator.directory import Directory
from scim_provisioning.simulator.mapping import COUNTRY_CODE, COUNTRY_NAME, MappingTable
from scim_provisioning.simulator.objects import DirectoryUser

DOMAIN = "contoso.example"


@dataclass(frozen=True, slots=True)
class Place:
    """A department and its country, as the server knows them."""

    department: str | None = None
    country: str | None = None


FREE_PLACES = (Place("Engineering", "NO"), Place("Sales", "SE"))
"""For servers that keep departments and countries as they are sent."""


@dataclass(frozen=True, slots=True)
class Specimens:
    """What the people may be like on this server; the places are those it knows."""

    domain: str = DOMAIN
    places: tuple[Place, ...] = ()

    @classmethod
    def like(cls, directory: Directory) -> Specimens:
        """Return people like those of a directory: their domain, their departments and countries."""
        members = [user for user in directory.users.values() if not user.is_guest]
        found = dict.fromkeys(Place(user.department, user.country) for user in members if user.department)
        domain = members[0].user_principal_name.partition("@")[2] if members else ""
        return cls(domain.lower() or DOMAIN, tuple(found))

    @classmethod
    def of_departments(cls, names: Iterable[str], country: str | None, domain: str = DOMAIN) -> Specimens:
        """Return people in these departments, all of one country."""
        return cls(domain, tuple(Place(name, country) for name in names) or _only(country))

    def place(self, mapping: MappingTable, number: int) -> Place:
        """Return the place of the person with this number; places repeat."""
        # Where a country is a value of the product's own list, so is a department (B13, B15).
        looked_up = any(line.target_text in {COUNTRY_CODE, COUNTRY_NAME} for line in mapping.users)
        places = self.places or ((Place(),) if looked_up else FREE_PLACES)
        return places[number % len(places)]

    def fill(self, user: DirectoryUser, place: Place, number: int) -> None:
        """Give a user a value for everything that a mapping can ask for."""
        user.mail = user.user_principal_name
        user.given_name, user.surname = ("Ada", "Åse", "Bo")[number % 3], f"Specimen {number}"
        user.display_name = f"{user.given_name} {user.surname}"
        user.job_title = ("Engineer", "Architect")[number % 2]
        user.department, user.country = place.department, place.country
        user.employee_id = str(uuid4().int)[:9]
        user.company_name = "Contoso"
        user.physical_delivery_office_name = f"Office {number}"
        user.street_address, user.postal_code = f"Main street {number + 1}", f"{number + 1:04}"
        user.city, user.state = ("Oslo", "Bergen")[number % 2], ("Oslo", "Vestland")[number % 2]
        user.telephone_number = f"+47 2200 {number:04}"
        user.mobile, user.facsimile_telephone_number = f"+47 9100 {number:04}", f"+47 2300 {number:04}"
        user.preferred_language = user.locale = ("nb-NO", "en-GB")[number % 2]


def _only(country: str | None) -> tuple[Place, ...]:
    return (Place(None, country),) if country else ()
