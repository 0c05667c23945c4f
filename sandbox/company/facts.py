"""Facts: the truth about the company, before any system writes it down.

Money is whole minor units of the customer's currency. Periods are half-open unless a
field says otherwise. Every fact has a `key`, from which each system's id is computed.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sandbox.company.catalogue import ALL_BY_SKU, Charge, Tier
from sandbox.company.facts_money import (
    Attempt,
    CreditLine,
    CreditNote,
    Dispute,
    Payout,
    PayoutMember,
)
from sandbox.company.facts_parties import (
    Address,
    Customer,
    Entity,
    HardNegative,
    Person,
)
from sandbox.company.facts_reach import Campaign, CampaignTouch, HealthScore, Lead
from sandbox.company.facts_terms import (
    Action,
    Approval,
    Commit,
    Order,
    OrderLine,
    Pause,
    Trial,
)

__all__ = [
    "Action",
    "Address",
    "Approval",
    "Attempt",
    "Basis",
    "Campaign",
    "CampaignTouch",
    "Commit",
    "Contract",
    "ContractLine",
    "CreditLine",
    "CreditNote",
    "Customer",
    "Deal",
    "DealLine",
    "Discount",
    "Dispute",
    "Entity",
    "HardNegative",
    "HealthScore",
    "Invoice",
    "InvoiceLine",
    "Kind",
    "Lead",
    "Order",
    "OrderLine",
    "Pause",
    "Payout",
    "PayoutMember",
    "Person",
    "Price",
    "Refund",
    "Ticket",
    "Trial",
    "UsageDay",
]


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
    COMMIT = "commit"  # what is missing to the agreed minimum of usage


@dataclass(frozen=True, slots=True)
class DealLine:
    """One line of a quote; the total counts the discount in its months only.

    An amendment takes units away by a negative quantity. The step of a ramp has days
    of its own. `bundle_key` is the line of the bundle that the product came with.
    """

    key: str
    sku: str
    quantity: int
    list_minor: int
    unit_minor: int
    discount_percent: int | None
    discount_months: int | None
    total_minor: int
    starts_on: date | None = None
    ends_before: date | None = None
    bundle_key: str | None = None


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
    approvals: tuple[Approval, ...] = ()

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
    """A quantity of a product at a price per unit and month (usage: per unit).

    Units taken away are a line with a negative quantity, as CPQ writes it. The step
    of a ramp ends before the contract does.
    """

    key: str  # of the quote line that made it
    deal_key: str
    sku: str
    quantity: int
    unit_minor: int
    starts_on: date
    discount_months: int | None
    ends_before: date | None = None
    tiers: tuple[Tier, ...] = ()  # graduated prices of what is metered

    @property
    def charge(self) -> Charge:
        """Return how the product is charged."""
        return ALL_BY_SKU[self.sku].charge

    def holds_on(self, day: date) -> bool:
        """Return whether the line counts on a day of its contract."""
        return self.starts_on <= day and (
            self.ends_before is None or day < self.ends_before
        )


@dataclass(frozen=True, slots=True)
class Contract:
    """A term of whole years, less if terminated; a renewal is the next contract."""

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
    trial: Trial | None = None
    pauses: tuple[Pause, ...] = ()
    commits: tuple[Commit, ...] = ()
    cancel_reason: str | None = None

    @property
    def is_terminated(self) -> bool:
        """Return whether the contract ended before its term."""
        return self.ends_before < self.term_ends_before

    def in_force(self, day: date) -> bool:
        """Return whether the contract runs on that day."""
        return self.starts_on <= day < self.ends_before

    @property
    def is_ramped(self) -> bool:
        """Return whether quantity or price step up by the year."""
        return any(line.ends_before is not None for line in self.lines)

    def pause_on(self, day: date) -> Pause | None:
        """Return the pause in which the day lies."""
        for pause in self.pauses:
            if pause.starts_on <= day < pause.resumes_on:
                return pause
        return None

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
    """A billing price: `interval` is month, year or None for what is paid once.

    With `tiers` the price of a unit depends on how many came before it, and
    `unit_minor` is that of the first.
    """

    sku: str
    currency: str
    interval: str | None
    unit_minor: int
    tiers: tuple[Tier, ...] = ()


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
    tier: Tier | None = None  # whose price the line has

    @property
    def unit_minor(self) -> int:
        """Return the price of one unit of the line."""
        return self.price.unit_minor if self.tier is None else self.tier.unit_minor


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
    # Summed once: every system writes the sums several times.
    subtotal_minor: int = field(init=False, repr=False, compare=False)
    discount_minor: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sum the lines before discounts, and the discounts."""
        subtotal = discount = 0
        for line in self.lines:
            subtotal += line.amount_minor
            discount += line.discount_minor
        object.__setattr__(self, "subtotal_minor", subtotal)
        object.__setattr__(self, "discount_minor", discount)

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
    area: str | None = None  # of the product; with the feature `health`
    satisfaction: str | None = None  # good or bad, where somebody said so
