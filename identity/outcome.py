"""Outcome: the tables that a run leaves: who is who, by what, and what is asked."""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from identity.model import probability
from identity.resolution import Evidence, Link, Resolved

# The stronger first: by it a record's place in its group is told.
_RANK: Mapping[Evidence, int] = {"pin": 0, "reference": 1, "duplicate": 2, "model": 3}
ALONE = "alone"

_GROUPED = pa.schema(
    [
        ("record_key", pa.string()),
        ("component", pa.string()),
        ("group_key", pa.string()),
        ("evidence", pa.string()),
        ("linked_to", pa.string()),
        ("weight", pa.float64()),
    ]
)
_ASKED = pa.schema(
    [
        ("component", pa.string()),
        ("left_key", pa.string()),
        ("right_key", pa.string()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("reason", pa.string()),
    ]
)
WRITTEN_AT_ONCE = 100_000


def write(
    connection: duckdb.DuckDBPyConnection, resolved: Iterable[tuple[str, Resolved]]
) -> None:
    """Write what was resolved to `grouped` and `asked`, beside what stands."""
    grouped = _Rows(connection, "grouped", _GROUPED)
    asked = _Rows(connection, "asked", _ASKED)
    for component, each in resolved:
        strongest = _strongest(each.links)
        for group in each.groups:
            for key in group:
                by = strongest.get(key)
                linked = (
                    (ALONE, None, None)
                    if by is None
                    else (
                        by.evidence,
                        by.right if by.left == key else by.left,
                        by.weight,
                    )
                )
                grouped.add((key, component, group[0], *linked))
        for one in each.questions:
            chance = None if one.weight is None else probability(one.weight)
            asked.add((component, one.left, one.right, one.weight, chance, one.reason))
    grouped.write()
    asked.write()


def name(
    connection: duckdb.DuckDBPyConnection,
    golden_ids: Mapping[str, str],
    redirects: Mapping[str, str],
) -> None:
    """Write what was resolved, under its golden ids, to `fresh_links` and so on."""
    led = pa.table(
        {
            "golden_id": pa.array(redirects.keys(), pa.string()),
            "redirect_to": pa.array(redirects.values(), pa.string()),
        }
    )
    connection.register("led", led)
    connection.execute("create or replace table fresh_redirects as from led")
    connection.unregister("led")
    named = pa.table(
        {
            "record_key": pa.array(golden_ids.keys(), pa.string()),
            "golden_id": pa.array(golden_ids.values(), pa.string()),
        }
    )
    connection.register("named", named)
    connection.execute(
        """
        create or replace table fresh_review as
        select asked.*, one.golden_id as left_golden_id,
            other.golden_id as right_golden_id
        from asked
        join named as one on one.record_key = left_key
        join named as other on other.record_key = right_key
        """
    )
    connection.execute(
        """
        create or replace table fresh_links as
        with in_question as (
            select left_golden_id as golden_id from fresh_review
            union
            select right_golden_id as golden_id from fresh_review
        )
        select record_key, system, object, record_id, is_live, golden_id, component,
            evidence, linked_to, weight,
            in_question.golden_id is not null as is_in_review
        from grouped
        join named using (record_key)
        join known_records using (record_key)
        left join in_question using (golden_id)
        """
    )
    connection.unregister("named")


def _strongest(links: Iterable[Link]) -> dict[str, Link]:
    """Return for each record the strongest link that has it at an end."""
    found: dict[str, Link] = {}
    for link in sorted(
        links,
        key=lambda each: (_RANK[each.evidence], -(each.weight or 0), each.left),
    ):
        found.setdefault(link.left, link)
        found.setdefault(link.right, link)
    return found


class _Rows:
    """Rows on their way into a table that is made anew."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema
    ) -> None:
        self._connection, self._table, self._schema = connection, table, schema
        self._held: list[tuple[object, ...]] = []
        connection.register("beginning", schema.empty_table())
        connection.execute(f"create or replace table {table} as from beginning")
        connection.unregister("beginning")

    def add(self, row: tuple[object, ...]) -> None:
        """Take a row."""
        self._held.append(row)
        if len(self._held) >= WRITTEN_AT_ONCE:
            self.write()

    def write(self) -> None:
        """Write what is held."""
        if not self._held:
            return
        columns = zip(*self._held, strict=True)
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(columns, self._schema, strict=True)
        ]
        self._connection.register("rows", pa.table(arrays, schema=self._schema))
        self._connection.execute(f"insert into {self._table} from rows")
        self._connection.unregister("rows")
        self._held.clear()
