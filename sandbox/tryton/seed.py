"""Seed: customers, invoices and payments, entered as an accountant would.

The records are those of the sandbox's NetSuite, with what is wrong in them: an invoice
that is missing there is missing here, and so is an e-mail address that is out of date.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import httpx

from sandbox.tryton import Unready
from sandbox.tryton.api import Api, NotAccepted
from sandbox.tryton.books import Books, open_books
from sandbox.tryton.payments import settle

Record = Mapping[str, Any]
Report = Callable[[str], None]
T = TypeVar("T")

# Posting takes 40 ms to 50 ms for each invoice, in batches of 50 to 100 the least.
_BATCH = 100
# Of the identifiers in the sandbox only these may pass Tryton's own check: the others
# have check digits, which chance does not make right. They are entered as plain codes.
_TAX_IDENTIFIER_TYPES = {"US": "us_ein"}


@dataclass(frozen=True, slots=True)
class Erp:
    """What the sandbox's NetSuite holds."""

    customers: Sequence[Record]
    invoices: Sequence[Record]
    paid_on: Mapping[str, date]  # by invoice, where it is paid in full


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered, and the company it was entered for."""

    company: int
    parties: Mapping[str, int]  # by the customer's id in the sandbox's NetSuite
    invoices: int
    payments: int
    seconds: float


def read_erp(sandbox_url: str) -> Erp:
    """Read what is to be entered.

    Raises:
        Unready: the sandbox cannot be reached or does not have it.
    """
    days = {
        each["id"]: date.fromisoformat(each["trandate"])
        for each in _records(sandbox_url, "payment")
    }
    paid_on = {
        each["previousdoc"]: days[each["nextdoc"]]
        for each in _records(sandbox_url, "payment_application")
    }
    invoices = _records(sandbox_url, "invoice")
    in_full = {each["id"] for each in invoices if each["status"] == "Paid In Full"}
    return Erp(
        _records(sandbox_url, "customer"),
        invoices,
        {number: day for number, day in paid_on.items() if number in in_full},
    )


def _records(sandbox_url: str, name: str) -> list[Record]:
    url = f"{sandbox_url.rstrip('/')}/_sandbox/records/netsuite/{name}"
    try:
        answer = httpx.get(url, timeout=60.0).raise_for_status()
        found: list[Record] = answer.json(parse_float=Decimal)["records"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        raise Unready(
            f"The sandbox does not hand out its NetSuite {name} records at {url}"
            f" ({str(error) or type(error).__name__}); start it with python -m sandbox"
            " and give the url that it prints as --sandbox-url."
        ) from error
    return found


def enter(
    api: Api, user: int, erp: Erp, report: Report = lambda _sentence: None
) -> Entered:
    """Open the books and enter all there is, as administrator `user`.

    Raises:
        Unready: Tryton does not accept a record.
    """
    started = time.monotonic()
    today: date = api.model("ir.date", "today")
    dates = [date.fromisoformat(each["trandate"]) for each in erp.invoices]
    days = [today, *dates, *erp.paid_on.values()]
    currencies = {str(each["currency"]) for each in erp.invoices}
    books = open_books(api, user, currencies, min(days), max(days))
    report("Tryton: the books are open")
    parties = _enter_parties(api, erp.customers)
    report(f"Tryton: {len(parties)} customers entered")
    clerk = _Clerk(api, user, books, parties, _addresses(api, parties), today)
    done = 0
    for batch in _batches(sorted(erp.invoices, key=lambda each: each["trandate"])):
        clerk.enter(batch, erp.paid_on)
        done += len(batch)
        report(f"Tryton: {done} of {len(erp.invoices)} invoices entered")
    return Entered(
        company=books.company,
        parties=parties,
        invoices=done,
        payments=len(erp.paid_on),
        seconds=round(time.monotonic() - started, 1),
    )


def _enter_parties(api: Api, customers: Sequence[Record]) -> dict[str, int]:
    """Return the party of each customer, by the customer's id in NetSuite."""
    parties: dict[str, int] = {}
    for batch in _batches(customers):
        numbers = api.create("party.party", *(_party(api, each) for each in batch))
        parties |= zip((str(each["id"]) for each in batch), numbers, strict=True)
    return parties


def _addresses(api: Api, parties: Mapping[str, int]) -> dict[int, int]:
    """Return the address of each party, to which its invoices go."""
    return {
        party["id"]: int(party["addresses"][0])
        for batch in _batches(list(parties.values()))
        for party in api.model("party.party", "read", batch, ["addresses"])
    }


def _party(api: Api, customer: Record) -> dict[str, Any]:
    party: dict[str, Any] = {
        "name": customer["companyname"],
        # The code by which billing knows the customer, where anybody noted it.
        "code": customer["externalid"] or customer["entityid"],
        "addresses": [["create", [{}]]],
    }
    if customer["email"]:
        mechanism = {"type": "email", "value": customer["email"]}
        party["contact_mechanisms"] = [["create", [mechanism]]]
    if customer["vatregnumber"]:
        identifier = _identifier(api, customer["country"], customer["vatregnumber"])
        party["identifiers"] = [["create", [identifier]]]
    return party


def _identifier(api: Api, country: str | None, code: str) -> dict[str, Any]:
    """Return a tax identifier of the country's type if Tryton lets it pass as one."""
    typed = {"type": _TAX_IDENTIFIER_TYPES.get(country or ""), "code": code}
    if typed["type"] is None:
        return typed
    try:
        api.model("party.identifier", "pre_validate", typed)
    except NotAccepted:
        return {"type": None, "code": code}
    return typed


@dataclass(frozen=True, slots=True)
class _Clerk:
    """Enters invoices and their payments into the books."""

    api: Api
    user: int
    books: Books
    parties: Mapping[str, int]  # by the NetSuite customer's id
    addresses: Mapping[int, int]  # by party
    today: date

    def enter(self, batch: Sequence[Record], paid_on: Mapping[str, date]) -> None:
        """Create and post invoices, cancel what was voided, settle what was paid."""
        numbers = self.api.create("account.invoice", *map(self._invoice, batch))
        self._answer(numbers, batch)
        self.api.model("account.invoice", "post", numbers)
        pairs = list(zip(numbers, batch, strict=True))
        voided = [number for number, each in pairs if each["status"] == "Voided"]
        if voided:
            self.api.model("account.invoice", "cancel", voided)
        paid = {
            number: paid_on[each["id"]]
            for number, each in pairs
            if each["id"] in paid_on
        }
        if paid:
            settle(self.api, self.books, paid)

    def _invoice(self, invoice: Record) -> dict[str, Any]:
        party = self.parties[invoice["entity"]]
        currency = self.books.currencies[invoice["currency"]]
        return {
            "company": self.books.company,
            "type": "out",
            "party": party,
            "invoice_address": self.addresses[party],
            "currency": currency,
            "journal": self.books.journal,
            "account": self.books.receivable,
            # Billing issued the invoice: its number stands, whatever the order in
            # which invoices arrive. Tryton numbers only what has no number.
            "number": invoice["tranid"],
            "reference": invoice["externalid"],
            "invoice_date": date.fromisoformat(invoice["trandate"]),
            # Without a payment term, this is the day on which the invoice is due.
            "payment_term_date": date.fromisoformat(invoice["duedate"]),
            "lines": [["create", [self._line(invoice, currency)]]],
        }

    def _line(self, invoice: Record, currency: int) -> dict[str, Any]:
        return {
            "type": "line",
            "company": self.books.company,
            "currency": currency,
            "account": self.books.revenue,
            "description": f"As billed on {invoice['tranid']}",
            "quantity": 1,
            "unit_price": Decimal(invoice["foreigntotal"]),
        }

    def _answer(self, numbers: Sequence[int], batch: Sequence[Record]) -> None:
        """Say yes beforehand to what Tryton asks about dates.

        It asks about every invoice that is due in the past, and about all that are
        dated in the future together. Asked and answered one by one, each question
        would take back the whole batch. A question's name comes from its records.
        """
        names = [f"{_question(number)}.invoice_payment_term" for number in numbers]
        future = [
            number
            for number, invoice in zip(numbers, batch, strict=True)
            if date.fromisoformat(invoice["trandate"]) > self.today
        ]
        if future:
            names.append(f"{_question(*future)}.invoice_date_future")
        answers = [{"user": self.user, "name": name} for name in names]
        self.api.create("res.user.warning", *answers)


def _question(*numbers: int) -> str:
    key = "|".join(f"account.invoice,{number}" for number in numbers)
    return hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
