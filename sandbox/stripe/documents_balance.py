"""Stripe's balance: transactions, the payouts that empty it, disputes.

A transaction carries `_payout`, the payout that it is part of: Stripe lists by it and
does not show it.
"""

from dataclasses import dataclass

from sandbox.company.company import Company
from sandbox.company.days import epoch, plus
from sandbox.company.facts import Dispute, Payout, PayoutMember
from sandbox.company.payments import movements, payout_day
from sandbox.identifiers import stripe_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import (
    charge_id,
    dispute_id,
    payment_intent_id,
    payout_id,
    transaction_id,
)

HOUR = 3_600
EVIDENCE_DAYS = 20
# Seconds after midnight at which a balance sees what happened on a day.
SEEN_AT = {"charge": 14 * HOUR, "refund": 15 * HOUR, "dispute": 16 * HOUR, "fee": HOUR}
TYPES = {
    "charge": ("charge", "charge"),
    "refund": ("refund", "refund"),
    "dispute": ("adjustment", "dispute"),
    "fee": ("stripe_fee", "fee"),
}


@dataclass(frozen=True, slots=True)
class _Payouts:
    """The ids of payouts by entity, currency and day."""

    ids: dict[tuple[str, str, str], str]

    def id_of(self, entity: str, currency: str, day: str) -> str | None:
        return self.ids.get((entity, currency, day))


def balance_objects(company: Company) -> dict[str, list[Document]]:
    """Return disputes, payouts and balance transactions."""
    known = _Payouts(
        {
            (each.entity, each.currency, each.paid_on.isoformat()): payout_id(each)
            for each in company.payouts
        }
    )
    disputes = {each.key: each for each in company.disputes}
    transactions = []
    for day, entity, currency, member in movements(
        company.invoices, company.refunds, company.disputes
    ):
        paid_out = payout_day(day)
        payout = known.id_of(entity, currency, paid_out.isoformat())
        transactions.append(
            _transaction(
                member,
                currency,
                created=epoch(day, SEEN_AT[member.kind]),
                available=epoch(min(plus(day, 2), paid_out)),
                payout=payout,
                source=_source(company, member, disputes),
            )
        )
    by_id = {each["id"]: each for each in transactions}
    for paid in company.payouts:
        transactions += [
            _transaction(
                member,
                paid.currency,
                created=epoch(paid.paid_on, SEEN_AT["fee"]),
                available=epoch(paid.paid_on, SEEN_AT["fee"]),
                payout=payout_id(paid),
                source=None,
            )
            for member in paid.members
            if member.kind == "fee"
        ]
        transactions.append(_payout_transaction(paid))
    return {
        "dispute": [_dispute(company, each, by_id) for each in company.disputes],
        "payout": [_payout(each) for each in company.payouts],
        "balance_transaction": transactions,
    }


def _source(
    company: Company, member: PayoutMember, disputes: dict[str, Dispute]
) -> str:
    if member.kind == "charge":
        return charge_id(company.invoice_by_key[member.key])
    if member.kind == "dispute":
        return dispute_id(disputes[member.key])
    return stripe_id("re", member.key)


def _transaction(
    member: PayoutMember,
    currency: str,
    *,
    created: int,
    available: int,
    payout: str | None,
    source: str | None,
) -> Document:
    kind, category = TYPES[member.kind]
    name: str = member.kind
    if member.kind == "dispute" and member.amount_minor > 0:
        category = name = "dispute_reversal"
    fees = [
        {
            "amount": member.fee_minor,
            "application": None,
            "currency": currency.lower(),
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return {
        "id": transaction_id(name, member.key),
        "object": "balance_transaction",
        "amount": member.amount_minor,
        "available_on": available,
        "balance_type": "payments",
        "created": created,
        "currency": currency.lower(),
        "description": None,
        "exchange_rate": None,
        "fee": member.fee_minor,
        "fee_details": fees if member.fee_minor else [],
        "net": member.amount_minor - member.fee_minor,
        "reporting_category": category,
        "source": source,
        "status": "pending" if payout is None else "available",
        "type": kind,
        "_payout": payout,
    }


def _payout_transaction(payout: Payout) -> Document:
    created = epoch(payout.paid_on, 2 * HOUR)
    return {
        "id": transaction_id("payout", payout.key),
        "object": "balance_transaction",
        "amount": -payout.amount_minor,
        "available_on": created,
        "balance_type": "payments",
        "created": created,
        "currency": payout.currency.lower(),
        "description": "STRIPE PAYOUT",
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": -payout.amount_minor,
        "reporting_category": "payout",
        "source": payout_id(payout),
        "status": "available",
        "type": "payout",
        "_payout": payout_id(payout),
    }


def _payout(payout: Payout) -> Document:
    created = epoch(payout.paid_on, 2 * HOUR)
    return {
        "id": payout_id(payout),
        "object": "payout",
        "amount": payout.amount_minor,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": epoch(payout.paid_on),
        "automatic": True,
        "balance_transaction": transaction_id("payout", payout.key),
        "created": created,
        "currency": payout.currency.lower(),
        "description": "STRIPE PAYOUT",
        "destination": stripe_id("ba", payout.entity, payout.currency),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "paid",
        "trace_id": None,
        "type": "bank_account",
    }


def _dispute(
    company: Company, dispute: Dispute, transactions: dict[str, Document]
) -> Document:
    invoice = company.invoice_by_key[dispute.invoice_key]
    created = epoch(dispute.opened_on, SEEN_AT["dispute"])
    moved = [
        transactions[transaction_id(kind, dispute.key)]
        for kind in ("dispute", "dispute_reversal")
        if transaction_id(kind, dispute.key) in transactions
    ]
    return {
        "id": dispute_id(dispute),
        "object": "dispute",
        "amount": dispute.amount_minor,
        "balance_transactions": [
            {name: value for name, value in each.items() if name[0] != "_"}
            for each in moved
        ],
        "charge": charge_id(invoice),
        "created": created,
        "currency": invoice.customer.currency.lower(),
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": epoch(plus(dispute.opened_on, EVIDENCE_DAYS), 23 * HOUR),
            "enhanced_eligibility": {},
            "has_evidence": True,
            "past_due": False,
            "submission_count": 1,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": payment_intent_id(invoice),
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "chargeback",
                "network": "visa",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": dispute.reason,
        "status": dispute.status,
    }
