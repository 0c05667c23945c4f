"""Evidence: what the ledger and the audit chain say, copied into the warehouse.

Models and people read the copy; the operations store is never locked by them. The
audit is only ever added to, and so is its copy: each run brings the rows that are new.
"""

import duckdb
import pyarrow as pa

from operations.store import Store

_CHANGES = (
    "change_id, plan_id, system, object, target, record_id, entity, entity_id,"
    " customer_id, action, fields, approval, amount_minor, currency, reason, state,"
    " hold, attempts, epoch, request_hash, first_sent_at, sent_at, fault, why,"
    " created_at, changed_at"
)
_AUDIT = "seq, at, actor, action, subject, detail, previous_hash, hash"
_DECISIONS = (
    "decision_id, subject, content_hash, decision, decided_by, decided_at, reason,"
    " expires_at"
)
_NUMBERS = {
    "approval",
    "amount_minor",
    "attempts",
    "epoch",
    "seq",
    "decision_id",
}

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
    for name, columns in (("changes", _CHANGES), ("decisions", _DECISIONS)):
        _create(connection, name, columns, again=True)
        _insert(connection, store, f"select {columns} from {name}", name)
    _create(connection, "audit", _AUDIT, again=False)
    ((last,),) = connection.execute(
        "select coalesce(max(seq), 0) from operations.audit"
    ).fetchall()
    return _insert(
        connection,
        store,
        f"select {_AUDIT} from audit where seq > {int(last)} order by seq",
        "audit",
    )


def _create(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, *, again: bool
) -> None:
    types = ", ".join(
        f'"{column}" {"bigint" if column in _NUMBERS else "varchar"}'
        for column in columns.split(", ")
    )
    how = "create or replace table" if again else "create table if not exists"
    connection.execute(f"{how} operations.{name} ({types})")


def _insert(
    connection: duckdb.DuckDBPyConnection, store: Store, query: str, name: str
) -> int:
    rows = store.rows(query)
    if rows:
        brought = pa.table(
            {
                column: pa.array(
                    [row[column] for row in rows],
                    pa.int64() if column in _NUMBERS else pa.string(),
                )
                for column in rows[0].keys()  # noqa: SIM118 - a row iterates its values
            }
        )
        connection.register("brought", brought)
        connection.execute(f"insert into operations.{name} select * from brought")
        connection.unregister("brought")
    return len(rows)
