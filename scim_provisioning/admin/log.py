"""The provisioning log of a connection: pages by key, never by counting, whatever its length."""

import json
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.admin.explanations import explain
from scim_provisioning.admin.pages import Page
from scim_provisioning.models import Connection, Event, GroupResource, UserResource, name_key

PER_PAGE = 50
# A search that no index answers looks at so many events for each page, and offers to go on from there.
EXAMINED = 20_000
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
        label=gettext_lazy("User or group name, externalId, request id"), required=False, max_length=255
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"), required=False, choices=[ANY, *Event.Outcome.choices]
    )
    operation = forms.ChoiceField(label=gettext_lazy("Operation"), required=False, choices=[ANY, *OPERATIONS])


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of events, and the key to go on from if there may be more."""

    events: list[Event]
    older: int | None


@dataclass(frozen=True, slots=True)
class Search:
    """What of one connection's log is wanted."""

    connection: Connection
    q: str = ""
    outcome: str = ""
    operation: str = ""

    @classmethod
    def of(cls, page: Page) -> "Search":
        """Read the query string; what the form does not know is left out."""
        form = LogForm(page.request.GET)
        form.is_valid()
        return cls(page.connection, **{name: form.cleaned_data.get(name, "").strip() for name in form.fields})

    def query_string(self, **more: Any) -> str:
        """Return the same search as a query string."""
        values = {"q": self.q, "outcome": self.outcome, "operation": self.operation, **more}
        return urlencode({name: value for name, value in values.items() if value})

    def slice(self, before: int | None, size: int = PER_PAGE) -> Slice:
        """Return the newest events that fit, older than the key *before*."""
        mine = Event.objects.filter(connection_key=self.connection.pk).order_by("-pk")
        if before is not None:
            mine = mine.filter(pk__lt=before)
        wanted, end = self._narrowed(mine)
        events = list(wanted[: size + 1])
        if len(events) > size:
            return Slice(events[:size], events[size - 1].pk)
        return Slice(events, end)

    def _narrowed(self, mine: QuerySet[Event]) -> tuple[QuerySet[Event], int | None]:
        """Narrow a log to what fits; the key is where it was cut off, so that its cost is bounded."""
        columns = {"outcome": self.outcome, "operation": self.operation}
        fits = Q(**{name: value for name, value in columns.items() if value})
        resources = self._resources() if self.q else []
        if resources:
            return mine.filter(fits, resource_id__in=resources), None
        if self.q:
            # The changes too: they hold the externalId of a user that is gone.
            mine = mine.annotate(changed=Cast("changes", TextField()))
            texts = ("resource_name", "detail", "changed")
            named = [Q(**{f"{column}__icontains": self.q}) for column in texts]
            fits &= reduce(or_, named, Q(request_id=self.q))
        if not fits:
            return mine, None
        beyond = mine.values_list("pk", flat=True)[EXAMINED : EXAMINED + 1].first()
        return (mine.filter(fits), None) if beyond is None else (mine.filter(fits, pk__gt=beyond), beyond + 1)

    def _resources(self) -> list[UUID]:
        """Return the ids of what is called exactly so, by the indexes of the resources."""
        found: list[UUID] = []
        for model, column in ((UserResource, "user_name_key"), (GroupResource, "name_key")):
            called = Q(external_id=self.q) | Q(**{column: name_key(self.q)})
            mine: Any = model.objects.filter(called, connection=self.connection)
            found += mine.values_list("pk", flat=True)[:PER_PAGE]
        as_id = read_uuid(self.q)
        events = Event.objects.filter(connection_key=self.connection.pk, resource_id=as_id)
        if as_id is not None and events.exists():
            found.append(as_id)
        return found


def read_uuid(text: str) -> UUID | None:
    """Return *text* as UUID, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def log(page: Page) -> HttpResponse:
    """Show one page of the log."""
    search = Search.of(page)
    before = page.request.GET.get("before", "")
    found = search.slice(int(before) if before.isdecimal() and len(before) < 19 else None)
    labels = dict(OPERATIONS)
    return page.render(
        "log",
        title=_("Provisioning log"),
        form=LogForm(initial={"q": search.q, "outcome": search.outcome, "operation": search.operation}),
        lines=[
            (event, labels.get(event.operation, event.operation), explain(event), page.url("event", event.pk))
            for event in found.events
        ],
        older="?" + search.query_string(before=found.older) if found.older else "",
        newest="?" + search.query_string() if before else "",
        csv_url=f"{page.url('log_csv')}?{search.query_string()}",
    )


def event(page: Page, event_id: int) -> HttpResponse:
    """Show one event: what was asked, what changed, why it was refused and what mends that."""
    found = Event.objects.filter(connection_key=page.connection.pk, pk=event_id).first()
    if found is None:
        raise Http404
    return page.render(
        "event",
        title=dict(OPERATIONS).get(found.operation, found.operation),
        event=found,
        explanation=explain(found),
        changes=[change_of(name, value) for name, value in found.changes.items()],
        same_resource="?" + urlencode({"q": str(found.resource_id)}) if found.resource_id else "",
        log_url=page.url("log"),
    )


def change_of(name: str, value: Any) -> tuple[str, str | None, str | None]:
    """Return the name of a changed attribute with its values before and after; None for what is not kept."""
    if not isinstance(value, dict) or value.keys() - {"before", "after"}:
        return name, "", _text(value)
    return name, _side(value, "before"), _side(value, "after")


def _side(value: dict[str, Any], side: str) -> str | None:
    if not value:
        return None
    return "" if value.get(side) is None else _text(value[side])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
