"""Tree: a SOQL query as it was written, before anybody asks whether it makes sense."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A field, perhaps reached through relationships: `Account.Owner.Name`."""

    parts: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """Return the name as it was written."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of at most one field; `COUNT()` has none."""

    name: str
    field: Name | None
    at: int


Expression = Name | Function


@dataclass(frozen=True, slots=True)
class Value:
    """A literal; a date literal keeps the number behind its colon."""

    kind: str
    text: str
    at: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`; the right side is values or a query of one field."""

    left: Expression
    operator: str
    values: tuple[Value, ...]
    query: "Select | None"
    at: int


@dataclass(frozen=True, slots=True)
class Both:
    """All of the parts (`and`), or one at least (`or`)."""

    word: str
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Condition"


Condition = Compare | Both | Not


@dataclass(frozen=True, slots=True)
class Item:
    """What is selected: an expression or a query over children, perhaps renamed."""

    what: "Expression | Select"
    alias: str
    at: int


@dataclass(frozen=True, slots=True)
class Order:
    """One key of the order."""

    what: Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A whole query; `fields` is ALL, STANDARD or CUSTOM for FIELDS(…)."""

    items: tuple[Item, ...]
    fields: tuple[str, ...]
    source: Name
    alias: str
    where: Condition | None
    group: tuple[Expression, ...]
    having: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int
    offset_at: int
    text: str
