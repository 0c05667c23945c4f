"""Zendesk's account: what all of its endpoints share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.instants import to_seconds
from sandbox.store import Collection, Document, Store, column
from sandbox.wire import made
from sandbox.zendesk.limits import Limits

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Above the ids of the company's records, so that a new record is the last by id.
FIRST_NEW_ID = 90_000_000_000_000
ACCOUNT_ID = 10_973_248

# Who works with the API token where the company has no administrator.
_NOBODY = {
    "id": 1,
    "name": "Concord",
    "role": "admin",
    "active": True,
    "verified": True,
    "organization_id": None,
}


@dataclass(slots=True)
class Account:
    """One account: its records, clock, keys and limits."""

    store: Store
    clock: Clock
    keys: Credentials
    limits: Limits
    _indexed: set[str] = field(default_factory=set)

    def held(self, name: str) -> Collection:
        """Return the collection of one object."""
        return self.store.collection("zendesk", name)

    def index(self, name: str, *expressions: str) -> None:
        """Make lookups by these expressions fast, from the first time they are used.

        An index of a million tickets takes seconds to build: who never searches by
        requester should not wait for it.
        """
        label = f"zendesk/{name}/{','.join(expressions)}".replace('"', "'")
        if label in self._indexed:
            return
        self._indexed.add(label)
        self.store.run(
            f'create index if not exists "{label}"'
            f" on {self.held(name).table} ({', '.join(expressions)})"
        )

    def condition(self, name: str, default: Any) -> Any:
        """Return a condition, as `sandbox.zendesk` lists them."""
        return self.store.condition("zendesk", name, default)

    def lag(self, name: str) -> timedelta:
        """Return a lag."""
        return timedelta(seconds=float(self.condition(name, 0)))

    def number(self) -> int:
        """Return the id of a new record."""
        return FIRST_NEW_ID + self.store.number()

    def request_id(self) -> str:
        """Return the name of one request in the journal."""
        return made("", "zendesk", self.store.number(), length=32).lower()

    def now(self) -> str:
        """Return the present instant as Zendesk writes it."""
        return stamp(self.clock.seconds())

    def me(self) -> Document:
        """Return the person whose token is used: the company's first administrator."""
        role = column("role")
        self.index("user", role)
        found = self.held("user").find(f"{role} = ?", ("admin",), order=role, limit=1)
        return found[0] if found else dict(_NOBODY)


def stamp(seconds: int) -> str:
    """Return seconds since 1970 as Zendesk writes an instant."""
    return to_seconds(EPOCH + timedelta(seconds=seconds))


def seconds_of(text: str) -> int:
    """Return the seconds since 1970 of an instant as Zendesk writes it."""
    return int(datetime.fromisoformat(text).timestamp())
