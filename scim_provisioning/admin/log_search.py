"""What of a connection's log is wanted: pages by key, never by counting, whatever its length."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from scim_provisioning.admin.cycles import read_key
from scim_provisioning.models import Event, GroupResource, UserResource, name_key
from scim_provisioning.models.events import ERRORS

PER_PAGE = 50
# What no index answers looks at so many events for each page, and offers to go on from there; fewer where their
# texts are read.
EXAMINED = 10_000
EXAMINED_TEXTS = 2_500
# Refused or failed: what a person looks for first.
ANY_ERROR = "errors"
ANY = ("", gettext_lazy("All"))
OPERATIONS = [
    ("create", gettext_lazy("Create")),
    ("adopt", gettext_lazy("Adopt")),
    ("update", gettext_lazy("Update")),
    ("members", gettext_lazy("Change members")),
    ("deactivate", gettext_lazy("Deactivate")),
    ("reactivate", gettext_lazy("Reactivate")),
    ("activate", gettext_lazy("Activate at first login")),
    ("release", gettext_lazy("Release")),
    ("delete", gettext_lazy("Delete")),
    ("retention", gettext_lazy("Delete after the retention")),
    ("post", gettext_lazy("POST that was refused")),
    ("put", gettext_lazy("PUT that was refused")),
    ("patch", gettext_lazy("PATCH that was refused")),
]


class LogForm(forms.Form):
    """What to show of the log."""

    q = forms.CharField(
        label=gettext_lazy("User or group name, externalId, SCIM id, request id"),
        required=False,
        max_length=255,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        required=False,
        choices=[ANY, (ANY_ERROR, gettext_lazy("Any error")), *Event.Outcome.choices],
    )
    operation = forms.ChoiceField(label=gettext_lazy("Operation"), required=False, choices=[ANY, *OPERATIONS])
    resource_type = forms.ChoiceField(
        label=gettext_lazy("Resource"),
        required=False,
        choices=[ANY, ("User", gettext_lazy("Users")), ("Group", gettext_lazy("Groups"))],
    )
    cycle = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of events, and the key to go on from if there may be more."""

    events: list[Event]
    older: int | None


@dataclass(frozen=True, slots=True)
class Search:
    """What of one connection's log is wanted."""

    connection_key: UUID
    q: str = ""
    outcome: str = ""
    operation: str = ""
    resource_type: str = ""
    cycle: str = ""

    @classmethod
    def of(cls, connection_key: UUID, query: QueryDict) -> "Search":
        """Read the query string; what the form does not know is left out."""
        form = LogForm(query)
        form.is_valid()
        return cls(connection_key, **{name: form.cleaned_data.get(name, "").strip() for name in form.fields})

    def values(self) -> dict[str, str]:
        """Return what the form holds."""
        return {name: getattr(self, name) for name in LogForm.base_fields}

    def query_string(self, **more: Any) -> str:
        """Return the same search as a query string."""
        return urlencode({name: value for name, value in {**self.values(), **more}.items() if value})

    def slice(self, before: int | None, size: int = PER_PAGE) -> Slice:
        """Return the newest events that fit, older than the key *before*."""
        mine = Event.objects.filter(connection_key=self.connection_key).order_by("-pk")
        cycle = read_key(self.cycle)
        if cycle is not None:
            mine = mine.filter(pk__gte=cycle[0], pk__lte=cycle[1])
        if before is not None:
            mine = mine.filter(pk__lt=before)
        wanted, end = self._narrowed(mine)
        events = list(wanted[: size + 1])
        if len(events) > size:
            return Slice(events[:size], events[size - 1].pk)
        return Slice(events, end)

    def _narrowed(self, mine: QuerySet[Event]) -> tuple[QuerySet[Event], int | None]:
        """Narrow a log to what fits; the key is where it was cut off, so that its cost is bounded."""
        columns = {"operation": self.operation, "resource_type": self.resource_type}
        if self.outcome != ANY_ERROR:
            columns["outcome"] = self.outcome
        fits = Q(**{name: value for name, value in columns.items() if value})
        exact = self._exact() if self.q else None
        if self.outcome in {ANY_ERROR, *ERRORS}:
            # Said as the condition of the index says it.
            mine = mine.filter(outcome__in=ERRORS)
        if exact is not None:
            return mine.filter(fits, exact), None
        if self.q:
            # The changes too: they hold the externalId of a user that is gone.
            mine = mine.annotate(changed=Cast("changes", TextField()))
            texts = ("resource_name", "detail", "changed")
            fits &= reduce(or_, [Q(**{f"{column}__icontains": self.q}) for column in texts])
        if not fits:
            return mine, None
        most = EXAMINED_TEXTS if self.q else EXAMINED
        beyond = mine.values_list("pk", flat=True)[most : most + 1].first()
        return (mine.filter(fits), None) if beyond is None else (mine.filter(fits, pk__gt=beyond), beyond + 1)

    def _exact(self) -> Q | None:
        """Return what an index finds: by the id of a request or a resource, by externalId, by its whole name."""
        mine = Event.objects.filter(connection_key=self.connection_key)
        as_id = read_uuid(self.q)
        if as_id is not None and mine.filter(request_id=str(as_id)).exists():
            return Q(request_id=str(as_id))
        found = self._resources()
        if as_id is not None and mine.filter(resource_id=as_id).exists():
            found.append(as_id)
        if not found:
            return None
        # One is read in its order by the index; several are sorted.
        return Q(resource_id=found[0]) if len(found) == 1 else Q(resource_id__in=found)

    def _resources(self) -> list[UUID]:
        found: list[UUID] = []
        for model, column in ((UserResource, "user_name_key"), (GroupResource, "name_key")):
            called = Q(external_id=self.q) | Q(**{column: name_key(self.q)})
            mine: Any = model.objects.filter(called, connection_id=self.connection_key)
            found += mine.values_list("pk", flat=True)[:PER_PAGE]
        return found


def read_uuid(text: str) -> UUID | None:
    """Return *text* as UUID, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
