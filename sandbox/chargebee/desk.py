"""Desk: where one request to Chargebee reads and writes records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from sandbox.chargebee.forms import Form
from sandbox.chargebee.shapes import duplicate, locked, missing
from sandbox.collection import Collection, column
from sandbox.journal import Document
from sandbox.store import Store
from sandbox.wire import made

SYSTEM = "chargebee"
# The card that goes with a customer in an answer, under the customer's id.
CARDS = "_card"


@dataclass(slots=True)
class Desk:
    """What one request works with; everything it does carries its id."""

    store: Store
    request_id: str
    actor: str = "api"

    @property
    def now(self) -> int:
        """Return the site's time in Unix seconds."""
        return self.store.clock.seconds()

    def held(self, name: str) -> Collection:
        """Return the records of one object."""
        return self.store.collection(SYSTEM, name)

    def made(self, prefix: str, length: int = 16) -> str:
        """Return a new id."""
        return made(prefix, SYSTEM, self.store.number(), length=length)

    def get(self, name: str, record_id: str, param: str | None = None) -> Document:
        """Return a record that is there and not deleted, or refuse."""
        found = self.held(name).get(record_id)
        if found is None or found.get("deleted"):
            raise missing(record_id, param)
        return found

    def of(self, name: str, field: str, value: str, where: str = "") -> list[Document]:
        """Return the records, deleted ones left out, that point at another one."""
        wanted = f"{column(field)} = ? and {column('deleted')} is not 1"
        return self.held(name).find(wanted + where, (value,))

    def claim(self, name: str, record_id: str | None, prefix: str = "") -> str:
        """Return the id for a new record; refuse one that is, or ever was, taken."""
        if record_id is None:
            return self.made(prefix)
        if self.held(name).get(record_id) is not None:
            raise duplicate("id", record_id)
        return record_id

    def save(self, name: str, record: Mapping[str, Any]) -> Document:
        """Put a record in its place; absent and empty are the same to Chargebee."""
        record_id = str(record["id"])
        if self.store.is_locked(SYSTEM, name, record_id):
            raise locked(record_id)
        document = {key: value for key, value in record.items() if value is not None}
        return self.store.create(
            SYSTEM, name, document, actor=self.actor, request_id=self.request_id
        )


Answer = Mapping[str, Any] | Response
Handler = Callable[[Desk, Form, Mapping[str, str]], Answer]
