"""Hierarchy: customers above and below each other, as a closure with days.

A parent is a parent between customers, whichever record says so. Each sense has a tree
of its own: the CRM's is how sales sees a group, billing's is who pays.
"""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from identity.entities.entity import Entity
from identity.warehouse import table
from operations.hierarchy import above, edition, observe
from operations.store import Store

# Of two systems that disagree in one sense, the one further ahead is believed: HubSpot
# takes its parents over from Salesforce.
BASES: dict[str, Sequence[str]] = {
    "sales": ("salesforce", "hubspot"),
    "billing": ("chargebee",),
}
# Deeper than any group that we know of; a ring of parents ends before.
DEEPEST = 20


def take_in(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    entity: Entity,
    at: datetime,
    *,
    held: str,
    is_full: bool,
) -> bool:
    """Keep whose parent is whose now; tell whether the closure is another one.

    Then it is in `fresh_hierarchy`.

    Args:
        connection: with what is fresh, and with `left_behind`.
        store: keeps what was seen.
        entity: what they are.
        at: now.
        held: the edition that the warehouse holds.
        is_full: nothing but what is fresh counts.
    """
    if not entity.has_parents:
        return False
    _find_parents(connection, entity, is_full=is_full)
    ranks = ", ".join(
        f"('{basis}', '{system}', {rank})"
        for basis, systems in BASES.items()
        for rank, system in enumerate(systems)
    )
    rows = connection.execute(
        f"""
        with ranks as (from (values {ranks}) as ranks (basis, system, rank))
        select child.golden_id, basis,
            arg_min(parent.golden_id, (rank, named.record_key)) as parent_id
        from named
        join ranks using (system)
        join ids as child on child.record_key = named.record_key
        join ids as parent on parent.record_key = named.parent_key
        where parent.golden_id <> child.golden_id
        group by child.golden_id, basis
        """
    ).fetchall()
    parents = {(child, basis): parent for child, basis, parent in rows}
    observe(store, entity.name, parents, at)
    if not is_full and edition(store, entity.name) == held:
        return False
    _close(connection, store, entity)
    return True


def _find_parents(
    connection: duckdb.DuckDBPyConnection, entity: Entity, *, is_full: bool
) -> None:
    """Write records that name a parent to `named`, and theirs and its ids to `ids`."""
    columns = "record_key, system, parent_key"
    chosen = "where is_live and parent_key is not null"
    before, ids_before = "", ""
    if not is_full:
        before = (
            f"select {columns} from {table(entity, 'records')}"
            f" anti join changed using (record_key) {chosen} union all "
        )
        ids_before = (
            f"select record_key, golden_id from {table(entity, 'links')}"
            " semi join keys using (record_key)"
            " anti join left_behind using (record_key) union all "
        )
    connection.execute(
        "create or replace table named as"
        f" {before}select {columns} from fresh_records {chosen}"
    )
    connection.execute(
        "create or replace table ids as with keys as"
        " (select record_key from named union select parent_key from named)"
        f" {ids_before}select record_key, golden_id from fresh_links"
        " semi join keys using (record_key)"
    )


def _close(connection: duckdb.DuckDBPyConnection, store: Store, entity: Entity) -> None:
    """Write everybody above everybody to `fresh_hierarchy`, for as long as it held."""
    seen = above(store, entity.name)
    told = pa.table(
        {
            "child_id": pa.array([each.child_id for each in seen], pa.string()),
            "parent_id": pa.array([each.parent_id for each in seen], pa.string()),
            "basis": pa.array([each.basis for each in seen], pa.string()),
            "valid_from": pa.array(
                [each.valid_from for each in seen], pa.timestamp("us", tz="UTC")
            ),
            "valid_to": pa.array(
                [each.valid_to for each in seen], pa.timestamp("us", tz="UTC")
            ),
        }
    )
    connection.register("told", told)
    connection.execute(
        f"""
        create or replace table fresh_hierarchy as
        with recursive
            spans as (
                select * replace (coalesce(valid_to, 'infinity') as valid_to) from told
            ),
            closure as (
                select parent_id as ancestor_id, child_id as descendant_id, basis,
                    1 as depth, valid_from, valid_to, [child_id, parent_id] as path
                from spans
                union all
                select spans.parent_id, closure.descendant_id, closure.basis,
                    closure.depth + 1,
                    greatest(closure.valid_from, spans.valid_from),
                    least(closure.valid_to, spans.valid_to),
                    list_append(closure.path, spans.parent_id)
                from closure
                join spans
                    on spans.child_id = closure.ancestor_id
                    and spans.basis = closure.basis
                    and spans.valid_from < closure.valid_to
                    and closure.valid_from < spans.valid_to
                where not list_contains(closure.path, spans.parent_id)
                    and closure.depth < {DEEPEST}
            )
        select ancestor_id, descendant_id, depth, basis, valid_from,
            nullif(valid_to, 'infinity'::timestamptz) as valid_to
        from closure
        """
    )
    connection.unregister("told")
