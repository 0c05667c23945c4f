"""Facts about money after the invoice: attempts, disputes, credit notes, payouts."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to collect an invoice by card; the last one may succeed."""

    key: str
    invoice_key: str
    number: int  # 1 is the first try
    on: date
    amount_minor: int
    succeeded: bool
    decline_code: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A cardholder's objection to a payment, and how the bank decided."""

    key: str
    invoice_key: str
    amount_minor: int
    opened_on: date
    decided_on: date | None
    status: Literal["won", "lost", "under_review"]
    reason: str


@dataclass(frozen=True, slots=True)
class CreditLine:
    """What is taken back of one invoice line."""

    key: str
    invoice_line_key: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CreditNote:
    """Part of an invoice taken back.

    Of an open invoice it lowers what is due; of a paid one it is given back by the
    refund with the key `refund_key`.
    """

    key: str
    number: str
    invoice_key: str
    reason: str
    lines: tuple[CreditLine, ...]
    total_minor: int
    issued_on: date
    refund_key: str | None = None


class PayoutMember(NamedTuple):
    """One movement of the balance; money that leaves it is negative."""

    kind: Literal["charge", "refund", "dispute", "fee"]
    key: str  # of the invoice paid, the refund or the dispute
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Payout:
    """What the payment provider sent to an entity's bank, and what is in it."""

    key: str
    entity: str
    currency: str
    paid_on: date
    members: tuple[PayoutMember, ...]

    @property
    def amount_minor(self) -> int:
        """Return what arrived at the bank; negative: the bank was debited."""
        return sum(each.amount_minor - each.fee_minor for each in self.members)
