"""Change: what one record of one system should come to hold, and why."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from operations.store import text as instant_text

Action = Literal["update", "create"]


class Decision(StrEnum):
    """What a comparison of the three values of one field says."""

    CONVERGED = "converged"  # the system holds the golden value
    WRITE = "write"  # the system holds what we last confirmed, or was never compared
    USER_EDIT = "user_edit"  # somebody changed it there; the golden value stands still
    CONFLICT = "conflict"  # both moved, apart


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change, with the three values that were compared.

    Values are canonical text (see `canonical`), None where there is none.
    """

    field: str  # the field's name there, as the contract spells it after the object
    canonical: str  # our column
    theirs: str | None  # the value there, when the plan was made
    ours: str | None  # the golden value
    base: str | None = None  # the value we last confirmed there
    base_known: bool = False
    decision: Decision = Decision.WRITE
    source: str | None = None  # the system that the golden value comes from
    source_record: str | None = None  # and its record, where that is known


@dataclass(frozen=True, slots=True)
class Change:
    """The fields of one record that are sent together."""

    change_id: str
    system: str
    object: str
    record_id: str | None  # None: the record is to be created
    external_key: str | None  # our key in the new record
    entity: str
    entity_id: str
    customer_id: str | None
    action: Action
    fields: tuple[FieldChange, ...]
    approval: bool
    amount_minor: int | None
    currency: str | None
    reason: str

    @property
    def target(self) -> str:
        """Name the record within its object, also before it exists."""
        return self.record_id or f"key:{self.external_key}"

    @property
    def record_key(self) -> str:
        """Name the record as exceptions and people do."""
        return f"{self.system}:{self.object.lower()}:{self.target}"

    @property
    def content_hash(self) -> str:
        """Stand for the content: where, and each field's value there and to be."""
        return content_hash(
            self.system,
            self.object,
            self.target,
            {field.field: (field.theirs, field.ours) for field in self.fields},
        )

    @property
    def values(self) -> dict[str, str | None]:
        """Return the values to be, by field."""
        return {field.field: field.ours for field in self.fields}


def content_hash(
    system: str,
    object_name: str,
    target: str,
    fields: Mapping[str, tuple[str | None, str | None]],
) -> str:
    """Hash where a change goes and what it changes; equal content, equal hash."""
    content = [system, object_name, target, sorted(fields.items())]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def change_id(content: str, generation: int) -> str:
    """Name a change; the same content planned once more later is a further one."""
    return hashlib.sha256(f"{content}|{generation}".encode()).hexdigest()[:24]


def fields_to_json(fields: tuple[FieldChange, ...]) -> str:
    """Write the fields for the ledger."""
    return json.dumps([asdict(field) for field in fields], ensure_ascii=False)


def fields_from_json(content: str) -> tuple[FieldChange, ...]:
    """Read the fields from the ledger."""
    return tuple(
        FieldChange(**{**row, "decision": Decision(row["decision"])})
        for row in json.loads(content)
    )


def canonical(value: Any) -> str | None:
    """Write any value in the one way in which values are compared.

    Blanks around a text and a number's trailing zeros are no difference, and an empty
    text is no value: systems keep neither, and a plan would never come to rest.

    Raises:
        TypeError: A float, which may not stand for money.
    """
    match value:
        case None:
            found = None
        case bool():
            found = "true" if value else "false"
        case int():
            found = str(value)
        case Decimal():
            # Not normalize(): that rounds to the 28 digits of the decimal context.
            plain = format(value, "f")
            plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
            found = "0" if plain == "-0" else plain
        case datetime():
            found = instant_text(value)
        case date():
            found = value.isoformat()
        case str():
            found = value.strip() or None
        case _:
            kind = type(value).__name__
            raise TypeError(f"{value!r} is a {kind}: it has no canonical text.")
    return found
