"""Writing to Tryton: a correction goes back, and a colleague is never overwritten."""

from pathlib import Path

import httpx
import pytest

from ingestion.errors import Conflict, Unknown
from operations.store import Store
from reverse_etl.destinations import Answer
from reverse_etl.ledger import Ledger
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from tests.reverse_etl.support import START, admit
from tests.sandbox.tryton.support import Real, Wire, correction, destination, send

pytestmark = pytest.mark.slow


def test_a_corrected_address_goes_back_to_tryton(real: Real) -> None:
    """What was planned is what Tryton shows, and what reading back finds."""
    party = real.add_party("corrected", "old@corrected.example")
    change = correction(party, email=("old@corrected.example", "new@corrected.example"))

    with destination(real) as there:
        (answer,) = send(there, change)
        held = there.read([change])[change.change_id]

    assert answer == Answer(record_id=party)
    assert held.fields == {"email": "new@corrected.example"}
    assert real.party("corrected")["email"] == "new@corrected.example"
    assert real.party("corrected")["name"] == "corrected Inc."


def test_a_party_without_an_address_gets_one(real: Real) -> None:
    """The e-mail address is a record of its own, made where there is none."""
    party = real.add_party("silent")

    with destination(real) as there:
        (answer,) = send(there, correction(party, email=(None, "hi@silent.example")))

    assert answer.fault is None
    assert real.party("silent")["email"] == "hi@silent.example"


def test_an_address_that_is_to_be_empty_is_taken_away(real: Real) -> None:
    """A field that the contract clears leaves no empty address behind."""
    party = real.add_party("cleared", "old@cleared.example")

    with destination(real) as there:
        (answer,) = send(there, correction(party, email=("old@cleared.example", None)))

    assert answer.fault is None
    assert real.party("cleared")["contact_mechanisms"] == []


def test_name_and_address_go_together(real: Real) -> None:
    """Both fields of a record are written in one transaction."""
    party = real.add_party("renamed", "old@renamed.example")
    change = correction(
        party,
        name=("renamed Inc.", "Renamed Group Inc."),
        email=("old@renamed.example", "new@renamed.example"),
    )
    wire = Wire("model.party.party.write")

    with destination(real, wire) as there:
        send(there, change)

    assert wire.calls.count("model.party.party.write") == 1
    shown = real.party("renamed")
    assert (shown["name"], shown["email"]) == (
        "Renamed Group Inc.",
        "new@renamed.example",
    )


def test_an_edit_after_the_plan_is_a_conflict_in_tryton(real: Real) -> None:
    """A value that a colleague corrected by hand is never overwritten by our plan."""
    party = real.add_party("edited", "old@edited.example")
    change = correction(party, email=("old@edited.example", "ours@edited.example"))
    real.edit_email("edited", "theirs@edited.example")

    with destination(real) as there:
        (answer,) = send(there, change)

    assert isinstance(answer.fault, Conflict)
    assert answer.fault.field == "email"
    assert real.party("edited")["email"] == "theirs@edited.example"


def test_an_edit_of_the_address_at_the_last_moment_is_a_conflict(real: Real) -> None:
    """Tryton's own lock sees an edit between our look and our write, and refuses."""
    party = real.add_party("raced", "old@raced.example")
    change = correction(party, email=("old@raced.example", "ours@raced.example"))
    wire = Wire(
        "model.party.party.write",
        before=lambda: real.edit_email("raced", "theirs@raced.example"),
    )

    with destination(real, wire) as there:
        (answer,) = send(there, change)

    assert isinstance(answer.fault, Conflict)
    assert answer.fault.status == httpx.codes.LOCKED
    assert real.party("raced")["email"] == "theirs@raced.example"


def test_an_edit_of_the_party_at_the_last_moment_is_a_conflict(real: Real) -> None:
    """The lock covers the party too: its new name stays."""
    party = real.add_party("overtaken")
    change = correction(party, name=("overtaken Inc.", "Ours Inc."))

    def rename() -> None:
        real.colleague.model("party.party", "write", [int(party)], {"name": "Theirs"})

    with destination(real, Wire("model.party.party.write", before=rename)) as there:
        (answer,) = send(there, change)

    assert isinstance(answer.fault, Conflict)
    assert real.party("overtaken")["name"] == "Theirs"


def test_a_push_leaves_a_colleagues_edit_alone(real: Real, tmp_path: Path) -> None:
    """The ledger says conflict, the colleague's value stays, a later plan decides."""
    edited = real.add_party("pushed-edited", "old@edited.example")
    quiet = real.add_party("pushed-quiet", "old@quiet.example")
    wire = Wire(
        "model.party.party.write",
        before=lambda: real.edit_email("pushed-edited", "theirs@edited.example"),
    )

    with (
        Store(tmp_path / "operations.sqlite") as store,
        destination(real, wire) as there,
    ):
        ledger = Ledger(store)
        admit(
            ledger,
            correction(edited, email=("old@edited.example", "ours@edited.example")),
            correction(quiet, email=("old@quiet.example", "ours@quiet.example")),
            sizes={("tryton", "party"): 1000},
        )
        push(ledger, {"tryton": there}, lambda: START)
        read_back(ledger, {"tryton": there}, lambda: START)
        outcomes = ledger.outcomes()

    assert outcomes == {
        f"tryton:party:{edited}": "conflict",
        f"tryton:party:{quiet}": "confirmed",
    }
    assert real.party("pushed-edited")["email"] == "theirs@edited.example"
    assert real.party("pushed-quiet")["email"] == "ours@quiet.example"


def test_one_conflict_takes_no_other_record_with_it(real: Real) -> None:
    """In a batch, each party is locked and written for itself."""
    edited = real.add_party("batch-edited", "old@one.example")
    quiet = real.add_party("batch-quiet", "old@two.example")
    real.edit_email("batch-edited", "theirs@one.example")

    with destination(real) as there:
        first, second = send(
            there,
            correction(edited, email=("old@one.example", "ours@one.example")),
            correction(quiet, email=("old@two.example", "ours@two.example")),
        )

    assert isinstance(first.fault, Conflict)
    assert second == Answer(record_id=quiet)
    assert real.party("batch-quiet")["email"] == "ours@two.example"


def test_a_party_that_is_gone_is_a_conflict(real: Real) -> None:
    """A record that was deleted after the plan is planned anew, not created again."""
    party = real.add_party("gone", "old@gone.example")
    real.colleague.model("party.party", "delete", [int(party)])
    change = correction(party, email=("old@gone.example", "new@gone.example"))

    with destination(real) as there:
        (answer,) = send(there, change)
        held = there.read([change])

    assert isinstance(answer.fault, Conflict)
    assert held == {}


def test_a_lost_answer_to_a_correction_is_unknown_and_then_read(real: Real) -> None:
    """Tryton wrote, the answer was lost: nobody guesses, reading tells."""
    party = real.add_party("unheard", "old@unheard.example")
    change = correction(party, email=("old@unheard.example", "new@unheard.example"))
    wire = Wire("model.party.party.write", lose_answer=True)

    with destination(real, wire) as there:
        (answer,) = send(there, change)
        held = there.read([change])[change.change_id]

    assert isinstance(answer.fault, Unknown)
    assert held.fields == {"email": "new@unheard.example"}
