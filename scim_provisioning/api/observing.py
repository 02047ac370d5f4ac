"""What a request shows of the client's setup, for the setup guide: read when its answer is ready, without a query."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from rest_framework.request import Request

from scim_provisioning import conf
from scim_provisioning.api.queries import Found
from scim_provisioning.api.recording import RecordedView
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.mapping.attributes import Choice
from scim_provisioning.mapping.references import Reference
from scim_provisioning.mapping.roles import Roles
from scim_provisioning.mapping.targets import Document
from scim_provisioning.mapping.users import WORK_EMAIL, UserMapping
from scim_provisioning.protocol import sightings
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.filters import looked_for
from scim_provisioning.protocol.sightings import Sighting

WRITES = frozenset({"POST", "PUT", "PATCH"})
# Refusals that say nothing about the client's setup: no valid token, paused, a fault of ours.
UNTOLD = frozenset({401, 403, 429, 500, 503})
_KINDS: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (Reference, ("reference_known", "reference_unique")),
    (Roles, ("roles", "roles_allowed")),
    (Choice, ("choice",)),
)


class ObservedView(RecordedView):
    """An endpoint that tells the setup guide what each request has shown."""

    refusal: ScimError | None = None
    body: dict[str, Any] | None = None
    # What a list holds, and what was searched for.
    listed: Found | None = None
    is_authenticated = False

    @property
    def groups_on(self) -> bool:
        """Whether the connection provisions groups."""
        raise NotImplementedError

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Note what the request showed, now that its answer is ready."""
        observe(self)
        return super().finalize_response(request, response, *args, **kwargs)


def observe(view: ObservedView) -> None:
    """Note what one request showed."""
    refusal = view.refusal
    told = refusal is None or refusal.status not in UNTOLD or refusal.code in sightings.SUBJECT_OF_CODE
    if not view.is_authenticated or not told:
        return
    recorder.note(view.connection.pk, list(_of_request(view, refusal)), timezone.now())


def observe_write(view: Any, method: str, data: Any, refusal: ScimError | None) -> None:
    """Note what one operation of a bulk request showed."""
    found = _of_write(view, method, data, refusal)
    recorder.note(view.connection.pk, list(found), timezone.now())


def _of_request(view: ObservedView, refusal: ScimError | None) -> Iterator[Sighting]:
    method = str(view.request.method)
    if refusal is not None and refusal.code == "groups_off":
        yield Sighting("groups", right=False, sample=f"{method} /Groups")
        return
    if refusal is not None and refusal.status == 403:
        yield from _of_refusal(refusal)
        return
    searches = view.listed is not None or view.kwargs.get("uuid") == ".search"
    writes = method in WRITES and not searches and view.resource_type in ("User", "Group")
    yield from _of_client(view, method if writes else None, refusal)
    if view.listed is not None:
        yield from _of_list(view.listed)
    elif writes:
        yield from _of_write(view, method, view.body, refusal)
    elif refusal is not None:
        yield from _of_refusal(refusal)


def _of_client(view: ObservedView, write: str | None, refusal: ScimError | None) -> Iterator[Sighting]:
    """Yield what a request shows whatever it asks for."""
    if view.connection.token_principal:
        yield Sighting("token_holder", right=True)
    if any(name.lower() == sightings.FLAG for name in view.request.GET):
        yield Sighting("flag", right=True)
    elif write is not None:
        # A test of the connection may come without it, a change never does.
        yield Sighting("flag", right=False, sample=f"{write} /{view.resource_type}s")
    if refusal is None and view.resource_type == "User" and not view.groups_on:
        # Any call about users may be that of a cycle: after a mapping is mended there may be no change in one.
        yield Sighting("groups", right=True)


def _of_list(found: Found) -> Iterator[Sighting]:
    """Yield what a list shows; one that nothing matches is how a test of the connection looks (R1).

    Where several stand for one, the client stops, and sends nothing that could be refused (B10).
    """
    if found.node is not None:
        yield Sighting("matching", right=True)
        if not found.rows:
            yield Sighting("connected", right=True)
        term = looked_for(found.node) if len(found.rows) > 1 else None
        several = term and sightings.of_match(*term, with_values=conf.value("EVENT_VALUES"))
        if several:
            yield several


def _of_write(view: Any, method: str, body: Any, refusal: ScimError | None) -> Iterator[Sighting]:
    if refusal is not None:
        yield from _of_refusal(refusal)
    if method not in WRITES:
        return
    if view.resource_type == "User":
        yield from _of_user(view, body, refusal)
    elif refusal is None:
        yield from (Sighting(subject, right=True) for subject in ("group_sync", "group_names"))


def _of_user(view: Any, body: Any, refusal: ScimError | None) -> Iterator[Sighting]:
    adapter = getattr(view, "adapter", None)
    manager = None if view.connection.managers else sightings.manager_path(body)
    if manager is not None:
        yield Sighting("manager", right=False, sample=manager)
    if adapter is not None:
        yield from _of_names(view.user_mapping, adapter.before, adapter.after, refusal)
    if refusal is None:
        right = ["accounts", "users", "attributes"]
        right += [] if view.connection.managers or manager is not None else ["manager"]
        yield from (Sighting(subject, right=True) for subject in right)
        yield from _of_lines(view.user_mapping, adapter.before, adapter.after) if adapter else ()


def _of_passed_over(mapping: UserMapping) -> dict[str, Sighting]:
    """Return what a write brought that the Hub does not know and the policy passes over, one of each subject."""
    with_values = conf.value("EVENT_VALUES")
    found = (
        sightings.of_fault(each.code, each.field, each.value, with_values=with_values)
        for each in sorted(mapping.passed_over)
    )
    return {each.subject: each for each in found if each is not None}


def _of_refusal(refusal: ScimError) -> Iterator[Sighting]:
    found = sightings.of_refusal(refusal, with_values=conf.value("EVENT_VALUES"))
    if found is not None:
        yield found


def _of_names(
    mapping: UserMapping, before: Document, after: Document, refusal: ScimError | None
) -> Iterator[Sighting]:
    """Yield what the identifiers that a write changes look like; a refusal has told of its own already."""
    told = refusal and sightings.SUBJECT_OF_CODE.get(refusal.code)
    with_values = conf.value("EVENT_VALUES")
    found: list[Sighting | None] = []
    for path in ("userName", WORK_EMAIL):
        target = mapping.target(path)
        value = target.get(after)
        if value != target.get(before):
            found.append(sightings.of_name(path, value, with_values=with_values))
    external_id = after.get("externalId")
    if external_id != before.get("externalId"):
        found.append(sightings.of_external_id(external_id, with_values=with_values))
    yield from (each for each in found if each is not None and each.subject != told)


def _of_lines(mapping: UserMapping, before: Document, after: Document) -> Iterator[Sighting]:
    """Yield what a write that went through shows of the lines of the mapping that it changes."""
    passed_over = _of_passed_over(mapping)
    yield from passed_over.values()
    for target, line in mapping.lines():
        subjects = next((names for kind, names in _KINDS if isinstance(line, kind)), ())
        if passed_over.keys() & set(subjects):
            continue
        value = target.get(after) if subjects else None
        if value and value != target.get(before):
            yield from (Sighting(subject, right=True) for subject in subjects)
    for one, other in mapping.exclusive:
        values = [mapping.target(path).get(after) for path in (one, other)]
        if any(values) and values != [mapping.target(path).get(before) for path in (one, other)]:
            yield Sighting(
                "exclusive", right=not all(values), sample=f"{one}: {other}" if all(values) else ""
            )
    for one, other in mapping.dependent:
        values = [mapping.target(path).get(after) for path in (one, other)]
        if values[0] and values != [mapping.target(path).get(before) for path in (one, other)]:
            yield Sighting("dependent", right=bool(values[1]), sample="" if values[1] else f"{one}: {other}")
