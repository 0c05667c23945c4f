"""Drawing: one customer's whole story, a pure function of its number.

What is drawn for one customer depends on no other: customers may be drawn in any
order, apart, or by several processes.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from sandbox.company.billing import Biller, Usage, settled, usage_of
from sandbox.company.bundles import bundled
from sandbox.company.cast import Part
from sandbox.company.credits import credited
from sandbox.company.days import plus
from sandbox.company.facts import (
    Attempt,
    Campaign,
    CampaignTouch,
    Contract,
    CreditNote,
    Customer,
    Deal,
    Dispute,
    HealthScore,
    Invoice,
    InvoiceLine,
    Lead,
    Order,
    Person,
    Refund,
    Ticket,
    Trial,
    UsageDay,
)
from sandbox.company.features import stream
from sandbox.company.guise import dressed
from sandbox.company.health import scores
from sandbox.company.life import Life, annotated, approved, lost_trial, turn_of
from sandbox.company.lifecycle import Story, Storyteller, Window, first_start
from sandbox.company.marketing import campaigns, leads, touches
from sandbox.company.names import COUNTRIES, FORMS, people, tax_id, word
from sandbox.company.orders import orders
from sandbox.company.payments import collected
from sandbox.company.pipeline import Pipeline
from sandbox.company.segments import segment_of
from sandbox.company.support import surveyed, tickets
from sandbox.company.tiering import tiered

TAX_ID_PERCENT = 90
REFUND_PERCENT = 1


@dataclass(slots=True)
class Drawn:
    """Facts that were drawn, of one customer or of many."""

    customers: list[Customer] = field(default_factory=list)
    prospects: list[Customer] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    usage: list[UsageDay] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    touches: list[CampaignTouch] = field(default_factory=list)
    health: list[HealthScore] = field(default_factory=list)


class Drawer:
    """Draws customers and prospects of one company, each on its own."""

    def __init__(self, seed: int, window: Window, features: frozenset[str]) -> None:
        """Prepare what is the same for all customers."""
        self.seed = seed
        self.window = window
        self.features = features
        self.campaigns: tuple[Campaign, ...] = ()
        if "marketing" in features:
            self.campaigns = campaigns(seed, window)

    def customer(self, number: int, part: Part, into: Drawn) -> None:
        """Draw one customer with all that ever happened to it."""
        window, as_of = self.window, self.window.as_of
        rng = random.Random(f"{self.seed}:{number}")
        part = self._behaving(number, part)
        name = word(self.seed, number)
        customer = self._named(number, name, part, rng)
        starts_on = first_start(part, window, rng)
        created_on = plus(starts_on, -rng.randint(21, 60))
        customer = replace(customer, created_on=created_on)
        teller = Storyteller(customer, part, window, rng)
        if "lifecycle" in self.features:
            lived = stream(self.seed, "lifecycle", number)
            turn = turn_of(part, lived)
            if turn is not None:
                # Whoever has a turn lives on by the feature's stream from here.
                rng = lived
                teller = Life(customer, part, window, rng, turn)
        story = self._featured(number, teller.tell(starts_on), part)
        usage: list[UsageDay] = []
        drafts = [
            (contract.key, *draft)
            for contract in story.contracts
            for draft in self._bill(story, contract, part, rng, usage)
        ]
        prefix = f"{name[0][:5].upper()}{number:03}"
        invoices = list(settled(customer, part, drafts, as_of, prefix=prefix, rng=rng))
        deals = [
            *story.deals,
            *self._open(number, Pipeline(customer, part, window, rng).deals(story)),
        ]
        asked = list(tickets(customer, window, rng))
        if "health" in self.features:
            heard = stream(self.seed, "health:tickets", number)
            asked = [surveyed(ticket, heard) for ticket in asked]
        into.tickets += asked
        refunds = _refunds(invoices, as_of, rng) if part.role is None else []
        into.customers.append(customer)
        into.contracts += story.contracts
        into.deals += deals
        into.usage += usage
        self._paid(number, invoices, refunds, into)
        self._watched(customer, story, into)

    def prospect(self, number: int, part: Part, into: Drawn) -> None:
        """Draw one company that sales knows and that never signed."""
        rng = random.Random(f"{self.seed}:{number}")
        days = rng.randint(20, 30 * self.window.months)
        part = self._behaving(number, part)
        prospect = self._named(number, word(self.seed, number), part, rng)
        prospect = replace(prospect, created_on=plus(self.window.as_of, -days))
        into.prospects.append(prospect)
        pipeline = Pipeline(prospect, part, self.window, rng)
        into.deals += self._open(number, pipeline.deals(Story((), ())))
        if "lifecycle" in self.features:
            drawn = stream(self.seed, "lifecycle:trial", number)
            trial = lost_trial(prospect, self.window.as_of, drawn)
            into.trials += [] if trial is None else [trial]
        if "marketing" in self.features:
            self._noticed(prospect, into)

    def _behaving(self, number: int, part: Part) -> Part:
        if "segments" not in self.features:
            return part
        drawn = stream(self.seed, "segments", number)
        return replace(part, behaviour=segment_of(part.segment, drawn))

    def _named(
        self, number: int, name: tuple[str, str], part: Part, rng: random.Random
    ) -> Customer:
        plain = _customer(self.seed, number, name, part, rng)
        return dressed(self.seed, plain, part, self.features)

    def _featured(self, number: int, story: Story, part: Part) -> Story:
        """Return the story with what features add to contracts and won deals."""
        if "lifecycle" in self.features:
            story = annotated(story, stream(self.seed, "lifecycle:notes", number))
        if "tiers" in self.features and part.is_metered:
            story = tiered(story, stream(self.seed, "tiers", number))
        if "bundles" in self.features:
            drawn = stream(self.seed, "bundles", number)
            deals = tuple(bundled(deal, drawn) for deal in story.deals)
            story = Story(story.contracts, deals)
        return story

    def _open(self, number: int, deals: tuple[Deal, ...]) -> tuple[Deal, ...]:
        """Return lost and open deals with what features add to them."""
        if "lifecycle" in self.features:
            drawn = stream(self.seed, "lifecycle:open", number)
            deals = tuple(approved(deal, drawn) for deal in deals)
        if "bundles" in self.features:
            drawn = stream(self.seed, "bundles:open", number)
            deals = tuple(bundled(deal, drawn) for deal in deals)
        return deals

    def _bill(
        self,
        story: Story,
        contract: Contract,
        part: Part,
        rng: random.Random,
        into: list[UsageDay],
    ) -> Iterator[tuple[date, str, tuple[InvoiceLine, ...]]]:
        usage: Usage = defaultdict(list)
        as_of = self.window.as_of
        percent = 100 if part.behaviour is None else part.behaviour.usage_percent
        for day in usage_of(contract, as_of, rng, percent=percent):
            usage[contract.key, day.sku].append(day)
            into.append(day)
        deals = tuple(d for d in story.deals if d.contract_key == contract.key)
        yield from Biller(contract, deals, usage, as_of).lines()

    def _paid(
        self,
        number: int,
        invoices: list[Invoice],
        refunds: list[Refund],
        into: Drawn,
    ) -> None:
        as_of = self.window.as_of
        if "credit_notes" in self.features:
            drawn = stream(self.seed, "credit_notes", number)
            notes, back = credited(invoices, refunds, as_of, drawn)
            into.credit_notes += notes
        else:
            back = []
        if "payments" in self.features:
            drawn = stream(self.seed, "payments", number)
            invoices, attempts, disputes = collected(invoices, refunds, as_of, drawn)
            into.attempts += attempts
            into.disputes += disputes
        into.invoices += invoices
        into.refunds += refunds
        into.refunds += back

    def _watched(self, customer: Customer, story: Story, into: Drawn) -> None:
        if "lifecycle" in self.features:
            into.orders += orders(story)
            into.trials += [each.trial for each in story.contracts if each.trial]
        if "health" in self.features:
            drawn = stream(self.seed, "health", customer.number)
            into.health += scores(customer, story.contracts, self.window.as_of, drawn)
        if "marketing" in self.features:
            self._noticed(customer, into)

    def _noticed(self, customer: Customer, into: Drawn) -> None:
        drawn = stream(self.seed, "marketing", customer.number)
        for lead in leads(customer, self.window.as_of, drawn):
            into.leads.append(lead)
            into.touches += touches(lead, self.campaigns, self.window.as_of, drawn)


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
