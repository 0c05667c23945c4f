"""Evidence: each effect is tied to where it came from, and copied where models read."""

from contextlib import closing
from datetime import timedelta

import duckdb

from operations.decisions import approve
from operations.exceptions import report
from operations.quarantine import Totals, record
from reverse_etl.evidence import WHY, copy_evidence
from reverse_etl.issue import Issue
from reverse_etl.ledger import Ledger
from reverse_etl.read_back import read_back
from tests.reverse_etl.support import (
    START,
    Clock,
    Vendor,
    accounts,
    admit,
    name_field,
    pushed,
    update,
)


def test_why_a_value_is_there_is_one_query(ledger: Ledger, clock: Clock) -> None:
    """Source row, rule, plan, approval, request, answer: the newest first."""
    field = name_field(source="erp", source_record="erp:customer:7")
    change = update(approval=True, fields=(field,))
    admit(ledger, change, author="dan", loads={"erp": "17"})
    approve(ledger.store, [change.change_id], "ann", START, "seen")
    vendor = Vendor(accounts("a1", "a2"))
    pushed(ledger, vendor, clock)
    read_back(ledger, {"crm": vendor}, clock)
    later = update(fields=(name_field(theirs="Acme Inc.", ours="Acme SE"),))
    admit(ledger, later, plan_id="next", made_at=START + timedelta(seconds=1))
    admit(ledger, update("a2"), plan_id="last", made_at=START + timedelta(seconds=2))
    clock.at += timedelta(minutes=1)
    pushed(ledger, vendor, clock)

    newest, oldest = ledger.store.rows(WHY, ["crm", "account", "a1", "Name"])
    nothing = ledger.store.rows(WHY, ["crm", "account", "a1", "Other"])

    assert (newest["was"], newest["written"]) == ("Acme Inc.", "Acme SE")
    assert (oldest["source"], oldest["source_record"]) == ("erp", "erp:customer:7")
    assert (oldest["planned_by"], oldest["approved_by"]) == ("dan", "ann: seen")
    # The newer value took its place before ingestion had seen the older one.
    assert (oldest["loads"], oldest["state"]) == ('{"erp":"17"}', "superseded")
    assert oldest["request_hash"]
    assert oldest["audit_row"]
    assert nothing == []


def test_the_copy_grows_by_what_is_new(ledger: Ledger, clock: Clock) -> None:
    """The chain in the warehouse is the chain in the store, also after a rebuild."""
    with closing(duckdb.connect()) as warehouse:
        assert copy_evidence(ledger.store, warehouse) == 0
        admit(ledger, update())
        first = copy_evidence(ledger.store, warehouse)
        pushed(ledger, Vendor(accounts("a1")), clock)
        second = copy_evidence(ledger.store, warehouse)

        copied = warehouse.execute(
            "select seq, hash from operations.audit order by seq"
        ).fetchall()
        states = warehouse.execute("select state from operations.changes").fetchall()

    kept = [tuple(row) for row in ledger.store.rows("select seq, hash from audit")]
    assert first + second == len(kept)
    assert copied == kept
    assert states == [("acknowledged",)]


def test_what_is_copied_says_where_a_value_came_from_and_what_is_left(
    ledger: Ledger, clock: Clock
) -> None:
    """A field knows its load, a plan's edit its field, a load its totals; all of it."""
    field = name_field(source="erp", source_record="erp:customer:7")
    admit(ledger, update(fields=(field,)), loads={"erp": "17"})
    edit = Issue("user_edit", "crm", "Account", "a2", "Name", "c2", "B", "A", "A")
    totals = Totals("erp", "customers", 3, 2, 1, 0, 1, 0, "17", is_partial=True)
    record(ledger.store, [totals], clock())
    with ledger.store.transaction() as connection:
        report(connection, "plan", [edit.broken], clock())

    with closing(duckdb.connect()) as warehouse:
        copy_evidence(ledger.store, warehouse)
        copy_evidence(ledger.store, warehouse)
        copied = [
            warehouse.execute(f"select {columns} from operations.{table}").fetchall()
            for table, columns in (
                ("change_fields", "field, ours, source, load_id"),
                ("exceptions", "kind, target_object, target_field, ours, theirs"),
                ("loads", "stream, read, loaded, is_partial"),
            )
        ]

    assert copied == [
        [("Name", field.ours, "erp", "17")],
        [("user_edit", "Account", "Name", "A", "B")],
        [("customers", 3, 2, True)],
    ]
