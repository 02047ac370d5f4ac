"""Observations on their way to the table: counted in memory, written after the answer, a few times a minute.

A request pays for them with a dictionary's worth of work. What is seen for the first time, and what turns from
right to wrong or back, is written as soon as the request is over; the rest waits for the next writing.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterable
from datetime import datetime
from time import monotonic
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connections, router

from scim_provisioning.lifecycle.provenance import is_rehearsal
from scim_provisioning.models import Observation
from scim_provisioning.models.observations import SAMPLE_LENGTH, Seen
from scim_provisioning.protocol.sightings import Sighting

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
# What is new or has changed does not wait so long, but may not write at every request either.
CHANGE_SECONDS = 1.0
# Of each, right and wrong, for some hundred connections at a time; what is more waits until these are written.
MOST_PENDING = 5_000
MOST_REMEMBERED = 50_000

Key = tuple[UUID, str, str]


class Recorder:
    """What this process has seen and not yet written; shared by its threads, and empty in a forked child."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start afresh: a forked child must not write what its parent will."""
        self._lock = threading.Lock()
        self._pending: dict[Key, Seen] = {}
        self._verdicts: dict[tuple[UUID, str], str] = {}
        self._written: set[Key] = set()
        self._last = -FLUSH_SECONDS
        self._wait = FLUSH_SECONDS

    def note(self, connection_id: UUID, sightings: Iterable[Sighting], now: datetime) -> None:
        """Count what one request showed; a self-test says nothing about the client."""
        if is_rehearsal():
            return
        with self._lock:
            for sighting in sightings:
                self._count(connection_id, sighting, now)

    def _count(self, connection_id: UUID, sighting: Sighting, now: datetime) -> None:
        verdict = Observation.Verdict.OK if sighting.right else Observation.Verdict.WRONG
        key = (connection_id, sighting.subject, str(verdict))
        before = self._pending.get(key)
        if before is None and len(self._pending) >= MOST_PENDING:
            return
        sample = sighting.sample[:SAMPLE_LENGTH]
        times, first = (before.times + 1, before.first_at) if before else (1, now)
        self._pending[key] = Seen(*key, times, first, now, sample)
        if key not in self._written:
            self._wait = 0.0
        elif self._verdicts.get(key[:2]) != key[2]:
            self._wait = min(self._wait, CHANGE_SECONDS)
        self._verdicts[key[:2]] = key[2]

    def flush_if_due(self) -> None:
        """Write what is pending, if something of it is new or the last writing is some seconds ago."""
        if self._pending and monotonic() - self._last >= self._wait:
            self.flush()

    def flush(self) -> None:
        """Write what is pending; a failure costs no request anything, and is tried again."""
        with self._lock:
            batch, self._pending = self._pending, {}
            self._last, self._wait = monotonic(), FLUSH_SECONDS
            self._remember(batch)
        if not batch:
            return
        try:
            Observation.objects.all().count_up(batch.values())
        except IntegrityError:
            # A connection went in this very moment, and took along what was seen of others: a few seconds' worth.
            logger.debug("Observations of a connection that is gone are dropped.")
        except DatabaseError as error:
            logger.warning("Observations wait for the next writing (%s).", type(error).__name__)
            self._take_back(batch)
        finally:
            self._let_go()

    @staticmethod
    def _let_go() -> None:
        """Close the database's connection as Django does at the end of a request, which has been by now."""
        used = connections[router.db_for_write(Observation)]
        if not used.in_atomic_block:
            used.close_if_unusable_or_obsolete()

    def _remember(self, batch: dict[Key, Seen]) -> None:
        if len(self._written) + len(batch) > MOST_REMEMBERED:
            self._written.clear()
            self._verdicts.clear()
        self._written.update(batch)

    def _take_back(self, batch: dict[Key, Seen]) -> None:
        with self._lock:
            for key, seen in batch.items():
                newer = self._pending.get(key)
                if newer is not None:
                    times = seen.times + newer.times
                    self._pending[key] = newer._replace(times=times, first_at=seen.first_at)
                elif len(self._pending) < MOST_PENDING:
                    self._pending[key] = seen


recorder = Recorder()
if sys.platform != "win32":
    os.register_at_fork(after_in_child=recorder.forget)
