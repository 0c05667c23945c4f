"""Push and what a vendor promises of a write: versions, repeats, and its memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from ingestion.errors import Rejected, Unknown
from operations.exceptions import open_exceptions
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing, Repeat
from reverse_etl.ledger import Ledger
from reverse_etl.push import SETTLE_WINDOW
from reverse_etl.read_back import read_back
from tests.reverse_etl.support import (
    START,
    Clock,
    Script,
    Vendor,
    accounts,
    admit,
    create,
    pushed,
    states,
    update,
)

LOST = Unknown("crm", "the answer was lost")


@dataclass
class Versioned(Vendor):
    """A vendor that tells a version with each look, and notes what it is written by."""

    versions: list[str | None] = field(default_factory=list)

    def read(self, changes: Sequence[Change]) -> dict[str, Held]:
        """Tell the version of each record."""
        held = super().read(changes)
        return {
            key: replace(each, version=f"{each.record_id} of look {len(self.sent)}")
            for key, each in held.items()
        }

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Note the versions."""
        self.versions += [outgoing.version for outgoing in batch]
        return super().send(batch)


@dataclass
class Remembering(Vendor):
    """A vendor that remembers what a field held before a write of ours."""

    before: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    def replaced(
        self, changes: Sequence[Change]
    ) -> Mapping[str, Mapping[str, str | None]]:
        """Tell it of the records that are known."""
        return {
            change.change_id: self.before[change.target]
            for change in changes
            if change.target in self.before
        }


def test_a_change_is_sent_under_the_version_of_the_look_before_it(
    ledger: Ledger, clock: Clock
) -> None:
    """Also when the call is cut in two for another record's sake."""
    vendor = Versioned(accounts("a1", "a2"), bad={"a2": Rejected("crm", "no")})
    admit(ledger, update("a1"), update("a2"))

    pushed(ledger, vendor, clock)

    first, second = "a1 of look 0", "a2 of look 0"
    assert vendor.versions == [first, second, first, second]
    assert states(ledger) == {"a1": "acknowledged", "a2": "rejected"}


@pytest.mark.parametrize(
    ("repeat", "ends"),
    [
        # It finds the first one, even one that is still being made.
        ("upsert", ([0.0], 2, "acknowledged")),
        ("key", ([SETTLE_WINDOW.total_seconds()], 2, "acknowledged")),
        ("search", ([SETTLE_WINDOW.total_seconds()], 2, "acknowledged")),
        ("nothing", ([SETTLE_WINDOW.total_seconds()], 1, "rejected")),
    ],
)
def test_a_lost_creation_is_settled_as_the_vendor_lets_us(
    ledger: Ledger,
    clock: Clock,
    repeat: Repeat,
    ends: tuple[list[float], int, str],
) -> None:
    """Where nothing tells the first one from a second, a person looks."""
    caps = Caps(200, 200, creates={"Invoice": repeat})
    vendor = Vendor({}, caps=caps, scripts=[Script(whole=LOST)])
    admit(ledger, create())

    pushed(ledger, vendor, clock)

    [state] = states(ledger).values()
    assert (clock.pauses, len(vendor.sent), state) == ends


def test_an_object_of_which_no_repeat_is_known_counts_as_one_with_none(
    ledger: Ledger, clock: Clock
) -> None:
    """Rather a question than a second invoice; its exception says what to look for."""
    vendor = Vendor({}, caps=Caps(200, 200), scripts=[Script(whole=LOST)])
    admit(ledger, create("in_1"))

    pushed(ledger, vendor, clock)

    [found] = open_exceptions(ledger.store)
    assert vendor.sent == [("key:in_1",)]
    assert "look for it there" in found.broken.subject
    assert "key:in_1" in found.broken.subject


@pytest.mark.parametrize("answered", [True, False])
def test_an_edit_that_was_written_over_is_brought_to_a_person(
    ledger: Ledger, clock: Clock, *, answered: bool
) -> None:
    """As the edit that it was, with its value; also where the answer was lost."""
    lost = [] if answered else [Script(whole=LOST, applies=True)]
    vendor = Remembering(
        accounts("a1", "a2"),
        scripts=lost,
        before={"a1": {"Name": "Acme Corporation"}, "a2": {"Name": "Acme"}},
    )
    admit(ledger, update("a1"), update("a2"))

    pushed(ledger, vendor, clock)
    read_back(ledger, {"crm": vendor}, clock)

    [found] = open_exceptions(ledger.store)
    assert states(ledger) == {"a1": "confirmed", "a2": "confirmed"}
    assert found.broken.fingerprint == "user_edit:crm:account:a1:Name"
    assert found.broken.detail["theirs"] == "Acme Corporation"
    assert "'Acme Corporation'" in found.broken.subject


def test_a_memory_in_an_odd_form_keeps_the_change_unconfirmed(
    ledger: Ledger, clock: Clock
) -> None:
    """What was written over is not known: the next run looks again."""

    class Mumbling(Remembering):
        def replaced(
            self, changes: Sequence[Change]
        ) -> Mapping[str, Mapping[str, str | None]]:
            raise KeyError(changes[0].change_id)

    vendor = Mumbling(accounts("a1"))
    admit(ledger, update("a1"))

    pushed(ledger, vendor, clock)
    back = read_back(ledger, {"crm": vendor}, clock)

    assert states(ledger) == {"a1": "acknowledged"}
    assert "not understood" in back.unread["crm"].reason


def test_what_a_new_record_refers_to_is_put_right_before_it_is_made(
    ledger: Ledger, clock: Clock
) -> None:
    """Also where the creation was planned first: updates go, then creations."""
    vendor = Vendor(accounts("a1"))
    admit(ledger, create("in_1"), update("a1"), create("in_2"))

    pushed(ledger, vendor, clock)

    assert vendor.sent == [("a1",), ("key:in_1", "key:in_2")]


def test_a_record_that_went_away_is_told_until_the_next_plan(
    ledger: Ledger, clock: Clock
) -> None:
    """Deleted or merged: whoever minds can restore it; the plan then looks anew."""
    admit(ledger, update("a1"), update("a2"))
    pushed(ledger, Vendor(accounts("a2")), clock)
    [told] = open_exceptions(ledger.store)

    admit(ledger, update("a3"), made_at=START + timedelta(hours=1))

    assert states(ledger)["a2"] == "acknowledged"
    assert (told.broken.kind, told.broken.record_key) == ("gone", "crm:account:a1")
    assert open_exceptions(ledger.store) == []
