"""Payments: what happens between an invoice and the bank."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from sandbox.company.catalogue import LIST_RATES
from sandbox.company.days import plus
from sandbox.company.facts import (
    Attempt,
    Dispute,
    Invoice,
    Payout,
    PayoutMember,
    Refund,
)

# Days after the first try at which a declined card is charged again.
RETRY_DAYS = (3, 5, 7)
RETRIED_PERMILLE, DISPUTED_PERMILLE = 35, 8
DECLINE_CODES = (
    "insufficient_funds",
    "generic_decline",
    "expired_card",
    "do_not_honor",
)
DISPUTE_REASONS = ("fraudulent", "product_not_received", "subscription_canceled")
LOST_PERCENT = 55
# Stripe's published list prices in the United States: 2.9 % + 30 cents for cards; 15
# dollars for a dispute; the share for bank transfers is invented.
CARD_PERMILLE, CARD_FIXED_CENTS = 29, 30
BANK_PERMILLE, BANK_MOST_CENTS = 5, 500
DISPUTE_CENTS, MONTHLY_FEE_CENTS = 1_500, 5_000
MONDAY = 0

Collected = tuple[list[Invoice], list[Attempt], list[Dispute]]


def collected(
    invoices: list[Invoice], refunds: list[Refund], as_of: date, rng: random.Random
) -> Collected:
    """Return a customer's invoices as they were paid, with each try and dispute.

    Every invoice takes the same number of draws, whatever happens to it. Credit notes
    are for every other invoice: the two never meet on one.
    """
    refunded = {refund.invoice_key for refund in refunds}
    paid: list[Invoice] = []
    attempts: list[Attempt] = []
    disputes: list[Dispute] = []
    for place, invoice in enumerate(invoices):
        retry, dispute, decided = rng.random(), rng.random(), rng.random()
        tries, code = rng.randint(1, len(RETRY_DAYS)), rng.choice(DECLINE_CODES)
        days, reason = rng.randint(5, 60), rng.choice(DISPUTE_REASONS)
        if invoice.due_on is not None or invoice.status == "void":
            paid.append(invoice)
            continue
        later = plus(invoice.issued_on, RETRY_DAYS[tries - 1])
        is_whole = invoice.key not in refunded and invoice.replaces is None
        if (
            invoice.status == "paid"
            and is_whole
            and retry * 1_000 < RETRIED_PERMILLE
            and later <= as_of
        ):
            invoice = replace(invoice, paid_on=later)  # noqa: PLW2901 - same invoice
        else:
            tries = 0 if invoice.status == "paid" else len(RETRY_DAYS)
        paid.append(invoice)
        attempts += _attempts(invoice, tries, code, as_of)
        opened_on = plus(invoice.paid_on or as_of, days)
        if (
            place % 2 == 0
            and is_whole
            and invoice.status == "paid"
            and invoice.total_minor > 0
            and dispute * 1_000 < DISPUTED_PERMILLE
            and opened_on <= as_of
        ):
            disputes.append(_dispute(invoice, opened_on, decided, reason, as_of))
    return paid, attempts, disputes


def _attempts(
    invoice: Invoice, retries: int, code: str, as_of: date
) -> Iterator[Attempt]:
    """Yield the tries: one, and as many more as the card was declined."""
    for number, days in enumerate((0, *RETRY_DAYS[:retries]), start=1):
        day = plus(invoice.issued_on, days)
        if day > as_of:
            return
        succeeded = invoice.status == "paid" and number == retries + 1
        yield Attempt(
            key=f"{invoice.key}:try{number}",
            invoice_key=invoice.key,
            number=number,
            on=day,
            amount_minor=invoice.total_minor,
            succeeded=succeeded,
            decline_code=None if succeeded else code,
        )


def _dispute(
    invoice: Invoice, opened_on: date, chance: float, reason: str, as_of: date
) -> Dispute:
    decided_on = plus(opened_on, 20 + int(chance * 40))
    is_over = decided_on <= as_of
    # The chance's second digits decide, so that the wait does not.
    lost = chance * 100 % 1 * 100 < LOST_PERCENT
    return Dispute(
        key=f"{invoice.key}:dispute",
        invoice_key=invoice.key,
        amount_minor=invoice.total_minor,
        opened_on=opened_on,
        decided_on=decided_on if is_over else None,
        status=("lost" if lost else "won") if is_over else "under_review",
        reason=reason,
    )


def fee_minor(invoice: Invoice) -> int:
    """Return what the provider keeps of the payment of an invoice."""
    rate = LIST_RATES[invoice.customer.currency]
    total = invoice.total_minor
    if invoice.due_on is not None:
        return min(total * BANK_PERMILLE // 1_000, BANK_MOST_CENTS * rate // 100)
    return total * CARD_PERMILLE // 1_000 + CARD_FIXED_CENTS * rate // 100


def payout_day(moved_on: date) -> date:
    """Return the Monday, two days later or more, on which a movement is paid out."""
    ready = plus(moved_on, 2)
    return plus(ready, (MONDAY - ready.weekday()) % 7)


Movement = tuple[date, str, str, PayoutMember]  # day, entity, currency, what moved


def movements(
    invoices: Iterable[Invoice], refunds: Iterable[Refund], disputes: Iterable[Dispute]
) -> Iterator[Movement]:
    """Yield everything that moved the balance of some customers' entities."""
    by_key = {}
    for invoice in invoices:
        by_key[invoice.key] = invoice
        if invoice.paid_on is not None and invoice.total_minor > 0:
            member = PayoutMember(
                "charge", invoice.key, invoice.total_minor, fee_minor(invoice)
            )
            yield _moved(invoice, invoice.paid_on, member)
    for refund in refunds:
        invoice = by_key[refund.invoice_key]
        member = PayoutMember("refund", refund.key, -refund.amount_minor, 0)
        yield _moved(invoice, refund.made_on, member)
    for dispute in disputes:
        invoice = by_key[dispute.invoice_key]
        fee = DISPUTE_CENTS * LIST_RATES[invoice.customer.currency] // 100
        taken = PayoutMember("dispute", dispute.key, -dispute.amount_minor, fee)
        yield _moved(invoice, dispute.opened_on, taken)
        if dispute.status == "won" and dispute.decided_on is not None:
            given = PayoutMember("dispute", dispute.key, dispute.amount_minor, 0)
            yield _moved(invoice, dispute.decided_on, given)


def _moved(invoice: Invoice, day: date, member: PayoutMember) -> Movement:
    return day, invoice.customer.entity, invoice.customer.currency, member


def payouts(
    seed: int, moved: Iterable[Movement], as_of: date, batch: str = ""
) -> Iterator[Payout]:
    """Yield a payout for each entity, currency and Monday up to the last day.

    The first payout of a month also bears the provider's monthly fee. `batch` tells
    the payouts of one part of the customers from those of another.
    """
    groups: dict[tuple[date, str, str], list[PayoutMember]] = defaultdict(list)
    for day, entity, currency, member in moved:
        paid_on = payout_day(day)
        if paid_on <= as_of:
            groups[paid_on, entity, currency].append(member)
    charged = set()
    for (paid_on, entity, currency), members in sorted(groups.items()):
        month = (entity, currency, f"{paid_on:%Y-%m}")
        if month not in charged:
            charged.add(month)
            fee = MONTHLY_FEE_CENTS * LIST_RATES[currency] // 100
            key = f"{seed}:fee:{':'.join(month)}{batch}"
            members.append(PayoutMember("fee", key, -fee, 0))
        yield Payout(
            key=f"{seed}:payout:{entity}:{currency}:{paid_on}{batch}",
            entity=entity,
            currency=currency,
            paid_on=paid_on,
            members=tuple(members),
        )
