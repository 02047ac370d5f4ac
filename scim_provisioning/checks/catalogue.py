"""Every check there is: its id, what it says, and how to mend it. An id never changes once released."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import checks

TAG = "scim_provisioning"


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the reference: a sentence with its places in braces, and the fix."""

    id: str
    sentence: str
    fix: str

    @property
    def is_error(self) -> bool:
        """Whether the Hub must not start like this; a warning leaves that to its developer."""
        return self.id.startswith("E")

    def message(self, obj: Any = None, **values: Any) -> checks.CheckMessage:
        """Return what Django prints."""
        kind = checks.Error if self.is_error else checks.Warning
        return kind(
            self.sentence.format(**values), hint=self.fix.format(**values), obj=obj, id=f"{TAG}.{self.id}"
        )


_ROWS = (
    # Settings
    Check(
        "E001",
        "SCIM_PROVISIONING is no dict.",
        'Write SCIM_PROVISIONING = {{"USER_MAPPING": "hub.scim.HubUsers"}}.',
    ),
    Check("E002", "SCIM_PROVISIONING has no setting {name}{near}.", "The settings are: {known}."),
    Check(
        "E003",
        "{name} is {value}, not a whole number above 0.",
        "Set a number, or leave it out for {default}.",
    ),
    Check(
        "E004",
        "BASE_URL is {value}, not an http or https address without a query.",
        'Set the address under which scim_provisioning.urls is reached, such as "https://hub.example/scim".',
    ),
    Check(
        "E005",
        "TOKEN_PREFIX is {value}; no token would be recognised.",
        "Use ASCII letters and digits alone.",
    ),
    Check(
        "E006",
        "TOKEN_PEPPERS is not a list of texts, the present one first.",
        'Write "TOKEN_PEPPERS": ["…"], and put a new pepper before the old one to change it.',
    ),
    Check(
        "E007",
        "{name} is {value}, and no installed app has such a model.",
        'Name it as "app_label.ModelName", and its app in INSTALLED_APPS.',
    ),
    # The mapping as a whole
    Check(
        "E008",
        "SCIM_PROVISIONING names no USER_MAPPING.",
        "Write a subclass of scim_provisioning.mapping.UserMapping and set its dotted path.",
    ),
    Check(
        "E009",
        "{name} is {value}, which cannot be imported: {reason}.",
        "Set the dotted path of the class or function.",
    ),
    Check("E010", "{value} is no subclass of {base}.", "Inherit from scim_provisioning.mapping.{base}."),
    Check(
        "E011",
        "The mapping is for {model}, but the host's model is {expected} ({setting}).",
        "Set model = {expected}.",
    ),
    Check(
        "E012",
        "{model} has {count} foreign keys to the organization, so {method}() cannot know which to use.",
        "Override {method}() in the mapping; it must depend on self.organization alone.",
    ),
    # Left column: attributes
    Check(
        "E013", "{reason}.", "Write the path as on Entra's Attribute-mapping screen, and declare extensions."
    ),
    Check(
        "E014",
        "{path} is not one value, and {column} holds one.",
        'Name a part of it, as in name.familyName or emails[type eq "work"].value, or use Roles.',
    ),
    Check("E015", "{path} and {other} are the same attribute.", "Keep one of the two lines."),
    Check("E016", "{path} cannot be mapped: {reason}.", "Take the line out."),
    Check(
        "E017",
        "{path} is not mapped to a plain column.",
        "Map {path} to the column that holds the name; the identity provider finds resources by it.",
    ),
    # Right column: columns
    Check("E018", "{path}: {reason}.", "Name a column of the model, or a Reference, Choice or Roles."),
    Check(
        "E019",
        "{path} is mapped to {column}, which provisioning must never write: {reason}.",
        "Take the line out; what SCIM may change is not who may do what.",
    ),
    Check(
        "E020",
        "The mapping has no status, or {column} is no column of {model}.",
        'Set status = Status("column", active=…, inactive=…).',
    ),
    Check(
        "E021",
        "Status {state}={value} {reason}.",
        "Use values that the column takes, and another one for inactive than for the rest.",
    ),
    Check(
        "E022",
        "members is {members}, which is no many-to-many relation between {model} and the users.",
        "Name the relation as it is called on the group's model.",
    ),
    Check(
        "E023",
        "Rows of {through} cannot be made by members.add(): {fields} would have no value.",
        "Give these fields a default, or allow null.",
    ),
    # Dependencies and extensions
    Check(
        "E024",
        "{name} names {path}, which no line of the mapping has.",
        "Map the attribute, and declare it in extensions if it is the Hub's own.",
    ),
    Check(
        "E025",
        "narrowed_by compares {lookup}, which is no lookup of {model}.",
        "Use a lookup such as country__code__iexact.",
    ),
    Check(
        "E026",
        "The extension {urn} {reason}.",
        "Use a URN of the Hub's own: urn:ietf:params:scim:schemas:extension:hub:2.0:User.",
    ),
    Check(
        "E027",
        "The extension {urn} declares {name}, which {reason}.",
        "Declare a list of names that begin with a letter and differ by more than letter case (RFC 7643 section 2.1).",
    ),
    # Presets and hosts
    Check(
        "E028",
        "PRESETS is not a dict of presets, each a dict of policy columns.",
        'Write "PRESETS": {{"name": {{"groups": True}}}}.',
    ),
    Check(
        "E029",
        "The preset {preset} sets {column} to {value}: {reason}.",
        "The columns and their values are in the reference, under Policy columns.",
    ),
    # Limits
    Check(
        "E030",
        "REQUESTS_PER_SECOND is {value}, but no connection is held below {least} requests a second.",
        "Set {least} or more, or leave it out for no limit.",
    ),
    # Warnings
    Check(
        "W001",
        "The work e-mail is not mapped, so an existing user is found by its userName only.",
        "Map 'emails[type eq \"work\"].value' to the column of the e-mail address.",
    ),
    Check(
        "W002",
        "{path} is mapped to {column}, which is unique in the whole table of {model}: a name that another "
        "organization uses is refused, and so is told to exist.",
        "Make it unique within the organization, or silence this check where names are global by design.",
    ),
    Check("W003", "{path} and {other} both write {column}; the later line wins.", "Map one of them."),
    Check(
        "W004",
        'SQLite begins transactions as readers, so two writes at once end with "database is locked".',
        'Set DATABASES["{alias}"]["OPTIONS"]["transaction_mode"] = "IMMEDIATE".',
    ),
    Check(
        "W005",
        "The Hub's URLs include neither scim_provisioning.urls nor .hosts, so there is no tenant URL.",
        'Add path("scim/", include("scim_provisioning.urls")) to the urlpatterns of ROOT_URLCONF.',
    ),
    Check(
        "W006",
        "Tenant URLs may be used without encryption, and tokens with them.",
        "Set SECURE_SSL_REDIRECT = True, or a BASE_URL that begins with https:// behind a proxy that enforces it.",
    ),
    Check(
        "W007",
        "DATA_UPLOAD_MAX_MEMORY_SIZE ({size}) is below MAX_BODY_BYTES ({limit}) and refuses what SCIM would take.",
        "Raise the one or lower the other.",
    ),
    Check(
        "W008",
        "REQUESTS_PER_SECOND is counted in {backend}, which each process has for itself.",
        "Let CACHES name a cache that all processes share, such as Redis or Memcached.",
    ),
    Check(
        "W009",
        "The Hub's URLs include scim_provisioning.hosts, but no HOST_FOR says which host is whose: all is 401 there.",
        "Set HOST_FOR to the dotted path of a function that takes an organization and returns its host name.",
    ),
    Check(
        "W010",
        "A SCIM request with a forged Host header is answered with Django's page, not with a SCIM Error.",
        'Put "{middleware}" at the top of MIDDLEWARE.',
    ),
)

CHECKS: Mapping[str, Check] = {row.id: row for row in _ROWS}
