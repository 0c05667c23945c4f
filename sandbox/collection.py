"""Collection: the documents of one object, asked for in SQL."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from sandbox.journal import Document, micros, parsed

Value = str | int | float | None


class Database(Protocol):
    """What a collection asks of the store that it is part of."""

    def settle(self) -> None:
        """Commit the long transactions whose time has come."""

    def changed_since(self, system: str, name: str, at: datetime) -> bool:
        """Say whether an object was written after an instant."""

    def rows(self, text: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Return what a SELECT finds."""

    def run(self, text: str, values: Sequence[Value] = ()) -> None:
        """Carry out a statement."""


def column(*keys: str) -> str:
    """Return the SQL for a field of a document: `column("metadata", "plan")`.

    ValueError for a key that no document can have.
    """
    if any('"' in key or "\\" in key for key in keys):
        raise ValueError(f"not a field: {keys}")
    path = "".join(f'."{key}"' for key in keys).replace("'", "''")
    return f"json_extract(body, '${path}')"


class Collection:
    """The documents of one object."""

    def __init__(self, store: Database, system: str, name: str) -> None:
        """Look at one table of the store."""
        self._store = store
        self.system = system
        self.name = name
        self.table = f'"{system}/{name}"'

    def __iter__(self) -> Iterator[Document]:
        """Iterate over the documents in the order in which they were added."""
        return iter(self.find())

    def __len__(self) -> int:
        """Return the number of documents."""
        return self.count()

    def ids(self) -> list[str]:
        """Return the ids in the order in which the documents were added."""
        return [record_id for (record_id,) in self.select("id", order="place")]

    def index(self, *paths: str) -> None:
        """Make lookups by these fields, and orders that begin with them, fast."""
        name = f'"{self.system}/{self.name}/{",".join(paths)}"'
        columns = ", ".join(column(*path.split(".")) for path in paths)
        self._store.run(
            f"create index if not exists {name} on {self.table} ({columns}, place)"
        )

    def get(self, record_id: object) -> Document | None:
        """Return the document with this id, if there is one."""
        found = self.find("id = ?", (str(record_id),))
        return found[0] if found else None

    def count(self, where: str = "", values: Sequence[Value] = ()) -> int:
        """Return how many documents match."""
        return int(self.select("count(*)", where, values)[0][0])

    def find(
        self,
        where: str = "",
        values: Sequence[Value] = (),
        *,
        order: str = "place",
        limit: int | None = None,
        offset: int = 0,
        as_of: datetime | None = None,
    ) -> list[Document]:
        """Return the documents that match; the arguments are those of `select`."""
        rows = self.select(
            "body", where, values, order=order, limit=limit, offset=offset, as_of=as_of
        )
        return [parsed(body) for (body,) in rows]

    def select(
        self,
        columns: str,
        where: str = "",
        values: Sequence[Value] = (),
        *,
        order: str = "",
        limit: int | None = None,
        offset: int = 0,
        as_of: datetime | None = None,
    ) -> list[tuple[Any, ...]]:
        """Return rows of `columns` of the documents that match.

        Args:
            columns: SQL over `id`, `place` (the order of addition), `body` (the JSON
                text) and `column(…)`.
            where: SQL over the same, with `?` for each of `values`.
            values: what the question marks stand for.
            order: SQL over the same, such as `column("created") + " desc"`.
            limit: at most so many rows.
            offset: leave out so many rows first.
            as_of: as an index or replica shows it that has not seen later writes.
        """
        store = self._store
        store.settle()
        source = self.table
        given: list[Value] = []
        if as_of is not None and store.changed_since(self.system, self.name, as_of):
            source = (
                f"(select id, place, body from {self.table} where id not in"
                " (select id from writes where system = ?1 and object = ?2"
                " and at > ?3) union all select id, place, before as body from ("
                "select id, place, before, min(number) from writes where system = ?1"
                " and object = ?2 and at > ?3 group by id) where before is not null)"
            )
            given = [self.system, self.name, micros(as_of)]
        text = f"select {columns} from {source}"
        if where:
            text += f" where {where}"
        if order:
            text += f" order by {order}"
        if limit is not None or offset:
            text += " limit ? offset ?"
            values = (*values, -1 if limit is None else limit, offset)
        return store.rows(text, (*given, *values))
