"""Where each attribute is kept: in a column of the SCIM resource, in one of the host, or in JSON."""

from typing import Any

from django.db.models import F, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Concat, NullIf
from scim2_models.path import AttributeBinding

from scim_provisioning.api.entries import Entries, Slot
from scim_provisioning.api.operands import Constant, Identifier, Moment, Operand, named, text
from scim_provisioning.mapping.attributes import Attribute
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.mapping.targets import Target, canonical_names
from scim_provisioning.models import same_letters

# Extension URN or None, attribute, sub-attribute or None.
Names = tuple[str | None, str, str | None]
MOMENTS = {"created": "created_at", "lastModified": "modified_at"}


class Places:
    """The places of one connection's resources of one type."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.mapping = rows.mapping
        self.model = rows.mapping.scim_model()

    def names(self, binding: AttributeBinding) -> Names:
        """Return what an attribute is called in a document."""
        return canonical_names(self.model, binding)

    def own_column(self, names: Names) -> Operand | None:
        """Return the column of the SCIM resource that an attribute is kept in, if it is one."""
        urn, attribute, sub_attribute = names
        if urn is not None:
            return None
        if attribute == self.mapping.name_attribute:
            return named(self.rows.key_field)
        if attribute == "externalId":
            return text("external_id")
        if attribute == "id":
            return Identifier("id")
        if attribute == "meta":
            return self._meta(sub_attribute)
        return None

    def _meta(self, sub_attribute: str | None) -> Operand | None:
        if sub_attribute in MOMENTS:
            return Moment(F(MOMENTS[sub_attribute]))
        if sub_attribute == "resourceType":
            return Constant(self.mapping.resource_type)
        if sub_attribute == "version":
            number = Cast("version", TextField())
            return Operand(Concat(Value('W/"'), number, Value('"'), output_field=TextField()))
        return None

    def lines(self, names: Names) -> list[tuple[Target, Attribute]]:
        """Return the mapping's lines for an attribute, or for one of its sub-attributes."""
        urn, attribute, sub_attribute = names
        return [
            (target, line)
            for target, line in self.mapping.lines()
            if (target.urn, target.attribute) == (urn, attribute)
            and sub_attribute in (None, target.sub_attribute)
        ]

    def host_lookups(self, names: Names) -> list[str]:
        """Return the host's columns of an attribute, as its own queryset calls them."""
        found = (line.filter_lookup() for target, line in self.lines(names) if target.selector is None)
        return [lookup for lookup in found if lookup]

    def host(self, lookup: str) -> Operand:
        """Return a column of the host."""
        return text(f"{self.mapping.link}__{lookup}")

    def holder(self, urn: str | None) -> Any:
        """Return the JSON object that an attribute is kept in."""
        return KeyTransform(urn, F("attributes")) if urn else F("attributes")

    def kept(self, names: Names) -> Operand:
        """Return the text that JSON has for a single-valued attribute."""
        urn, attribute, sub_attribute = names
        if sub_attribute is None:
            return Operand(KeyTextTransform(attribute, self.holder(urn)))
        return Operand(KeyTextTransform(sub_attribute, KeyTransform(attribute, self.holder(urn))))

    def shown(self, names: Names) -> Operand:
        """Return the text that is shown for a single-valued attribute: the host's, or else what is kept."""
        columns = [NullIf(self.host(lookup).expression, Value("")) for lookup in self.host_lookups(names)]
        kept = self.kept(names)
        return Operand(Coalesce(*columns, kept.expression, output_field=TextField())) if columns else kept

    def entries(self, binding: AttributeBinding, names: Names) -> Entries:
        """Return the entries of a multi-valued attribute."""
        urn, attribute, _sub = names
        return Entries(binding, KeyTransform(attribute, self.holder(urn)), self.slots(names))

    def slots(self, names: Names) -> list[Slot]:
        """Return the entries that the host has columns of."""
        slots: dict[tuple[str, Any], Slot] = {}
        for target, lookup in self._selecting(names):
            name, value = target.selector or ("", "")
            slot = slots.setdefault((name, value), Slot(name, str(value)))
            slot.columns[target.sub_attribute or ""] = self.host(lookup)
        return list(slots.values())

    def slot_lookup(self, names: Names, slot: Slot, sub_attribute: str) -> str:
        """Return the host's column of a slot, as its own queryset calls it."""
        return next(
            lookup
            for target, lookup in self._selecting(names)
            if target.selector
            and str(target.selector[1]) == slot.value
            and target.sub_attribute == sub_attribute
        )

    def _selecting(self, names: Names) -> list[tuple[Target, str]]:
        urn, attribute, _sub = names
        found = ((target, line.filter_lookup()) for target, line in self.lines((urn, attribute, None)))
        return [(target, lookup) for target, lookup in found if target.selector and lookup]

    def indexed(self, lookup: str, value: str, kept: Q) -> Q:
        """Return the resources that show a text in a column of the host, found by that column's index, or in JSON.

        :param kept: whether the JSON of a resource shows it; asked of those few alone that have a value for a
            mapped place in JSON, which have an index of their own.
        """
        mine = self.rows.model.objects.filter(connection=self.mapping.connection)
        hosts = self.mapping.queryset().filter(same_letters(lookup, value))
        by_column = mine.filter(**{f"{self.mapping.link}__in": hosts})
        in_json = mine.filter(kept, keeps_mapped=True)
        return Q(pk__in=by_column.values("pk").union(in_json.values("pk")))
