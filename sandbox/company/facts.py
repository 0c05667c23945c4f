"""Facts: the truth about the company, before any system writes it down.

Money is whole minor units of the customer's currency. Periods are half-open unless a
field says otherwise. Every fact has a `key`, from which each system's id is computed.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sandbox.company.catalogue import BY_SKU, Charge


class Kind(StrEnum):
    """Why a deal was made, in the words of Salesforce's opportunity type."""

    NEW = "New Business"
    AMENDMENT = "Amendment"
    RENEWAL = "Renewal"


class Basis(StrEnum):
    """Why a line stands on an invoice."""

    RECURRING = "recurring"
    PRORATION = "proration"
    USAGE = "usage"
    ONE_TIME = "one_time"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at a customer."""

    key: str
    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A company that has, had or may one day have a contract.

    `missing_links` names the systems whose record does not hold the id by which it
    should point to another system's.
    """

    key: str
    number: int
    legal_name: str
    domain: str
    tax_id: str | None
    country: str
    billing_email: str
    currency: str
    segment: str
    on_account: bool  # pays within 30 days of the invoice; else by card at once
    created_on: date
    people: tuple[Person, ...]
    missing_links: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DealLine:
    """One line of a quote; the total counts the discount in its months only."""

    key: str
    sku: str
    quantity: int
    list_minor: int
    unit_minor: int
    discount_percent: int | None
    discount_months: int | None
    total_minor: int


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity with its primary quote; `rejected_lines` are of a second quote."""

    key: str
    number: int
    customer: Customer
    contract_key: str | None  # made by the deal, or amended by it
    kind: Kind
    name: str
    stage: str
    quote_status: str
    created_on: date
    closed_on: date
    starts_on: date
    ends_on: date  # inclusive
    lines: tuple[DealLine, ...]
    rejected_lines: tuple[DealLine, ...] = ()

    @property
    def is_won(self) -> bool:
        """Return whether the customer signed."""
        return self.stage == "Closed Won"

    @property
    def is_closed(self) -> bool:
        """Return whether the deal was decided."""
        return self.stage.startswith("Closed")

    @property
    def total_minor(self) -> int:
        """Return what the primary quote sums to."""
        return sum(line.total_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Discount:
    """Whole percent off every recurring line in the first months of a contract."""

    percent: int
    months: int
    ends_before: date


@dataclass(frozen=True, slots=True)
class ContractLine:
    """A quantity of a product at a price per unit and month (usage: per unit)."""

    key: str  # of the quote line that made it
    deal_key: str
    sku: str
    quantity: int
    unit_minor: int
    starts_on: date
    discount_months: int | None

    @property
    def charge(self) -> Charge:
        """Return how the product is charged."""
        return BY_SKU[self.sku].charge


@dataclass(frozen=True, slots=True)
class Contract:
    """Twelve months, less if terminated; a renewal is the next contract."""

    key: str
    number: int
    customer: Customer
    deal_key: str
    starts_on: date
    ends_before: date
    term_ends_before: date
    interval: str  # month or year: how often the recurring lines are billed
    discount: Discount | None
    lines: tuple[ContractLine, ...]

    @property
    def is_terminated(self) -> bool:
        """Return whether the contract ended before its term."""
        return self.ends_before < self.term_ends_before

    def in_force(self, day: date) -> bool:
        """Return whether the contract runs on that day."""
        return self.starts_on <= day < self.ends_before

    def discount_on(self, day: date) -> Discount | None:
        """Return the discount that applies to what is billed on that day."""
        if self.discount is not None and day < self.discount.ends_before:
            return self.discount
        return None


@dataclass(frozen=True, slots=True)
class UsageDay:
    """Units of a metered product that a customer consumed on one day."""

    customer: Customer
    contract_key: str
    sku: str
    on: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Price:
    """A billing price: `interval` is month, year or None for what is paid once."""

    sku: str
    currency: str
    interval: str | None
    unit_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line; `amount_minor` is before the discount."""

    key: str
    basis: Basis
    price: Price
    quantity: int
    amount_minor: int
    discount_minor: int
    starts_on: date
    ends_before: date


@dataclass(frozen=True, slots=True)
class Invoice:
    """A finalised invoice; `failed` says that the card was declined."""

    key: str
    sequence: int
    number: str
    customer: Customer
    contract_key: str
    reason: str  # in the words of Stripe's billing_reason
    issued_on: date
    due_on: date | None
    status: str  # open, paid or void
    paid_on: date | None
    voided_on: date | None
    failed: bool
    replaces: str | None
    lines: tuple[InvoiceLine, ...]

    @property
    def subtotal_minor(self) -> int:
        """Return the sum of the lines before discounts."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """Return the sum of the discounts."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """Return what the customer owes."""
        return self.subtotal_minor - self.discount_minor


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back for a paid invoice."""

    key: str
    invoice_key: str
    amount_minor: int
    made_on: date


@dataclass(frozen=True, slots=True)
class Ticket:
    """A question that somebody asked support."""

    key: str
    customer: Customer
    requester: Person
    subject: str
    status: str
    priority: str
    created_on: date
    updated_on: date
