"""Store: every vendor's documents in memory, and a journal of each write to them.

Documents have the vendor's own shape and are never changed in place: a write puts a
new document in the place of the old one, so that a reader keeps what it has read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import Clock

Document = dict[str, Any]
Documents = Mapping[str, Mapping[str, Iterable[Document]]]

KEYS = {"salesforce": "Id", "stripe": "id", "zendesk": "id", "netsuite": "id"}


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One field that a write changed; `field` is `*` for a whole record."""

    at: datetime
    system: str
    object: str
    id: str
    field: str
    old: Any
    new: Any
    actor: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Write:
    """One committed write: the record before (none: created) and after (none: gone)."""

    at: datetime
    system: str
    object: str
    id: str
    before: Document | None
    after: Document | None
    actor: str
    request_id: str


class Order:
    """The ids of a collection in one order, and the place of each."""

    def __init__(self, ids: list[str]) -> None:
        """Keep the ids as they come."""
        self.ids = ids
        self.places = {record_id: place for place, record_id in enumerate(ids)}


class Collection:
    """The documents of one object."""

    def __init__(self, key: str, documents: Iterable[Document] = ()) -> None:
        """Take the documents as they come; `key` names the field with the id."""
        self.documents = {str(document[key]): document for document in documents}
        self._orders: dict[str, tuple[Callable[[Document], Any], Order]] = {}
        self._indexes: dict[str, dict[Any, list[str]]] = {}
        self._rendered: dict[tuple[str, str], bytes] = {}

    def __iter__(self) -> Iterator[Document]:
        """Iterate over the documents as they were added."""
        return iter(self.documents.values())

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.documents)

    def get(self, record_id: str) -> Document | None:
        """Return the document with this id, if there is one."""
        return self.documents.get(record_id)

    def order(self, name: str, key: Callable[[Document], Any]) -> Order:
        """Return the ids sorted by `key`; kept under `name` until a write moves one.

        Of equal ones the last added comes first, as in a list that has the newest
        on top.
        """
        known = self._orders.get(name)
        if known is None:
            ids = list(self.documents)[::-1]
            ids.sort(key=lambda each: key(self.documents[each]))
            known = self._orders[name] = (key, Order(ids))
        return known[1]

    def having(self, field: str, value: Any) -> list[str]:
        """Return the ids of the documents whose `field` is `value`, oldest first."""
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = defaultdict(list)
            for record_id, document in self.documents.items():
                held = document.get(field)
                if isinstance(held, str | int):
                    index[held].append(record_id)
        return index.get(value, [])

    def rendered(
        self, record_id: str, view: str, render: Callable[[Document], bytes]
    ) -> bytes:
        """Return the document as bytes on the wire, made once per write and view."""
        place = (record_id, view)
        if place not in self._rendered:
            self._rendered[place] = render(self.documents[record_id])
        return self._rendered[place]

    def place(self, record_id: str, document: Document | None) -> Document | None:
        """Put a document in its place, or take it away; return the one before."""
        before = self.documents.get(record_id)
        if document is None:
            self.documents.pop(record_id, None)
        else:
            self.documents[record_id] = document
        self._indexes.clear()
        for place in [each for each in self._rendered if each[0] == record_id]:
            del self._rendered[place]
        for name, (key, _) in list(self._orders.items()):
            if before is None or document is None or key(before) != key(document):
                del self._orders[name]
        return before


class Store:
    """All systems' collections; the only place where a record changes."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        """Take each system's documents; object names are kept in lower case."""
        self.clock = clock
        self.journal: list[JournalLine] = []
        self.observers: list[Callable[[Write], None]] = []
        self.numbered = 0  # the last number given; a restart goes on from it
        self._collections: dict[tuple[str, str], Collection] = {
            (system, name.lower()): Collection(KEYS[system], records)
            for system, objects in documents.items()
            for name, records in objects.items()
        }

    def collection(self, system: str, name: str) -> Collection:
        """Return the collection of one object, empty if nothing was ever put there."""
        place = (system, name.lower())
        if place not in self._collections:
            self._collections[place] = Collection(KEYS[system])
        return self._collections[place]

    def objects(self, system: str) -> tuple[str, ...]:
        """Return the names of the objects that this system holds."""
        return tuple(name for owner, name in self._collections if owner == system)

    def number(self) -> int:
        """Return a number that this store never gave before: the seed of a new id."""
        self.numbered += 1
        return self.numbered

    def update(
        self,
        system: str,
        name: str,
        record_id: str,
        fields: Mapping[str, Any],
        *,
        actor: str,
        request_id: str,
    ) -> Document:
        """Change fields of one record and move its stamps; KeyError if it is unknown.

        A field is named as the vendor names it; `metadata.tax_id` is the key
        `tax_id` of the nested field `metadata`, and REMOVED takes a key away.
        """
        before = self.collection(system, name).documents[record_id]
        after = deepcopy(before)
        for field, value in fields.items():
            _assign(after, field, value)
        self._commit((system, name, record_id), after, actor, request_id)
        return after

    def create(
        self, system: str, name: str, document: Document, *, actor: str, request_id: str
    ) -> Document:
        """Add one record, stamp it and return it."""
        after = deepcopy(document)
        record_id = str(after[KEYS[system]])
        self._commit((system, name, record_id), after, actor, request_id)
        return after

    def delete(
        self, system: str, name: str, record_id: str, *, actor: str, request_id: str
    ) -> None:
        """Take one record away."""
        self._commit((system, name, record_id), None, actor, request_id)

    def restore(
        self, system: str, name: str, record_id: str, after: Document | None
    ) -> None:
        """Put a record as an earlier process left it; nothing is stamped or told."""
        self.collection(system, name).place(record_id, after)

    def _commit(
        self,
        place: tuple[str, str, str],
        after: Document | None,
        actor: str,
        request_id: str,
    ) -> None:
        system, name, record_id = place
        at = self.clock.now()
        if after is not None:
            after.update(stamps(system, at))
        before = self.collection(system, name).place(record_id, after)
        write = Write(
            at, system, name.lower(), record_id, before, after, actor, request_id
        )
        self.journal.extend(_lines(write))
        for observer in self.observers:
            observer(write)


class _Removed:
    """The type of REMOVED."""


REMOVED = _Removed()


def stamps(system: str, at: datetime) -> Document:
    """Return the fields by which this vendor says when a record last changed.

    Stripe has none, which is why its readers list everything or follow its events.
    """
    if system == "salesforce":
        text = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        return {"LastModifiedDate": text, "SystemModstamp": text}
    if system == "zendesk":
        return {"updated_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    if system == "netsuite":
        return {"lastmodifieddate": at.strftime("%Y-%m-%d %H:%M:%S")}
    return {}


def _assign(document: Document, field: str, value: Any) -> None:
    head, _, tail = field.partition(".")
    if tail:
        held = document.get(head)
        if not isinstance(held, dict):
            held = document[head] = {}
        document, head = held, tail
    if value is REMOVED:
        document.pop(head, None)
    else:
        document[head] = value


def _lines(write: Write) -> Iterator[JournalLine]:
    what = (write.at, write.system, write.object, write.id)
    who = (write.actor, write.request_id)
    if write.before is None or write.after is None:
        yield JournalLine(*what, "*", write.before, write.after, *who)
        return
    quiet = stamps(write.system, write.at)
    for field in write.before | write.after:
        old, new = write.before.get(field), write.after.get(field)
        if old == new or field in quiet:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            for key in old | new:
                if old.get(key) != new.get(key):
                    name = f"{field}.{key}"
                    yield JournalLine(*what, name, old.get(key), new.get(key), *who)
        else:
            yield JournalLine(*what, field, old, new, *who)
