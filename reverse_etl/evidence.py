"""Evidence: what the operations store says, copied into the warehouse.

Models and people read the copy; the operations store is never locked by them. What is
only ever added to is so in its copy too: each run brings the rows that are new. What a
person typed or a record holds besides stays where it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from operations.store import Store


@dataclass(frozen=True, slots=True)
class _Copied:
    """One table of the copy: its columns, and the query that they are read with.

    `grows_by` names the number by which a table that is only added to is continued.
    """

    columns: str
    query: str
    grows_by: str | None = None


def _of(table: str, columns: str, grows_by: str | None = None) -> _Copied:
    return _Copied(columns, f"select {columns} from {table}", grows_by)


_COPIED = {
    "audit": _of(
        "audit", "seq, at, actor, action, subject, detail, previous_hash, hash", "seq"
    ),
    "changes": _of(
        "changes",
        "change_id, plan_id, content_hash, system, object, target, record_id,"
        " external_key, entity, entity_id, customer_id, action, fields, approval,"
        " amount_minor, currency, reason, state, hold, attempts, epoch, request_hash,"
        " first_sent_at, sent_at, fault, why, created_at, changed_at",
    ),
    # With the load that brought the source's value, as far as the plan says.
    "change_fields": _Copied(
        "change_id, field, canonical, theirs, ours, decision, source, source_record,"
        " load_id",
        "with seen as materialized (select plan_id, document ->> '$.loads' as loads"
        " from plan_documents)"
        " select change_id, value ->> '$.field' as field,"
        " value ->> '$.canonical' as canonical, value ->> '$.theirs' as theirs,"
        " value ->> '$.ours' as ours, value ->> '$.decision' as decision,"
        " value ->> '$.source' as source, value ->> '$.source_record' as source_record,"
        " json_extract(seen.loads, '$.' || (value ->> '$.source')) as load_id"
        " from changes join json_each(changes.fields) left join seen using (plan_id)",
    ),
    "check_results": _of(
        "check_results",
        "result_id, at, check_id, status, compared, breaks, explained,"
        " difference_usd_minor",
        "result_id",
    ),
    "decisions": _of(
        "decisions",
        "decision_id, subject, content_hash, decision, decided_by, decided_at, reason,"
        " expires_at",
    ),
    # A check names the field that it would set, a plan the one that it leaves as it is.
    "exceptions": _Copied(
        "exception_id, source, fingerprint, kind, severity, owner, record_key,"
        " customer_id, difference_minor, currency, opened_at, closed_at, state, due_at,"
        " escalation, reopened, target_system, target_object, target_record_id,"
        " target_field, ours, theirs",
        "select exceptions.*,"
        " coalesce(detail ->> '$.target_system', detail ->> '$.system')"
        " as target_system,"
        " coalesce(detail ->> '$.target_object', detail ->> '$.object')"
        " as target_object,"
        " coalesce(detail ->> '$.target_record_id', detail ->> '$.record_id')"
        " as target_record_id,"
        " coalesce(detail ->> '$.target_field', detail ->> '$.field') as target_field,"
        " detail ->> '$.ours' as ours, detail ->> '$.theirs' as theirs from exceptions",
    ),
    "loads": _of(
        "control_totals",
        "total_id, at, system, stream, read, loaded, duplicates, quarantined, changed,"
        " deleted, load_id, is_partial",
        "total_id",
    ),
    "plans": _Copied(
        "plan_id, made_at, recorded_at, planned, kind, author, loads",
        "select plan_id, made_at, recorded_at, planned, kind, author,"
        " document ->> '$.loads' as loads from plans join plan_documents"
        " using (plan_id)",
    ),
    # Not the documents: a record that does not fit is seen by who repairs it.
    "quarantine": _of(
        "quarantine",
        "quarantine_id, system, stream, object, record_id, field, reason, held_since,"
        " seen_at, released_at",
    ),
}
_NUMBERS = {
    "amount_minor",
    "approval",
    "attempts",
    "breaks",
    "changed",
    "compared",
    "decision_id",
    "deleted",
    "difference_minor",
    "difference_usd_minor",
    "duplicates",
    "epoch",
    "escalation",
    "exception_id",
    "explained",
    "loaded",
    "planned",
    "quarantine_id",
    "quarantined",
    "read",
    "reopened",
    "result_id",
    "seq",
    "total_id",
}
_FLAGS = {"is_partial"}

# Why a field of a record holds what it holds: from the source row to the read-back.
WHY = """
select
    changes.change_id,
    fields.value ->> '$.field' as field,
    fields.value ->> '$.theirs' as was,
    fields.value ->> '$.ours' as written,
    fields.value ->> '$.source' as source,
    fields.value ->> '$.source_record' as source_record,
    changes.reason,
    changes.plan_id,
    plan_documents.author as planned_by,
    plan_documents.document ->> '$.loads' as loads,
    changes.request_hash,
    changes.first_sent_at,
    changes.state,
    changes.why as answer,
    changes.changed_at,
    (
        select group_concat(decided_by || ': ' || decisions.reason, '; ')
        from decisions
        where decisions.subject = changes.change_id and decision = 'approve'
    ) as approved_by,
    (
        select max(seq) from audit where audit.subject = changes.change_id
    ) as audit_row
from changes
join json_each(changes.fields) as fields
left join plan_documents using (plan_id)
where changes.record_id = ?3
    and changes.system = ?1
    and lower(changes.object) = lower(?2)
    and (?4 is null or fields.value ->> '$.field' = ?4)
    and changes.first_sent_at is not null
order by changes.changed_at desc, changes.rowid desc
"""


def copy_evidence(store: Store, connection: duckdb.DuckDBPyConnection) -> int:
    """Bring the warehouse's copy up to date; return how many audit rows are new."""
    connection.execute("create schema if not exists operations")
    return {
        name: _copy(store, connection, name, copied) for name, copied in _COPIED.items()
    }["audit"]


def _copy(
    store: Store, connection: duckdb.DuckDBPyConnection, name: str, copied: _Copied
) -> int:
    """Copy one table, or what was added to it; return how many rows came."""
    columns = copied.columns.split(", ")
    kinds = {column: _kind(column) for column in columns}
    types = ", ".join(f'"{column}" {kind[0]}' for column, kind in kinds.items())
    how = "create table if not exists" if copied.grows_by else "create or replace table"
    connection.execute(f"{how} operations.{name} ({types})")
    query = copied.query
    if copied.grows_by:
        ((last,),) = connection.execute(
            f"select coalesce(max({copied.grows_by}), 0) from operations.{name}"
        ).fetchall()
        query += f" where {copied.grows_by} > {int(last)} order by {copied.grows_by}"
    rows = store.rows(query)
    if rows:
        brought = pa.table(
            {
                column: pa.array([read(row[column]) for row in rows], arrow)
                for column, (_, arrow, read) in kinds.items()
            }
        )
        connection.register("brought", brought)
        connection.execute(f"insert into operations.{name} select * from brought")
        connection.unregister("brought")
    return len(rows)


def _kind(column: str) -> tuple[str, pa.DataType, Callable[[Any], Any]]:
    """Return a column's type there and on the way, and how a value is read."""
    if column in _FLAGS:
        return "boolean", pa.bool_(), bool
    if column in _NUMBERS:
        return "bigint", pa.int64(), _same
    return "varchar", pa.string(), _same


def _same(value: Any) -> Any:
    return value
