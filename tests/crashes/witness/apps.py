"""The Django app of the witness."""

import os
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models import F

from scim_provisioning import signals


class WitnessConfig(AppConfig):
    """Listens to every signal once the app registry is ready."""

    name = "tests.crashes.witness"
    label = "witness"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receiver; shorten the time that what a dead worker had begun stays its own."""
        # Its models are not there yet when this module is imported.
        effects: Any = import_module("scim_provisioning.lifecycle.effects")
        effects.LEASE = timedelta(
            seconds=float(os.environ.get("SCIM_FAULT_LEASE", effects.LEASE.total_seconds()))
        )
        for kind, signal in signals.BY_KIND.items():
            signal.connect(self.receiver_of(kind), dispatch_uid=f"witness.{kind}", weak=False)

    def receiver_of(self, kind: str) -> Callable[..., None]:
        """Return a receiver that writes down effects of one kind."""

        def see(effect_id: int, resource_id: object, resource_version: int, **rest: object) -> None:
            sightings: Any = self.get_model("Sighting")._default_manager
            again = sightings.filter(effect_id=effect_id).update(runs=F("runs") + 1)
            if not again:
                what = {"kind": kind, "resource_id": resource_id, "resource_version": resource_version}
                sightings.create(effect_id=effect_id, runs=1, **what)

        see.__qualname__ = f"see_{kind}"
        return see
