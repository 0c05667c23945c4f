"""One bad record is set aside; a field that changed for all ends its own walk."""

from ingestion.load import Wanted
from tests.conformance.account import Account

_NO_TEXT = {"not": "a text"}


def test_a_poisoned_record_is_set_aside_and_released(account: Account) -> None:
    """It is kept whole beside the table, names its field, and goes once it fits."""
    source = account.source
    bad, good = account.ids()[:2]
    before = account.text(bad)
    account.edit(bad, "Poisoned")
    account.edit(good, "Good")
    account.alter_records((bad, {source.text: _NO_TEXT}))

    loaded = account.load_stream()

    assert (loaded.quarantined, loaded.changed) == (1, 1)
    assert (account.text(bad), account.text(good)) == (before, "Good")
    [letter] = account.quarantined()
    assert (letter.system, letter.record_id) == (source.name, bad)
    assert (letter.field or "").endswith(source.text)
    assert "a text" in letter.document

    account.wire.rules.clear()
    account.edit(bad, "Healed")
    account.load_stream()

    assert account.quarantined() == []
    assert account.text(bad) == "Healed"


def test_a_field_that_changed_its_type_ends_its_own_walk(account: Account) -> None:
    """The fault names the field; nothing of it is in quarantine, all else is loaded."""
    source = account.source
    account.alter_records(("*", {source.text: _NO_TEXT}))
    before = account.fingerprint()

    outcome = account.outcome(Wanted(is_full=True))

    [fault] = outcome.faults
    assert (fault.field or "").endswith(source.text)
    assert "do not fit here" in str(fault)
    assert len(outcome.loaded) >= 2
    assert source.stream not in {one.stream for one in outcome.loaded}
    assert account.fingerprint() == before
    assert account.quarantined() == []


def test_a_field_that_is_no_longer_sent_ends_its_own_walk(account: Account) -> None:
    """A field that the vendor stops sending would otherwise be emptied everywhere."""
    source = account.source
    account.alter_records(("*", {source.lacking: ...}))

    fault = account.fault()

    assert (fault.field or "").endswith(source.lacking)
    assert "lacks this field" in str(fault)
    assert account.quarantined() == []


def test_a_record_without_an_identifier_harms_no_other(account: Account) -> None:
    """It is set aside, or ends the walk that brought it; nothing is taken for gone."""
    source = account.source
    nameless = account.ids()[0]
    account.alter_records((nameless, {source.key: None}))
    alive = account.contents(alive=True)

    outcome = account.outcome(account.wanted(is_full=True))

    assert len(outcome.faults) + len(account.quarantined()) == 1
    now_alive = account.contents(alive=True)[source.stream]
    # Where everything is listed, one that does not say who it is is missing there.
    assert len(alive[source.stream]) - len(now_alive) <= 1
