"""Writes: the table that is the truth journal, and what is asked of it."""

from datetime import datetime
from pathlib import Path

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.journal import JournalLine, Write, instant, lines, micros, written


class Writes(Database):
    """A database that knows each write: what was before, what after, when, and who."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        """Open the database at `path`, or one in memory."""
        super().__init__(clock, path)
        self._last_write = max(
            (int(at) for (at,) in self.rows("select max(at) from writes") if at),
            default=0,
        )

    def write_down(
        self,
        at: datetime,
        where: tuple[str, str, str, int],
        before: str | None,
        after: str | None,
        who: tuple[str, str],
    ) -> int:
        """Add a write and return its number.

        Args:
            at: when.
            where: system, object, id, and the place of the record in its table.
            before: the record as JSON; none where it was created.
            after: the same; none where it was deleted.
            who: the actor and the request's id.
        """
        self._last_write = max(self._last_write, micros(at))
        ((number,),) = self.rows(
            "insert into writes (at, system, object, id, place, before, after,"
            " actor, request_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " returning number",
            (micros(at), *where, before, after, *who),
        )
        return int(number)

    def changed_since(self, system: str, name: str, at: datetime) -> bool:
        """Say whether an object was written after an instant."""
        if self._last_write <= micros(at):
            return False
        return bool(
            self.rows(
                "select 1 from writes where system = ? and object = ? and at > ?"
                " limit 1",
                (system, name, micros(at)),
            )
        )

    @property
    def last_write(self) -> datetime:
        """When a record was last written; the beginning of time if none ever was."""
        return instant(self._last_write)

    @property
    def journal(self) -> list[JournalLine]:
        """Return every field that was ever written, oldest first."""
        return [line for write in self.writes() for line in lines(write)]

    def last_writes(self, count: int) -> list[Write]:
        """Return the last committed writes, newest first."""
        ((last,),) = self.rows("select coalesce(max(number), 0) from writes")
        return self.writes(max(0, last - count))[::-1]

    def writes(self, after: int = 0, limit: int = -1) -> list[Write]:
        """Return the committed writes with a number above `after`, oldest first."""
        found = self.rows(
            "select number, at, system, object, id, before, after, actor, request_id"
            " from writes where number > ? order by number limit ?",
            (after, limit),  # SQLite takes -1 as no limit
        )
        return [written(*row) for row in found]
