"""Exceptions: open as long as reported, closed when gone, opened anew when back."""

from datetime import UTC, datetime, timedelta

from operations.audit import verify
from operations.exceptions import Break, Synced, open_exceptions, sync
from operations.store import Store

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def broken(fingerprint: str, **given: object) -> Break:
    """Make a break."""
    return Break(fingerprint, "M04", "A name differs.", **given)


def test_a_report_opens_keeps_and_closes(store: Store) -> None:
    """Each report is the whole truth of its source."""
    assert sync(store, [broken("a"), broken("b")], AT) == Synced(2, 0, 0)
    assert sync(store, [broken("b"), broken("c")], LATER) == Synced(1, 1, 1)

    found = open_exceptions(store)
    assert [
        (each.broken.fingerprint, each.opened_at, each.seen_at) for each in found
    ] == [
        ("b", AT, LATER),
        ("c", LATER, LATER),
    ]
    (closed,) = store.rows("select * from exceptions where closed_at is not null")
    assert (closed["fingerprint"], closed["resolution"]) == ("a", "no longer reported")
    verify(store)


def test_what_comes_back_is_a_further_exception(store: Store) -> None:
    """So that the time each one took can be told."""
    sync(store, [broken("a")], AT)
    sync(store, [], AT)
    sync(store, [broken("a")], LATER)

    assert [each.opened_at for each in open_exceptions(store)] == [LATER]
    assert store.rows("select count(*) from exceptions")[0][0] == 2


def test_sources_do_not_close_each_other_s(store: Store) -> None:
    """Reconciliation knows nothing of pushes."""
    sync(store, [broken("a")], AT, source="push")

    assert sync(store, [broken("b")], AT) == Synced(1, 0, 0)
    assert [each.broken.fingerprint for each in open_exceptions(store, "push")] == ["a"]
    assert len(open_exceptions(store)) == 2


def test_an_open_exception_tells_the_latest(store: Store) -> None:
    """The difference may grow while it is open."""
    sync(store, [broken("a", difference_minor=5, currency="USD")], AT)
    changed = broken(
        "a",
        difference_minor=7,
        currency="EUR",
        severity="warning",
        owner="billing",
        record_key="stripe:invoice:in_1",
        customer_id="c1",
        detail={"left": 1},
    )
    sync(store, [changed], LATER)

    (found,) = open_exceptions(store)
    assert found.broken == changed
    assert found.opened_at == AT


def test_a_row_of_the_reconciliation_becomes_a_break() -> None:
    """Its own columns by name, all others as detail."""
    row = {
        "check_id": "M04",
        "break_key": "M04:salesforce:account:1",
        "record_key": "salesforce:account:1",
        "customer_id": "c1",
        "subject": "A name differs.",
        "currency": "USD",
        "difference_minor": None,
        "left_value": "Acme",
    }

    found = Break.from_row(row, severity="warning", owner="revops")

    assert found == Break(
        "M04:salesforce:account:1",
        "M04",
        "A name differs.",
        "warning",
        "revops",
        "salesforce:account:1",
        "c1",
        None,
        "USD",
        {"left_value": "Acme"},
    )
