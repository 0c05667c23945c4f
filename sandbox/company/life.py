"""Life: customers whose contracts do more than start, grow, renew and end.

Which of these happens follows from the feature's own stream; the customers to whom
nothing of it happens keep the story that they have without the feature.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum

from sandbox.company.cast import Part
from sandbox.company.catalogue import BY_SKU, Charge, list_minor, rounded
from sandbox.company.days import add_months, months_between, plus
from sandbox.company.facts import (
    Approval,
    Contract,
    Customer,
    Deal,
    DealLine,
    Kind,
    Pause,
    Trial,
)
from sandbox.company.lifecycle import (
    Story,
    Storyteller,
    Terms,
    Window,
    contract_lines,
)
from sandbox.company.offers import Wanted, merged, quoted


class Turn(StrEnum):
    """What is special about a customer's contracts."""

    MULTI_YEAR = "multi_year"
    RAMP = "ramp"
    PAUSE = "pause"
    SWAP = "swap"
    DOWNSIZE = "downsize"
    CANCEL = "cancel"
    PRICE_CHANGE = "price_change"


# Of a hundred customers who play no part of `cast`.
PERCENT = {
    Turn.MULTI_YEAR: 9,
    Turn.RAMP: 7,
    Turn.PAUSE: 6,
    Turn.SWAP: 6,
    Turn.DOWNSIZE: 6,
    Turn.CANCEL: 6,
    Turn.PRICE_CHANGE: 8,
}
MONTHLY_ONLY = {Turn.PAUSE, Turn.SWAP, Turn.DOWNSIZE, Turn.CANCEL}
TRIAL_PERCENT, LOST_TRIAL_PERCENT = 20, 35
TRIAL_DAYS = (14, 14, 30)
# The words of Stripe's cancellation feedback.
CANCEL_REASONS = (
    "too_expensive",
    "switched_service",
    "unused",
    "missing_features",
    "customer_service",
    "low_quality",
    "too_complex",
    "other",
)
PAUSE_REASONS = ("seasonal business", "project on hold", "insolvency of a client")
# From which discount (percent, or below the list price) whose consent is needed.
APPROVERS = ((30, "CFO"), (25, "VP Sales"), (20, "Deal Desk"))
APPROVAL_REASONS = (
    "matches a competitor's offer",
    "strategic account",
    "pays for several years",
    "end of quarter",
)


def turn_of(part: Part, rng: random.Random) -> Turn | None:
    """Return what is special about a customer; most have nothing."""
    place = rng.random() * 100
    if part.role is not None:
        return None
    for turn, percent in PERCENT.items():
        if place < percent:
            is_yearly = part.interval == "year"
            return None if turn in MONTHLY_ONLY and is_yearly else turn
        place -= percent
    return None


class Life(Storyteller):
    """Draws the story of a customer with a turn."""

    def __init__(
        self,
        customer: Customer,
        part: Part,
        window: Window,
        rng: random.Random,
        turn: Turn,
    ) -> None:
        """Begin a story that has no contract yet."""
        super().__init__(customer, part, window, rng)
        self.turn = turn
        if turn in {Turn.MULTI_YEAR, Turn.RAMP}:
            self.term_months = rng.choice((24, 36))

    def _contract(
        self, starts_on: date, wanted: list[Wanted], kind: Kind
    ) -> tuple[Contract, list[Wanted]]:
        if self.turn is Turn.RAMP and not self.contracts:
            return self._ramped(starts_on, wanted)
        contract, held = super()._contract(starts_on, wanted, kind)
        if self.turn is Turn.PAUSE:
            contract = replace(contract, pauses=tuple(self._pauses(contract)))
            self.contracts[-1] = contract
        return contract, held

    def _renewal(self, held: list[Wanted]) -> list[Wanted]:
        renewed = super()._renewal(held)
        if self.turn is not Turn.PRICE_CHANGE:
            return renewed
        percent = self.rng.randint(108, 115)
        return merged(
            [
                replace(each, unit_minor=rounded(each.unit_minor * percent // 100))
                if BY_SKU[each.sku].charge is Charge.RECURRING
                else each
                for each in renewed
            ]
        )

    def _end(self, starts_on: date, term_ends: date) -> date:
        if self.turn is Turn.CANCEL and not self.contracts:
            anchor = add_months(starts_on, self.rng.randint(3, 11))
            if anchor <= self.window.as_of:
                return anchor
        return super()._end(starts_on, term_ends)

    def _pauses(self, contract: Contract) -> Iterator[Pause]:
        last = months_between(contract.starts_on, contract.ends_before) - 1
        begins, length = self.rng.randint(1, 9), self.rng.randint(1, 3)
        reason = self.rng.choice(PAUSE_REASONS)
        starts_on = add_months(contract.starts_on, begins)
        if begins + length <= last and starts_on <= self.window.as_of:
            yield Pause(
                f"{contract.key}:pause",
                contract.key,
                starts_on,
                add_months(starts_on, length),
                reason,
            )

    def _changes(
        self,
        starts_on: date,
        ends: date,
        terms: Terms,
        held: list[Wanted],
        *,
        after: int,
    ) -> list[Deal]:
        if self.turn not in {Turn.SWAP, Turn.DOWNSIZE}:
            return []
        last = min(ends, plus(self.window.as_of, 1))
        months = [
            month
            for month in range(after + 1, self.term_months)
            if add_months(starts_on, month) < last
        ]
        if not months:
            return []
        change = self._swap(held) if self.turn is Turn.SWAP else self._fewer(held)
        if not change:
            return []
        deal = self._deal(
            Kind.AMENDMENT,
            add_months(starts_on, self.rng.choice(months)),
            change,
            terms,
            signed_after=add_months(starts_on, after),
        )
        held[:] = [each for each in merged([*held, *change]) if each.quantity > 0]
        return [deal]

    def _swap(self, held: list[Wanted]) -> list[Wanted]:
        """Return all units of a platform given back, and the next larger one taken."""
        larger = {"PLT-STARTER": "PLT-GROWTH", "PLT-GROWTH": "PLT-ENTERPRISE"}
        for each in merged(held):
            if each.sku in larger and each.quantity > 0:
                sku = larger[each.sku]
                price = list_minor(sku, self.part.currency)
                taken = Wanted(sku, each.quantity, price)
                return [replace(each, quantity=-each.quantity), taken]
        return []

    def _fewer(self, held: list[Wanted]) -> list[Wanted]:
        """Return some units of a product that is held, with a minus."""
        many = [
            each
            for each in merged(held)
            if each.quantity > 2 and BY_SKU[each.sku].charge is Charge.RECURRING
        ]
        if not many:
            return []
        chosen = self.rng.choice(many)
        fewer = max(1, chosen.quantity * self.rng.randint(10, 40) // 100)
        return [replace(chosen, quantity=-fewer)]

    def _ramped(
        self, starts_on: date, wanted: list[Wanted]
    ) -> tuple[Contract, list[Wanted]]:
        """Sign a contract whose quantities or prices step up each year."""
        key = f"{self.customer.key}:k{len(self.contracts)}"
        ends = add_months(starts_on, self.term_months)
        deal = self._deal(
            Kind.NEW, starts_on, wanted, (key, ends, None), signed_after=None
        )
        by_price = self.rng.random() < 0.3
        step_percent = self.rng.randint(105, 112) if by_price else 130
        held = [each for each in wanted if _is_recurring(each.sku)]
        others = [each for each in wanted if not _is_recurring(each.sku)]
        lines: list[DealLine] = []
        for year in range(self.term_months // 12):
            if year:
                held = [
                    _stepped(each, step_percent, by_price=by_price) for each in held
                ]
            begins = add_months(starts_on, 12 * year)
            steps = self._step(deal.key, year, held, begins)
            last = year == self.term_months // 12 - 1
            lines += [
                replace(line, ends_before=None if last else add_months(begins, 12))
                for line in steps
            ]
        lines += quoted(
            f"{deal.key}:x",
            others,
            self.customer.currency,
            starts_on=starts_on,
            ends_before=ends,
            discount=None,
        )
        deal = replace(deal, lines=tuple(lines), rejected_lines=())
        self.deals[-1] = deal
        contract = Contract(
            key=key,
            number=0,
            customer=self.customer,
            deal_key=deal.key,
            starts_on=starts_on,
            ends_before=ends,
            term_ends_before=ends,
            interval=self.part.interval,
            discount=None,
            lines=tuple(contract_lines(deal)),
        )
        self.contracts.append(contract)
        return contract, [*held, *others]

    def _step(
        self, deal_key: str, year: int, wanted: list[Wanted], begins: date
    ) -> list[DealLine]:
        lines = quoted(
            f"{deal_key}:y{year}",
            wanted,
            self.customer.currency,
            starts_on=begins,
            ends_before=add_months(begins, 12),
            discount=None,
        )
        return [replace(line, starts_on=begins) for line in lines]


def _is_recurring(sku: str) -> bool:
    return BY_SKU[sku].charge is Charge.RECURRING


def _stepped(wanted: Wanted, percent: int, *, by_price: bool) -> Wanted:
    if by_price:
        return replace(wanted, unit_minor=rounded(wanted.unit_minor * percent // 100))
    return replace(wanted, quantity=-(-wanted.quantity * percent // 100))


def annotated(story: Story, rng: random.Random) -> Story:
    """Return the story with reasons, approvals and trials, which change no amount."""
    contracts = []
    for contract in story.contracts:
        reason = rng.choice(CANCEL_REASONS)
        if contract.is_terminated:
            contracts.append(replace(contract, cancel_reason=reason))
        else:
            contracts.append(contract)
    chance, days = rng.random() * 100, rng.choice(TRIAL_DAYS)
    if chance < TRIAL_PERCENT:
        contracts[0] = replace(contracts[0], trial=_trial(contracts[0], days))
    return Story(tuple(contracts), tuple(approved(deal, rng) for deal in story.deals))


def _trial(contract: Contract, days: int) -> Trial:
    platform = next(
        line for line in contract.lines if _is_recurring(line.sku) and line.quantity > 0
    )
    return Trial(
        key=f"{contract.key}:trial",
        customer_key=contract.customer.key,
        sku=platform.sku,
        quantity=platform.quantity,
        starts_on=plus(contract.starts_on, -days),
        ends_before=contract.starts_on,
        contract_key=contract.key,
    )


def lost_trial(prospect: Customer, as_of: date, rng: random.Random) -> Trial | None:
    """Return the trial of a prospect who did not sign, if it had one."""
    chance, days = rng.random() * 100, rng.choice(TRIAL_DAYS)
    seats = rng.randint(3, 20)
    starts_on = plus(prospect.created_on, rng.randint(1, 15))
    if chance >= LOST_TRIAL_PERCENT or starts_on > as_of:
        return None
    return Trial(
        key=f"{prospect.key}:trial",
        customer_key=prospect.key,
        sku="PLT-STARTER",
        quantity=seats,
        starts_on=starts_on,
        ends_before=plus(starts_on, days),
        contract_key=None,
    )


def approved(deal: Deal, rng: random.Random) -> Deal:
    """Return the deal with the consents that its deepest discount needs."""
    reason, day = rng.choice(APPROVAL_REASONS), rng.random()
    if not deal.is_closed:
        return deal
    deepest = max((_discount(line) for line in deal.lines), default=0)
    days = int((deal.closed_on - deal.created_on).days * day)
    approvals = tuple(
        Approval(by, plus(deal.created_on, days), reason)
        for threshold, by in reversed(APPROVERS)
        if deepest >= threshold
    )
    return replace(deal, approvals=approvals) if approvals else deal


def _discount(line: DealLine) -> int:
    """Return how many percent the line lies below the list price."""
    if BY_SKU[line.sku].charge is not Charge.RECURRING:
        return 0
    below = 100 - line.unit_minor * 100 // line.list_minor
    return max(below, line.discount_percent or 0)
