"""Events of our own meters: each counted once, in whatever batches they come."""

import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

MODELS = (
    "stg_usage__events",
    "stg_stripe__meters",
    "stg_chargebee__items",
    "int_meters__stated",
    "int_usage__event_days",
)
EVENTS = """
    create schema if not exists raw_usage;
    create table raw_usage.events (
        event_id varchar, dedupe_key varchar, billing_system varchar, meter_id varchar,
        billing_customer_id varchar, quantity decimal(38, 9),
        event_at timestamp with time zone, ingested_at timestamp with time zone
    );
"""
BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
BATCHES, LIVES = 4, 60


@dataclass(frozen=True)
class Event:
    """One arrival."""

    event_id: str
    dedupe_key: str
    meter_id: str
    customer: str
    quantity: int
    event_at: datetime
    ingested_at: datetime


Day = tuple[str, str, date]


def drawn(seed: int) -> list[list[Event]]:
    """Draw batches: late ones, retries over midnight, keys used again much later."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable chance, not secret
    batches: list[list[Event]] = []
    sent: list[Event] = []
    for batch in range(BATCHES):
        arrived_at = BEGIN + timedelta(days=20 + batch)
        events = []
        for number in range(LIVES):
            at = BEGIN + timedelta(minutes=rng.randrange(20 * 24 * 60))
            event = Event(
                f"e{batch}-{number:03}",
                f"k{batch}-{number}",
                rng.choice(["calls", "storage"]),
                rng.choice(["c1", "c2"]),
                rng.choice([1, 2, 5, 100, -3]),
                at,
                # Many share their instant, as a batch does.
                arrived_at + timedelta(seconds=rng.randrange(3)),
            )
            if sent and rng.random() < 0.4:
                again = rng.choice(sent)
                moved = rng.choice(
                    [timedelta(0), timedelta(hours=9), timedelta(days=4)]
                )
                event = Event(
                    event.event_id,
                    again.dedupe_key,
                    again.meter_id,
                    again.customer,
                    again.quantity,
                    again.event_at + moved,
                    event.ingested_at,
                )
            events.append(event)
            sent.append(event)
        batches.append(events)
    return batches


def counted(events: list[Event]) -> dict[Day, tuple[Decimal, int, int, int]]:
    """Return quantity, events, retries and held ones of each day, by the definition."""
    by_key: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda each: (each.ingested_at, each.event_id)):
        by_key[event.meter_id, event.dedupe_key].append(event)
    days: dict[Day, tuple[Decimal, int, int, int]] = {}
    for arrivals in by_key.values():
        for place, event in enumerate(arrivals):
            on = event.event_at.date()
            retry = any(
                abs((earlier.event_at.date() - on).days) <= 1
                for earlier in arrivals[:place]
            )
            held = not retry and event.quantity < 0
            counts = 0 if retry or held else event.quantity
            place_of = (event.customer, event.meter_id, on)
            quantity, seen, retries, held_before = days.get(
                place_of, (Decimal(0), 0, 0, 0)
            )
            days[place_of] = (
                quantity + counts,
                seen + 1,
                retries + retry,
                held_before + held,
            )
    return days


@pytest.fixture
def metering(rich: Any, dbt: Any, tmp_path: Path) -> Callable[..., dict[Day, Any]]:
    """Return a function that appends events and tells the days after a build."""
    warehouse = tmp_path / "warehouse.duckdb"
    with closing(duckdb.connect(str(warehouse))) as connection:
        connection.execute(f"attach '{rich.warehouse}' as source (read_only)")
        for name in ("raw_stripe.meters", "raw_chargebee.items"):
            connection.execute(f"create schema {name.split('.')[0]}")
            connection.execute(f"create table {name} as from source.{name}")
        connection.execute(EVENTS)

    def days(events: list[Event], *words: str) -> dict[Day, Any]:
        with closing(duckdb.connect(str(warehouse))) as connection:
            if events:
                connection.executemany(
                    "insert into raw_usage.events values"
                    " (?, ?, 'stripe', ?, ?, ?, ?, ?)",
                    [
                        (
                            each.event_id,
                            each.dedupe_key,
                            each.meter_id,
                            each.customer,
                            each.quantity,
                            each.event_at,
                            each.ingested_at,
                        )
                        for each in events
                    ],
                )
        dbt.run("run", "--select", *MODELS, *words, warehouse=warehouse)
        with closing(duckdb.connect(str(warehouse))) as connection:
            found = connection.execute(
                "select billing_customer_id, meter_id, used_on, quantity, event_count,"
                " duplicate_count, held_count from intermediate.int_usage__event_days"
            ).fetchall()
        assert len({row[:3] for row in found}) == len(found)
        return {row[:3]: row[3:] for row in found}

    return days


def test_days_are_counted_the_same_however_events_arrive(
    metering: Callable[..., dict[Day, Any]],
) -> None:
    """After each batch, after none, and counted anew at once: always the definition."""
    batches = drawn(7)
    everything: list[Event] = []

    for batch in batches:
        everything += batch
        assert metering(batch) == counted(everything)
    again = metering([])
    anew = metering([], "--full-refresh")

    assert again == anew == counted(everything)
    assert sum(retries for *_, retries, _ in again.values()) > BATCHES
    assert any(held for *_, held in again.values())


def test_a_retry_over_midnight_counts_on_the_day_it_came_first(
    metering: Callable[..., dict[Day, Any]],
) -> None:
    """Twenty minutes apart, on two days and in two loads: one unit, not two."""
    before = BEGIN + timedelta(hours=23, minutes=50)
    first = Event("e1", "k1", "calls", "c1", 1, before, BEGIN + timedelta(days=2))
    retry = Event(
        "e2",
        "k1",
        "calls",
        "c1",
        1,
        before + timedelta(minutes=20),
        BEGIN + timedelta(days=3),
    )

    metering([first])
    days = metering([retry])

    assert days == {
        ("c1", "calls", BEGIN.date()): (Decimal(1), 1, 0, 0),
        ("c1", "calls", BEGIN.date() + timedelta(days=1)): (Decimal(0), 1, 1, 0),
    }
