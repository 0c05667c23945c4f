"""What is gone at the vendor is a tombstone; what only seems so stays as it is."""

from ingestion.load import Wanted
from tests.conformance.account import Account


def test_a_deletion_becomes_a_tombstone(account: Account) -> None:
    """The row stays as it last was, marked, and is not written again."""
    source = account.source
    gone = account.ids()[0]
    before, before_all = account.text(gone), account.ids()
    account.delete(gone)
    if source.deletion == "swept":
        account.age()

    loaded = account.load_stream()

    assert account.text(gone) is None
    assert account.rows(
        f"select id, {source.column} from {account.table()} where is_deleted"
    ) == [(gone, before)]
    assert loaded.rows == len(before_all) - 1
    again = account.load_stream()
    assert (again.changed, again.deleted) == (0, 0)


def test_a_mass_disappearance_is_refused(account: Account) -> None:
    """A listing that lacks most records is not believed, and the table stays."""
    stream, name = account.source.listed
    account.lose(name, account.ids(name)[2:])
    account.age()
    before = account.contents()

    outcome = account.outcome(Wanted(frozenset({stream})))

    assert outcome.faults
    assert all("are not listed any more" in str(fault) for fault in outcome.faults)
    assert stream not in {one.stream for one in outcome.loaded}
    assert account.contents(stream)[stream] == before[stream]
    assert account.rows(
        f"select count(*) from {account.table(stream)} where is_deleted"
    ) == [(0,)]


def test_a_record_that_comes_back_is_alive(account: Account) -> None:
    """A tombstone is no grave: what is restored is a record again."""
    document, record_id = account.documents()[0], account.ids()[0]
    account.delete(record_id)
    account.age()
    account.load_stream()
    assert account.text(record_id) is None
    account.restore(document)

    account.load_stream()

    assert account.text(record_id) is not None
