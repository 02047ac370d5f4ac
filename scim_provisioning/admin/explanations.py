"""What an event means to the person who reads the log: a sentence, and what mends it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from scim_provisioning.models import Event
from scim_provisioning.protocol.codes import CODES
from scim_provisioning.protocol.errors import shown


@dataclass(frozen=True, slots=True)
class Explanation:
    """The two parts of a detail."""

    sentence: str
    fix: str


def explain(event: Event) -> Explanation:
    """Return the sentence of an event's detail and its fix, apart."""
    row = CODES.get(event.code)
    if row is None:
        return Explanation(event.detail, "")
    if event.outcome == Event.Outcome.IGNORED:
        # What is passed over is noted by its value alone.
        values = {"field": event.resource_name, "value": shown(event.detail)}
        return Explanation(_filled(row.sentence, values), _filled(row.fix, values))
    text = event.detail.removesuffix(f"[{event.code}]").strip()
    found = _ending(row.fix).search(text) if row.fix else None
    if found is None:
        return Explanation(text, "")
    return Explanation(text[: found.start()].strip(), found[0])


def _filled(template: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], "…"), template)


@lru_cache(maxsize=256)
def _ending(template: str) -> re.Pattern[str]:
    """Return a pattern of a fix at the end of a detail, whatever was put in its places."""
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\{\w+\}", template)) + "$", re.DOTALL)
