"""Holds a Hub to the OpenAPI description of one of its connections, by schemathesis."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.hooks import unregister

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
)
PHASES = ("examples", "coverage", "fuzzing", "stateful")
# What must be unique, and would be the same in most of the bodies that are made of a schema.
NAMES = ("userName", "displayName")
# No made-up entity tag is the one that a resource has.
CONDITIONS = ("If-Match", "If-None-Match")


@dataclass
class Verdict:
    """What came of a run: how often each operation was answered with each status, and what was not as described."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.answers.total()

    def statuses(self, label: str) -> set[int]:
        """Return the statuses that an operation was answered with."""
        return {status for found, status in self.answers if found == label}


@dataclass
class Life:
    """Gives bodies names of their own and requests the ids of resources that there are."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def before_call(self, context: Any, case: Any, kwargs: Any) -> None:
        """Change a request before it is sent, unless the steps before it have chosen its resource."""
        number = next(self.numbers)
        if isinstance(case.body, dict) and case.method in ("POST", "PUT"):
            for name in NAMES:
                if isinstance(value := case.body.get(name), str) and value.strip():
                    case.body[name] = f"{value[:50]}{number}"
        for name in CONDITIONS:
            if name in case.headers and number % 3:
                del case.headers[name]
        known = self.ids.get(case.path.partition("/{")[0])
        if known and "id" in case.path_parameters and case.meta.phase.name.value != "stateful" and number % 4:
            case.path_parameters["id"] = known[-1]

    def after_call(self, context: Any, case: Any, response: Any) -> None:
        """Learn an id, or forget one."""
        if response.status_code == 201:
            self.ids.setdefault(case.path, []).append(response.json()["id"])
        elif case.method == "DELETE" and response.status_code == 204:
            for known in self.ids.values():
                if case.path_parameters["id"] in known:
                    known.remove(case.path_parameters["id"])


@contextmanager
def alive() -> Iterator[None]:
    """Let requests meet resources; schemathesis takes such hooks for the whole process, and plain functions alone."""
    life = Life()

    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        life.before_call(context, case, kwargs)

    def after_call(context: Any, case: Any, response: Any) -> None:
        life.after_call(context, case, response)

    hooks = before_call, after_call
    for hook in hooks:
        schemathesis.hook(hook)
    try:
        yield
    finally:
        for hook in hooks:
            unregister(hook)


def brief(description: dict[str, Any]) -> dict[str, Any]:
    """Return a description whose bodies have one attribute of each form, and no endpoint twice."""
    shorter = deepcopy(description)
    for path in ("/.search", "/Groups/.search"):
        shorter["paths"].pop(path, None)
    for name, schema in shorter["components"]["schemas"].items():
        if name.endswith("Write"):
            _thin_out(schema)
    return shorter


def _thin_out(schema: dict[str, Any]) -> None:
    seen: list[Any] = []
    for name, part in list(schema.get("properties", {}).items()):
        if name in schema.get("required", ()) or _form(part) not in seen:
            seen.append(_form(part))
            _thin_out(part.get("items", part))
        else:
            del schema["properties"][name]


def _form(schema: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells one attribute from another but for its name."""
    parts = {_form(part) for part in schema.get("properties", {}).values()}
    items = _form(schema["items"]) if "items" in schema else ()
    return schema.get("type"), schema.get("format"), items, frozenset(parts)


def closed(description: dict[str, Any]) -> dict[str, Any]:
    """Return a description that allows nothing in an answer but what it names."""
    strict = deepcopy(description)
    for name, schema in strict["components"]["schemas"].items():
        if not name.endswith(("Write", "Request", "PatchOp")):
            _close(schema)
    return strict


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            schema["additionalProperties"] = False
        for part in schema.values():
            _close(part)
    elif isinstance(schema, list):
        for part in schema:
            _close(part)


def hold(
    description: dict[str, Any],
    token: str,
    *,
    examples: int,
    seed: int,
    app: Any = None,
    left_out: tuple[str, ...] = (),
) -> Verdict:
    """Send requests of every operation, documented and not, and compare each answer with the description.

    :param app: the Hub as a WSGI application in this process; without it, it is called over HTTP.
    :param left_out: those of ``PHASES`` that are not gone through.
    """
    url = urlsplit(description["servers"][0]["url"])
    settings: dict[str, Any] = {
        "seed": seed,
        "headers": {"Authorization": f"Bearer {token}"},
        "workers": 1,
        "continue-on-failure": True,
        "request-timeout": 60,
        "cache": {"enabled": False},
        "generation": {"max-examples": examples, "deterministic": True},
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        "phases": {name: {"enabled": name not in left_out} for name in PHASES},
        # What the RFC answers for an endpoint that there is not.
        "operations": [
            {
                "include-path": "/Me",
                "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 501]}},
            }
        ],
    }
    if app is None:
        settings["base-url"] = url.geturl()
    schema = schemathesis.openapi.from_dict(
        closed(description), config=SchemathesisConfig.from_dict(settings)
    )
    if app is not None:
        schema.app, schema.location = app, "/openapi.json"
    verdict = Verdict()
    with alive():
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                _read(event.recorder, verdict)
            elif isinstance(event, events.NonFatalError):
                verdict.faults.append(f"{event.label}: {event.value!r}")
            elif isinstance(event, events.FatalError):
                verdict.faults.append(repr(event.exception))
    return verdict


def _read(recorder: Any, verdict: Verdict) -> None:
    for key, interaction in recorder.interactions.items():
        label = recorder.cases[key].value.operation.label
        if interaction.response is not None:
            verdict.answers[label, interaction.response.status_code] += 1
        for check in recorder.checks.get(key, ()):
            if check.status == Status.FAILURE:
                sent, got = interaction.request, interaction.response
                verdict.faults.append(
                    f"{label}: {check.name}: {check.failure_info and check.failure_info.failure}\n"
                    f"{sent.method} {sent.uri} {sent.body!r}\n{got and (got.status_code, got.content[:600])}"
                )
