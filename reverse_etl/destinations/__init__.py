"""Destinations: how each system's records are read back and written.

A destination speaks its vendor's language and knows nothing of plans or the ledger.
It sends once; whatever comes back is an answer for each record or a `SystemFault`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol, runtime_checkable

from ingestion.errors import SystemFault
from reverse_etl.change import Change

# What keeps a write from overwriting an edit that came after our look: the vendor
# compares a version in the transaction that writes (atomic), compares times of whole
# seconds (weak), or compares nothing, so that we look right before and again after.
Condition = Literal["atomic", "weak", "emulated"]
# What keeps a creation whose answer was lost from being made twice: sent again it finds
# the first one (upsert), it is recognised by its key for a while (key), the record is
# looked for under our key before anything is sent (search), or nothing does.
Repeat = Literal["upsert", "key", "search", "nothing"]

# What a conflict says of a record that was deleted, or merged into another one.
GONE = "the record is gone"


@dataclass(frozen=True, slots=True)
class Caps:
    """How many records one call can take, and what the vendor promises of a write.

    Attributes:
        read_size: records of one reading.
        write_size: records of one writing.
        conditions: what keeps a write from overwriting an edit, by object.
        otherwise: the same of objects that are not named.
        creates: by object that can be made, what keeps it from being made twice.
        key_lifetime: for how long the vendor knows the key of a request.
    """

    read_size: int
    write_size: int
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    otherwise: Condition = "emulated"
    creates: Mapping[str, Repeat] = field(default_factory=dict)
    key_lifetime: timedelta | None = None

    def condition(self, object_name: str) -> Condition:
        """Return what keeps a write of this object from overwriting an edit."""
        return self.conditions.get(object_name, self.otherwise)

    def repeat(self, object_name: str) -> Repeat:
        """Return what keeps this object from being made twice."""
        return self.creates.get(object_name, "nothing")


@dataclass(frozen=True, slots=True)
class Held:
    """What a system holds for a change now: the touched fields as canonical text.

    `version` is the record's as of this look, where the system has one.
    """

    record_id: str
    fields: Mapping[str, str | None]
    version: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A change on its way, with the key under which a system may recognise a repeat.

    The key stays the same until the system answered under it with a failure of its
    own: Stripe would repeat that stored failure for ever. `version` is the record's as
    of the look before; without it, a destination with conditions looks itself.
    """

    change: Change
    idempotency_key: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the system said to one record: done, or the fault that names a reaction."""

    record_id: str | None = None
    fault: SystemFault | None = None


class Destination(Protocol):
    """One system that can be written to.

    Both methods are called with changes of one object and one action, of different
    records, and never more than `caps` allows. A fault that concerns the whole call
    is raised; a fault of one record is its answer.
    """

    @property
    def system(self) -> str:
        """Return the system's name."""
        ...

    @property
    def caps(self) -> Caps:
        """Return how many records one call can take."""
        ...

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Read what the system holds for each change, by change id.

        An update's record is found by its id, a record to be created by our key.
        A record that does not exist (any more) is left out.
        """
        ...

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Send the changes in one call, once; one answer for each, in their order."""
        ...


@runtime_checkable
class Remembers(Protocol):
    """A destination whose system remembers what a field held before."""

    def replaced(
        self, changes: Sequence[Change]
    ) -> Mapping[str, Mapping[str, str | None]]:
        """Return, by change id and field, the values that ours replaced.

        Called with updates that were written. A value that is not the one the plan saw
        is a person's edit, made between our last look and our write.
        """
        ...
