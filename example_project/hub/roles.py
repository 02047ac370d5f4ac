"""What the Hub's role values mean: from the text in a role to the row that it points at."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from example_project.hub.models import Country, CustomTag, Department

if TYPE_CHECKING:
    from scim_provisioning.mapping import UserMapping

PLAIN_ROLES = (
    "external",
    "limited_access",
    "consultant",
    "internationalmanager",
    "referencemanager",
    "countrymanager",
)


def country_codes(_mapping: object) -> list[str]:
    """Return the ISO 3166-1 alpha-2 codes that the Hub knows (B17)."""
    return list(Country.objects.values_list("code", flat=True))


def country_names(_mapping: object) -> list[str]:
    """Return the names of countries that the Hub knows (B15)."""
    return list(Country.objects.values_list("name", flat=True))


def departments_in(mapping: "UserMapping", country: str) -> list[Department]:
    """Return the organization's departments in a country."""
    return list(Department.objects.filter(organization=mapping.organization, country__code=country))


def the_one(found: list[Department]) -> dict[str, Department]:
    """Return the role's department, if exactly one was meant."""
    if not found:
        raise LookupError("no such department")
    if len(found) > 1:
        raise ValueError("several departments of that name")
    return {"department": found[0]}


def office(mapping: "UserMapping", country: str, department: str) -> dict[str, Department]:
    """Return the department of exactly that name, spaces and colons included (B20)."""
    return the_one([row for row in departments_in(mapping, country) if row.name == department])


def stripped(mapping: "UserMapping", country: str, department: str) -> dict[str, Department]:
    """Return the department whose name is that without its spaces (B21)."""
    return the_one(
        [row for row in departments_in(mapping, country) if "".join(row.name.split()) == department]
    )


def named(mapping: "UserMapping", department: str) -> dict[str, Department]:
    """Return the department of that name, if one country alone has it: the alias of B23, on no line by default."""
    return the_one(list(Department.objects.filter(organization=mapping.organization, name=department)))


def custom_tag(mapping: "UserMapping", category: str, tag: str) -> dict[str, CustomTag]:
    """Return the organization's custom tag by its own id and its category's (B22)."""
    rows = CustomTag.objects.filter(category__organization=mapping.organization, category__euid=category)
    found = rows.filter(euid=tag).first()
    if found is None:
        raise LookupError("no such custom tag")
    return {"tag": found}


def stripped_roles(mapping: "UserMapping") -> Iterator[tuple[str, str]]:
    """Yield the role of each department whose name is the only one without its spaces (B21)."""
    rows = Department.objects.filter(organization=mapping.organization).select_related("country")
    named: dict[str, list[Department]] = {}
    for row in rows.order_by("name", "country__code"):
        value = f"departmentmanager:dept:{row.country.code}:{''.join(row.name.split())}"
        named.setdefault(value, []).append(row)
    for value, found in named.items():
        if len(found) == 1:
            yield value, f"Department manager of {found[0].name} ({found[0].country.code})"


def custom_tag_roles(mapping: "UserMapping") -> Iterator[tuple[str, str]]:
    """Yield the role of each custom tag (B22)."""
    rows = CustomTag.objects.filter(category__organization=mapping.organization).select_related("category")
    for row in rows.order_by("category__euid", "euid"):
        yield (
            f"departmentmanager:custom_tag:{row.category.euid}:{row.euid}",
            f"Department manager of {row.name} ({row.category.name})",
        )
