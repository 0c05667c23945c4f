"""Facts about marketing and customer success: leads, campaigns, health."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sandbox.company.facts_parties import Customer


@dataclass(frozen=True, slots=True)
class Campaign:
    """Something marketing did to be noticed; the cost is in US cents."""

    key: str
    name: str
    kind: str
    starts_on: date
    ends_on: date  # inclusive
    cost_cents: int


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody who showed interest; `customer_key` once the lead was converted."""

    key: str
    first_name: str
    last_name: str
    email: str
    company_name: str
    country: str
    source: str
    status: Literal["Open", "Working", "Converted", "Unqualified"]
    created_on: date
    converted_on: date | None
    customer_key: str | None
    person_key: str | None


@dataclass(frozen=True, slots=True)
class CampaignTouch:
    """A lead's answer to a campaign."""

    key: str
    campaign_key: str
    lead_key: str
    on: date
    status: Literal["Sent", "Responded", "Attended"]


@dataclass(frozen=True, slots=True)
class HealthScore:
    """What customer success thinks of a customer on a day; 0 is lost, 100 is happy."""

    customer: Customer
    on: date
    score: int
    risk: Literal["low", "medium", "high"]
    reason: str
