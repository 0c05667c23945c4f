"""Facts about who is who: the group's own legal entities, customers, their people."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal entity of the selling group, with the ERP and billing it uses."""

    code: str
    name: str
    country: str
    currency: str  # in which its books are kept
    erp: Literal["netsuite", "business_central"]
    billing: Literal["stripe", "chargebee"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a company sits; `region` is None where a country writes none."""

    line1: str
    city: str
    region: str | None
    postal_code: str
    country: str


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
    should point to another system's. `chain` is the franchise under whose trade name
    the customer appears: its members are *not* one customer. `varies` says that every
    system writes it in its own way (see `identity.written`).
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
    entity: str = "US"
    address: Address | None = None
    former_address: Address | None = None  # where it sat before it moved
    phone: str | None = None
    trade_name: str | None = None
    parent_key: str | None = None
    chain: str | None = None
    industry: str | None = None
    varies: bool = False


@dataclass(frozen=True, slots=True)
class HardNegative:
    """Two customers that look like one and are not."""

    left: str
    right: str
    why: Literal["chain", "shared_domain", "same_name", "group"]
