"""Numbering: the order of facts, and the numbers that systems give them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from sandbox.company.drawing import Drawn
from sandbox.company.facts import Contract, Deal, Order

FIRST_CONTRACT, FIRST_DEAL, FIRST_ORDER = 100, 1, 1
# More contracts, deals or orders than any customer has in ten years.
PER_CUSTOMER = 100

Fact = TypeVar("Fact", Contract, Deal, Order)


def numbered_by_day(facts: Drawn) -> Drawn:
    """Put facts in the order of their days and number them as systems would."""
    _sort(facts)
    facts.contracts = [
        replace(contract, number=FIRST_CONTRACT + place)
        for place, contract in enumerate(facts.contracts)
    ]
    facts.deals = [
        replace(deal, number=FIRST_DEAL + place)
        for place, deal in enumerate(facts.deals)
    ]
    facts.invoices = [
        replace(invoice, sequence=place) for place, invoice in enumerate(facts.invoices)
    ]
    facts.orders = [
        replace(order, number=FIRST_ORDER + place)
        for place, order in enumerate(facts.orders)
    ]
    return facts


def numbered_by_customer(facts: Drawn) -> Drawn:
    """Order the facts the same way, and number them without knowing other customers.

    Invoices have such a number from the beginning.
    """
    _sort(facts)
    facts.contracts = [
        replace(each, number=FIRST_CONTRACT + number)
        for each, number in _placed(facts.contracts, _customer_of, PER_CUSTOMER)
    ]
    facts.deals = [
        replace(each, number=FIRST_DEAL + number)
        for each, number in _placed(facts.deals, _customer_of, PER_CUSTOMER)
    ]
    facts.orders = [
        replace(each, number=FIRST_ORDER + number)
        for each, number in _placed(
            facts.orders, lambda order: order.customer_key, PER_CUSTOMER
        )
    ]
    return facts


def _sort(facts: Drawn) -> None:
    facts.contracts.sort(key=lambda each: (each.starts_on, each.key))
    facts.deals.sort(key=lambda each: (each.created_on, each.key))
    facts.invoices.sort(key=lambda each: (each.issued_on, each.key))
    facts.orders.sort(key=lambda each: (each.activated_on, each.key))


def _customer_of(fact: Contract | Deal) -> str:
    return fact.customer.key


def _placed(
    facts: list[Fact], customer: Callable[[Fact], str], room: int
) -> list[tuple[Fact, int]]:
    """Return each fact with its place among its customer's, in the customer's room."""
    seen: Counter[str] = Counter()
    placed = []
    for fact in facts:
        key = customer(fact)
        placed.append((fact, int(key.rpartition(":")[2]) * room + seen[key]))
        seen[key] += 1
    return placed
