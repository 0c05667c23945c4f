"""Support: the tickets that customers' people write."""

import random
from collections.abc import Iterator
from dataclasses import replace

from sandbox.company.days import plus
from sandbox.company.facts import Customer, Ticket
from sandbox.company.lifecycle import Window

SUBJECTS = (
    "Cannot sign in after password change",
    "Export stops at 10,000 rows",
    "Question about our last invoice",
    "Webhook deliveries are delayed",
    "Add a second administrator",
    "Dashboard shows yesterday's numbers",
    "API answers 429 more often than last week",
    "Please raise the storage limit",
)
PRIORITIES = ("low", "normal", "normal", "normal", "high", "urgent")
AREAS = ("sign-in", "exports", "billing", "webhooks", "dashboard", "api", "limits")
ANSWERED_PERCENT, GOOD_PERCENT = 35, 80
OPEN_DAYS = 14  # a ticket younger than this may still be open


def surveyed(ticket: Ticket, rng: random.Random) -> Ticket:
    """Return the ticket with what it was about and how its requester liked the answer.

    Only who has a closed ticket was asked, and few answer.
    """
    area, answered = rng.choice(AREAS), rng.random() * 100
    opinion = "good" if rng.random() * 100 < GOOD_PERCENT else "bad"
    has_answered = ticket.status == "closed" and answered < ANSWERED_PERCENT
    return replace(ticket, area=area, satisfaction=opinion if has_answered else None)


def tickets(customer: Customer, window: Window, rng: random.Random) -> Iterator[Ticket]:
    """Return what a customer asked since it became one."""
    days = (window.as_of - customer.created_on).days
    for number in range(rng.choice((0, 1, 1, 2, 3, 5))):
        if days < 1:
            return
        created_on = plus(customer.created_on, rng.randint(1, days))
        updated_on = min(plus(created_on, rng.randint(0, 9)), window.as_of)
        age = (window.as_of - created_on).days
        yield Ticket(
            key=f"{customer.key}:t{number}",
            customer=customer,
            requester=rng.choice(customer.people),
            subject=rng.choice(SUBJECTS),
            status=rng.choice(("new", "open", "pending"))
            if age < OPEN_DAYS
            else "closed",
            priority=rng.choice(PRIORITIES),
            created_on=created_on,
            updated_on=updated_on,
        )
