"""Field: what Salesforce knows about one field, and about one object."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

# Types whose values are text in JSON; the rest are numbers and booleans.
TEXT_TYPES = frozenset(
    {
        *("id", "string", "textarea", "reference", "picklist", "multipicklist"),
        *("email", "url", "phone", "date", "datetime"),
    }
)
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: as Salesforce spells it.
        type: as `describe` names it.
        length: the most characters that fit, for text.
        refers_to: the object that a reference points to.
        children: the relationship's name seen from the other side.
        required: a record cannot be without it.
        writable: the API may set it on a new record and change it later.
        fixed: it may be set on a new record and never changed.
        calculated: a formula, or a trigger of the CPQ package, makes it.
        external_id: records can be found by it in a path.
        unique: no two records have the same value.
        picklist: the values of a picklist.
        restricted: only these values are taken.
        cascades: the record goes into the bin with the one it refers to.
        joined: the fields whose values, with a space between them, are its value.
        defaulted: a record that comes without it gets one.
    """

    name: str
    type: str
    length: int = 0
    refers_to: str = ""
    children: str = ""
    required: bool = False
    writable: bool = True
    fixed: bool = False
    calculated: bool = False
    external_id: bool = False
    unique: bool = False
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    cascades: bool = False
    joined: tuple[str, ...] = ()
    defaulted: bool = False

    @property
    def custom(self) -> bool:
        """Say whether somebody added it to the object."""
        return self.name.endswith("__c")

    @property
    def relationship(self) -> str:
        """Return the name under which a query reaches the record referred to."""
        if not self.refers_to:
            return ""
        if self.custom:
            return self.name[:-3] + "__r"
        return self.name.removesuffix("Id")

    @property
    def createable(self) -> bool:
        """Say whether a new record may have it."""
        return self.writable and not self.calculated

    @property
    def updateable(self) -> bool:
        """Say whether an existing record may get another value."""
        return self.createable and not self.fixed


@dataclass(frozen=True)
class SObject:
    """One object: its name, the first letters of its ids and its fields."""

    name: str
    prefix: str
    fields: Mapping[str, Field]
    label: str = ""

    @property
    def custom(self) -> bool:
        """Say whether it isn't one of Salesforce's own."""
        return self.name.endswith("__c")

    @cached_property
    def spelling(self) -> Mapping[str, Field]:
        """Return the fields by their names in lower case."""
        return {name.lower(): field for name, field in self.fields.items()}

    @cached_property
    def parents(self) -> Mapping[str, Field]:
        """Return the references by their relationship's name in lower case."""
        return {
            field.relationship.lower(): field
            for field in self.fields.values()
            if field.refers_to
        }

    def field(self, name: str) -> Field | None:
        """Return a field by its name in any case."""
        return self.spelling.get(name.lower())
