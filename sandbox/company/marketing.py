"""Marketing: campaigns, the leads that they made, and who became a customer."""

import random
from collections.abc import Iterable, Iterator
from datetime import date

from sandbox.company.days import add_months, plus
from sandbox.company.facts import Campaign, CampaignTouch, Customer, Lead
from sandbox.company.lifecycle import Window
from sandbox.company.names import FAMILY, FORMS, GIVEN, word

KINDS = (
    ("Webinar", 4, 150_000),
    ("Trade Show", 3, 2_500_000),
    ("Email", 20, 20_000),
    ("Advertisement", 60, 900_000),
)
SOURCES = ("Web", "Partner Referral", "Trade Show", "Phone Inquiry", "Advertisement")
STATUSES = ("Sent", "Responded", "Attended")
LOST_PERCENT = 70  # leads that came to nothing, for a hundred customers
# Names of companies that never became customers stand far behind everybody else's.
STRANGERS = 4_000_000


def campaigns(seed: int, window: Window) -> tuple[Campaign, ...]:
    """Return four campaigns for each quarter of the history."""
    made = []
    for month in range(0, window.months, 3):
        first = add_months(window.starts_on, month)
        for place, (kind, days, cost) in enumerate(KINDS):
            starts_on = plus(first, 7 + 14 * place)
            if starts_on <= window.as_of:
                made.append(
                    Campaign(
                        key=f"{seed}:campaign:{month}:{place}",
                        name=f"{starts_on:%Y} Q{(starts_on.month + 2) // 3} {kind}",
                        kind=kind,
                        starts_on=starts_on,
                        ends_on=plus(starts_on, days),
                        cost_cents=cost + month * 1_000,
                    )
                )
    return tuple(made)


def leads(customer: Customer, as_of: date, rng: random.Random) -> Iterator[Lead]:
    """Yield the lead that became the customer, and perhaps one that became nothing."""
    person = customer.people[0]
    before = rng.randint(3, 60)
    yield Lead(
        key=f"{customer.key}:lead",
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        company_name=customer.legal_name,
        country=customer.country,
        source=rng.choice(SOURCES),
        status="Converted",
        created_on=plus(customer.created_on, -before),
        converted_on=customer.created_on,
        customer_key=customer.key,
        person_key=person.key,
    )
    chance = rng.random() * 100
    first, trade = word(int(customer.key.split(":")[0]), STRANGERS + customer.number)
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    age = rng.randint(1, 500)
    if chance < LOST_PERCENT:
        yield Lead(
            key=f"{customer.key}:lost-lead",
            first_name=given,
            last_name=family,
            email=f"{given}.{family}@{first}.example".lower(),
            company_name=f"{first} {trade} {rng.choice(FORMS[customer.country])}",
            country=customer.country,
            source=rng.choice(SOURCES),
            status=rng.choice(("Open", "Working"))
            if age < 60
            else rng.choice(("Unqualified", "Unqualified", "Open")),
            created_on=plus(as_of, -age),
            converted_on=None,
            customer_key=None,
            person_key=None,
        )


def touches(
    lead: Lead, held: Iterable[Campaign], as_of: date, rng: random.Random
) -> Iterator[CampaignTouch]:
    """Yield how the lead answered campaigns of the half year around its creation."""
    for campaign in held:
        near = -100 < (lead.created_on - campaign.starts_on).days < 80
        if near and rng.random() < 0.3:
            day = plus(campaign.starts_on, rng.randint(0, 3))
            if day <= as_of:
                yield CampaignTouch(
                    key=f"{lead.key}:{campaign.key}",
                    campaign_key=campaign.key,
                    lead_key=lead.key,
                    on=day,
                    status=rng.choice(STATUSES),  # type: ignore[arg-type]
                )
