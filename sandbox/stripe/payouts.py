"""Payouts and the balance: what has become of the money that was earned."""

from collections import defaultdict
from collections.abc import Callable

from starlette.responses import Response

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe import charges
from sandbox.stripe.books import Books
from sandbox.stripe.lists import list_objects
from sandbox.stripe.parameters import (
    EXPAND,
    checked,
    choice,
    currency,
    merged,
    metadata,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, invalid
from sandbox.wire import made

ARRIVES_AFTER_SECONDS = 2 * 86_400


def settle(books: Books) -> None:
    """Let pending money become available whose day has come, and payouts arrive."""
    due = f"{column('status')} = 'pending' and {column('available_on')} <= ?"
    for transaction in books.table("balance_transaction").find(due, (books.now,)):
        books.keep("balance_transaction", transaction | {"status": "available"})
    due = f"{column('status')} in ('pending', 'in_transit')"
    due += f" and {column('arrival_date')} <= ?"
    for payout in books.table("payout").find(due, (books.now,)):
        books.update(
            payout,
            status="paid",
            trace_id={
                "status": "supported",
                "value": made("", payout["id"], length=12),
            },
        )


def reading(name: str) -> Callable[[Books, str], Document]:
    """Return how one payout or balance transaction is read as it stands now."""

    def read(books: Books, record_id: str) -> Document:
        settle(books)
        return books.need(name, record_id)

    return read


def transactions(books: Books, given: Params) -> Response:
    """List balance transactions as they stand now."""
    settle(books)
    return list_objects(books, "balance_transaction", given)


def listed(books: Books, given: Params) -> Response:
    """List payouts as they stand now."""
    settle(books)
    return list_objects(books, "payout", given)


def balance(books: Books) -> Document:
    """Return what is available and what is still pending, by currency."""
    settle(books)
    rows = books.table("balance_transaction").select(
        f"{column('status')}, {column('currency')}, sum({column('net')})",
        "1 group by 1, 2",
    )
    sums: dict[str, dict[str, int]] = defaultdict(dict)
    for status, money, total in rows:
        sums[status][money] = total
    return {
        "object": "balance",
        "livemode": False,
        **{
            status: [
                {
                    "amount": sums[status].get(money, 0),
                    "currency": money,
                    "source_types": {"card": sums[status].get(money, 0)},
                }
                for money in sorted({each for _, each, _ in rows} or {"usd"})
            ]
            for status in ("available", "pending")
        },
    }


def create(books: Books, given: Params) -> Document:
    """Send available money to the bank."""
    params = checked(
        given,
        {
            **EXPAND,
            "amount!": whole(1),
            "currency!": currency,
            "description": text(),
            "destination": text(),
            "metadata": metadata,
            "method": choice("standard", "instant"),
            "source_type": choice("bank_account", "card", "fpx"),
            "statement_descriptor": text(longest=22),
        },
    )
    amount, money = params["amount"], params["currency"]
    available = sum(
        each["amount"]
        for each in balance(books)["available"]
        if each["currency"] == money
    )
    if amount > available:
        sentence = (
            "You have insufficient funds in your Stripe account for this transfer. "
            f"Your {params.get('source_type') or 'card'} balance is too low."
        )
        raise invalid(sentence, code="balance_insufficient")
    method = params.get("method") or "standard"
    payout_id = books.new_id("po_")
    entry = charges.entry(
        books, -amount, money, "payout", payout_id, description="STRIPE PAYOUT"
    )
    waits = 0 if method == "instant" else ARRIVES_AFTER_SECONDS
    return books.create(
        {
            "id": payout_id,
            "object": "payout",
            "amount": amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": books.now + waits,
            "automatic": False,
            "balance_transaction": entry["id"],
            "created": books.now,
            "currency": money,
            "description": params.get("description"),
            "destination": params.get("destination") or made("ba_1", money, length=23),
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": merged(None, params.get("metadata", {})),
            "method": method,
            "original_payout": None,
            "payout_method": None,
            # docs.stripe.com/api/payouts: only automatic ones can be reconciled.
            "reconciliation_status": "not_applicable",
            "reversed_by": None,
            "source_type": params.get("source_type") or "card",
            "statement_descriptor": params.get("statement_descriptor"),
            "status": "pending",
            "trace_id": {"status": "pending", "value": None},
            "type": "bank_account",
        }
    )


def update(books: Books, given: Params, payout_id: str) -> Document:
    """Change a payout's metadata."""
    params = checked(given, {**EXPAND, "metadata": metadata})
    payout = books.need("payout", payout_id)
    after = merged(payout["metadata"], params.get("metadata", {}))
    return books.update(payout, metadata=after)


def cancel(books: Books, given: Params, payout_id: str) -> Document:
    """Stop a payout that isn't under way yet."""
    checked(given, EXPAND)
    settle(books)
    payout = books.need("payout", payout_id)
    if payout["status"] != "pending" or payout["automatic"]:
        sentence = f"Payouts with a status of {payout['status']} can't be canceled."
        raise invalid(sentence, code="payouts_not_allowed")
    back = charges.entry(
        books, payout["amount"], payout["currency"], "payout_cancel", payout_id
    )
    return books.update(
        payout, status="canceled", failure_balance_transaction=back["id"]
    )


def reverse(books: Books, given: Params, payout_id: str) -> Document:
    """Call a payout that has arrived back."""
    params = checked(given, {**EXPAND, "metadata": metadata})
    settle(books)
    payout = books.need("payout", payout_id)
    if payout["status"] != "paid" or payout["reversed_by"] or payout["original_payout"]:
        sentence = "Only payouts that have been paid and aren't reversed yet can be."
        raise invalid(sentence, code="payouts_not_allowed")
    reversal = {
        **payout,
        "id": books.new_id("po_"),
        "amount": -payout["amount"],
        "created": books.now,
        "arrival_date": books.now,
        "metadata": merged(None, params.get("metadata", {})),
        "original_payout": payout_id,
        "status": "paid",
    }
    entry = charges.entry(
        books, payout["amount"], payout["currency"], "payout", reversal["id"]
    )
    after = books.create(reversal | {"balance_transaction": entry["id"]})
    books.update(payout, reversed_by=after["id"])
    return after
