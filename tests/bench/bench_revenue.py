"""Bench of the revenue subledger: many contracts, measured anew, and one alone.

    python -m tests.bench.bench_revenue
    python -m tests.bench.bench_revenue --contracts 10000

Each contract has two obligations over 36 months, one by day and one by month, and an
invoice a year with its payment; one in ten was modified after a year, one in twenty had
a credit note. The models run as a scenario runs them, in memory. Prints one table and
writes build/bench-revenue.json.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from orchestration.scenarios.engine import INPUTS, Engine, engine
from tests.bench.report import Figure, machine, table, write

BUILD = Path(__file__).parents[2] / "build"
REPORT = BUILD / "bench-revenue.json"
THREADS = 2
MONTHS = 36
SLOWEST = 3
# From issue 6.
ALL_SECONDS, ONE_SECONDS = 60, 2
# Contracts by number; the first days differ, so that days and months do too.
DRAWN = """
create table drawn as
select 'C' || n as contract_id,
    date '2023-01-01' + cast(n % 28 as integer) as signed_on,
    100000 + n % 9973 as price, n
from range({first}, {last}) as numbers (n)
"""
ROWS = {
    "revenue_contracts": (
        "select contract_id, 'customer' || n, 'US', 'USD', 'USD', signed_on, null"
        " from drawn"
    ),
    "revenue_obligations": (
        "select contract_id, key, null, key, method, signed_on,"
        " cast(signed_on + interval 36 month as date), price * part, price * part,"
        " 1000000, 1000000, null, false, 0, 0 from drawn"
        " cross join (values ('plan', 'daily', 3), ('support', 'month_even', 1))"
        " as sold (key, method, part)"
    ),
    "revenue_events": (
        "select kind || n || '-' || year, contract_id, kind, happened_on, happened_on,"
        " null, null,"
        " case when kind <> 'modification' then 'I' || n || '-' || year end,"
        " case kind when 'payment' then price when 'credit_note' then 100 end, 0, 0,"
        " null, null, null, false, null,"
        " case when kind = 'modification' then 'prospective' end,"
        " case when kind = 'credit_note' then 'goodwill' end, 'us', true, 'cash'"
        " from (select *, cast(signed_on + to_months(12 * year) as date)"
        " as happened_on from drawn cross join range(3) as years (year)"
        " cross join (values ('invoice'), ('payment'), ('modification'),"
        " ('credit_note')) as kinds (kind))"
        " where kind in ('invoice', 'payment')"
        " or (kind = 'modification' and n % 10 = 0 and year = 1)"
        " or (kind = 'credit_note' and n % 20 = 1 and year = 1)"
    ),
    "revenue_event_lines": (
        "select 'invoice' || n || '-' || year, key, part * price // 3, 0 from drawn"
        " cross join range(3) as years (year)"
        " cross join (values ('plan', 3), ('support', 1)) as sold (key, part)"
    ),
    "revenue_changes": (
        "select 'modification' || n || '-1', contract_id, 'plan', price * 4, null,"
        " null, price * 3, null, null, false from drawn where n % 10 = 0"
    ),
    "revenue_months": (
        "select cast(date '2023-01-01' + to_months(number) as date),"
        " cast(date '2023-01-01' + to_months(number + 1) as date), true"
        f" from range({MONTHS + 2}) as numbers (number)"
    ),
}


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=100_000)
    contracts, where = parser.parse_args(given).contracts, machine()
    figures = list(_measured(engine(), contracts))
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    BUILD.mkdir(exist_ok=True)
    write(REPORT, figures, where)
    return int(any(each.met is False for each in figures))


def _measured(models: Engine, contracts: int) -> Iterator[Figure]:
    size = f"{contracts:,} contracts x {MONTHS} months"
    one, _, _ = _run(models, 7, 8)
    yield Figure("one contract", "1 contract", one, "s", ONE_SECONDS, at_most=True)
    began = time.process_time()
    took, lines, by_model = _run(models, 0, contracts)
    yield Figure("all contracts", size, took, "s", ALL_SECONDS, at_most=True)
    # On a busy machine the truer figure.
    spent = time.process_time() - began
    yield Figure("processor time, all contracts", size, spent, "s")
    for name in sorted(by_model, key=lambda each: -by_model[each])[:SLOWEST]:
        yield Figure(f"of it {name}", size, by_model[name], "s")
    yield Figure("lines of the journal", size, lines, "lines")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    yield Figure("memory, tables included", size, peak, "GB")


def _run(models: Engine, first: int, last: int) -> tuple[float, int, dict[str, float]]:
    """Return how long it takes, how many lines the journal has, and times by model."""
    with closing(duckdb.connect()) as connection:
        connection.execute(f"set timezone = 'UTC'; set threads = {THREADS}")
        connection.execute(DRAWN.format(first=first, last=last))
        for name, columns in INPUTS.items():
            connection.execute(f"create table {name} ({columns})")
            if name in ROWS:
                connection.execute(f"insert into {name} {ROWS[name]}")
        by_model = {}
        for name, query in models.models.items():
            began = time.monotonic()
            connection.execute(f"create table {name} as {query}")
            by_model[name] = time.monotonic() - began
        held = connection.execute("select count(*) from revenue_holds").fetchall()
        if held != [(0,)]:
            raise RuntimeError(f"{held[0][0]} contracts are held and measured nothing.")
        (found,) = connection.execute("select count(*) from revenue_journal").fetchall()
        return sum(by_model.values()), int(found[0]), by_model


if __name__ == "__main__":
    sys.exit(main())
