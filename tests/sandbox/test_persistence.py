"""What the vendors took is still there after the sandbox was stopped, or killed."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.persistence import WrongCompanyError, keep
from sandbox.store import Store

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
WHO = {"actor": "us", "request_id": "r1"}


def built() -> Store:
    """Return the company as its seed makes it."""
    documents = {"salesforce": {"Account": [{"Id": "a1", "Name": "Acme"}]}}
    return Store(documents, Clock(WHEN, running=False))


def test_a_restart_goes_on_where_the_last_process_stopped(tmp_path: Path) -> None:
    """Changes, new records and removals are repeated, with exact decimals."""
    path = tmp_path / "writes.jsonl"
    first = built()
    keep(first, path, "7/400")
    first.update("salesforce", "Account", "a1", {"Name": "Acme Inc."}, **WHO)
    first.create("netsuite", "invoice", {"id": "1", "total": Decimal("1.10")}, **WHO)
    first.create("netsuite", "invoice", {"id": "2", "total": Decimal(2)}, **WHO)
    first.delete("netsuite", "invoice", "2", **WHO)
    given = first.number()
    first.create("netsuite", "invoice", {"id": "3", "total": Decimal(3)}, **WHO)

    second = built()
    repeated = keep(second, path, "7/400")

    assert repeated == 5
    for system, name in (("salesforce", "account"), ("netsuite", "invoice")):
        before = first.collection(system, name).documents
        assert second.collection(system, name).documents == before
    assert second.number() == given + 1


def test_a_write_that_a_kill_cut_short_is_dropped(tmp_path: Path) -> None:
    """It was never answered; what comes after it is kept whole."""
    path = tmp_path / "writes.jsonl"
    first = built()
    keep(first, path, "7/400")
    first.update("salesforce", "Account", "a1", {"Name": "Acme Inc."}, **WHO)
    with path.open("ab") as lines:
        lines.write(b'{"number": 1, "system": "sales')

    second = built()
    repeated = keep(second, path, "7/400")
    second.update("salesforce", "Account", "a1", {"Name": "Acme AG"}, **WHO)
    third = built()

    assert repeated == 1
    assert keep(third, path, "7/400") == 2
    assert (
        third.collection("salesforce", "account").documents["a1"]["Name"] == "Acme AG"
    )


def test_another_companys_writes_are_refused(tmp_path: Path) -> None:
    """Ids are made from the seed: the writes would land on strangers."""
    path = tmp_path / "writes.jsonl"
    keep(built(), path, "7/400")

    with pytest.raises(WrongCompanyError, match="belongs to the company 7/400"):
        keep(built(), path, "8/400")
