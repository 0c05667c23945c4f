"""Components: records that may have to do with each other, and their resolution."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb
import pyarrow as pa

from identity.model import Model
from identity.resolution import (
    Explicit,
    Limits,
    Pair,
    Pin,
    Record,
    Resolved,
    resolve,
)
from identity.warehouse import gather, table

FETCHED = 50_000  # rows at a time


def find(connection: duckdb.DuckDBPyConnection, model: Model, *, is_full: bool) -> int:
    """Write the components in which something changed to `scope`; return their records.

    `scope` has each record's component, which is named after the least key in it,
    `explicit` what systems say of its records, `left_behind` the records of the former
    components whose place these take.
    """
    if is_full:
        connection.execute(
            "create or replace table wanted as"
            " select record_key, row_number() over () - 1 as node from fresh_records"
        )
        for name in ("records", "reference_keys", "pairs"):
            connection.execute(
                f"create or replace view known_{name} as from fresh_{name}"
            )
        connection.execute(
            "create or replace table left_behind"
            " (record_key varchar, component varchar)"
        )
    else:
        _find_near(connection, model)
        gather(connection, model.resolves)
    _say_explicit(connection)
    return _connect(connection, model)


def _find_near(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Write whom a change may concern to `wanted`, and where they were until now.

    Whoever something connected to a record until now is in its former component; what
    connects it from now on is fresh.
    """
    entity, alike = model.resolves, f"weight >= {model.review_weight}"
    links = table(entity, "links")
    connection.execute(
        f"""
        create or replace table near as
        with
            touched as (
                select record_key from changed union select record_key from pinned
            ),
            keys as (
                select record_key as known_key from touched
                union
                select known_key from fresh_reference_keys
            )
        select record_key from touched
        union
        select known_key from keys
        union
        select record_key from {table(entity, "reference_keys")}
        semi join keys using (known_key)
        union
        select left_key from fresh_pairs where {alike}
        union
        select right_key from fresh_pairs where {alike}
        union
        select left_key from fresh_pins semi join touched on right_key = record_key
        union
        select right_key from fresh_pins semi join touched on left_key = record_key
        """
    )
    connection.execute(
        f"""
        create or replace table left_behind as
        select record_key, component from {links}
        semi join (
            select distinct component from {links} semi join near using (record_key)
        ) using (component)
        """
    )
    connection.execute(
        f"""
        create or replace table wanted as
        with
            every as (
                select record_key from left_behind union select record_key from near
            ),
            here as (
                select record_key from {table(entity, "records")}
                semi join every using (record_key)
                anti join changed using (record_key)
                union all
                select record_key from fresh_records
            )
        select record_key, row_number() over () - 1 as node from here
        """
    )


def _say_explicit(connection: duckdb.DuckDBPyConnection) -> None:
    """Write pairs of records that a system says are one to `explicit`.

    Who is referred to stands for all that refer to it; where it is not there, the least
    of them does: two records that name the same third are one.
    """
    connection.execute(
        """
        create or replace table explicit as
        with
            said as (
                select * from known_reference_keys semi join wanted using (record_key)
            ),
            standing as (
                select
                    known_key,
                    coalesce(
                        any_value(wanted.record_key), min(said.record_key)
                    ) as other_key
                from said
                left join wanted on wanted.record_key = known_key
                group by known_key
            )
        select
            least(record_key, other_key) as left_key,
            greatest(record_key, other_key) as right_key,
            min(evidence) as evidence
        from said
        join standing using (known_key)
        where record_key <> other_key
        group by all
        """
    )


def _connect(connection: duckdb.DuckDBPyConnection, model: Model) -> int:
    ((count,),) = connection.execute("select count(*) from wanted").fetchall()
    leader = list(range(count))

    def find_leader(node: int) -> int:
        while leader[node] != node:
            leader[node] = node = leader[leader[node]]
        return node

    edges = connection.cursor()
    edges.execute("use memory")
    edges.execute(
        f"""
        with edges as (
            select left_key, right_key from known_pairs
            where weight >= {model.review_weight}
            union all
            select left_key, right_key from explicit
            union all
            select left_key, right_key from fresh_pins
        )
        select one.node, other.node
        from edges
        join wanted as one on one.record_key = left_key
        join wanted as other on other.record_key = right_key
        """
    )
    while rows := edges.fetchmany(FETCHED):
        for left, right in rows:
            one, other = find_leader(left), find_leader(right)
            if one != other:
                leader[max(one, other)] = min(one, other)
    found = pa.table(
        {
            "node": pa.array(list(range(count)), pa.int64()),
            "leader": pa.array(
                [find_leader(node) for node in range(count)], pa.int64()
            ),
        }
    )
    connection.register("found", found)
    connection.execute(
        "create or replace table scope as"
        " select record_key, min(record_key) over (partition by leader) as component"
        " from wanted join found using (node)"
    )
    connection.unregister("found")
    return int(count)


def resolved(
    connection: duckdb.DuckDBPyConnection, model: Model, pins: Sequence[Pin]
) -> Iterator[tuple[str, Resolved]]:
    """Yield each component in `scope`, and who is who in it."""
    limits = Limits(model.link_weight, model.review_weight, model.margin)
    rules = model.resolves.rules
    looked_at = (
        *(rules.kind, "is_live", rules.scope, rules.value, rules.proof),
        *(rules.named, rules.placed, rules.parent, *rules.telling),
    )
    told = _ordered(
        connection,
        f"select component, record_key, {', '.join(looked_at)} from known_records"
        " join scope using (record_key) order by component",
    )
    weighed = _Following(
        _ordered(
            connection,
            f"select component, left_key, right_key, weight, {rules.is_strong}"
            " from known_pairs"
            " join scope on scope.record_key = left_key"
            " semi join scope as other on other.record_key = right_key"
            " and other.component = scope.component order by component",
        )
    )
    said = _Following(
        _ordered(
            connection,
            "select component, left_key, right_key, evidence from explicit"
            " join scope on scope.record_key = left_key order by component",
        )
    )
    pinned: dict[str, list[Pin]] = {}
    for pin in pins:
        pinned.setdefault(pin.left, []).append(pin)
    for component, rows in groupby(told, itemgetter(0)):
        known = [_record(row) for row in rows]
        yield (
            component,
            resolve(
                known,
                [Explicit(*row[1:]) for row in said.of(component)],
                [Pair(*row[1:]) for row in weighed.of(component)],
                [pin for each in known for pin in pinned.get(each.key, ())],
                limits,
            ),
        )


def _record(row: Sequence[Any]) -> Record:
    _, key, kind, is_live, scope, value, *others = row
    scoped = None if scope is None or value is None else (scope, value)
    proof, named, placed, parent, *telling = others
    return Record(
        key, kind, is_live, scoped, proof, named, placed, parent, tuple(telling)
    )


def _ordered(
    connection: duckdb.DuckDBPyConnection, query: str
) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor()
    cursor.execute("use memory")
    cursor.execute(query)
    while rows := cursor.fetchmany(FETCHED):
        yield from rows


class _Following:
    """Rows that are ordered by component, given out as the components come."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, component: str) -> list[tuple[Any, ...]]:
        """Return a component's rows; the components are asked for in their order."""
        if self._next is None or self._next[0] != component:
            return []
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows
