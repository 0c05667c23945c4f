"""Filling: a company of any size into a store, drawn by parts in several processes.

A small company is drawn whole, as its quotas want it. A large one is drawn by parts of
fixed size, so that neither memory nor the number of processes decides what it is. The
database is filled beside its place and moved there when it is whole: a kill in between
leaves nothing that could be taken for a company.
"""

import gc
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.company.company import prospects_of
from sandbox.control import (
    enter_identities,
    enter_planted,
    planted_record,
    remember_company,
)
from sandbox.credentials import credentials
from sandbox.database import Database
from sandbox.disorder.plant import Short
from sandbox.filling_usage import Day, Events, days_of
from sandbox.stamps import key_of
from sandbox.store import Document, Store
from sandbox.vendors import VENDORS
from sandbox.webhooks import Webhooks
from sandbox.wire import dump
from sandbox.world import World, build_world, build_world_part

# Customers: twice as many cost 15 % more time each and fit no processor's cache.
PART = 250
# Customers: a company of up to so many is drawn whole, in one process.
WHOLE_MOST = 2_000
# KiB: ids and indexes of 100,000 customers are entered in no order; what does not fit
# is read and written again and again.
_CACHE_KIB = 1_800_000
_PAGE_BYTES = 16_384

Rows = list[tuple[str, str]]
Disorder = str | Mapping[str, float]


class UnfinishedError(RuntimeError):
    """A process that drew a part has died."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What company to fill a store with.

    Attributes:
        seed: of all chance.
        customers: how many have, had or will have a contract.
        months: of history.
        as_of: the last day.
        features: those of `sandbox.company.features`.
        disorder: what mistakes are planted, as `sandbox.disorder.plant` takes it. The
            demo's set is counted out for a whole company: one drawn by parts has every
            disorder at its usual rate instead.
        usage_events: in how many single events the metered usage came, at least, as
            far as it counts so many; none leaves only its sums by day.
    """

    seed: int
    customers: int
    months: int
    as_of: date
    features: frozenset[str] = frozenset()
    disorder: Disorder = "default"
    usage_events: int = 0

    @property
    def name(self) -> str:
        """Return what tells this company from others."""
        disorder = self.disorder
        if not isinstance(disorder, str):
            disorder = "+".join(f"{name}:{disorder[name]}" for name in sorted(disorder))
        said = [self.seed, self.customers, self.months, self.as_of, disorder]
        if self.features:
            said.append("+".join(sorted(self.features)))
        if self.usage_events:
            said.append(f"{self.usage_events} events")
        return "/".join(map(str, said))

    @property
    def is_whole(self) -> bool:
        """Say whether it is drawn in one piece."""
        return self.customers <= WHOLE_MOST

    def parts(self) -> list[range]:
        """Return the customers' and prospects' numbers of each part; one if small."""
        everybody = self.customers + prospects_of(self.customers)
        size = everybody if self.is_whole else PART
        return [
            range(start, min(start + size, everybody))
            for start in range(0, everybody, size)
        ]

    def events_until(self, number: int) -> int:
        """Return how many usage events there are when so many customers are drawn."""
        drawn = min(number, self.customers)
        return -(-self.usage_events * drawn // self.customers)


@dataclass(frozen=True, slots=True)
class Part:
    """What one process hands over of its customers.

    Attributes:
        records: as rows, by system and object.
        planted: the mistakes.
        short: of what there was no room for.
        identities: who is who.
        usage: its days.
    """

    records: dict[tuple[str, str], Rows]
    planted: list[dict[str, Any]]
    short: tuple[Short, ...]
    identities: dict[str, list[dict[str, Any]]]
    usage: list[Day]


def _quiet(_sentence: str) -> None:
    pass


def open_store(
    plan: Plan,
    clock: Clock,
    path: Path,
    workers: int = 1,
    tell: Callable[[str], None] = _quiet,
) -> Store:
    """Return the store at `path`, filled with the company if it isn't there yet.

    Args:
        plan: the company.
        clock: the vendors' idea of now; it goes on from the last write.
        path: of the database.
        workers: how many processes draw a company that is drawn by parts.
        tell: is told how far the filling of such a company is.

    Raises:
        ValueError: the company cannot be built, or another one is there.
        UnfinishedError: a process died while it was drawn.
    """
    if not _is_begun(path):
        unfinished = path.with_suffix(".filling")
        # A write-ahead log that lost its database belongs to nothing either.
        for name in (unfinished, path):
            for suffix in ("", "-wal", "-shm", "-journal"):
                name.with_name(name.name + suffix).unlink(missing_ok=True)
        fill(plan, clock, unfinished, workers, tell)
        unfinished.rename(path)
    store = Store({}, clock, path)
    try:
        store.belong_to(plan.name)
    except ValueError:
        store.close()
        raise
    behind = (store.last_write - clock.now()).total_seconds()
    clock.advance(max(0.0, behind))
    return store


def _is_begun(path: Path) -> bool:
    """Say whether a company is there; a database without one is nobody's."""
    if not path.exists():
        return False
    with closing(Database(Clock(), path)) as found:
        return found.setting("company") is not None


def fill(
    plan: Plan,
    clock: Clock,
    path: Path,
    workers: int = 1,
    tell: Callable[[str], None] = _quiet,
) -> None:
    """Write the company into a new database at `path`."""
    if not plan.is_whole:
        _paged(path)
    with closing(Store({}, clock, path)) as store:
        # Nobody else reads the file and a half-filled one is thrown away: no journal.
        store.run("pragma journal_mode = off")
        store.run("pragma synchronous = off")
        store.run("pragma temp_store = memory")
        store.run(f"pragma cache_size = -{_CACHE_KIB}")
        events = Events(store) if plan.usage_events else None
        indexes = {} if plan.is_whole else _indexes(plan, clock)
        parts, told = plan.parts(), 0
        short: list[Short] = []
        for numbers, part in zip(parts, _drawn(plan, workers), strict=True):
            share = 100 * (numbers.start) // parts[-1].stop
            if share // 10 > told:
                told = share // 10
                tell(f"Filling {plan.customers:,} customers: {told}0 %")
            with store.savepoint():
                _add(store, part, indexes)
                short += part.short
                if events is not None:
                    events.write(part.usage, plan.events_until(numbers.stop))
        remember_company(store, plan.seed, plan.as_of, short)
        store.remember("company", plan.name)
        store.remember_counts()


def _paged(path: Path) -> None:
    """Make an empty database with pages that hold three invoices instead of one.

    In SQLite's own 4 KiB most of them need a page and a half: a third more time.
    """
    with closing(sqlite3.connect(path)) as made:
        made.execute(f"pragma page_size = {_PAGE_BYTES}")
        made.execute("vacuum")


def _add(store: Store, part: Part, indexes: dict[str, list[str]]) -> None:
    for (system, name), rows in part.records.items():
        table = store.collection(system, name).table
        for statement in indexes.pop(table.strip('"'), ()):
            store.run(statement)
        # Prices and products are in every part; the first to come stays.
        store.run_many(
            f"insert or ignore into {table} (id, body) values (?, ?)", iter(rows)
        )
    enter_planted(store, part.planted)
    enter_identities(store, part.identities)


def _indexes(plan: Plan, clock: Clock) -> dict[str, list[str]]:
    """Return the statements that make the vendors' indexes, by table.

    An index that grows with its table costs half of one that is made at the first
    start: there each reads and parses all documents again.
    """
    with closing(Store({}, clock)) as empty:
        keys, hooks = credentials(plan.seed), Webhooks(empty)
        for vendor in VENDORS:
            vendor.api(empty, keys, hooks)
        found: dict[str, list[str]] = {}
        for table, statement in empty.rows(
            "select tbl_name, sql from sqlite_master where type = 'index' and sql <> ''"
        ):
            found.setdefault(table, []).append(
                statement.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1)
            )
    return found


def _drawn(plan: Plan, workers: int) -> Iterator[Part]:
    """Yield the parts in order, a few ahead of who takes them."""
    parts = plan.parts()
    if plan.is_whole:
        yield draw(plan, parts[0])
        return
    # A forked process would inherit the open database.
    context = get_context("spawn")
    with ProcessPoolExecutor(
        max_workers=workers, mp_context=context, initializer=_prepare
    ) as pool:
        ahead: list[Future[Part]] = []
        try:
            for numbers in parts:
                ahead.append(pool.submit(draw, plan, numbers))
                if len(ahead) > workers + 1:
                    yield ahead.pop(0).result()
            while ahead:
                yield ahead.pop(0).result()
        except BrokenProcessPool as error:
            raise UnfinishedError(
                "A process that drew the company died, perhaps for want of memory:"
                " try again with fewer --workers."
            ) from error
        finally:
            for future in ahead:
                future.cancel()


def _prepare() -> None:
    """Prepare a process that draws parts; it ends with the one that started it."""
    # A part makes no cycles, and one search for them takes a twentieth of its time.
    gc.disable()
    # Who presses Ctrl-C means all of it; the parent says so once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def draw(plan: Plan, numbers: range) -> Part:
    """Draw one part and write its records as they go into the database."""
    world = _world(plan, numbers)
    records = {
        (system, name): _rows(key_of(system), documents)
        for system, objects in world.documents.items()
        for name, documents in objects.items()
    }
    planted = [planted_record(each) for each in world.planted]
    usage = list(days_of(world.company)) if plan.usage_events else []
    identities = {name: list(told) for name, told in world.identities().items()}
    return Part(records, planted, world.short, identities, usage)


def _rows(key: str, documents: list[Document]) -> Rows:
    return [(str(each[key]), dump(each).decode()) for each in documents]


def _world(plan: Plan, numbers: range) -> World:
    whole = (plan.seed, plan.customers, plan.months, plan.as_of)
    disorder = plan.disorder
    if plan.is_whole:
        return build_world(*whole, disorder=disorder, features=plan.features)
    if disorder == "default":
        disorder = "all"
    return build_world_part(*whole, numbers, disorder=disorder, features=plan.features)
