"""Pipeline: the deals that were lost and those that are still open."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.company.cast import Part
from sandbox.company.days import add_months, months_between, plus
from sandbox.company.facts import Contract, ContractLine, Customer, Deal, Kind
from sandbox.company.lifecycle import TERM_MONTHS, Story, Window
from sandbox.company.offers import Wanted, first_offer, merged, quoted, upsell

OPEN_STAGES = {
    "Prospecting": "Draft",
    "Qualification": "Draft",
    "Proposal/Price Quote": "Presented",
    "Negotiation/Review": "In Review",
}
RENEWAL_NOTICE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Draws the undecided and lost deals of one customer or prospect."""

    customer: Customer
    part: Part
    window: Window
    rng: random.Random

    def deals(self, story: Story) -> tuple[Deal, ...]:
        """Return the deals beside those that the story won."""
        drawn = self._of_customer(story) if story.contracts else self._of_prospect()
        return tuple(drawn)

    def _of_prospect(self) -> Iterator[Deal]:
        wanted = first_offer(self.part, self.rng)
        if self.rng.random() < 0.3:
            yield self._lost(0, Kind.NEW, wanted)
        if self.rng.random() < 0.7:
            yield self._open(1, Kind.NEW, wanted)

    def _of_customer(self, story: Story) -> Iterator[Deal]:
        as_of = self.window.as_of
        starts = {contract.starts_on for contract in story.contracts}
        for number, contract in enumerate(story.contracts):
            if contract.ends_before > as_of:
                if contract.ends_before <= plus(as_of, RENEWAL_NOTICE_DAYS):
                    yield self._open(number, Kind.RENEWAL, _held(contract), contract)
            elif contract.ends_before not in starts:
                yield self._lost(number, Kind.RENEWAL, _held(contract), contract)
        latest = story.contracts[-1]
        if not latest.in_force(as_of):
            return
        held = _held(latest)
        if self.rng.random() < 0.08:
            added = upsell(held, self.part, self.rng, same_product=False)
            yield self._lost(100, Kind.AMENDMENT, added, latest)
        # The next anchor must leave a month of the term to be sold.
        next_anchor = add_months(latest.starts_on, self._months_begun(latest))
        if next_anchor < latest.ends_before and self.rng.random() < 0.1:
            added = upsell(held, self.part, self.rng, same_product=False)
            yield self._open(101, Kind.AMENDMENT, added, latest)

    def _open(
        self,
        number: int,
        kind: Kind,
        wanted: list[Wanted],
        contract: Contract | None = None,
    ) -> Deal:
        stage = self.rng.choice(list(OPEN_STAGES))
        return self._deal(f"o{number}", kind, wanted, contract, stage)

    def _lost(
        self,
        number: int,
        kind: Kind,
        wanted: list[Wanted],
        contract: Contract | None = None,
    ) -> Deal:
        return self._deal(f"l{number}", kind, wanted, contract, "Closed Lost")

    def _deal(
        self,
        name: str,
        kind: Kind,
        wanted: list[Wanted],
        contract: Contract | None,
        stage: str,
    ) -> Deal:
        as_of, rng = self.window.as_of, self.rng
        is_open = stage in OPEN_STAGES
        if is_open:
            closed_on = plus(as_of, rng.randint(10, 60))
        elif kind is Kind.RENEWAL and contract is not None:
            closed_on = contract.ends_before
        else:
            known = max(self.window.starts_on, plus(self.customer.created_on, 10))
            days = max((as_of - known).days, 0)
            closed_on = plus(min(known, as_of), rng.randint(0, days))
        starts_on = plus(closed_on, 10).replace(day=1)
        ends_before = add_months(starts_on, TERM_MONTHS)
        if contract is not None and kind is Kind.RENEWAL:
            starts_on = contract.ends_before
            ends_before = add_months(starts_on, TERM_MONTHS)
        elif contract is not None:
            starts_on = add_months(
                contract.starts_on,
                min(self._months_begun(contract), _term_months(contract) - 1),
            )
            ends_before = contract.term_ends_before
        key = f"{self.customer.key}:{name}"
        created = plus(min(closed_on, as_of), -rng.randint(3, 45))
        return Deal(
            key=key,
            number=0,
            customer=self.customer,
            contract_key=None if contract is None else contract.key,
            kind=kind,
            name=f"{self.customer.legal_name} {kind} {starts_on:%Y-%m}",
            stage=stage,
            quote_status=OPEN_STAGES.get(stage, "Rejected"),
            created_on=created,
            closed_on=closed_on,
            starts_on=starts_on,
            ends_on=plus(ends_before, -1),
            lines=quoted(
                key,
                wanted,
                self.customer.currency,
                starts_on=starts_on,
                ends_before=ends_before,
                discount=None,
            ),
        )

    def _months_begun(self, contract: Contract) -> int:
        as_of = self.window.as_of
        return sum(
            add_months(contract.starts_on, month) <= as_of
            for month in range(_term_months(contract) + 1)
        )


def _term_months(contract: Contract) -> int:
    return months_between(contract.starts_on, contract.term_ends_before)


def _held(contract: Contract) -> list[Wanted]:
    """Return what is held at the end: the last step of a ramp, nothing given back."""
    lasting = [_wanted(line) for line in contract.lines if line.ends_before is None]
    return [each for each in merged(lasting) if each.quantity > 0]


def _wanted(line: ContractLine) -> Wanted:
    return Wanted(line.sku, line.quantity, line.unit_minor)
