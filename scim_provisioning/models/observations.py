"""What the identity provider was seen doing, right or wrong: the ground of the setup guide and the linter."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, models, router, transaction
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.connections import Connection

SAMPLE_LENGTH = 160
# Rows of one statement: well below the number of parameters that SQLite takes.
ROWS_AT_ONCE = 500


class Seen(NamedTuple):
    """How often one thing was seen of a connection since it was written down last."""

    connection_id: UUID
    subject: str
    verdict: str
    times: int
    first_at: datetime
    last_at: datetime
    sample: str


class ObservationQuerySet(models.QuerySet["Observation"]):
    """Observations, which are counted up and never saved one by one."""

    def count_up(self, seen: Iterable[Seen]) -> None:
        """Add what was seen to the rows, in one statement each for many of them.

        What was seen of a connection that is gone is left out.
        """
        rows = sorted(seen, key=lambda each: each[:3])
        known = set(
            Connection.objects.filter(pk__in={each.connection_id for each in rows}).values_list(
                "pk", flat=True
            )
        )
        rows = [each for each in rows if each.connection_id in known]
        with transaction.atomic(using=router.db_for_write(self.model)):
            for batch in _batches(rows):
                self._upsert(batch)

    def _upsert(self, rows: Sequence[Seen]) -> None:
        # The ORM's own upsert can only overwrite; a count has to be added to what other processes counted.
        using = connections[router.db_for_write(self.model)]
        fields: list[Any] = [self.model._meta.get_field(name) for name in _COLUMNS]
        quote = using.ops.quote_name
        table, columns = quote(self.model._meta.db_table), [quote(field.column) for field in fields]
        key = ", ".join(columns[:3])
        one = f"({', '.join(['%s'] * len(columns))})"
        changed = [f"{quote('count')} = {table}.{quote('count')} + excluded.{quote('count')}"]
        changed += [f"{quote(name)} = excluded.{quote(name)}" for name in ("last_at", "sample")]
        # Every name is a column of ours, every value a parameter.
        statement = (
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(rows))} "  # noqa: S608
            f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(changed)}"
        )
        values: list[Any] = [
            field.get_db_prep_save(value, using)
            for row in rows
            for field, value in zip(fields, row, strict=True)
        ]
        with using.cursor() as cursor:
            cursor.execute(statement, values)


def _batches(rows: list[Seen]) -> Iterator[list[Seen]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


class Observation(models.Model):
    """One thing that was seen of a connection, right or wrong, and how often."""

    class Verdict(models.TextChoices):
        """Whether it is as the connection's policy wants it."""

        OK = "ok", _("Right")
        WRONG = "wrong", _("Wrong")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="observations", verbose_name=_("connection")
    )
    subject = models.CharField(_("subject"), max_length=32)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)
    count = models.PositiveBigIntegerField(_("requests"), default=0)
    first_at = models.DateTimeField(_("first seen"))
    last_at = models.DateTimeField(_("last seen"))
    sample = models.CharField(_("sample"), max_length=SAMPLE_LENGTH, blank=True)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "subject", "verdict"], name="scim_observation_one_of_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.verdict}"


_COLUMNS = ("connection", "subject", "verdict", "count", "first_at", "last_at", "sample")
