"""Books: one account's objects, as one request or one clock sees and changes them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.collection import Collection, Value
from sandbox.store import Document, Store, column
from sandbox.stripe.shapes import LOCKED, error, invalid, missing
from sandbox.wire import Refusal, made

SYSTEM = "stripe"
# The length of ids after their prefix, where it isn't 24.
_LENGTHS = {"cus_": 14, "prod_": 14, "si_": 14}


@dataclass(frozen=True, slots=True)
class Books:
    """The account's objects; every write goes to the journal with who did it."""

    store: Store
    actor: str
    request_id: str

    @property
    def now(self) -> int:
        """The account's time in Unix seconds."""
        return self.store.clock.seconds()

    def time_of(self, document: Mapping[str, Any]) -> int:
        """Return the time of a customer, or of what is theirs: their test clock's."""
        clock_id = document.get("test_clock")
        if clock_id:
            clock = self.get("test_helpers.test_clock", clock_id)
            if clock is not None:
                return int(clock.get("_time") or clock["frozen_time"])
        return self.now

    def table(self, name: str) -> Collection:
        """Return all objects of one kind."""
        return self.store.collection(SYSTEM, name)

    def get(self, name: str, record_id: object) -> Document | None:
        """Return an object, if there is one with this id."""
        return self.table(name).get(record_id)

    def need(self, name: str, record_id: object, param: str = "id") -> Document:
        """Return an object; refuse the parameter that names none."""
        document = self.get(name, record_id)
        if document is None:
            raise missing(name, record_id, param)
        return document

    def find(
        self, name: str, *, order: str = "place", **equal: Value
    ) -> list[Document]:
        """Return the objects whose fields have these values."""
        where = " and ".join(
            f"{column(*field.split('__'))} {'is' if value is None else '='} ?"
            for field, value in equal.items()
        )
        return self.table(name).find(where, tuple(equal.values()), order=order)

    def new_id(self, prefix: str) -> str:
        """Return an id that this account never gave before."""
        length = _LENGTHS.get(prefix)
        number = self.store.number()
        if length:
            return made(prefix, number, length=length)
        return made(f"{prefix}1", number, length=23)

    def create(self, document: Document) -> Document:
        """Add an object."""
        return self.store.create(
            SYSTEM,
            document["object"],
            document,
            actor=self.actor,
            request_id=self.request_id,
        )

    def update(self, document: Mapping[str, Any], **fields: Any) -> Document:
        """Change fields of an object and return it as it is then.

        Raises:
            Refusal: somebody else holds it.
        """
        name, record_id = document["object"], document["id"]
        self.free(name, record_id)
        return self.store.update(
            SYSTEM,
            name,
            record_id,
            fields,
            actor=self.actor,
            request_id=self.request_id,
        )

    def delete(self, document: Mapping[str, Any]) -> Document:
        """Take an object away and return what Stripe says about a deleted one."""
        name, record_id = document["object"], document["id"]
        self.free(name, record_id)
        self.store.delete(
            SYSTEM, name, record_id, actor=self.actor, request_id=self.request_id
        )
        return {"id": record_id, "object": name, "deleted": True}

    def free(self, name: str, record_id: object) -> None:
        """Refuse to touch what another request holds."""
        if self.store.is_locked(SYSTEM, name, record_id):
            raise Refusal(error(429, LOCKED, code="lock_timeout"))

    def keep(self, name: str, document: Document) -> None:
        """Put a paper of Stripe's own in its place."""
        self.store.keep(SYSTEM, name, document)

    def condition(self, name: str, default: Any) -> Any:
        """Return how things stand, which a test may have changed."""
        return self.store.condition(SYSTEM, name, default)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all writes of the block or none."""
        with self.store.transaction():
            yield


def same_currency(customer: Mapping[str, Any], currency: str) -> None:
    """Refuse a second currency on a customer."""
    if customer.get("currency") not in (None, currency):
        sentence = (
            "You cannot combine currencies on a single customer. This customer has "
            "had a subscription, coupon, or invoice item with currency "
            f"{customer['currency']}"
        )
        raise invalid(sentence, "currency")
