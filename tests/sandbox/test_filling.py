"""A company of any size is put on disk once, whole or not at all."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sandbox import filling
from sandbox.clock import Clock
from sandbox.company.features import ALL_FEATURES
from sandbox.control import enter
from sandbox.filling import PART, WHOLE_MOST, Plan, draw, fill, open_store
from sandbox.filling_usage import EVENTS
from sandbox.store import Store, WrongCompanyError, column
from sandbox.world import build_world

AS_OF = date(2026, 10, 31)
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
SMALL = Plan(7, 40, 6, AS_OF)
LARGE = Plan(7, WHOLE_MOST + 1, 6, AS_OF)

Dumped = dict[str, list[tuple[object, ...]]]


def clock() -> Clock:
    """Return a clock that stands."""
    return Clock(START, running=False)


def dumped(path: Path) -> Dumped:
    """Return every row of every table, as it lies on disk."""
    held = sqlite3.connect(path)
    names = held.execute("select name from sqlite_master where type = 'table'")
    tables = [name for (name,) in names.fetchall()]
    rows = {name: held.execute(f'select * from "{name}"').fetchall() for name in tables}
    held.close()
    return rows


def short(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Let a plan of a large company have a few small parts only."""
    parts = [range(12), range(12, 20), range(plan.customers - 4, plan.customers + 4)]
    monkeypatch.setattr(Plan, "parts", lambda _plan: parts)
    return plan


def records(path: Path) -> Dumped:
    """Return the rows of the vendors' tables."""
    return {name: rows for name, rows in dumped(path).items() if "/" in name}


def test_a_small_company_is_the_same_as_in_memory(tmp_path: Path) -> None:
    """What a process serves is, byte for byte, what a test builds."""
    built = Store({}, clock(), tmp_path / "built.sqlite")
    enter(built, build_world(7, 40, 6, AS_OF))
    built.close()

    open_store(SMALL, clock(), tmp_path / "filled.sqlite").close()

    assert records(tmp_path / "filled.sqlite") == records(tmp_path / "built.sqlite")


def test_the_number_of_processes_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process or three: the same rows at the same places."""
    plan = short(replace(LARGE, features=ALL_FEATURES, usage_events=500), monkeypatch)

    fill(plan, clock(), tmp_path / "one.sqlite", workers=1)
    fill(plan, clock(), tmp_path / "three.sqlite", workers=3)

    assert dumped(tmp_path / "one.sqlite") == dumped(tmp_path / "three.sqlite")


def test_parts_make_up_everybody_once() -> None:
    """Each customer and prospect is in one part, and no part is larger than PART."""
    parts = LARGE.parts()

    numbers = [number for part in parts for number in part]

    assert numbers == list(range(LARGE.customers + LARGE.customers // 10))
    assert max(map(len, parts)) == PART


def test_what_all_parts_share_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Products and prices come with every part; of accounts each has its own."""
    plan = short(LARGE, monkeypatch)
    store = open_store(plan, clock(), tmp_path / "sandbox.sqlite")

    products = store.count("salesforce", "Product2")
    accounts = store.count("salesforce", "Account")
    alone = draw(plan, range(12))

    assert products == len(alone.records["salesforce", "Product2"])
    assert accounts >= 12 + 8 + 8


def test_mistakes_are_planted_in_every_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part plants by rate, also where few of its customers suit."""
    store = open_store(short(LARGE, monkeypatch), clock(), tmp_path / "sandbox.sqlite")

    planted = store.collection("sandbox", "planted")

    assert len(planted) > 0
    assert planted.ids() == [str(number) for number in range(len(planted))]


def test_the_vendors_indexes_are_there_before_the_first_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pages are read by is entered with the records, not by reading all again."""
    fill(short(LARGE, monkeypatch), clock(), tmp_path / "sandbox.sqlite")

    held = sqlite3.connect(tmp_path / "sandbox.sqlite")
    found = {
        table
        for (table,) in held.execute(
            "select tbl_name from sqlite_master where type = 'index' and sql <> ''"
        )
    }
    held.close()

    assert found >= {"stripe/invoice", "hubspot/companies", "netsuite/customer"}


def test_a_days_events_sum_to_the_day(tmp_path: Path) -> None:
    """No usage is lost or added where a day's sum is written as single events."""
    plan = replace(SMALL, usage_events=20_000)
    days = {day[0]: day for day in draw(plan, plan.parts()[0]).usage}

    store = open_store(plan, clock(), tmp_path / "sandbox.sqlite")
    events = store.collection(*EVENTS)
    summed = store.rows(
        f"select substr(id, 1, 17), {column('customer')}, {column('meter')},"
        f" sum({column('quantity')}), min({column('quantity')}),"
        f" min({column('at')}), max({column('at')})"
        f" from {events.table} group by 1"
    )

    assert {row[0]: row[1:4] for row in summed} == {
        key: (customer, meter, quantity)
        for key, customer, meter, _, quantity in days.values()
    }
    for key, _, _, _, least, first, last in summed:
        assert least >= 1
        assert days[key][3] <= first <= last < days[key][3] + 86_400


def test_there_are_as_many_events_as_were_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least so many, and at most one more for each day of the last part."""
    plan = short(replace(LARGE, usage_events=3_000), monkeypatch)
    days = sum(len(draw(plan, part).usage) for part in plan.parts())

    store = open_store(plan, clock(), tmp_path / "sandbox.sqlite")

    assert 3_000 <= store.count(*EVENTS) <= 3_000 + days


def test_a_kill_in_the_middle_leaves_no_company(tmp_path: Path) -> None:
    """After SIGKILL nobody works on, no database is there, and the next start fills."""
    script = (
        "from pathlib import Path; from datetime import date;"
        "from sandbox.clock import Clock;"
        "from sandbox.filling import Plan, open_store;"
        "import sys; path = Path(sys.argv[1]);"
        f"plan = Plan(7, {WHOLE_MOST + 1}, 6, date(2026, 10, 31));"
        "open_store(plan, Clock(), path, 1)"
    )
    path = tmp_path / "sandbox.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    unfinished = tmp_path / "sandbox.filling"
    _until(lambda: unfinished.exists() and unfinished.stat().st_size > 2_000_000)

    process.kill()
    process.wait()

    assert not path.exists()
    _until(lambda: not _is_anybody_in(process.pid))
    store = open_store(SMALL, clock(), path)
    assert store.count("salesforce", "Account") > 40
    assert sorted(each.name for each in tmp_path.glob("*.filling*")) == []


def test_a_database_without_a_company_is_filled(tmp_path: Path) -> None:
    """What an interrupted start left behind is nobody's."""
    path = tmp_path / "sandbox.sqlite"
    Store({"stripe": {"customer": [{"id": "cus_1"}]}}, clock(), path).close()

    store = open_store(SMALL, clock(), path)

    assert store.collection("stripe", "customer").get("cus_1") is None
    assert store.count("stripe", "customer") > 40


def test_another_company_is_refused(tmp_path: Path) -> None:
    """Records of one company are never served as another's."""
    path = tmp_path / "sandbox.sqlite"
    open_store(SMALL, clock(), path).close()

    with pytest.raises(WrongCompanyError, match="7/40/6/2026-10-31/default, not 8/40"):
        open_store(replace(SMALL, seed=8), clock(), path)


def test_a_restart_keeps_what_was_written(tmp_path: Path) -> None:
    """Writes stay, numbers go on, and the clock does not run back."""
    path = tmp_path / "sandbox.sqlite"
    first, began = open_store(SMALL, clock(), path), clock()
    customer = first.collection("stripe", "customer").ids()[0]
    first.clock.advance(3600)
    who = {"actor": "api", "request_id": "req_1"}
    first.update("stripe", "customer", customer, {"description": "Kept"}, **who)
    given = first.number()
    first.close()

    again = open_store(SMALL, began, path)

    changed = again.collection("stripe", "customer").get(customer)
    assert changed is not None
    assert changed["description"] == "Kept"
    assert again.number() > given
    assert (began.now() - START).total_seconds() == 3600


def test_counts_follow_every_write(tmp_path: Path) -> None:
    """An object is counted exactly after records came, went and came again."""
    store = open_store(SMALL, clock(), tmp_path / "sandbox.sqlite")
    held, who = store.collection("stripe", "customer"), _who()
    ids = held.ids()
    last = held.get(ids[-1])
    assert last is not None

    for record_id in (ids[0], ids[-1]):
        store.delete("stripe", "customer", record_id, **who)
    store.create("stripe", "customer", last, **who)
    store.create("stripe", "customer", {"id": "cus_new"}, **who)
    store.update("stripe", "customer", "cus_new", {"name": "New"}, **who)

    assert store.count("stripe", "customer") == len(held) == len(ids)


def test_a_large_object_is_counted_without_reading_it(tmp_path: Path) -> None:
    """The count of what was filled in comes from one row."""
    store = open_store(SMALL, clock(), tmp_path / "sandbox.sqlite")
    table = store.collection("stripe", "invoice").table

    plan = store.rows(
        f"explain query plan select count(*) from {table} where place > ?", (1_000,)
    )

    assert "SEARCH" in plan[0][3]
    assert store.count("stripe", "invoice") == len(
        store.collection("stripe", "invoice")
    )


def test_a_process_that_dies_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs out of memory reads a sentence, and no company is left."""
    plan = short(LARGE, monkeypatch)
    monkeypatch.setattr(filling, "draw", _dies)

    with pytest.raises(filling.UnfinishedError, match="fewer --workers"):
        open_store(plan, clock(), tmp_path / "sandbox.sqlite")

    assert not (tmp_path / "sandbox.sqlite").exists()


def _dies(_plan: Plan, _numbers: range) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _who() -> dict[str, str]:
    return {"actor": "api", "request_id": "req_1"}


def _is_anybody_in(session: int) -> bool:
    """Say whether a process of the session that we started still lives."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, owner = stat.read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(owner) == session and state != "Z":
            return True
    return False


def _until(holds: object) -> None:
    """Wait until something holds."""
    assert callable(holds)
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
