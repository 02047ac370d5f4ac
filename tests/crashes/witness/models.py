"""What the witness has seen."""

from django.db import models


class Sighting(models.Model):
    """One effect, visible once however often it is run (F6: its id is the idempotency key)."""

    effect_id = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=32)
    resource_id = models.UUIDField()
    resource_version = models.PositiveIntegerField()
    runs = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "witness"

    def __str__(self) -> str:
        return f"{self.kind} {self.resource_id}"
