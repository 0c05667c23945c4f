"""Invoices in Tryton: entered once under our reference, then posted.

Tryton knows no key of ours that it would refuse a second time, so an invoice is always
looked for by its reference first. Entering takes two calls: what a lost answer left
behind as a draft is taken up and posted.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingestion.errors import Conflict, Rejected
from ingestion.readings import Document
from ingestion.transport.rest import Rest
from ingestion.tryton import INVOICE, PARTY
from ingestion.tryton_rpc import amount, amount_of, ask, day, day_of, search_read, tell
from reverse_etl.change import Change, canonical
from reverse_etl.destinations import Held
from reverse_etl.money import major, minor

_DAYS = ("invoice_date", "payment_term_date")
_FIELDS = (
    "reference",
    "state",
    "number",
    "party",
    *_DAYS,
    "currency.code",
    "total_amount",
)
_NOT_ENTERED = ("draft", "validated")


@dataclass(frozen=True, slots=True)
class Books:
    """Where invoices are entered: the records that Tryton's own forms would propose."""

    today: date
    company: int
    journal: int
    revenue: int
    receivable: int | None  # of parties that have no account of their own
    currencies: Mapping[str, int]  # by code
    parties: Mapping[str, Document]  # by id, with addresses and own account


class Invoices:
    """Customer invoices of one database."""

    def __init__(self, rest: Rest) -> None:
        """Speak through this client."""
        self._rest = rest

    def read(self, changes: Sequence[Change]) -> dict[str, Held]:
        """Return the entered invoices, by change id; a draft is not entered yet.

        Raises:
            Rejected: two invoices have the same reference.
        """
        found = self._referenced(changes)
        held = {}
        for change in changes:
            invoice = _only(found, change)
            if invoice and invoice["state"] not in _NOT_ENTERED:
                fields = {name: _value(invoice, name) for name in change.values}
                held[change.change_id] = Held(str(invoice["id"]), fields)
        return held

    def entering(self, changes: Sequence[Change]) -> Callable[[Change], str]:
        """Look for what is there, and return how to enter each of these changes."""
        found = self._referenced(changes)
        books = self._books(changes)
        return lambda change: self._enter(change, _only(found, change), books)

    def _enter(self, change: Change, invoice: Document | None, books: Books) -> str:
        """Create the invoice where there is none, post it, and return its id.

        Raises:
            Conflict: there is a draft with this reference that somebody else made.
        """
        if invoice is None:
            body = _body(change, books)
            (number,) = tell(
                self._rest, INVOICE, "create", [body], company=books.company
            )
        else:
            number = invoice["id"]
            if invoice["state"] not in _NOT_ENTERED:
                return str(number)
            for name, ours in change.values.items():
                if _value(invoice, name) != ours:
                    raise Conflict(
                        "tryton",
                        f"a draft with this reference has {name}"
                        f" {_value(invoice, name)!r} instead of {ours!r}",
                        object=INVOICE,
                        record_id=str(number),
                        field=name,
                    )
        self._post(number, change, books)
        return str(number)

    def _post(self, number: int, change: Change, books: Books) -> None:
        """Post a draft, answering beforehand what Tryton would ask about its days.

        It asks a person whether an invoice may be posted that is due in the past, or
        dated in the future. Billing issued it, and entering it was approved: yes.
        """
        record = f"{INVOICE},{number}".encode()
        key = hashlib.md5(record, usedforsecurity=False).hexdigest()
        issued, due = (_day(change.values.get(name)) for name in _DAYS)
        questions = {
            "invoice_payment_term": due is not None and due < books.today,
            "invoice_date_future": issued is not None and issued > books.today,
        }
        for question, is_asked in questions.items():
            if is_asked:
                name = f"{key}.{question}"
                tell(self._rest, "res.user.warning", "skip", name)
        tell(self._rest, INVOICE, "post", [number], company=books.company)

    def _referenced(self, changes: Sequence[Change]) -> dict[str, list[Document]]:
        """Return the invoices with our references; a cancelled one only if alone."""
        references = [str(change.external_key) for change in changes]
        domain = [["type", "=", "out"], ["reference", "in", references]]
        # Twice as many as there should be, to see a second one of each.
        found = search_read(self._rest, INVOICE, domain, _FIELDS, 2 * len(references))
        by_reference: dict[str, list[Document]] = {}
        for invoice in sorted(found, key=lambda each: each["state"] == "cancelled"):
            known = by_reference.setdefault(invoice["reference"], [])
            if not known or invoice["state"] != "cancelled":
                known.append(invoice)
        return by_reference

    def _books(self, changes: Sequence[Change]) -> Books:
        only_context = True  # without the rest of what the user prefers
        preferences = ask(self._rest, "res.user", "get_preferences", only_context)
        company = preferences.get("company")
        if company is None:
            raise Rejected(
                "tryton",
                "the user works for no company",
                "give TRYTON_USER a company in its preferences, then run again",
            )
        journals = search_read(
            self._rest, "account.journal", [["type", "=", "revenue"]], ("type",), 1
        )
        accounts = ask(
            self._rest,
            "account.configuration",
            "read",
            [1],
            ["default_category_account_revenue", "default_account_receivable"],
            company=company,
        )[0]
        revenue = accounts["default_category_account_revenue"]
        if not journals or revenue is None:
            raise Rejected(
                "tryton",
                "there is no revenue journal, or no default account for revenue",
                "set both in Tryton's accounting configuration, then run again",
            )
        codes = sorted({str(change.values["currency"]) for change in changes})
        currencies = search_read(
            self._rest, "currency.currency", [["code", "in", codes]], ("code",), 1000
        )
        ids = sorted({int(str(change.values["party"])) for change in changes})
        parties = ask(
            self._rest,
            PARTY,
            "read",
            ids,
            ["addresses", "account_receivable"],
            company=company,
        )
        return Books(
            today=day_of(ask(self._rest, "ir.date", "today")),
            company=company,
            journal=journals[0]["id"],
            revenue=revenue,
            receivable=accounts["default_account_receivable"],
            currencies={each["code"]: each["id"] for each in currencies},
            parties={str(each["id"]): each for each in parties},
        )


def _only(found: Mapping[str, list[Document]], change: Change) -> Document | None:
    invoices = found.get(str(change.external_key), [])
    if len(invoices) > 1:
        numbers = " and ".join(str(invoice["id"]) for invoice in invoices)
        raise Rejected(
            "tryton",
            f"the invoices {numbers} have the same reference {change.external_key}",
            "cancel the one too many in Tryton, then run again",
            object=INVOICE,
        )
    return invoices[0] if invoices else None


def _value(invoice: Document, name: str) -> str | None:
    """Return a field of an invoice as canonical text; the total in minor units."""
    currency = invoice["currency."]["code"]
    value = invoice.get(name)
    if name == "currency":
        return canonical(currency)
    if name == "total_amount":
        return canonical(minor(amount_of(value), currency))
    if name in _DAYS:
        return canonical(day_of(value)) if value else None
    return canonical(value)


def _body(change: Change, books: Books) -> dict[str, Any]:
    """Return the invoice as one line of its total.

    Raises:
        Rejected: Tryton does not know the currency, or the party has no address.
    """
    values = change.values
    code, party_id = str(values["currency"]), str(values["party"])
    party = books.parties.get(party_id, {})
    if code not in books.currencies or not party.get("addresses"):
        raise Rejected(
            "tryton",
            f"there is no currency {code}, or party {party_id} has no address",
            "add it in Tryton, then run again",
            object=INVOICE,
        )
    currency = books.currencies[code]
    line = {
        "type": "line",
        "company": books.company,
        "currency": currency,
        "account": books.revenue,
        "quantity": 1,
        "unit_price": amount(major(int(str(values["total_amount"])), code)),
    }
    return {
        "company": books.company,
        "type": "out",
        "reference": change.external_key,
        # Billing issued it: its number stands, whatever the order of entering.
        "number": values.get("number"),
        "party": party["id"],
        "invoice_address": party["addresses"][0],
        "account": party["account_receivable"] or books.receivable,
        "currency": currency,
        "journal": books.journal,
        "lines": [["create", [line]]],
        **{
            name: day(value)
            for name in _DAYS
            if (value := _day(values.get(name))) is not None
        },
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
