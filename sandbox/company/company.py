"""Company: the whole truth, drawn from a seed.

The same arguments give the same company, to the last ticket. Nothing in it is wrong:
mistakes are planted later, in the systems' records only.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from sandbox.company.cast import cast, drawn
from sandbox.company.catalogue import (
    BUNDLE_PRODUCTS,
    COMMIT_PRODUCTS,
    PRODUCTS,
    Product,
)
from sandbox.company.days import add_months
from sandbox.company.drawing import Drawer, Drawn
from sandbox.company.entities import BY_CODE, GROUP, ONE
from sandbox.company.facts import (
    Attempt,
    Campaign,
    CampaignTouch,
    Contract,
    CreditNote,
    Customer,
    Deal,
    Dispute,
    Entity,
    HardNegative,
    HealthScore,
    Invoice,
    Lead,
    Order,
    Payout,
    Refund,
    Ticket,
    Trial,
    UsageDay,
)
from sandbox.company.features import checked
from sandbox.company.identity import WrittenIdentity, written
from sandbox.company.lifecycle import Window
from sandbox.company.lookalikes import hard_negatives
from sandbox.company.numbering import numbered_by_customer, numbered_by_day
from sandbox.company.payments import movements, payouts

PROSPECTS_PERCENT = 10
SMALLEST = 20  # customers: with fewer the quotas of `cast` cannot be kept
SHORTEST = 6  # months: with fewer nobody's discount is over
# Customers: with more, parts are drawn one by one instead of by quota, so that nobody's
# story waits for everybody's part.
QUOTA_MOST = 20_000

Owned = TypeVar("Owned", Contract, Invoice)
Of = TypeVar("Of", Attempt, CreditNote, Dispute, Refund)


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
    features: frozenset[str] = frozenset()
    entities: tuple[Entity, ...] = ONE
    trials: tuple[Trial, ...] = ()
    orders: tuple[Order, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    credit_notes: tuple[CreditNote, ...] = ()
    payouts: tuple[Payout, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    leads: tuple[Lead, ...] = ()
    touches: tuple[CampaignTouch, ...] = ()
    health: tuple[HealthScore, ...] = ()

    @cached_property
    def customer_by_key(self) -> dict[str, Customer]:
        """Every customer and prospect by its key."""
        return {each.key: each for each in (*self.customers, *self.prospects)}

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

    @cached_property
    def credit_note_by_invoice(self) -> dict[str, CreditNote]:
        """The credit note of an invoice, by the invoice's key."""
        return {note.invoice_key: note for note in self.credit_notes}

    @cached_property
    def dispute_by_invoice(self) -> dict[str, Dispute]:
        """The dispute about an invoice's payment, by the invoice's key."""
        return {dispute.invoice_key: dispute for dispute in self.disputes}

    @cached_property
    def attempts_of(self) -> dict[str, tuple[Attempt, ...]]:
        """The tries to collect an invoice, by the invoice's key."""
        groups: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in self.attempts:
            groups[attempt.invoice_key].append(attempt)
        return {key: tuple(group) for key, group in groups.items()}

    @cached_property
    def latest_health(self) -> dict[str, HealthScore]:
        """What customer success last thought of each customer, by its key."""
        latest: dict[str, HealthScore] = {}
        for score in self.health:
            known = latest.get(score.customer.key)
            if known is None or known.on <= score.on:
                latest[score.customer.key] = score
        return latest

    @property
    def products(self) -> tuple[Product, ...]:
        """What is sold: with the features that sell more, more."""
        bundles = BUNDLE_PRODUCTS if "bundles" in self.features else ()
        commits = COMMIT_PRODUCTS if "tiers" in self.features else ()
        return (*PRODUCTS, *bundles, *commits)

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

    def written(self, customer: Customer, system: str) -> WrittenIdentity:
        """Return the customer as a system writes it."""
        place = (customer.key, system)
        known = self._written.get(place)
        if known is None:
            known = self._written[place] = written(customer, system)
        return known

    def hard_negatives(self) -> tuple[HardNegative, ...]:
        """Return the pairs that look like one customer and are two."""
        return tuple(hard_negatives((*self.customers, *self.prospects)))

    def using(self, system: str) -> "Company":
        """Return the company as the customers of one billing system or ERP make it.

        Prospects stay; the same company comes back where all use the system.
        """
        codes = {
            each.code for each in self.entities if system in (each.erp, each.billing)
        }
        if len(codes) == len(self.entities):
            return self
        return self._views.setdefault(system, self._only(codes))

    @cached_property
    def _written(self) -> dict[tuple[str, str], WrittenIdentity]:
        return {}

    @cached_property
    def _views(self) -> dict[str, "Company"]:
        return {}

    def _only(self, codes: set[str]) -> "Company":
        customers = tuple(each for each in self.customers if each.entity in codes)
        keys = {each.key for each in customers}
        prospects = tuple(each for each in self.prospects if each.entity in codes)
        known = keys | {each.key for each in prospects}
        invoices = tuple(each for each in self.invoices if each.customer.key in keys)
        billed = {each.key for each in invoices}
        return replace(
            self,
            entities=tuple(each for each in self.entities if each.code in codes),
            customers=customers,
            prospects=prospects,
            contracts=tuple(e for e in self.contracts if e.customer.key in keys),
            deals=tuple(each for each in self.deals if each.customer.key in known),
            invoices=invoices,
            usage=tuple(each for each in self.usage if each.customer.key in keys),
            refunds=_about(self.refunds, billed),
            tickets=tuple(each for each in self.tickets if each.customer.key in keys),
            trials=tuple(each for each in self.trials if each.customer_key in known),
            orders=tuple(each for each in self.orders if each.customer_key in keys),
            attempts=_about(self.attempts, billed),
            disputes=_about(self.disputes, billed),
            credit_notes=_about(self.credit_notes, billed),
            payouts=tuple(each for each in self.payouts if each.entity in codes),
            health=tuple(each for each in self.health if each.customer.key in keys),
        )


def build(
    seed: int,
    customers: int,
    months: int,
    as_of: date,
    features: frozenset[str] = frozenset(),
) -> Company:
    """Draw a company with so many customers and months of history up to a day.

    ValueError if there are too few customers or months to show every situation, or if
    there is no such feature.
    """
    if customers < SMALLEST or months < SHORTEST:
        raise ValueError(
            f"a company has at least {SMALLEST} customers and {SHORTEST} months,"
            f" not {customers} and {months}"
        )
    numbers = range(customers + prospects_of(customers))
    drawer, facts = _draw(
        seed, customers, months, as_of, features=features, numbers=numbers
    )
    if customers > QUOTA_MOST:
        return _company(drawer, numbered_by_customer(facts))
    return _company(drawer, numbered_by_day(facts))


def build_part(
    seed: int,
    customers: int,
    months: int,
    as_of: date,
    *,
    features: frozenset[str],
    numbers: range,
) -> Company:
    """Draw some of a company's customers and prospects, by their numbers.

    A company of more than QUOTA_MOST customers is the sum of its parts, but for
    payouts: each part is paid out by itself. In a smaller one, contracts, deals,
    invoices and orders have other numbers than in the whole.
    """
    drawer, facts = _draw(
        seed, customers, months, as_of, features=features, numbers=numbers
    )
    return _company(drawer, numbered_by_customer(facts), batch=f":{numbers.start}")


def prospects_of(customers: int) -> int:
    """Return how many prospects stand behind so many customers."""
    return max(1, customers * PROSPECTS_PERCENT // 100)


def _draw(
    seed: int,
    customers: int,
    months: int,
    as_of: date,
    *,
    features: frozenset[str],
    numbers: range,
) -> tuple[Drawer, Drawn]:
    first = add_months(as_of.replace(day=1), 1 - months)
    drawer = Drawer(seed, Window(first, as_of, months), checked(frozenset(features)))
    facts = Drawn()
    parts = cast(seed, customers) if customers <= QUOTA_MOST else ()
    for number in numbers:
        like = number % customers
        part = parts[like] if parts else drawn(seed, like)
        if number < customers:
            drawer.customer(number, part, facts)
        else:
            stranger = replace(part, role=None, missing_links=frozenset())
            drawer.prospect(number, stranger, facts)
    return drawer, facts


def _company(drawer: Drawer, facts: Drawn, batch: str = "") -> Company:
    window = drawer.window
    paid: Iterable[Payout] = ()
    if "payments" in drawer.features:
        on_stripe = (
            moved
            for moved in movements(facts.invoices, facts.refunds, facts.disputes)
            if BY_CODE[moved[1]].billing == "stripe"
        )
        paid = payouts(drawer.seed, on_stripe, window.as_of, batch)
    return Company(
        seed=drawer.seed,
        as_of=window.as_of,
        starts_on=window.starts_on,
        features=drawer.features,
        entities=GROUP if "entities" in drawer.features else ONE,
        payouts=tuple(paid),
        campaigns=drawer.campaigns,
        **{each.name: tuple(getattr(facts, each.name)) for each in fields(facts)},
    )


def _about(facts: Sequence[Of], invoices: set[str]) -> tuple[Of, ...]:
    return tuple(each for each in facts if each.invoice_key in invoices)


def _grouped(facts: Sequence[Owned]) -> dict[str, tuple[Owned, ...]]:
    groups: dict[str, list[Owned]] = defaultdict(list)
    for fact in facts:
        groups[fact.customer.key].append(fact)
    return {key: tuple(group) for key, group in groups.items()}
