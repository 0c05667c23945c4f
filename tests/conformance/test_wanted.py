"""A load may want less: a time, some records, nothing of the vendor at all."""

from datetime import datetime, timedelta

from ingestion.load import Wanted
from tests.conformance.account import Account


def test_a_backfill_brings_its_time_and_nothing_else(account: Account) -> None:
    """What changed before it, and after it where that can be asked for, is left.

    No position moves.
    """
    source = account.source
    account.clock.advance(3600)
    first = account.create(1)
    then: datetime = account.clock.now()
    account.clock.advance(3600)
    second = account.create(2)
    before = account.positions()
    window = Wanted(
        frozenset({source.stream}),
        since=then - timedelta(minutes=5),
        until=then + timedelta(minutes=5),
    )

    loaded = account.load(window)[source.stream]

    assert (loaded.changed, loaded.deleted) == (1 + source.takes_no_end, 0)
    assert account.text(first) is not None
    assert (account.text(second) is not None) == source.takes_no_end
    assert account.positions() == before


def test_named_records_arrive_alone(account: Account) -> None:
    """Just these are read: one that changed, and one that is not there any more."""
    source = account.source
    changed, other, gone = account.ids()[:3]
    before = account.positions()
    account.edit(changed, "Wanted")
    account.edit(other, "Not wanted")
    account.delete(gone)

    loaded = account.load(Wanted(ids={source.stream: [changed, gone]}))

    assert account.text(changed) == "Wanted"
    assert account.text(other) != "Not wanted"
    assert account.text(gone) is None
    assert account.positions() == before
    assert loaded[source.stream].deleted + loaded[source.stream].changed == 2


def test_a_replay_asks_nothing_and_changes_nothing(account: Account) -> None:
    """The typed columns are made anew from the stored records, and only they."""
    source = account.source
    before = account.fingerprint()
    spoiled = account.ids()[0]
    account.rows(
        f"update {account.table()} set {source.column} = 'spoiled'"
        f" where id = '{spoiled}'"
    )

    wanted = Wanted(frozenset({source.stream}), is_stored=True)
    loaded = account.load(wanted)[source.stream]

    assert account.calls() == []
    assert (loaded.read, loaded.changed) == (len(account.ids()), 1)
    assert account.fingerprint() == before


def test_only_what_is_wanted_is_read(account: Account) -> None:
    """What is left out is not asked for, and arrives when it is wanted again."""
    source = account.source
    other = next(
        name
        for name, where in source.held.items()
        if name != source.stream and isinstance(where, str)
    )
    account.edit(account.ids()[0], "Not wanted")

    account.load(Wanted(frozenset({other})))

    assert account.reads() == []
    assert account.text(account.ids()[0]) != "Not wanted"
    account.load_stream()
    assert account.text(account.ids()[0]) == "Not wanted"
