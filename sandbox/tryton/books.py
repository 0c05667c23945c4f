"""Books: what must stand in Tryton before the first invoice can be entered."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.tryton import Unready
from sandbox.tryton.api import Api

COMPANY_CURRENCY = "USD"
_COMPANY = "The company itself"
USER = "concord"


@dataclass(frozen=True, slots=True)
class Currency:
    """Decimals of an amount, and units to the dollar.

    The rate decides only what the ledger shows in the company's own currency; an
    invoice and its receivable stay in the currency of the invoice.
    """

    digits: int
    rate: Decimal


CURRENCIES: Mapping[str, Currency] = {
    "USD": Currency(2, Decimal(1)),
    "EUR": Currency(2, Decimal("0.92")),
    "GBP": Currency(2, Decimal("0.79")),
    "JPY": Currency(0, Decimal(150)),
}

# Of Tryton's own "Universal Chart of Accounts": cash, trade receivables and payables,
# and revenue from services that is recognized over time.
_CASH, _RECEIVABLE, _PAYABLE, _REVENUE = "1.1.1", "1.2.1", "2.1.1", "4.2.2"


@dataclass(frozen=True, slots=True)
class Books:
    """The records that invoices and payments point to."""

    company: int
    currencies: Mapping[str, int]  # by code
    receivable: int
    revenue: int
    cash: int
    journal: int
    cash_journal: int
    periods: Mapping[date, int]  # by first day


def open_books(
    api: Api, user: int, currencies: Collection[str], first: date, last: date
) -> Books:
    """Set up a company whose invoices lie between two days; `user` works for it.

    Raises:
        Unready: a currency is unknown, or Tryton does not accept a step.
    """
    numbers = _currencies(api, {COMPANY_CURRENCY, *currencies}, first)
    (party,) = api.create("party.party", {"name": _COMPANY})
    (company,) = api.create(
        "company.company",
        {
            "party": party,
            "currency": numbers[COMPANY_CURRENCY],
            # An invoice that billing voided is cancelled, number and all.
            "cancel_invoice_out": True,
        },
    )
    works_here = {"companies": [["add", [company]]], "company": company}
    api.model("res.user", "write", [user], works_here)
    api.context = {"company": company}
    accounts = _chart(api, company)
    for year in range(first.year, last.year + 1):
        _fiscal_year(api, company, year)
    journals = api.search_read("account.journal", [], ["type"])
    of_type = {journal["type"]: int(journal["id"]) for journal in journals}
    periods = api.search_read("account.period", [], ["start_date"])
    return Books(
        company=company,
        currencies=numbers,
        receivable=accounts[_RECEIVABLE],
        revenue=accounts[_REVENUE],
        cash=accounts[_CASH],
        journal=of_type["revenue"],
        cash_journal=of_type["cash"],
        periods={period["start_date"]: int(period["id"]) for period in periods},
    )


def add_user(api: Api, company: int) -> tuple[str, str]:
    """Let Concord in as a user of its own; return user and password.

    Its writes then bear its name, and it may do what an accountant may, no more.
    """
    password = secrets.token_urlsafe(24)
    group = api.model("ir.model.data", "get_id", "account", "group_account")
    api.create(
        "res.user",
        {
            "name": "Concord",
            "login": USER,
            "password": password,
            "groups": [["add", [group]]],
            "companies": [["add", [company]]],
            "company": company,
        },
    )
    return USER, password


def _currencies(api: Api, codes: Collection[str], first: date) -> dict[str, int]:
    unknown = sorted(set(codes) - set(CURRENCIES))
    if unknown:
        raise Unready(
            f"Tryton has no exchange rate for {', '.join(unknown)};"
            " add it to CURRENCIES in tryton/books.py, then run again."
        )
    ordered = sorted(codes)
    records: list[dict[str, Any]] = [
        {
            "name": code,
            "code": code,
            "symbol": code,
            "digits": CURRENCIES[code].digits,
            "rounding": Decimal(1).scaleb(-CURRENCIES[code].digits),
            "rates": [
                [
                    "create",
                    [{"date": first.replace(day=1), "rate": CURRENCIES[code].rate}],
                ]
            ],
        }
        for code in ordered
    ]
    numbers = api.create("currency.currency", *records)
    return dict(zip(ordered, numbers, strict=True))


def _chart(api: Api, company: int) -> dict[str, int]:
    """Create the chart of accounts by Tryton's own wizard; return numbers by code."""
    wizard = "wizard.account.create_chart"
    template = api.model("account.account.template", "search", [["parent", "=", None]])[
        0
    ]
    session, *_ = api.call(f"{wizard}.create", api.context)

    def step(state: str, **values: Any) -> None:
        api.call(f"{wizard}.execute", session, values, state, api.context)

    step("create_account", account={"company": company, "account_template": template})
    found = api.search_read("account.account", [["code", "!=", None]], ["code"])
    accounts = {account["code"]: int(account["id"]) for account in found}
    step(
        "create_properties",
        properties={
            "company": company,
            "account_receivable": accounts[_RECEIVABLE],
            "account_payable": accounts[_PAYABLE],
            "category_account_revenue": accounts[_REVENUE],
            "category_account_expense": None,
        },
    )
    api.call(f"{wizard}.delete", session, api.context)
    return accounts


def _fiscal_year(api: Api, company: int, year: int) -> None:
    """Open a calendar year with its months and the sequences that it must have."""
    module_of = {"account_move": "account", "account_invoice": "account_invoice"}
    moves, invoices = (
        api.create(
            "ir.sequence.strict",
            {
                "name": f"{kind} {year}",
                "sequence_type": api.model(
                    "ir.model.data", "get_id", module, f"sequence_type_{kind}"
                ),
                "company": company,
                "prefix": f"{year}-",
                "padding": 6,
            },
        )[0]
        for kind, module in module_of.items()
    )
    directions = ("out_invoice", "out_credit_note", "in_invoice", "in_credit_note")
    numbering = {f"{name}_sequence": invoices for name in directions}
    fiscal_years = api.create(
        "account.fiscalyear",
        {
            "name": str(year),
            "company": company,
            "start_date": date(year, 1, 1),
            "end_date": date(year, 12, 31),
            "move_sequence": moves,
            "invoice_sequences": [["create", [{"company": company, **numbering}]]],
        },
    )
    api.model("account.fiscalyear", "create_period", fiscal_years)
