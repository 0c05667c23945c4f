"""Support: the records that the Tryton tests enter, a colleague's hands, and ours."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from ingestion import tryton
from reverse_etl.change import Change, FieldChange
from reverse_etl.destinations import Answer, Outgoing
from reverse_etl.destinations.tryton import Tryton
from sandbox.tryton.api import Api
from sandbox.tryton.seed import Entered, Erp
from sandbox.tryton.server import Server

_numbers = itertools.count(1)


def _customer(number: int, name: str, **fields: Any) -> dict[str, Any]:
    domain = f"{name.split(maxsplit=1)[0].lower()}.example"
    return {
        "id": str(number),
        "entityid": f"CUST{number}",
        "externalid": f"cus_{number}",
        "companyname": name,
        "email": f"billing@{domain}",
        "vatregnumber": None,
        "country": "US",
        **fields,
    }


def _invoice(number: int, entity: int, total: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "tranid": f"INV-{number}",
        "externalid": f"in_{number}",
        "entity": str(entity),
        "trandate": "2026-09-15",
        "duedate": "2026-10-15",
        "currency": "USD",
        "foreigntotal": Decimal(total),
        "status": "Open",
        **fields,
    }


ERP = Erp(
    customers=[
        _customer(1, "Aldridge Inc.", vatregnumber="12-3456789"),
        _customer(2, "Brandt GmbH", vatregnumber="DE123456789", country="DE"),
        _customer(3, "Chiyoda K.K.", country="JP", email=None),
        _customer(4, "Dunmore Ltd.", country="GB", externalid=None),
        _customer(5, "Eastvale Inc.", vatregnumber="00-0000000"),
    ],
    invoices=[
        # Out of order on purpose: billing numbers them, and the ERP comes to know late.
        _invoice(12, 1, "1200.10", trandate="2026-10-01", duedate="2026-10-31"),
        _invoice(10, 1, "99.99", status="Paid In Full"),
        _invoice(11, 2, "0.01", currency="EUR", status="Voided"),
        _invoice(13, 3, "123456", currency="JPY", trandate="2026-02-28"),
        _invoice(14, 4, "8765432.10", currency="GBP", trandate="2025-12-31"),
        _invoice(15, 5, "7", trandate="2031-01-15", duedate="2031-02-14"),
    ],
    paid_on={"10": date(2026, 9, 20)},
)


@dataclass(frozen=True, slots=True)
class Real:
    """A running server: the settings to reach it, and a colleague's session."""

    environ: dict[str, str]
    colleague: Api
    server: Server
    entered: Entered

    def party(self, name: str) -> dict[str, Any]:
        """Return a party as Tryton's API shows it to the colleague."""
        fields = ["name", "email", "contact_mechanisms", "_timestamp"]
        (found,) = self.colleague.search_read(
            "party.party", [["code", "=", name]], fields
        )
        return found

    def add_party(self, code: str, email: str | None = None) -> str:
        """Enter a party of a test's own; return its id."""
        record: dict[str, Any] = {"name": f"{code} Inc.", "code": code}
        record["addresses"] = [["create", [{}]]]
        if email:
            mechanism = {"type": "email", "value": email}
            record["contact_mechanisms"] = [["create", [mechanism]]]
        (number,) = self.colleague.create("party.party", record)
        return str(number)

    def edit_email(self, code: str, address: str) -> None:
        """Correct a party's e-mail address as a colleague would."""
        mechanisms = self.party(code)["contact_mechanisms"]
        self.colleague.model(
            "party.contact_mechanism", "write", mechanisms, {"value": address}
        )


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
