"""Bench of usage: what late events cost, when there are a hundred million already.

    python -m tests.bench.bench_usage --events 2000000
    python -m tests.bench.bench_usage --events 100000000

Writes a year of events into a warehouse below build/, a month at a time, and builds
their days as dbt would after each load; then some come late. Prints one table and
writes build/bench-usage.json. The disk that it takes is given back at the end.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import duckdb

from tests.bench.report import Figure, machine, say, table, write

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
REPORT = BUILD / "bench-usage.json"
MODEL = "int_usage__event_days"
MODELS = (
    "stg_usage__events",
    "stg_stripe__meters",
    "stg_chargebee__items",
    "int_meters__stated",
    MODEL,
)
# From issue 6: after late events among 100 M, on 2 cores.
SECONDS, GIGABYTES = 10.0, 8.0
FIRST_DAY, DAYS, MONTHS = "2025-11-01", 360, 12
CUSTOMERS = 20_000
# One event in so many was sent twice.
RETRIED = 1_000
LATE, LATE_DAYS_AGO = 10_000, (2, 31, 200)

TABLES = """
    create schema raw_usage;
    create schema raw_stripe;
    create schema raw_chargebee;
    create table raw_usage.events (
        event_id varchar, dedupe_key varchar, billing_system varchar, meter_id varchar,
        billing_customer_id varchar, quantity decimal(38, 9),
        event_at timestamp with time zone, ingested_at timestamp with time zone
    );
    create table raw_stripe.meters as
        select 'mtr_' || n as id, 'Meter' as display_name, 'meter' as event_name,
            'sum' as default_aggregation_formula, 'active' as status, '{}' as record,
            false as is_deleted, '1' as _dlt_load_id
        from range(2) as numbers (n);
    create table raw_chargebee.items (
        id varchar, name varchar, type varchar, metadata_sku varchar, metered boolean,
        usage_calculation varchar, status varchar, record varchar, is_deleted boolean,
        _dlt_load_id varchar
    );
"""
# Clustered by the day, as events come. A retry is twenty minutes younger.
APPEND = """
    insert into raw_usage.events
    select
        'e' || n, 'k' || key, 'stripe', 'mtr_' || (hash(key) % 2),
        'cus_' || (hash(key + 7) % {customers}), 1 + hash(key + 3) % 5,
        make_timestamptz(used_us + (n - key) * 1200000000),
        make_timestamptz(used_us + (n - key) * 1500000000)
    from (
        select n, n - (n % {retried} = 1)::bigint as key,
            epoch_us(timestamptz '{first_day} 00:00:00+00')
            + n * (({days} * 86400000000) // {events}) as used_us
        from range({begin}, {end}) as numbers (n)
    )
"""
COME_LATE = """
    insert into raw_usage.events
    select 'l' || n, 'late' || n, 'stripe', 'mtr_' || (n % 2),
        'cus_' || (hash(n) % {customers}), 1,
        timestamptz '{first_day} 12:00:00+00' + interval ({days} - {ago}) day
            + n * interval 1 second,
        timestamptz '{first_day} 00:00:00+00' + interval ({days} + 1) day
    from range({begin}, {end}) as numbers (n)
"""
# What the adapter does with the days that the model selects.
DIRECT = """
    begin;
    create temp table counted as {query};
    delete from intermediate.{model} where used_on in (select used_on from counted);
    insert into intermediate.{model} select * from counted;
    commit;
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a build took, dbt's own start apart."""

    seconds: float
    cpu_seconds: float
    peak_gb: float


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    wanted, where = parser.parse_args(given), machine()
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-usage-", dir=BUILD) as home:
        figures = list(_measured(Path(home), wanted.events))
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    write(REPORT, figures, where)
    return int(any(each.met is False for each in figures))


def _measured(home: Path, events: int) -> Iterator[Figure]:
    warehouse, size = home / "warehouse.duckdb", f"{events:,} events"
    _sql(warehouse, TABLES)
    months = [events * month // MONTHS for month in range(MONTHS + 1)]
    built = []
    for begin, end in pairwise(months):
        _sql(warehouse, _append(events, begin, end))
        built.append(_built(home, warehouse))
        say(f"{end:,} events: the month's days in {built[-1].seconds:.1f} s")
    yield Figure("a month of events, the last", size, built[-1].seconds, "s")
    yield Figure("a month, memory", size, max(each.peak_gb for each in built), "GB")
    for place, ago in enumerate(LATE_DAYS_AGO):
        _sql(warehouse, _late(LATE * place, LATE * (place + 1), ago))
    late = _built(home, warehouse)
    days = f"{LATE * len(LATE_DAYS_AGO):,} late, of {len(LATE_DAYS_AGO)} days"
    yield Figure(f"refresh, {days}", size, late.seconds, "s", SECONDS, at_most=True)
    yield Figure("refresh, of two cores", size, late.cpu_seconds, "CPU s")
    yield Figure("refresh, memory", size, late.peak_gb, "GB", GIGABYTES, at_most=True)
    direct = _direct(home, warehouse)
    yield Figure("the same SQL directly", size, direct.seconds, "s")
    yield Figure("the same SQL, of two cores", size, direct.cpu_seconds, "CPU s")
    yield Figure("refresh by direct", size, late.seconds / direct.seconds, "x")
    yield from _right(warehouse, size)


def _append(events: int, begin: int, end: int) -> str:
    return APPEND.format(
        retried=RETRIED,
        customers=CUSTOMERS,
        first_day=FIRST_DAY,
        days=DAYS,
        events=events,
        begin=begin,
        end=end,
    )


def _late(begin: int, end: int, ago: int) -> str:
    return COME_LATE.format(
        customers=CUSTOMERS,
        first_day=FIRST_DAY,
        days=DAYS,
        ago=ago,
        begin=begin,
        end=end,
    )


def _sql(warehouse: Path, statements: str) -> None:
    with closing(duckdb.connect(str(warehouse))) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(statements)


def _built(home: Path, warehouse: Path) -> Cost:
    """Build in a process of its own, whose memory is the build's alone."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_dbt, (home, warehouse))


def _dbt(home: Path, warehouse: Path) -> Cost:
    os.environ["CONCORD_WAREHOUSE"] = str(warehouse)
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    from dbt.cli.main import dbtRunner

    words = [
        *("--quiet", "--project-dir", str(ROOT / "transform")),
        *("--profiles-dir", str(ROOT / "transform")),
        *("--target-path", str(home / "target"), "--log-path", str(home / "logs")),
    ]
    # Dagster holds the parsed project; so does this.
    parsed = dbtRunner().invoke(["parse", *words]).result
    began, before = time.monotonic(), os.times()
    outcome = dbtRunner(manifest=parsed).invoke(["run", "--select", *MODELS, *words])
    cost = _since(began, before)
    if not outcome.success:
        raise RuntimeError(str(outcome.exception or outcome.result))
    return cost


def _direct(home: Path, warehouse: Path) -> Cost:
    """Run the SQL that dbt compiled last on the same days once more."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_again, (home, warehouse))


def _again(home: Path, warehouse: Path) -> Cost:
    (compiled,) = (home / "target" / "compiled").rglob(f"{MODEL}.sql")
    statements = DIRECT.format(query=compiled.read_text("utf-8"), model=MODEL)
    with closing(duckdb.connect(str(warehouse), config={"threads": 2})) as connection:
        connection.execute("set timezone = 'UTC'")
        began, before = time.monotonic(), os.times()
        connection.execute(statements)
        return _since(began, before)


def _since(began: float, before: os.times_result) -> Cost:
    after = os.times()
    return Cost(
        time.monotonic() - began,
        after.user + after.system - before.user - before.system,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    )


def _right(warehouse: Path, size: str) -> Iterator[Figure]:
    """Compare the days with the events: each arrived, and each retry was seen."""
    with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
        ((events, keys, quantity),) = connection.execute(
            "select count(*), count(*) - count(*) filter (where event_id[1] = 'e'"
            " and event_id[2:]::bigint % ? = 1), sum(quantity) filter (where"
            " event_id[1] = 'l' or event_id[2:]::bigint % ? <> 1)"
            " from raw_usage.events",
            [RETRIED, RETRIED],
        ).fetchall()
        ((counted, kept, summed),) = connection.execute(
            "select sum(event_count), sum(event_count - duplicate_count), sum(quantity)"
            f" from intermediate.{MODEL}"
        ).fetchall()
    yield Figure(
        "events not counted", size, float(events - counted), "", 0, at_most=True
    )
    yield Figure("retries counted", size, float(abs(kept - keys)), "", 0, at_most=True)
    yield Figure(
        "units lost or added", size, float(abs(quantity - summed)), "", 0, at_most=True
    )


if __name__ == "__main__":
    sys.exit(main())
