"""Loading: one system's load, from its walks to what is accounted for."""

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

import duckdb

from ingestion.errors import Rejected, SystemFault
from ingestion.raw import package, warehouse
from ingestion.raw.abreast import abreast
from ingestion.raw.accounting import Accounts
from ingestion.raw.difference import NOTHING, Comparison, Difference
from ingestion.raw.merge import merge, poison, undo
from ingestion.raw.positions import is_due, position
from ingestion.raw.replay import replay
from ingestion.raw.spool import Spool, Walk
from ingestion.raw.task import EVERYTHING, Loaded, Place, Report, Wanted
from ingestion.raw.walk import walk
from ingestion.readings import Known, Page, Reading, Step
from ingestion.systems import System
from ingestion.transport.rest import Rest
from operations.quarantine import held, last_read
from operations.store import Store


class SystemLoad:
    """The load of one system: first it is read, then it is written."""

    def __init__(self, one: System, place: Place, wanted: Wanted) -> None:
        """Prepare nothing yet; `faults` will have what went wrong."""
        self.system = one
        self.faults: list[SystemFault] = []
        self._place = place
        self._wanted = wanted
        self._file = place.home / "spool" / f"{one.name}-{wanted.kind}.sqlite"
        self._package = place.home / "spool" / f"{one.name}-package"
        self._streams = {stream.name: stream for stream in one.streams}
        self._known = Known(datetime.now(UTC))
        self._readings: list[Reading] = []
        self._unusable: set[str] = set()
        self._seconds = 0.0
        self._is_shut = False

    def prepare(self, store: Store) -> None:
        """Undo what was left half written; find out what is known and to be asked."""
        undo(self._place.warehouse, self.system, self._package)
        package.remove(self._package)
        with warehouse.opened(self._place.warehouse) as connection:
            known = warehouse.known(connection, self.system, self._known.now)
        known = replace(known, read=last_read(store, self.system.name))
        self._known = self._asked(known)
        self._readings = self._chosen()
        self._spool = Spool(self._file)
        asks = {one.name: self._asks(one) for one in self._readings}
        self._spool.begin(asks, known.now, self._no_older_than())

    @property
    def is_first(self) -> bool:
        """Tell whether no load of the system was ever completed."""
        return not self._known.since

    def _asked(self, known: Known) -> Known:
        wanted = self._wanted
        if not (wanted.is_full or wanted.is_partial):
            return known
        if wanted.is_full or wanted.since is None:
            return Known(known.now, read=known.read)
        since = dict.fromkeys(self._streams, wanted.since)
        # No sweep is due: a window has no need of one.
        swept = dict.fromkeys(self._streams, known.now)
        return Known(known.now, since, swept, known.read)

    def _chosen(self) -> list[Reading]:
        vendor, wanted = self.system.vendor, self._wanted
        if wanted.is_stored:
            return [Reading(name, (name,), _nothing) for name in self._streams_wanted()]
        if wanted.ids:
            return [vendor.named(name, ids) for name, ids in wanted.ids.items()]
        return [
            reading
            for reading in vendor.readings(self._known)
            if self._streams_wanted() & set(reading.fills)
        ]

    def _streams_wanted(self) -> frozenset[str]:
        return self._wanted.streams or frozenset(self._streams)

    def _no_older_than(self) -> dict[str, datetime]:
        """Return since when the pages of a window count, by reading.

        What a load has brought since would be overwritten by an older page, unless the
        record itself says when it was changed.
        """
        if not self._wanted.is_partial:
            return {}
        last = max(self._known.read.values(), default=None)
        return {
            reading.name: last
            for reading in self._readings
            if last is not None
            and any(self._streams[name].cursor is None for name in reading.fills)
        }

    def _asks(self, reading: Reading) -> str:
        """Return what a reading asks, so that pages of another are not taken up."""
        wanted = self._wanted
        bounds = [self._since(reading), wanted.until, wanted.day]
        columns = [warehouse.signature(self._streams[name]) for name in reading.fills]
        ids = [wanted.ids.get(name) for name in reading.fills]
        return repr((reading.fills, reading.lists, bounds, ids, columns))

    def _since(self, reading: Reading) -> datetime | None:
        starts = [self._known.since.get(name) for name in reading.fills]
        known = [start for start in starts if start is not None]
        return min(known) if len(known) == len(starts) else None

    def read(self, environ: Mapping[str, str], store: Store) -> None:
        """Walk all readings; a fault ends its own walk, or all of a closed system."""
        began = time.monotonic()
        try:
            if self._wanted.is_stored:
                self._replay(store)
            else:
                with self.system.connect(environ) as rest:
                    self._walk(rest)
        except SystemFault as fault:
            self.faults.append(fault)
        self._seconds = time.monotonic() - began

    def _walk(self, rest: Rest) -> None:
        came = abreast(self._readings, partial(self._follow, rest), rest.budget.at_once)
        for unusable, fault in came:
            self._unusable |= unusable.keys()
            self.faults += [*unusable.values(), *([fault] if fault else [])]

    def _follow(
        self, rest: Rest, reading: Reading
    ) -> tuple[dict[str, SystemFault], SystemFault | None]:
        """Walk a reading; return what cannot be used of it, and what ended it."""
        if self._is_shut:  # no other walk would be let in either
            return {}, None
        step = Step(rest, None, self._since(reading), self._wanted.until)
        try:
            return walk(reading, self._streams, step, self._spool), None
        except SystemFault as fault:
            if fault.status != HTTPStatus.UNAUTHORIZED:
                return {}, fault
            is_first, self._is_shut = not self._is_shut, True
            return {}, fault if is_first else None

    def _replay(self, store: Store) -> None:
        with warehouse.opened(self._place.warehouse) as connection:
            for reading in self._readings:
                stream = self._streams[reading.name]
                quarantined = held(store, self.system.name, stream.name)
                replay(
                    connection,
                    self.system,
                    stream,
                    self._spool,
                    quarantined,
                    day=self._wanted.day,
                )

    def told(self) -> str:
        """Say what was read, in half a sentence."""
        counted = sum(
            self._spool.number(reading.name, name, "rows")
            for reading in self._readings
            for name in reading.fills
        )
        return f"{counted:,} records read in {self._seconds:.1f} s"

    def write(self, store: Store, tell: Report) -> list[Loaded]:
        """Compare what was read, let dlt write the difference, and account for it.

        Raises:
            SystemFault: the warehouse did not take it; its tables are as they were.
        """
        began = time.monotonic()
        with self._spool:
            accounts = Accounts(store, self.system, self._spool)
            differences = self._compare(accounts)
            load_id = None
            if package.tables(self._package):
                load_id = self._merge(accounts, differences)
            package.remove(self._package)
            self._account(accounts, differences, load_id)
        with warehouse.opened(self._place.warehouse) as connection:
            counts = warehouse.counts(connection, self.system)
        seconds = self._seconds + time.monotonic() - began
        changed = sum(each.changed for each in differences.values())
        deleted = sum(each.deleted for each in differences.values())
        tell(
            f"{self.system.name}: {changed:,} new or changed, {deleted:,} deleted,"
            f" in {seconds:.1f} s"
        )
        return [
            Loaded(
                self.system.name,
                name,
                counts[name],
                each.read,
                each.duplicates,
                each.quarantined,
                each.changed,
                each.deleted,
                load_id,
                seconds,
            )
            for name, each in (differences | self._unasked()).items()
        ]

    def has_news(self, store: Store) -> bool:
        """Tell whether a load would write anything of what was read.

        If so it stays in the spool for that load; if not it is accounted for.
        """
        with self._spool:
            accounts = Accounts(store, self.system, self._spool)
            differences = self._compare(accounts)
            is_news = bool(package.tables(self._package))
            package.remove(self._package)
            if not is_news:
                self._account(accounts, differences, None)
        return is_news

    def _account(
        self,
        accounts: Accounts,
        differences: Mapping[str, Difference],
        load_id: str | None,
    ) -> None:
        accounts.close(
            differences,
            [name for name in differences if self._is_listed(name)],
            datetime.now(UTC),
            load_id,
            is_partial=self._wanted.is_partial,
        )
        self._clear(differences)

    def _unasked(self) -> dict[str, Difference]:
        """Return the streams that the vendor has no reason to read this time."""
        if self._wanted != EVERYTHING:
            return {}
        asked = {name for reading in self._readings for name in reading.fills}
        return {name: NOTHING for name in self._streams if name not in asked}

    def _clear(self, differences: Collection[str]) -> None:
        """Forget the walks that are loaded; what broke off goes on with the next load.

        A walk that is over and was not loaded waits for another of the same stream.
        """
        for reading in self._readings:
            is_loaded = set(reading.fills) <= set(differences)
            is_over = self._spool.walk(reading.name).is_over
            if is_loaded or (is_over and reading.groups):
                self._spool.forget(reading.name)
        if self._spool.is_empty():
            self._spool.remove()

    def _compare(self, accounts: Accounts) -> dict[str, Difference]:
        """Return the difference of each stream whose walks are over."""
        differences: dict[str, Difference] = {}
        with warehouse.opened(self._place.warehouse) as connection:
            comparison = Comparison(connection, self.system, self._spool, self._package)
            for name, stream in self._streams.items():
                if not self._is_whole(name):
                    continue
                try:
                    differences[name] = comparison.compare(
                        stream,
                        accounts.held(name),
                        is_listed=self._is_listed(name),
                        may_be_old=self._wanted.is_partial,
                    )
                except Rejected as fault:
                    self.faults.append(fault)
                    self._unusable.add(name)
            self._leave_torn(differences)
            self._write_own(connection, differences)
        for name in self._unusable:
            self._forget(name)
        return differences

    def _is_whole(self, name: str) -> bool:
        """Tell whether all walks that fill a stream are over and can be used."""
        walks = self._walks(name)
        is_usable = name not in self._unusable
        return is_usable and bool(walks) and all(each.is_over for each in walks)

    def _walks(self, name: str) -> list[Walk]:
        """Return how far the walks that fill a stream have come."""
        filling = [one for one in self._readings if name in one.fills]
        return [self._spool.walk(one.name) for one in filling]

    def _is_listed(self, name: str) -> bool:
        if self._wanted.is_partial:
            return False
        return any(name in reading.lists for reading in self._readings)

    def _forget(self, name: str) -> None:
        """Let what fills a stream be read anew: it cannot be used."""
        for reading in self._readings:
            if name in reading.fills:
                self._spool.forget(reading.name)

    def _leave_torn(self, differences: dict[str, Difference]) -> None:
        """Leave a whole group as it was where one of its streams cannot be used."""
        for group in (each for one in self._readings for each in one.loaded_together):
            if not all(name in differences for name in group):
                for name in group:
                    differences.pop(name, None)
                    package.drop(self._package, name)

    def _write_own(
        self,
        connection: duckdb.DuckDBPyConnection,
        differences: Mapping[str, Difference],
    ) -> None:
        """Add to the package what the rows were, and where the next load reads on."""
        schema = self.system.schema
        moved = [] if self._wanted.is_partial else list(self._moved(differences))
        package.write_history(connection, self._package, schema, self.system.streams)
        if moved:
            table = (schema, warehouse.CURSORS)
            connection.register("moved", warehouse.own_rows(warehouse.CURSORS, moved))
            package.write_rows(connection, self._package, table, "select * from moved")
            connection.unregister("moved")

    def _moved(
        self, differences: Mapping[str, Difference]
    ) -> Iterator[dict[str, object]]:
        """Yield the positions that have a reason to be written.

        Where nothing changed nothing is written, so that a load costs nothing then.
        """
        changed = bool(package.tables(self._package))
        for name, difference in differences.items():
            stream = self._streams[name]
            began = min(each.began for each in self._walks(name) if each.began)
            is_listed = self._is_listed(name)
            if not (changed or is_due(self._known, name, began if is_listed else None)):
                continue
            marks = [at for _, at in self._spool.values(name, "mark")]
            mark = min(map(datetime.fromisoformat, marks), default=None)
            yield {
                "id": name,
                "position": position(stream, difference.newest, mark, began),
                "swept": began if is_listed else self._known.swept.get(name),
                "columns": warehouse.signature(stream),
            }

    def _merge(self, accounts: Accounts, differences: dict[str, Difference]) -> str:
        """Let dlt write the package; what the warehouse does not take is taken out."""
        place, folder = self._place, self._package
        new = self._new()
        try:
            return merge(place.warehouse, place.home, self.system, folder, new)
        except SystemFault:
            found = poison(place.warehouse, self.system, folder)
            if not found or not found.keys() <= differences.keys():
                raise
            accounts.set_aside(folder, found, datetime.now(UTC))
            with warehouse.opened(place.warehouse) as connection:
                for name, bad in found.items():
                    package.without(connection, folder, name, list(bad))
                    differences[name] = differences[name].less(len(bad))
            return merge(place.warehouse, place.home, self.system, folder, new)

    def _new(self) -> list[str]:
        """Return the tables that have no rows yet."""
        with warehouse.opened(self._place.warehouse) as connection:
            return [
                name
                for name in package.tables(self._package)
                if warehouse.is_empty(connection, self.system.schema, name)
            ]


def _nothing(_step: Step) -> Page:
    return Page(())
