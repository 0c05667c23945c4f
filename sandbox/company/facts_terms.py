"""Facts about what was agreed: approvals, orders, trials, pauses, commitments."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Action(StrEnum):
    """What an order line does to what the customer holds."""

    NEW = "new"
    ADD = "add"
    UPSIZE = "upsize"
    DOWNSIZE = "downsize"
    SWAP = "swap"
    RENEW = "renew"
    PRICE_CHANGE = "price_change"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's consent to a discount above the threshold."""

    by: str
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Trial:
    """Days of use before paying; `contract_key` is None where nobody signed."""

    key: str
    customer_key: str
    sku: str
    quantity: int
    starts_on: date
    ends_before: date
    contract_key: str | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Months in which a contract is neither used nor billed; its term does not move."""

    key: str
    contract_key: str
    starts_on: date
    resumes_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Commit:
    """What a customer pays each month for a metered product at the least."""

    contract_key: str
    sku: str
    minimum_minor: int


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One immutable line; a later one `supersedes` it instead of changing it.

    `quantity` and `unit_minor` are what the customer holds after the order, and the
    two `before_` fields what it held until then.
    """

    key: str
    action: Action
    sku: str
    quantity: int
    unit_minor: int
    before_quantity: int
    before_unit_minor: int
    starts_on: date
    ends_before: date
    supersedes: str | None
    deal_line_key: str | None
    bundle_line_key: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a won deal (or, without a deal, a cancellation) put into force."""

    key: str
    number: int
    customer_key: str
    currency: str
    contract_key: str
    deal_key: str | None
    activated_on: date
    lines: tuple[OrderLine, ...]
