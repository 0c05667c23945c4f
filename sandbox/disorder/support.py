"""Disorder in support and customer success: who is served, and who is at risk."""

from collections.abc import Callable
from random import Random

from sandbox.company.facts import Customer, Deal, Kind, Ticket
from sandbox.disorder.catalogue import COMMON, Owned, customers, disorder
from sandbox.disorder.scene import Planted, Scene
from sandbox.identifiers import zendesk_id
from sandbox.salesforce.documents import opportunity_id
from sandbox.vitally.documents import account as success_account
from sandbox.zendesk.documents import organization_id


def _tier(*tiers: str) -> Callable[[Scene, Customer], bool]:
    def suits(scene: Scene, customer: Customer) -> bool:
        return scene.company.support_tier(customer) in tiers

    return suits


def _served(wrong: str, note: str) -> Callable[[Scene, Customer, Random], Planted]:
    def plant(scene: Scene, customer: Customer, _rng: Random) -> Planted:
        place = "zendesk", "organization", organization_id(customer)
        return scene.changed(*place, "organization_fields.support_tier", wrong, note)

    return plant


def _flagged(scene: Scene) -> list[Owned[Ticket]]:
    company = scene.books
    return [
        (ticket.customer.key, ticket)
        for ticket in company.tickets
        if ticket.status != "closed" and company.has_failed_payment(ticket.customer)
    ]


def _unflagged(scene: Scene, ticket: Ticket, _rng: Random) -> Planted:
    note = "automatic: nobody at support sees that the customer owes money"
    place = "zendesk", "ticket", zendesk_id("ticket", ticket.key)
    return scene.changed(*place, "tags", [], note)


def _at_risk(scene: Scene) -> list[Owned[Deal]]:
    latest = scene.company.latest_health
    return [
        (deal.customer.key, deal)
        for deal in scene.books.deals
        if deal.kind is Kind.RENEWAL
        and not deal.is_closed
        and deal.customer.key in latest
        and latest[deal.customer.key].risk != "low"
    ]


def _carefree(scene: Scene, deal: Deal, _rng: Random) -> Planted:
    note = "automatic: customer success fears for the renewal, sales does not know"
    place = "salesforce", "Opportunity", opportunity_id(deal.key)
    return scene.changed(*place, "Renewal_Risk__c", "low", note)


def _earns(scene: Scene, customer: Customer) -> bool:
    return bool(scene.company.in_force(customer))


def _other_revenue(scene: Scene, customer: Customer, rng: Random) -> Planted:
    place = "vitally", "accounts", success_account(customer)
    wrong = scene.look(*place)["mrr"] + rng.randint(10, 900)
    note = "automatic: customer success believes in other recurring revenue"
    return scene.changed(*place, "mrr", wrong, note)


_ORGANIZATION = "zendesk.organization"
DISORDERS = (
    disorder(
        "premium support that nobody bought",
        "T01 T04",
        _ORGANIZATION,
        customers(_tier("none", "standard")),
        _served("premium", "automatic: no contract in force has SUP-PREMIUM"),
        rate=COMMON,
    ),
    disorder(
        "support for a customer who left",
        "T01",
        _ORGANIZATION,
        customers(_tier("none")),
        _served("standard", "automatic: no contract is in force"),
    ),
    disorder(
        "customer whom support does not serve",
        "T02 C12",
        _ORGANIZATION,
        customers(_tier("standard", "premium")),
        _served("none", "automatic: a contract is in force"),
    ),
    disorder(
        "premium support that was bought and is not given",
        "T04",
        _ORGANIZATION,
        customers(_tier("premium")),
        _served("standard", "automatic: a contract in force has SUP-PREMIUM"),
    ),
    disorder(
        "ticket of a customer who owes, unflagged",
        "T05",
        "zendesk.ticket",
        _flagged,
        _unflagged,
        rate=COMMON,
    ),
    disorder(
        "renewal at risk that sales does not see",
        "T06",
        "salesforce.Opportunity",
        _at_risk,
        _carefree,
        needs="health terms",
        rate=COMMON,
    ),
    disorder(
        "other recurring revenue in customer success",
        "X06 P08",
        "vitally.accounts",
        customers(_earns),
        _other_revenue,
    ),
)
