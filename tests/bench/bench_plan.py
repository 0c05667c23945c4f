"""Bench of the plan: a comparison of a million records, against reading both tables.

    python -m tests.bench.bench_plan
    python -m tests.bench.bench_plan --rows 100000

Twelve text fields, one value in two hundred differs, nearly every value was confirmed
before. Prints one table and writes build/bench-plan.json. The base is measured as the
comparison meets it, a relation; what SQLite takes to bring it there is told apart.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from reverse_etl import three_way
from reverse_etl.contract import Entity, Field, Receiver
from tests.bench.report import Figure, machine, table, write

BUILD = Path(__file__).parents[2] / "build"
REPORT = BUILD / "bench-plan.json"
FIELDS = 12
# From issue 8: 1 M records of 12 fields on 2 cores.
SECONDS = 1.5
THREADS = 2
TIMES = 3
NAMES = tuple(f"field_{n}" for n in range(FIELDS))
RECEIVER = Receiver("crm", "Account", "stg_crm__accounts", "account_id", None)
PUSHED = tuple(
    (
        Field(
            name=name,
            data_type="varchar",
            owner="erp",
            then=(),
            rule=None,
            push={"crm": f"Account.{name}"},
            approval=False,
            clears=False,
        ),
        name,
    )
    for name in NAMES
)
ENTITY = Entity(
    "customers",
    "customer_id",
    frozenset({"customer_id", "account_id", *NAMES}),
    tuple(field for field, _ in PUSHED),
    (RECEIVER,),
)
TYPES = dict.fromkeys(NAMES, "VARCHAR")


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows, where = parser.parse_args(given).rows, machine()
    with closing(duckdb.connect()) as connection:
        connection.execute(f"set threads = {THREADS}")
        figures = list(_measured(connection, rows))
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    BUILD.mkdir(exist_ok=True)
    write(REPORT, figures, where)
    return int(any(each.met is False for each in figures))


def _measured(connection: duckdb.DuckDBPyConnection, rows: int) -> Iterator[Figure]:
    size = f"{rows:,} x {FIELDS} fields"
    _fill(connection, rows)
    scan = _best(lambda: connection.execute(_scan()).fetchall())
    compare = three_way.comparison(ENTITY, RECEIVER, PUSHED, TYPES, TYPES)
    first = _best(lambda: connection.execute(_differing()).fetchall())
    _confirm(connection)
    found = len(connection.execute(compare).fetchall())
    whole = _best(lambda: connection.execute(compare).fetchall())
    yield Figure("reading both tables", size, scan, "s")
    yield Figure("differing fields, without a base", size, first, "s")
    yield Figure("three-way comparison", size, whole, "s", SECONDS, at_most=True)
    yield Figure("three-way by reading both", size, whole / scan, "x")
    yield Figure("fields found to differ", size, found, "fields")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    yield Figure("memory, tables included", size, peak, "GB")


def _fill(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Make golden rows and records of which one value in two hundred differs."""
    ours = ", ".join(f"'value ' || hash(n + {n}) as {name}" for n, name in _numbered())
    theirs = ", ".join(
        f"'value ' || hash(n + {n} + (hash(n * {n + 3}) % 200 = 0)::int) as {name}"
        for n, name in _numbered()
    )
    connection.execute(
        "create schema canonical; create schema staging;"
        "create table base (record_id varchar, field varchar, value varchar,"
        " is_known boolean);"
        "create table written (record_id varchar, field varchar, before varchar);"
        f"create table canonical.customers as select 'c' || n as customer_id,"
        f" 'a' || n as account_id, {ours} from range({rows}) as numbers (n);"
        f"create table staging.stg_crm__accounts as select 'a' || n as account_id,"
        f" {theirs}, false as is_deleted from range({rows}) as numbers (n)"
    )


def _confirm(connection: duckdb.DuckDBPyConnection) -> None:
    """Remember every value there as confirmed."""
    for name in NAMES:
        connection.execute(
            f"insert into base select account_id, '{name}', {name}, true"
            " from staging.stg_crm__accounts"
        )


def _scan() -> str:
    """Return a query that reads every value of both tables and compares none."""
    each = " + ".join(f"sum(length({name}))" for name in NAMES)
    return (
        f"select (select {each} from canonical.customers),"
        f" (select {each} from staging.stg_crm__accounts)"
    )


def _differing() -> str:
    """Return the two-way comparison, which no plan may rest on."""
    differ = " or ".join(
        f"golden.{name} is distinct from there.{name}" for name in NAMES
    )
    return (
        "select account_id from canonical.customers as golden"
        f" join staging.stg_crm__accounts as there using (account_id) where {differ}"
    )


def _numbered() -> Iterator[tuple[int, str]]:
    yield from enumerate(NAMES)


def _best(run: Callable[[], object]) -> float:
    """Return the shortest of some runs: the others had company."""
    took = []
    for _ in range(TIMES):
        began = time.monotonic()
        run()
        took.append(time.monotonic() - began)
    return min(took)


if __name__ == "__main__":
    sys.exit(main())
