"""Payments: what customers paid, entered as a bank's statement would be.

Tryton's own wizard for one invoice takes 200 ms; a batch of moves takes 20 ms for each.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.tryton.api import Api
from sandbox.tryton.books import Books

_RECEIVABLE_FIELDS = ("debit", "second_currency", "amount_second_currency")


def settle(api: Api, books: Books, paid_on: Mapping[int, date]) -> None:
    """Pay invoices in full, each on its day: post, reconcile, and mark them as paid."""
    invoices = api.model(
        "account.invoice",
        "read",
        list(paid_on),
        ["party", *(f"lines_to_pay.{name}" for name in _RECEIVABLE_FIELDS)],
    )
    moves = api.create(
        "account.move",
        *(_move(books, invoice, paid_on[invoice["id"]]) for invoice in invoices),
    )
    api.model("account.move", "post", moves)
    received = _received(api, books, moves)
    api.create(
        "account.move.reconciliation",
        *(
            {
                "company": books.company,
                "date": paid_on[invoice["id"]],
                "lines": [["add", [invoice["lines_to_pay."][0]["id"], line]]],
            }
            for invoice, line in zip(invoices, received, strict=True)
        ),
    )
    api.model("account.invoice", "process", list(paid_on))


def _move(books: Books, invoice: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Return cash against the receivable, in the same currencies and amounts."""
    (due,) = invoice["lines_to_pay."]
    nothing, there = Decimal(0), due["amount_second_currency"]
    second = {"second_currency": due["second_currency"]}
    receivable = {
        "account": books.receivable,
        "party": invoice["party"],
        "debit": nothing,
        "credit": due["debit"],
        "amount_second_currency": there and -there,
    }
    cash = {
        "account": books.cash,
        "debit": due["debit"],
        "credit": nothing,
        "amount_second_currency": there,
    }
    return {
        "company": books.company,
        "journal": books.cash_journal,
        "period": books.periods[day.replace(day=1)],
        "date": day,
        "lines": [["create", [receivable | second, cash | second]]],
    }


def _received(api: Api, books: Books, moves: Sequence[int]) -> list[int]:
    """Return the moves' lines on the receivable, in the order of the moves."""
    domain = [["move", "in", moves], ["account", "=", books.receivable]]
    lines = api.search_read("account.move.line", domain, ["move"])
    of = {line["move"]: int(line["id"]) for line in lines}
    return [of[move] for move in moves]
