"""What changes arrives, once and alone; what does not change costs next to nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conformance.account import Account

Record = Callable[[str, object], None]


def test_an_unchanged_account_costs_few_calls(
    account: Account, record_property: Record
) -> None:
    """A load of what has not changed writes nothing, by as many calls as counted."""
    before = account.fingerprint()

    loaded = account.load()

    calls = len(account.calls())
    record_property("measured", {"calls of a quiet load": calls})
    assert {one.changed + one.deleted for one in loaded.values()} == {0}
    assert {one.load_id for one in loaded.values()} == {None}
    assert account.fingerprint() == before
    assert calls <= account.source.quiet_calls


def test_a_first_load_is_never_turned_away(
    account: Account, office: Any, record_property: Record
) -> None:
    """It needs no more calls than counted, and waits before a budget is spent."""
    calls, pauses = office.first[account.source.name]

    record_property(
        "measured",
        {"calls of a first load": len(calls), "seconds waited": round(sum(pauses))},
    )
    assert {call.status for call in calls} <= {200, 207, 404}
    assert len(calls) <= account.source.first_calls


def test_a_change_is_the_only_row_that_is_written(account: Account) -> None:
    """A colleague's edit arrives; seen again by the next load, it is written no more.

    What was there before is kept as history.
    """
    source = account.source
    record_id = account.ids()[0]
    before = account.text(record_id)
    account.edit(record_id, "Corrected Inc.")

    loaded, again = account.load(), account.load()

    assert {name: one.changed for name, one in loaded.items() if one.changed} == {
        source.stream: 1
    }
    assert account.text(record_id) == "Corrected Inc."
    assert {one.changed for one in again.values()} == {0}
    [(stream, kept, record)] = account.rows(
        f"select stream, record_id, record from raw_{source.name}._history"
    )
    assert (stream, kept) == (source.stream, record_id)
    assert before in record


def test_a_new_record_arrives(account: Account) -> None:
    """What was entered since the last load is there after the next one."""
    with account.moment():
        entered = account.create(1)

    loaded = account.load_stream()

    assert loaded.changed == 1
    assert account.text(entered) is not None


def test_equal_stamps_lose_nothing_at_a_page_border(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of one instant lie on both sides of many borders; each arrives."""
    source = account.source
    for number in range(source.crowd):
        account.store.keep(source.name, source.object, account.copy(number + 1))
    with account.moment():
        for number, record_id in enumerate(account.ids()):
            account.edit(record_id, f"Renamed {number}")
    source.small(monkeypatch, source.page)

    loaded = account.load_stream()

    held = account.ids()
    assert (loaded.changed, loaded.rows) == (len(held), len(held))
    assert account.rows(
        f"select count(distinct {source.column}) from {account.table()}"
    ) == [(len(held),)]
    assert len(account.reads()) > 1 or source.is_whole_seconds


def test_a_late_commit_arrives(account: Account) -> None:
    """A change that is stamped before the last load and committed after it arrives.

    Another change, stamped later and committed at once, moves the position beyond it.
    """
    source, human = account.source, {"actor": "human", "request_id": "1"}
    late, early = account.ids()[:2]
    account.store.commit_late(
        source.name, source.object, late, {source.text: "Late"}, 300.0, **human
    )
    account.clock.advance(60)
    account.edit(early, "Early")
    account.clock.advance(120)
    account.load_stream()
    assert account.text(late) != "Late"
    account.clock.advance(300)

    account.load_stream()

    assert account.text(late) == "Late"


def test_a_stamp_in_the_future_hides_no_change(account: Account) -> None:
    """One record with a wrong clock does not blind us to all others."""
    early, late = account.ids()[:2]
    ahead = account.clock.now() + timedelta(days=30)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(account.clock, "now", lambda: ahead)
        account.edit(early, "From the future")
    account.load_stream()
    account.edit(late, "Seen")

    account.load_stream()

    assert account.text(late) == "Seen"
    assert all(at < account.clock.now() for _, at, _ in account.positions())


def test_an_edit_between_two_pages_loses_nothing(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that move, go and come while pages are read are right one load later."""
    source = account.source
    for number in range(source.crowd):
        account.store.keep(source.name, source.object, account.copy(number + 1))
    source.small(monkeypatch, source.page)
    ids = account.ids()
    first, gone, last = ids[0], ids[1], ids[-1]
    where = {"object": source.object}
    edits = [
        {**where, "id": first, "fields": {source.text: "Moved"}},
        {**where, "id": last, "fields": {source.text: "Moved too"}},
    ]
    account.spoil(*({"kind": "edit", "skip": 1, "edit": each} for each in edits))
    account.load_stream(is_full=True)
    account.delete(gone)

    account.load_stream()

    assert (account.text(first), account.text(last)) == ("Moved", "Moved too")
    alive = account.rows(f"select id from {account.table()} where not is_deleted")
    assert {each for (each,) in alive} >= {*ids} - {gone}


def test_a_load_that_fails_moves_no_position(account: Account) -> None:
    """A change that a failed load did not bring arrives with the next one."""
    record_id = account.ids()[0]
    account.edit(record_id, "Seen later")
    account.spoil({"kind": "status", "status": 400})
    before = account.positions()
    assert account.outcome(account.wanted()).faults
    assert account.positions() == before

    account.load_stream()

    assert account.text(record_id) == "Seen later"
