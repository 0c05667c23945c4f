"""Company: the whole truth, drawn from a seed.

The same four arguments give the same company, to the last ticket. Nothing in it is
wrong: mistakes are planted later, in the systems' records only.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from sandbox.company.billing import Biller, Usage, settled, usage_of
from sandbox.company.cast import Part, cast
from sandbox.company.days import add_months, plus
from sandbox.company.facts import (
    Contract,
    Customer,
    Deal,
    Invoice,
    InvoiceLine,
    Person,
    Refund,
    Ticket,
    UsageDay,
)
from sandbox.company.lifecycle import Story, Storyteller, Window, first_start
from sandbox.company.names import COUNTRIES, FORMS, people, tax_id, words
from sandbox.company.pipeline import Pipeline
from sandbox.company.support import tickets

PROSPECTS_PERCENT = 10
TAX_ID_PERCENT = 90
REFUND_PERCENT = 1
SMALLEST = 20  # customers: with fewer the quotas of `cast` cannot be kept
SHORTEST = 6  # months: with fewer nobody's discount is over

Owned = TypeVar("Owned", Contract, Invoice)


@dataclass(frozen=True)
class Company:
    """All facts, each tuple in the order in which things came about."""

    seed: int
    as_of: date
    starts_on: date
    customers: tuple[Customer, ...]
    prospects: tuple[Customer, ...]
    contracts: tuple[Contract, ...]
    deals: tuple[Deal, ...]
    invoices: tuple[Invoice, ...]
    usage: tuple[UsageDay, ...]
    refunds: tuple[Refund, ...]
    tickets: tuple[Ticket, ...]

    @cached_property
    def deal_by_key(self) -> dict[str, Deal]:
        """Every deal by its key."""
        return {deal.key: deal for deal in self.deals}

    @cached_property
    def contract_by_key(self) -> dict[str, Contract]:
        """Every contract by its key."""
        return {contract.key: contract for contract in self.contracts}

    @cached_property
    def invoice_by_key(self) -> dict[str, Invoice]:
        """Every invoice by its key."""
        return {invoice.key: invoice for invoice in self.invoices}

    @cached_property
    def contracts_of(self) -> dict[str, tuple[Contract, ...]]:
        """The contracts of each customer, by the customer's key."""
        return _grouped(self.contracts)

    @cached_property
    def invoices_of(self) -> dict[str, tuple[Invoice, ...]]:
        """The invoices of each customer, by the customer's key."""
        return _grouped(self.invoices)

    @cached_property
    def refund_by_invoice(self) -> dict[str, Refund]:
        """The refund of an invoice, by the invoice's key."""
        return {refund.invoice_key: refund for refund in self.refunds}

    def in_force(self, customer: Customer) -> tuple[Contract, ...]:
        """Return the customer's contracts that run on the last day."""
        contracts = self.contracts_of.get(customer.key, ())
        return tuple(each for each in contracts if each.in_force(self.as_of))

    def has_failed_payment(self, customer: Customer) -> bool:
        """Return whether an invoice is open because the card was declined."""
        return any(each.failed for each in self.invoices_of.get(customer.key, ()))

    def support_tier(self, customer: Customer) -> str:
        """Return what the contracts in force grant: none, standard or premium."""
        contracts = self.in_force(customer)
        skus = {line.sku for each in contracts for line in each.lines}
        if "SUP-PREMIUM" in skus:
            return "premium"
        return "standard" if contracts else "none"


def build(seed: int, customers: int, months: int, as_of: date) -> Company:
    """Draw a company with so many customers and months of history up to a day.

    ValueError if there are too few customers or months to show every situation.
    """
    if customers < SMALLEST or months < SHORTEST:
        raise ValueError(
            f"a company has at least {SMALLEST} customers and {SHORTEST} months,"
            f" not {customers} and {months}"
        )
    window = Window(add_months(as_of.replace(day=1), 1 - months), as_of, months)
    parts = cast(seed, customers)
    prospects = max(1, customers * PROSPECTS_PERCENT // 100)
    drawing = _Drawing(seed, window)
    for number, name in enumerate(words(seed, customers + prospects)):
        if number < customers:
            drawing.customer(number, name, parts[number])
        else:
            like = parts[number % customers]
            stranger = replace(like, role=None, missing_links=frozenset())
            drawing.prospect(number, name, stranger)
    return drawing.company()


class _Drawing:
    """What has been drawn so far, customer by customer."""

    def __init__(self, seed: int, window: Window) -> None:
        self.seed = seed
        self.window = window
        self.customers: list[Customer] = []
        self.prospects: list[Customer] = []
        self.contracts: list[Contract] = []
        self.deals: list[Deal] = []
        self.invoices: list[Invoice] = []
        self.usage: list[UsageDay] = []
        self.refunds: list[Refund] = []
        self.tickets: list[Ticket] = []

    def customer(self, number: int, name: tuple[str, str], part: Part) -> None:
        """Draw one customer with all that ever happened to it."""
        rng = random.Random(f"{self.seed}:{number}")
        customer = _customer(self.seed, number, name, part, rng)
        starts_on = first_start(part, self.window, rng)
        created_on = plus(starts_on, -rng.randint(21, 60))
        customer = replace(customer, created_on=created_on)
        story = Storyteller(customer, part, self.window, rng).tell(starts_on)
        drafts = [
            (contract.key, *draft)
            for contract in story.contracts
            for draft in self._bill(story, contract, rng)
        ]
        invoices = [
            replace(invoice, number=f"{name[0][:5].upper()}{number:03}-{place:04}")
            for place, invoice in enumerate(
                settled(customer, part, drafts, self.window.as_of, rng=rng), start=1
            )
        ]
        self.customers.append(customer)
        self.contracts += story.contracts
        self.deals += story.deals
        self.deals += Pipeline(customer, part, self.window, rng).deals(story)
        self.invoices += invoices
        self.tickets += tickets(customer, self.window, rng)
        if part.role is None:
            self.refunds += _refunds(invoices, self.window.as_of, rng)

    def prospect(self, number: int, name: tuple[str, str], part: Part) -> None:
        """Draw one company that sales knows and that never signed."""
        rng = random.Random(f"{self.seed}:{number}")
        days = rng.randint(20, 30 * self.window.months)
        prospect = _customer(self.seed, number, name, part, rng)
        prospect = replace(prospect, created_on=plus(self.window.as_of, -days))
        self.prospects.append(prospect)
        pipeline = Pipeline(prospect, part, self.window, rng)
        self.deals += pipeline.deals(Story((), ()))

    def _bill(
        self, story: Story, contract: Contract, rng: random.Random
    ) -> Iterator[tuple[date, str, tuple[InvoiceLine, ...]]]:
        usage: Usage = defaultdict(list)
        for day in usage_of(contract, self.window.as_of, rng):
            usage[contract.key, day.sku].append(day)
            self.usage.append(day)
        deals = tuple(d for d in story.deals if d.contract_key == contract.key)
        yield from Biller(contract, deals, usage, self.window.as_of).lines()

    def company(self) -> Company:
        """Put everything in order and number what the systems number."""
        self.contracts.sort(key=lambda each: (each.starts_on, each.key))
        self.deals.sort(key=lambda each: (each.created_on, each.key))
        self.invoices.sort(key=lambda each: (each.issued_on, each.key))
        return Company(
            seed=self.seed,
            as_of=self.window.as_of,
            starts_on=self.window.starts_on,
            customers=tuple(self.customers),
            prospects=tuple(self.prospects),
            contracts=tuple(
                replace(contract, number=100 + place)
                for place, contract in enumerate(self.contracts)
            ),
            deals=tuple(
                replace(deal, number=1 + place) for place, deal in enumerate(self.deals)
            ),
            invoices=tuple(
                replace(invoice, sequence=place)
                for place, invoice in enumerate(self.invoices)
            ),
            usage=tuple(self.usage),
            refunds=tuple(self.refunds),
            tickets=tuple(self.tickets),
        )


def _customer(
    seed: int, number: int, name: tuple[str, str], part: Part, rng: random.Random
) -> Customer:
    key = f"{seed}:{number}"
    first, trade = name
    domain = f"{first.lower()}.example"
    country = rng.choice(COUNTRIES[part.currency])
    taxed = tax_id(country, rng)
    return Customer(
        key=key,
        number=number,
        legal_name=f"{first} {trade} {rng.choice(FORMS[country])}",
        domain=domain,
        tax_id=taxed if rng.random() * 100 < TAX_ID_PERCENT else None,
        country=country,
        billing_email=f"billing@{domain}",
        currency=part.currency,
        segment=part.segment,
        on_account=part.on_account,
        created_on=date.min,
        people=tuple(
            Person(f"{key}:p{place}", *person)
            for place, person in enumerate(people(domain, rng.randint(1, 3), rng))
        ),
        missing_links=part.missing_links,
    )


def _refunds(invoices: list[Invoice], as_of: date, rng: random.Random) -> list[Refund]:
    refunds = []
    for invoice in invoices:
        if invoice.paid_on is None or rng.random() * 100 >= REFUND_PERCENT:
            continue
        made_on = plus(invoice.paid_on, rng.randint(1, 20))
        percent = rng.choice((20, 50, 100, 100))
        amount = invoice.total_minor * percent // 100
        if made_on <= as_of and amount > 0:
            refunds.append(Refund(f"{invoice.key}:r", invoice.key, amount, made_on))
    return refunds


def _grouped(facts: Sequence[Owned]) -> dict[str, tuple[Owned, ...]]:
    groups: dict[str, list[Owned]] = defaultdict(list)
    for fact in facts:
        groups[fact.customer.key].append(fact)
    return {key: tuple(group) for key, group in groups.items()}
