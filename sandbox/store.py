"""Store: every vendor's documents in one SQLite database, and each write to them.

Documents have the vendor's own shape and are kept as the JSON that goes over the wire,
so that a page of them costs no parsing and an amount keeps its digits. Filters and
orders are SQL over `column(…)`; `Collection.index` makes them fast.

The table of writes is the truth journal: what was there before, what after, when, and
who did it. What a lagging replica or index still shows is read from it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.collection import Collection, Value, column
from sandbox.fields import REMOVED, assign
from sandbox.journal import Document, JournalLine, Write, instant, micros, parsed
from sandbox.stamps import key_of, stamps
from sandbox.wire import dump
from sandbox.writes import Writes

__all__ = [
    "REMOVED",
    "Collection",
    "Document",
    "Documents",
    "JournalLine",
    "Store",
    "Value",
    "Write",
    "assign",
    "column",
    "parsed",
]

# Who the journal says did what a vendor derived by itself.
SYSTEM = "system"

Documents = Mapping[str, Mapping[str, Iterable[Document]]]


class WrongCompanyError(ValueError):
    """The database on disk belongs to another company than the one asked for."""


class Store(Writes):
    """All systems' collections; the only place where a record changes."""

    def __init__(
        self, documents: Documents, clock: Clock, path: Path | None = None
    ) -> None:
        """Open the database at `path`, or one in memory, and add the documents."""
        super().__init__(clock, path)
        self.observers: list[Callable[[Write], None]] = []
        self._told: list[Write] = []
        self._collections: dict[tuple[str, str], Collection] = {}
        self._find_collections()
        self._waiting = bool(self.rows("select 1 from pending limit 1"))
        self.load(documents)

    def _find_collections(self) -> None:
        """Know the collections that the database has, and no others."""
        known = self._collections
        self._collections = {
            (system, name): known.get((system, name), Collection(self, system, name))
            for system, name in self.rows("select system, name from objects")
        }

    def belong_to(self, company: str) -> bool:
        """Say whether the company's documents are here already, and claim an empty one.

        Raises:
            WrongCompanyError: they are another company's.
        """
        begun = self.setting("company")
        if begun not in (None, company):
            raise WrongCompanyError(
                f"The sandbox's records belong to the company {begun}, not {company}:"
                " take another --home, or remove the folder."
            )
        return begun is not None

    def load(self, documents: Documents) -> None:
        """Add documents as they are: nothing is stamped, told or written down."""
        with self.transaction():
            for system, objects in documents.items():
                key = key_of(system)
                for name, records in objects.items():
                    held = self.collection(system, name)
                    self.run_many(
                        f"insert into {held.table} (id, body) values (?, ?)",
                        ((str(each[key]), dump(each).decode()) for each in records),
                    )

    def collection(self, system: str, name: str) -> Collection:
        """Return the collection of one object, empty if nothing was ever put there."""
        place = (system, name.lower())
        if place not in self._collections:
            held = Collection(self, *place)
            self.run(
                f"create table if not exists {held.table}"
                " (place integer primary key, id text not null unique, body text)"
            )
            self.run("insert into objects values (?, ?, ?)", (*place, name))
            self._collections[place] = held
        return self._collections[place]

    def objects(self, system: str) -> tuple[str, ...]:
        """Return the names of the objects that this system holds.

        A name that begins with `_` is the vendor's own business: jobs, tokens, keys.
        """
        return tuple(
            name
            for owner, name in self._collections
            if owner == system and not name.startswith("_")
        )

    def shown(self, system: str, name: str) -> str:
        """Return an object's name as its vendor writes it."""
        found = self.rows(
            "select shown from objects where (system, name) = (?, ?)", (system, name)
        )
        return str(found[0][0]) if found else name

    def count(self, system: str, name: str) -> int:
        """Return how many documents an object has, without counting those filled in.

        Of a filled object they were counted once, and the journal knows which of them
        have gone.
        """
        held = self.collection(system, name)
        place = (system, held.name)
        found = self.rows(
            "select held from counts where (system, name) = (?, ?)", place
        )
        filled = int(found[0][0]) if found else 0
        if not filled:
            return len(held)
        ((changed,),) = self.rows(
            "select coalesce(sum((before is null) - (after is null)), 0) from writes"
            " where system = ? and object = ? and place <= ?"
            " and (before is null or after is null)",
            (*place, filled),
        )
        return filled + int(changed) + held.count("place > ?", (filled,))

    def remember_counts(self) -> None:
        """Write down how many documents each object has; nothing was ever removed."""
        for system, name in self._collections:
            held = self.collection(system, name)
            # Places are given from 1 without a gap.
            self.run(
                "insert or replace into counts"
                f" select ?, ?, coalesce(max(place), 0) from {held.table}",
                (system, name),
            )

    def systems(self) -> tuple[str, ...]:
        """Return the names of the systems that hold objects."""
        return tuple(dict.fromkeys(system for system, _ in self._collections))

    def update(
        self,
        system: str,
        name: str,
        record_id: object,
        fields: Mapping[str, Any],
        *,
        actor: str,
        request_id: str,
    ) -> Document:
        """Change fields of one record and move its stamps; KeyError if it is unknown.

        A field is named as the vendor names it; `metadata.tax_id` is the key
        `tax_id` of the nested field `metadata`, and REMOVED takes a key away.
        """
        after = self.collection(system, name).get(record_id)
        if after is None:
            raise KeyError(record_id)
        assign(after, fields)
        return self._commit(system, name, after, actor, request_id)

    def create(
        self, system: str, name: str, document: Document, *, actor: str, request_id: str
    ) -> Document:
        """Add one record, or put it in the place of the one with its id; stamp it."""
        return self._commit(system, name, parsed(dump(document)), actor, request_id)

    def delete(
        self, system: str, name: str, record_id: object, *, actor: str, request_id: str
    ) -> None:
        """Take one record away; nothing happens if it is unknown."""
        self._put(
            self.collection(system, name), str(record_id), None, actor, request_id
        )

    def keep(self, system: str, name: str, document: Document) -> None:
        """Put what a vendor itself derived (an event, an audit) in its place, untold.

        The journal has it, by SYSTEM; but not the vendor's own business, see `objects`.
        """
        held, key = self.collection(system, name), str(document[key_of(system)])
        if not name.startswith("_"):
            self._put(held, key, document, SYSTEM, "", is_told=False)
            return
        self.run(
            f"insert into {held.table} (id, body) values (?, ?)"
            " on conflict (id) do update set body = excluded.body",
            (key, dump(document).decode()),
        )

    def drop(self, system: str, name: str, record_id: object) -> None:
        """Take away what `keep` put there, untold."""
        held = self.collection(system, name)
        if not name.startswith("_"):
            self._put(held, str(record_id), None, SYSTEM, "", is_told=False)
            return
        self.run(f"delete from {held.table} where id = ?", (str(record_id),))

    def commit_late(
        self,
        system: str,
        name: str,
        record_id: object,
        fields: Mapping[str, Any],
        seconds: float,
        *,
        actor: str,
        request_id: str,
    ) -> None:
        """Begin a long transaction: stamped now, seen by readers after `seconds`."""
        at = micros(self.clock.now())
        place = (system, name.lower(), str(record_id))
        values = (at + int(seconds * 1e6), at, *place, dump(fields).decode())
        self.run(
            "insert into pending values (?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, actor, request_id),
        )
        self._waiting = True

    def began_at(self, system: str, name: str) -> datetime | None:
        """Return when the oldest transaction began that readers do not see yet."""
        self.settle()
        ((at,),) = self.rows(
            "select min(at) from pending where system = ? and object = ?",
            (system, name.lower()),
        )
        return None if at is None else instant(at)

    def settle(self) -> None:
        """Commit the long transactions whose time has come."""
        if not self._waiting:
            return
        with self._held:
            due = self.rows(
                "select rowid, at, system, object, id, fields, actor, request_id"
                " from pending where due <= ? order by due, rowid",
                (micros(self.clock.now()),),
            )
            for row, *_ in due:
                self.run("delete from pending where rowid = ?", (row,))
            self._waiting = bool(self.rows("select 1 from pending limit 1"))
            for _, at, system, name, record_id, fields, actor, request_id in due:
                after = self.collection(system, name).get(record_id)
                if after is not None:
                    assign(after, parsed(fields))
                    self._commit(
                        system, name, after, actor, request_id, began=instant(at)
                    )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all writes of the block or, if it fails, none; tell of them at its end.

        Transactions nest; a failed inner one takes only its own writes back.
        """
        with self._held:
            told = len(self._told)
            try:
                with self.savepoint():
                    yield
            except BaseException:
                del self._told[told:]
                # The table of a collection that began in the block went with it.
                self._find_collections()
                raise
            if self._depth == 0:
                writes, self._told = self._told, []
                for write in writes:
                    for observer in self.observers:
                        observer(write)

    def _commit(
        self,
        system: str,
        name: str,
        after: Document,
        actor: str,
        request_id: str,
        *,
        began: datetime | None = None,
    ) -> Document:
        at = began or self.clock.now()
        assign(after, stamps(system, name.lower(), at, self.number(), actor))
        record_id = str(after[key_of(system)])
        self._put(self.collection(system, name), record_id, after, actor, request_id)
        return after

    def _put(
        self,
        held: Collection,
        record_id: str,
        after: Document | None,
        actor: str,
        request_id: str,
        *,
        is_told: bool = True,
    ) -> None:
        system = held.system
        at = self.clock.now()
        with self.transaction():
            found = self.rows(
                f"select place, body from {held.table} where id = ?", (record_id,)
            )
            place, before = found[0] if found else (None, None)
            text = None if after is None else dump(after).decode()
            if text is None and before is None:
                return
            if text is None:
                self.run(f"delete from {held.table} where id = ?", (record_id,))
            else:
                ((place,),) = self.rows(
                    f"insert into {held.table} (id, body) values (?, ?)"
                    " on conflict (id) do update set body = excluded.body"
                    " returning place",
                    (record_id, text),
                )
            number = self.write_down(
                at,
                (system, held.name, record_id, place),
                before,
                text,
                (actor, request_id),
            )
            if not is_told:
                return
            self._told.append(
                Write(
                    number,
                    at,
                    system,
                    held.name,
                    record_id,
                    None if before is None else parsed(before),
                    after,
                    actor,
                    request_id,
                )
            )
