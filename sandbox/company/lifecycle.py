"""Lifecycle: the contracts that a customer signs, amends, renews and ends."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sandbox.company.cast import Part, Role
from sandbox.company.catalogue import Charge
from sandbox.company.days import add_months, plus
from sandbox.company.facts import (
    Contract,
    ContractLine,
    Customer,
    Deal,
    DealLine,
    Discount,
    Kind,
)
from sandbox.company.offers import (
    Wanted,
    comeback_offer,
    first_offer,
    merged,
    quoted,
    renewal,
    upsell,
)

TERM_MONTHS = 12
# How many months before the last month the first contract starts, for the parts that
# need a first contract still in force on the last day.
STARTED = {
    Role.LARGE: (4, 23),
    Role.AMENDED: (3, 9),
    Role.METERED: (3, 10),
    Role.FAILING: (1, 10),
    Role.UNPAID: (1, 10),
    Role.DISCOUNT_OVER: (5, 10),
}
Terms = tuple[str, date, Discount | None]  # the contract's key, term's end, discount
SHORT_DISCOUNT = 3  # months; over since two invoices for who plays DISCOUNT_OVER


@dataclass(frozen=True, slots=True)
class Window:
    """The days that the company's history covers; both are part of it."""

    starts_on: date
    as_of: date
    months: int


@dataclass(frozen=True, slots=True)
class Story:
    """All contracts of one customer and the deals that were won."""

    contracts: tuple[Contract, ...]
    deals: tuple[Deal, ...]


def first_start(part: Part, window: Window, rng: random.Random) -> date:
    """Return the day on which the customer's first contract starts."""
    last = window.as_of.replace(day=1)
    if part.role is None:
        # More than half of the customers come in the first year, so that renewals,
        # churn and customers who come back all occur.
        back = window.months - 1 - int(window.months * rng.random() ** 1.4)
    else:
        low, high = STARTED[part.role]
        most = window.months - 1
        back = rng.randint(min(low, most), min(high, most))
    if part.role is Role.UNPAID:
        issued = [plus(window.as_of, -days) for days in range(8, 26)]
        return add_months(rng.choice([d for d in issued if d.day <= 28]), -back)
    latest_day = 28 if back else min(28, window.as_of.day)
    return add_months(last, -back).replace(day=rng.randint(1, latest_day))


class Storyteller:
    """Draws the story of one customer, contract by contract."""

    def __init__(
        self, customer: Customer, part: Part, window: Window, rng: random.Random
    ) -> None:
        """Begin a story that has no contract yet."""
        self.customer = customer
        self.part = part
        self.window = window
        self.rng = rng
        self.term_months = TERM_MONTHS
        self.contracts: list[Contract] = []
        self.deals: list[Deal] = []

    def tell(self, starts_on: date) -> Story:
        """Return the story from its first contract to the last day."""
        kind, wanted = Kind.NEW, first_offer(self.part, self.rng)
        start: date | None = starts_on
        while start is not None and start <= self.window.as_of:
            contract, held = self._contract(start, wanted, kind)
            start = None
            if contract.ends_before > self.window.as_of:
                continue
            if not contract.is_terminated and self._renews():
                start, kind = contract.ends_before, Kind.RENEWAL
                wanted = self._renewal(merged(held))
            elif self.rng.random() < 0.3:
                months = self.rng.randint(2, 6)
                start, kind = add_months(contract.ends_before, months), Kind.NEW
                wanted = comeback_offer(self.part, self.rng)
        return Story(tuple(self.contracts), tuple(self.deals))

    def _renews(self) -> bool:
        behaviour = self.part.behaviour
        percent = 84 if behaviour is None else behaviour.renews_percent
        return self.part.role is Role.LARGE or self.rng.random() < percent / 100

    def _renewal(self, held: list[Wanted]) -> list[Wanted]:
        return renewal(held, self.rng)

    def _contract(
        self, starts_on: date, wanted: list[Wanted], kind: Kind
    ) -> tuple[Contract, list[Wanted]]:
        """Sign one contract and its amendments; return what is held at its end."""
        key = f"{self.customer.key}:k{len(self.contracts)}"
        term_ends = add_months(starts_on, self.term_months)
        ends = self._end(starts_on, term_ends)
        discount = self._discount(starts_on)
        terms = (key, term_ends, discount)
        deal = self._deal(kind, starts_on, wanted, terms, signed_after=None)
        lines = [*contract_lines(deal)]
        held = list(wanted)
        months = self._amendment_months(starts_on, ends)
        for month in months:
            added = upsell(
                held,
                self.part,
                self.rng,
                same_product=self.part.role is Role.AMENDED,
            )
            anchor = add_months(starts_on, month)
            amendment = self._deal(
                Kind.AMENDMENT, anchor, added, terms, signed_after=starts_on
            )
            lines += contract_lines(amendment)
            held += added
        latest = months[-1] if months else 0
        for change in self._changes(starts_on, ends, terms, held, after=latest):
            lines += contract_lines(change)
        contract = Contract(
            key=key,
            number=0,
            customer=self.customer,
            deal_key=deal.key,
            starts_on=starts_on,
            ends_before=ends,
            term_ends_before=term_ends,
            interval=self.part.interval,
            discount=discount,
            lines=tuple(lines),
        )
        self.contracts.append(contract)
        return contract, held

    def _changes(
        self,
        starts_on: date,
        ends: date,
        terms: Terms,
        held: list[Wanted],
        *,
        after: int,
    ) -> list[Deal]:
        """Return the deals that change what is held, later than a month; usually none.

        What they leave is written to `held`.
        """
        del starts_on, ends, terms, held, after
        return []

    def _end(self, starts_on: date, term_ends: date) -> date:
        behaviour = self.part.behaviour
        percent = 6 if behaviour is None else behaviour.leaves_early_percent
        if (
            self.part.role
            or self.part.interval == "year"
            or self.rng.random() >= percent / 100
        ):
            return term_ends
        anchor = add_months(starts_on, self.rng.randint(3, 11))
        return anchor if anchor <= self.window.as_of else term_ends

    def _discount(self, starts_on: date) -> Discount | None:
        if self.part.role is Role.DISCOUNT_OVER:
            months = SHORT_DISCOUNT
        elif self.rng.random() >= 0.2:
            return None
        else:
            # An invoice for a year is discounted as a whole, so that only a discount
            # for the whole term means the same in the contract and in billing.
            yearly = self.part.interval == "year"
            months = self.term_months if yearly else self.rng.choice((3, 6, 12))
        percent = self.rng.choice((10, 15, 20, 25, 30))
        return Discount(percent, months, add_months(starts_on, months))

    def _amendment_months(self, starts_on: date, ends: date) -> list[int]:
        last = min(ends, self.window.as_of + timedelta(days=1))
        possible = [
            month
            for month in range(1, self.term_months)
            if add_months(starts_on, month) < last
        ]
        chance = self.rng.random()
        count = (chance < 0.35) + (chance < 0.08)
        if self.part.role is Role.AMENDED:
            count = max(count, 1)
        return sorted(self.rng.sample(possible, min(count, len(possible))))

    def _deal(
        self,
        kind: Kind,
        starts_on: date,
        wanted: list[Wanted],
        terms: Terms,
        signed_after: date | None,
    ) -> Deal:
        contract_key, term_ends, discount = terms
        earliest = max(self.window.starts_on, signed_after or self.window.starts_on)
        closed_on = max(earliest, plus(starts_on, -self.rng.randint(0, 20)))
        key = f"{self.customer.key}:d{len(self.deals)}"
        deal = Deal(
            key=key,
            number=0,
            customer=self.customer,
            contract_key=contract_key,
            kind=kind,
            name=f"{self.customer.legal_name} {kind} {starts_on:%Y-%m}",
            stage="Closed Won",
            quote_status="Accepted",
            created_on=plus(closed_on, -self.rng.randint(5, 60)),
            closed_on=closed_on,
            starts_on=starts_on,
            ends_on=plus(term_ends, -1),
            lines=quoted(
                key,
                wanted,
                self.customer.currency,
                starts_on=starts_on,
                ends_before=term_ends,
                discount=discount,
            ),
        )
        if kind is not Kind.AMENDMENT and self.rng.random() < 0.1:
            deal = replace(deal, rejected_lines=_dearer(deal.lines))
        self.deals.append(deal)
        return deal


def _dearer(lines: tuple[DealLine, ...]) -> tuple[DealLine, ...]:
    """Return the first proposal, without discount, that the customer turned down."""
    return tuple(
        replace(
            line,
            key=f"{line.key}:first",
            discount_percent=None,
            discount_months=None,
            total_minor=_undiscounted(line),
        )
        for line in lines
    )


def _undiscounted(line: DealLine) -> int:
    if line.discount_percent is None or line.discount_months is None:
        return line.total_minor
    per_month = line.quantity * line.unit_minor
    return line.total_minor + (
        per_month * line.discount_months * line.discount_percent // 100
    )


def contract_lines(deal: Deal) -> list[ContractLine]:
    """Return the lines that a deal adds to its contract."""
    lines = [
        ContractLine(
            key=line.key,
            deal_key=deal.key,
            sku=line.sku,
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            starts_on=line.starts_on or deal.starts_on,
            discount_months=line.discount_months,
            ends_before=line.ends_before,
        )
        for line in deal.lines
    ]
    return [line for line in lines if line.charge is not Charge.ONE_TIME]
