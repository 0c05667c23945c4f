"""Difference: what the walks of a system brought against what its raw tables hold.

All of it is compared in DuckDB, whose memory is bounded, and ends in parquet files
beside the spool: what to write, and how the rows to be written stood before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from ingestion.errors import Rejected
from ingestion.raw.package import write
from ingestion.raw.spool import Spool
from ingestion.raw.warehouse import MEMORY
from ingestion.streams import Stream
from ingestion.systems import System

# A listing that lacks a fifth of what was there is more often a broken listing, or
# another account, than a mass deletion. Small tables may lose more.
_SHARE = 0.2
_ROWS = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """What a load does to one raw table, in numbers.

    `read` documents came; `duplicates` of them were earlier sights of a record that
    came again, `quarantined` did not fit. `changed` rows are new or different,
    `deleted` became tombstones. `newest` is the latest time of change among what came
    and what the table knows.
    """

    read: int
    duplicates: int
    quarantined: int
    changed: int
    deleted: int
    newest: datetime | None
    fit: tuple[str, ...]

    @property
    def loaded(self) -> int:
        """Return how many records came that the table now holds as they came."""
        return self.read - self.duplicates - self.quarantined

    def less(self, poisoned: int) -> Self:
        """Return the same without rows that the warehouse did not take."""
        return replace(
            self,
            quarantined=self.quarantined + poisoned,
            changed=self.changed - poisoned,
        )


NOTHING = Difference(0, 0, 0, 0, 0, None, ())


class Comparison:
    """The comparison of one system's streams, in one connection to the warehouse."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        system: System,
        spool: Spool,
        folder: Path,
    ) -> None:
        """Compare what the spool holds; the files go into `folder`."""
        self._connection = connection
        self._system = system
        self._spool = spool
        self._folder = folder
        self._came = spool.streams()
        connection.execute(f"set memory_limit = '{MEMORY}'")

    def compare(
        self,
        stream: Stream,
        held: Sequence[str],
        *,
        is_listed: bool,
        may_be_old: bool = False,
    ) -> Difference:
        """Write the files of one stream where anything differs.

        Args:
            stream: the raw table.
            held: identifiers of the stream's records in quarantine.
            is_listed: the walks showed every record, so that what is missing is gone.
            may_be_old: another load may have brought later versions meanwhile.

        Raises:
            Rejected: so much is missing that a person has to look first.
        """
        if not is_listed and stream.name not in self._came:
            return replace(NOTHING, newest=self._newest(stream))
        arrived = self._arrived(stream)
        distinct = self._count("latest")
        self._changed(stream, may_be_old=may_be_old)
        self._gone(stream, is_listed=is_listed)
        changed, deleted = self._count("written"), self._count("gone")
        if changed or deleted:
            self._write(stream)
        unfit = sum(1 for _ in self._spool.values(stream.name, "unfit"))
        return Difference(
            arrived + unfit,
            arrived - distinct,
            unfit,
            changed,
            deleted,
            self._newest(stream, '"arrived"'),
            self._fit(held),
        )

    def _fit(self, held: Sequence[str]) -> tuple[str, ...]:
        if not held:
            return ()
        with self._registered({"id": held}):
            found = self._connection.execute(
                'select id from told where id in (select id from "latest")'
                ' or id in (select id from "gone")'
            ).fetchall()
        return tuple(each for (each,) in found)

    def _arrived(self, stream: Stream) -> int:
        """Note which rows came, without what they say; return how many there are.

        A million rows with their records are a gigabyte, what is looked at here is not
        a tenth of that.
        """
        run = self._connection.execute
        with self._pages(stream, self._looked_at(stream)):
            run('create or replace temp table "arrived" as select * from pages')
        # A record that moved while pages were read arrives twice: the last one counts.
        run(
            'create or replace temp table "latest" as'
            ' select id, max(_seq) as _seq, max(_part) as _part from "arrived"'
            " group by id"
        )
        return self._count("arrived")

    def _looked_at(self, stream: Stream) -> list[str]:
        """Return the columns that say which row it is, whose, and of when."""
        families = [told for _, told in self._spool.values(stream.name, "children")]
        named = {name for family in families for name in family["columns"]}
        named |= {family["since"][0] for family in families if family["since"]}
        named |= {"id", stream.cursor or "id"}
        return [name for name in stream.schema.names if name in named]

    @contextmanager
    def _pages(
        self, stream: Stream, columns: Sequence[str] | None = None
    ) -> Iterator[None]:
        """Let SQL read what arrived as the table `pages`, once."""
        self._connection.register("pages", self._spool.rows(stream, columns))
        try:
            yield
        finally:
            self._connection.unregister("pages")

    def _changed(self, stream: Stream, *, may_be_old: bool) -> None:
        """Find the rows that the raw table lacks or holds otherwise.

        Most of what is read again is as it was; writing it again would cost a merge of
        every table on each load.
        """
        run = self._connection.execute
        run(
            f'create or replace temp table "held" as select * from'
            f' {self._table(stream)} where id in (select id from "latest")'
        )
        if not self._count("held"):  # all are new: there is nothing to compare with
            run(
                'create or replace temp table "written" as'
                ' select id, _seq from "latest"'
            )
            return
        differs = " or ".join(
            f'held."{name}" is distinct from pages."{name}"'
            for name in stream.schema.names
        )
        if may_be_old and stream.cursor is not None:
            stamp = f'"{stream.cursor}"'
            differs = (
                f"({differs}) and not coalesce(pages.{stamp} < held.{stamp}, false)"
            )
        with self._pages(stream):
            run(
                'create or replace temp table "written" as'
                ' select pages.id, pages._seq from pages inner join "latest"'
                ' using (_seq) left join "held" as held on held.id = pages.id'
                f" where {differs}"
            )

    def _gone(self, stream: Stream, *, is_listed: bool) -> None:
        """Find the rows that are gone, as they last stood."""
        name = stream.name
        self._connection.execute(
            f'create or replace temp table "gone" as select {_columns(stream)}'
            f" from {self._table(stream)} where false"
        )
        told = list(self._spool.values(name, "gone"))
        if told:
            self._overtake(told)
            self._bury(stream, {"id": [gone for _, gone in told]})
        for number, family in self._spool.values(name, "children"):
            parents = zip(*family["parents"], strict=True)
            columns = dict(zip(family["columns"], parents, strict=True))
            self._disown(columns, family["since"], number)
            self._bury(stream, columns, family["since"])
        if is_listed:
            before = self._count("gone")
            self._bury_unlisted(stream)
            self._insist_on_few(stream, self._count("gone") - before)

    def _overtake(self, told: list[tuple[int, str]]) -> None:
        """Drop the rows that arrived before the word that their record is gone."""
        numbers, ids = zip(*told, strict=True)
        with self._registered({"id": ids, "part": numbers}):
            for table in ("written", "latest"):
                self._connection.execute(
                    f'delete from "{table}" where id in (select id from "latest"'
                    " join told using (id) where told.part > _part)"
                )

    def _disown(
        self,
        told: Mapping[str, Sequence[str]],
        since: Sequence[str] | None,
        number: int,
    ) -> None:
        """Drop the children that arrived with an earlier sight of their parents."""
        with self._registered(told):
            stale = (
                'select held.id from "arrived" as held inner join "latest" using (_seq)'
                f" where held._part < {number} and {_named(told, since)}"
            )
            for table in ("written", "latest"):
                self._connection.execute(f'delete from "{table}" where id in ({stale})')

    def _bury(
        self,
        stream: Stream,
        told: Mapping[str, Sequence[str]],
        since: Sequence[str] | None = None,
    ) -> None:
        """Add what is named by the columns of `told` and did not arrive itself."""
        with self._registered(told):
            self._bury_where(stream, _named(told, since))

    def _bury_unlisted(self, stream: Stream) -> None:
        """Add what the walks, which showed everything, did not show."""
        listed = any(True for _ in self._spool.bodies(stream.name, "listed"))
        keys = [key for _, key in self._spool.values(stream.name, "keys")]
        with self._registered({"id": keys}):
            self._bury_where(
                stream, "id not in (select id from told)" if listed else "true"
            )

    def _bury_where(self, stream: Stream, where: str) -> None:
        self._connection.execute(
            f'insert into "gone" select {_columns(stream)}'
            f" from {self._table(stream)} as held where not is_deleted and {where}"
            ' and id not in (select id from "latest")'
            ' and id not in (select id from "gone")'
        )

    @contextmanager
    def _registered(self, columns: Mapping[str, Sequence[Any]]) -> Iterator[None]:
        """Let SQL see some values as the table `told`."""
        kinds = {"part": pa.int64()}
        arrays = {
            name: pa.array(values, kinds.get(name, pa.string()))
            for name, values in columns.items()
        }
        self._connection.register("told", pa.table(arrays))
        try:
            yield
        finally:
            self._connection.unregister("told")

    def _insist_on_few(self, stream: Stream, missing: int) -> None:
        if missing <= _ROWS:
            return
        alive = self._count(self._table(stream), "where not is_deleted")
        if missing > _SHARE * alive:
            raise Rejected(
                self._system.name,
                f"{missing} of {alive} records are not listed any more",
                "check that the settings still name the same account; if the records"
                " are gone indeed, delete the warehouse file, which is built again"
                " from the systems, and run again",
                object=stream.object,
            )

    def _newest(self, stream: Stream, *arrived: str) -> datetime | None:
        """Return the latest change among what came and what the table knows."""
        if stream.cursor is None:
            return None
        found = self._connection.execute(
            " union all ".join(
                f'select max("{stream.cursor}") from {table}'
                for table in (self._table(stream), *arrived)
            )
        ).fetchall()
        return max((newest for (newest,) in found if newest), default=None)

    def _write(self, stream: Stream) -> None:
        """Write the files: the rows as they shall be, and as they stood."""
        columns = ", ".join(
            "true as is_deleted" if name == "is_deleted" else f'"{name}"'
            for name in stream.schema.names
        )
        with self._pages(stream):
            write(
                self._connection,
                self._folder,
                stream.name,
                f"select {_columns(stream)} from pages"
                ' where _seq in (select _seq from "written")'
                f' union all select {columns} from "gone"',
                'select * from "held" where id in (select id from "written")'
                f" union all select * from {self._table(stream)}"
                ' where id in (select id from "gone")',
            )

    def _count(self, table: str, where: str = "") -> int:
        found = self._connection.execute(f"select count(*) from {table} {where}")
        return int(found.fetchall()[0][0])

    def _table(self, stream: Stream) -> str:
        return f'"{self._system.schema}"."{stream.name}"'


def _named(columns: Iterable[str], since: Sequence[str] | None) -> str:
    """Return the condition that the table `told` names a row of `held`."""
    same = " and ".join(f'told."{name}" = held."{name}"' for name in columns)
    where = f"exists (select 1 from told where {same})"
    if since is not None:
        where += f" and held.\"{since[0]}\" >= timestamptz '{since[1]}'"
    return where


def _columns(stream: Stream) -> str:
    return ", ".join(f'"{name}"' for name in stream.schema.names)
