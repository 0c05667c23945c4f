"""Target: what the kit has to know of a destination to try everything on it.

Each has one entry in `targets.py`; the checks know no vendor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """The call that writes, as the sandbox's faults know it.

    Attributes:
        method: of HTTP.
        path: a part of the path.
        looks: how many calls of the same kind come before it in one `send`.
        pushed: how many come before it in a push, where those are others.
    """

    method: str
    path: str
    looks: int = 0
    pushed: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A record that can be made.

    Attributes:
        object: as the contract names it.
        held: the sandbox's object.
        values: its fields, as canonical text.
        found: where the sandbox keeps our key, dots between.
        call: the call that makes it.
        closed: how things stand when its accounting period is closed; the vendor's
            sentence about it.
        key: our key; the vendor may allow few characters.
    """

    object: str
    held: str
    values: Mapping[str, str]
    found: str
    call: Call
    closed: tuple[Mapping[str, Any], str] | None = None
    key: str = "in_kit1"


@dataclass(frozen=True, slots=True)
class Bad:
    """One change that the vendor turns down, among others that it takes.

    Attributes:
        field: that is written.
        value: what it is given.
        says: a part of the vendor's sentence.
        column: where the sandbox keeps the field; empty where it has none.
    """

    field: str
    value: str
    says: str
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One destination.

    Attributes:
        name: of the system.
        customers: how many the company has.
        object: whose records are updated, as the contract names it.
        held: the sandbox's object.
        key: the field of its documents that identifies them.
        field: the field that is written.
        column: where the sandbox keeps it, dots between.
        text: a text for that field, with a place for a number.
        call: the call that writes.
        absent: an identifier that no record has.
        per_call: how many records one call writes.
        made: a record that can be made; None where none is.
        bad: changes that are turned down, by what is wrong with them.
        deleted: the fields that mark a deletion; None where the record goes.
        environ: settings of its own.
        variant: of the destination, where one is tried in more than one way.
        not_applicable: checks that the vendor cannot meet, by name, and why.
    """

    name: str
    customers: int = 40
    object: str
    held: str
    key: str = "id"
    field: str
    column: str
    text: str = "New {} Ltd"
    call: Call
    absent: str
    per_call: int
    made: Made | None = None
    bad: Mapping[str, Bad] = field(default_factory=dict)
    deleted: Mapping[str, Any] | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    variant: str = ""
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Return the name under which results are told."""
        return f"{self.name} {self.variant}".strip()
