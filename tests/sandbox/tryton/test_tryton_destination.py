"""Writing to Tryton: a correction goes back, and a colleague is never overwritten."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingestion import tryton
from ingestion.errors import Conflict, Rejected, Unknown
from operations.store import Store
from reverse_etl.change import Change, FieldChange
from reverse_etl.destinations import Answer, Outgoing
from reverse_etl.destinations.tryton import Tryton
from reverse_etl.ledger import Ledger
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from tests.reverse_etl.support import START, admit
from tests.sandbox.tryton.support import Real

pytestmark = pytest.mark.slow

_numbers = itertools.count(1)


class Wire(httpx.BaseTransport):
    """The way to the server, on which something happens at a call of one method."""

    def __init__(
        self,
        method: str,
        *,
        before: Callable[[], None] = lambda: None,
        lose_answer: bool = False,
    ) -> None:
        """Wait for the first call of `method`; then do, or lose the answer."""
        self.method = method
        self.before = before
        self.lose_answer = lose_answer
        self.calls: list[str] = []
        self._wire = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on."""
        method = json.loads(request.content)["method"]
        is_it = method == self.method and method not in self.calls
        self.calls.append(method)
        if is_it:
            self.before()
        response = self._wire.handle_request(request)
        if is_it and self.lose_answer:
            response.read()
            raise httpx.ReadError("the connection was lost", request=request)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()


@contextmanager
def destination(real: Real, wire: Wire | None = None) -> Iterator[Tryton]:
    """Open the destination, over a wire of one's own."""
    with tryton.client(real.environ, wire) as rest:
        yield Tryton(rest)


def correction(record_id: str, **fields: tuple[str | None, str | None]) -> Change:
    """Plan fields of a party: the value there and the value to be."""
    number = next(_numbers)
    return Change(
        change_id=f"change-{number}",
        system="tryton",
        object="party",
        record_id=record_id,
        external_key=None,
        entity="customers",
        entity_id=f"customer-{number}",
        customer_id=f"customer-{number}",
        action="update",
        fields=tuple(
            FieldChange(field=name, canonical=name, theirs=theirs, ours=ours)
            for name, (theirs, ours) in fields.items()
        ),
        approval=False,
        amount_minor=None,
        currency=None,
        reason="billing says otherwise",
    )


def missing(reference: str, party: str, **fields: str) -> Change:
    """Plan an invoice that the ERP lacks."""
    values = {
        "number": f"N-{reference}",
        "party": party,
        "currency": "USD",
        "total_amount": "120010",
        "invoice_date": "2026-09-01",
        "payment_term_date": "2026-10-01",
        **fields,
    }
    return Change(
        change_id=f"change-{next(_numbers)}",
        system="tryton",
        object="invoice",
        record_id=None,
        external_key=reference,
        entity="invoices",
        entity_id=reference,
        customer_id=None,
        action="create",
        fields=tuple(
            FieldChange(field=name, canonical=name, theirs=None, ours=value)
            for name, value in values.items()
        ),
        approval=True,
        amount_minor=int(values["total_amount"]),
        currency=values["currency"],
        reason="the ERP has no invoice",
    )


def send(there: Tryton, *changes: Change) -> list[Answer]:
    """Send changes in one batch."""
    return list(there.send([Outgoing(change, change.change_id) for change in changes]))


def invoices(real: Real, reference: str) -> list[dict[str, Any]]:
    """Return the invoices with a reference, as a colleague sees them."""
    return real.colleague.search_read(
        "account.invoice",
        [["reference", "=", reference]],
        ["state", "number", "total_amount", "currency.code", "party", "invoice_date"],
    )


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


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [("USD", "120010", "1200.10"), ("JPY", "98000", "98000"), ("EUR", "1", "0.01")],
)
def test_a_missing_invoice_is_entered_and_posted(
    real: Real, currency: str, minor: str, shown: str
) -> None:
    """It bears billing's number and our reference, and its total to the last digit."""
    party = real.add_party(f"buyer-{currency}")
    change = missing(f"in_{currency}", party, currency=currency, total_amount=minor)

    with destination(real) as there:
        before = there.read([change])
        (answer,) = send(there, change)
        held = there.read([change])[change.change_id]

    assert before == {}
    assert answer == Answer(record_id=held.record_id)
    assert held.fields == change.values
    (invoice,) = invoices(real, f"in_{currency}")
    assert invoice["state"] == "posted"
    assert invoice["number"] == f"N-in_{currency}"
    assert invoice["total_amount"] == Decimal(shown)
    assert invoice["currency."]["code"] == currency


def test_an_invoice_of_a_day_to_come_is_posted_too(real: Real) -> None:
    """Tryton's question about the future is answered as the approval was given."""
    change = missing(
        "in_future",
        real.add_party("future"),
        invoice_date="2031-06-01",
        payment_term_date="2031-07-01",
    )

    with destination(real) as there:
        (answer,) = send(there, change)

    assert answer.fault is None
    assert [each["state"] for each in invoices(real, "in_future")] == ["posted"]


def test_an_invoice_is_entered_once_however_often_it_is_sent(real: Real) -> None:
    """Its reference is looked for before anything is created."""
    change = missing("in_twice", real.add_party("twice"))

    with destination(real) as there:
        (first,) = send(there, change)
        (second,) = send(there, change)

    assert first == second
    assert len(invoices(real, "in_twice")) == 1


@pytest.mark.parametrize("step", ["create", "post"])
def test_a_lost_answer_leaves_one_posted_invoice(real: Real, step: str) -> None:
    """Whichever of the two calls went unheard: read, send if need be, one invoice."""
    reference = f"in_lost_{step}"
    change = missing(reference, real.add_party(f"lost-{step}"))
    wire = Wire(f"model.account.invoice.{step}", lose_answer=True)

    with destination(real, wire) as there:
        (answer,) = send(there, change)
        held = there.read([change])
        if change.change_id not in held:
            send(there, change)
        held = there.read([change])

    assert isinstance(answer.fault, Unknown)
    assert held[change.change_id].fields == change.values
    assert [each["state"] for each in invoices(real, reference)] == ["posted"]


def test_a_draft_that_a_colleague_made_is_not_posted_for_them(real: Real) -> None:
    """A draft with our reference and another total is a conflict, and stays a draft."""
    party = real.add_party("drafted")
    unheard = Wire("model.account.invoice.create", lose_answer=True)
    with destination(real, unheard) as there:
        send(there, missing("in_drafted", party, total_amount="500"))

    with destination(real) as there:
        (answer,) = send(there, missing("in_drafted", party, total_amount="700"))

    assert isinstance(answer.fault, Conflict)
    assert [each["state"] for each in invoices(real, "in_drafted")] == ["draft"]


def test_two_invoices_with_one_reference_are_for_a_person(real: Real) -> None:
    """Which of them is the one, no machine can tell."""
    change = missing("in_double", real.add_party("double"))
    with destination(real) as there:
        send(there, change)
        (first,) = invoices(real, "in_double")
        real.colleague.model("account.invoice", "copy", [first["id"]])
        copies = real.colleague.model(
            "account.invoice", "search", [["reference", "=", None]]
        )
        real.colleague.model(
            "account.invoice", "write", copies[:1], {"reference": "in_double"}
        )

        (answer,) = send(there, change)
        with pytest.raises(Rejected, match="same reference"):
            there.read([change])

    assert isinstance(answer.fault, Rejected)


def test_what_tryton_does_not_accept_is_rejected_in_its_own_words(real: Real) -> None:
    """An invoice in no open period is for a person, with the reason."""
    change = missing("in_ancient", real.add_party("ancient"), invoice_date="1999-01-01")

    with destination(real) as there:
        (answer,) = send(there, change)
        held = there.read([change])

    assert isinstance(answer.fault, Rejected)
    assert "you must create a period" in answer.fault.reason
    assert held == {}
