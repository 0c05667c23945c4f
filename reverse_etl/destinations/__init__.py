"""Destinations: how each system's records are read back and written.

A destination speaks its vendor's language and knows nothing of plans or the ledger.
It sends once; whatever comes back is an answer for each record or a `SystemFault`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingestion.errors import SystemFault
from reverse_etl.change import Change


@dataclass(frozen=True, slots=True)
class Caps:
    """How many records one call can take."""

    read_size: int
    write_size: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a system holds for a change now: the touched fields as canonical text."""

    record_id: str
    fields: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A change on its way, with the key under which a system may recognise a repeat.

    The key stays the same until the system answered under it with a failure of its
    own: Stripe would repeat that stored failure for ever.
    """

    change: Change
    idempotency_key: str


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
