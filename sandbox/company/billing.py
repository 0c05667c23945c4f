"""Billing: the invoices that follow from the contracts, and the usage behind them."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from sandbox.company.cast import Part, Role
from sandbox.company.catalogue import COMMIT_SKU, Charge, Tier
from sandbox.company.days import add_months, months_between, plus
from sandbox.company.facts import (
    Basis,
    Contract,
    ContractLine,
    Customer,
    Deal,
    Discount,
    Invoice,
    InvoiceLine,
    Price,
    UsageDay,
)

NET_DAYS = 30
YEAR = 12  # months
# More than any customer gets in ten years: room for sequence numbers that need to know
# of no other customer.
MOST_INVOICES = 1_000
# Units on one day of use.
USAGE = {"USE-API": (200, 4_000), "USE-STORAGE": (20, 400)}

Usage = dict[tuple[str, str], list[UsageDay]]


def usage_of(
    contract: Contract, as_of: date, rng: random.Random, *, percent: int = 100
) -> Iterator[UsageDay]:
    """Return the days on which the customer used what is metered, up to the last.

    `percent` is of a usual customer's consumption; in a pause there is none.
    """
    skus = [line.sku for line in contract.lines if line.charge is Charge.USAGE]
    for sku in skus:
        low, high = USAGE[sku]
        for month in range(months_between(contract.starts_on, contract.ends_before)):
            start = add_months(contract.starts_on, month)
            length = (add_months(start, 1) - start).days
            for offset in sorted(rng.sample(range(length), rng.randint(3, 6))):
                day, units = plus(start, offset), rng.randint(low, high)
                units = max(units * percent // 100, 1)
                if day <= as_of and contract.pause_on(day) is None:
                    yield UsageDay(contract.customer, contract.key, sku, day, units)


@dataclass(frozen=True, slots=True)
class Biller:
    """Bills one contract: in advance what is recurring, in arrears what is metered."""

    contract: Contract
    deals: tuple[Deal, ...]
    usage: Usage
    as_of: date

    def lines(self) -> Iterator[tuple[date, str, tuple[InvoiceLine, ...]]]:
        """Return day, reason and lines of each invoice up to the last day."""
        contract = self.contract
        for month in range(
            months_between(contract.starts_on, contract.ends_before) + 1
        ):
            anchor = add_months(contract.starts_on, month)
            if anchor > self.as_of:
                return
            lines = (
                *self._in_advance(anchor, month),
                *self._once(anchor),
                *self._in_arrears(anchor, month),
            )
            if lines:
                yield anchor, self._reason(month), lines

    def _reason(self, month: int) -> str:
        if month == 0:
            return "subscription_create"
        if self.contract.interval == "year" and month % YEAR:
            return "subscription_update"
        return "subscription_cycle"

    def _in_advance(self, anchor: date, month: int) -> Iterator[InvoiceLine]:
        contract = self.contract
        if anchor >= contract.ends_before or contract.pause_on(anchor):
            return
        yearly = contract.interval == "year"
        units: dict[tuple[str, int], int] = {}
        for line in contract.lines:
            # For a year at its beginning; what is added later for what is left of it.
            billed = not yearly or month % YEAR == 0 or line.starts_on == anchor
            if billed and line.holds_on(anchor) and line.charge is Charge.RECURRING:
                place = (line.sku, line.unit_minor)
                units[place] = units.get(place, 0) + line.quantity
        left = YEAR - month % YEAR if yearly else 1
        ends_before = add_months(anchor, left)
        discount = contract.discount_on(anchor)
        for (sku, unit_minor), quantity in units.items():
            if quantity == 0:  # all units were swapped for another product
                continue
            amount = quantity * unit_minor * left
            yield InvoiceLine(
                key=f"{contract.key}:{month}:{sku}:{unit_minor}",
                basis=Basis.PRORATION if yearly and month % YEAR else Basis.RECURRING,
                price=Price(
                    sku,
                    contract.customer.currency,
                    contract.interval,
                    unit_minor * (12 if yearly else 1),
                ),
                quantity=quantity,
                amount_minor=amount,
                discount_minor=discounted(amount, discount),
                starts_on=anchor,
                ends_before=ends_before,
            )

    def _once(self, anchor: date) -> Iterator[InvoiceLine]:
        for deal in self.deals:
            for line in deal.lines:
                quoted = Price(
                    line.sku, self.contract.customer.currency, None, line.unit_minor
                )
                if deal.starts_on == anchor and line.sku.startswith("SVC-"):
                    yield InvoiceLine(
                        key=line.key,
                        basis=Basis.ONE_TIME,
                        price=quoted,
                        quantity=line.quantity,
                        amount_minor=line.quantity * line.unit_minor,
                        discount_minor=0,
                        starts_on=anchor,
                        ends_before=anchor,
                    )

    def _in_arrears(self, anchor: date, month: int) -> Iterator[InvoiceLine]:
        if month == 0:
            return
        contract = self.contract
        start = add_months(contract.starts_on, month - 1)
        if contract.pause_on(start):
            return
        for line in contract.lines:
            if line.charge is not Charge.USAGE:
                continue
            days = self.usage.get((contract.key, line.sku), [])
            units = sum(day.quantity for day in days if start <= day.on < anchor)
            used = [
                self._metered(month, line, place, step, quantity)
                for place, (step, quantity) in enumerate(_portions(units, line))
            ]
            yield from used
            yield from self._missing(month, line, sum(e.amount_minor for e in used))

    def _metered(
        self, month: int, line: ContractLine, place: int, step: Tier, quantity: int
    ) -> InvoiceLine:
        contract = self.contract
        key = f"{contract.key}:{month}:{line.sku}"
        return InvoiceLine(
            key=f"{key}:{place}" if place else key,
            basis=Basis.USAGE,
            price=Price(
                line.sku,
                contract.customer.currency,
                "month",
                line.unit_minor,
                line.tiers,
            ),
            quantity=quantity,
            amount_minor=quantity * step.unit_minor,
            discount_minor=0,
            starts_on=add_months(contract.starts_on, month - 1),
            ends_before=add_months(contract.starts_on, month),
            tier=step if line.tiers else None,
        )

    def _missing(
        self, month: int, line: ContractLine, used_minor: int
    ) -> Iterator[InvoiceLine]:
        """Yield the line for what is missing to the agreed minimum of the month."""
        contract = self.contract
        for commit in contract.commits:
            missing = commit.minimum_minor - used_minor
            if commit.sku == line.sku and missing > 0:
                yield InvoiceLine(
                    key=f"{contract.key}:{month}:{line.sku}:commit",
                    basis=Basis.COMMIT,
                    # One minor unit, so that one price serves every customer.
                    price=Price(COMMIT_SKU, contract.customer.currency, None, 1),
                    quantity=missing,
                    amount_minor=missing,
                    discount_minor=0,
                    starts_on=add_months(contract.starts_on, month - 1),
                    ends_before=add_months(contract.starts_on, month),
                )


def _portions(units: int, line: ContractLine) -> Iterator[tuple[Tier, int]]:
    """Yield how many units fall under which price; one portion, if there is one."""
    steps = line.tiers or (Tier(None, line.unit_minor),)
    begin = 0
    for step in steps:
        end = units if step.up_to is None else min(units, step.up_to)
        if end > begin or begin == 0:
            yield step, end - begin
        begin = end
        if begin >= units:
            return


def discounted(amount_minor: int, discount: Discount | None) -> int:
    """Return what the discount takes off; exact, because prices are whole steps."""
    return 0 if discount is None else amount_minor * discount.percent // 100


def settled(
    customer: Customer,
    part: Part,
    drafts: Iterable[tuple[str, date, str, tuple[InvoiceLine, ...]]],
    as_of: date,
    *,
    prefix: str,
    rng: random.Random,
) -> Iterator[Invoice]:
    """Turn drafts (contract, day, reason, lines) into invoices, paid or not.

    Their numbers begin with the prefix and count from one.
    """
    count = 0
    ordered = sorted(drafts, key=lambda draft: (draft[1], draft[0]))
    for place, (contract_key, issued_on, reason, lines) in enumerate(ordered):
        is_last = place == len(ordered) - 1
        key = f"{customer.key}:i{place}"
        due_on = plus(issued_on, NET_DAYS) if customer.on_account else None
        failed = part.role is Role.FAILING and is_last
        # Never later than due, so that an open invoice on account is not overdue.
        wait = 29 if part.role is Role.UNPAID else rng.randint(12, 29)
        paid_on: date | None = plus(issued_on, wait if customer.on_account else 0)
        if failed or (paid_on is not None and paid_on > as_of):
            paid_on = None
        invoice = Invoice(
            key=key,
            sequence=customer.number * MOST_INVOICES + count,
            number=f"{prefix}-{count + 1:04}",
            customer=customer,
            contract_key=contract_key,
            reason=reason,
            issued_on=issued_on,
            due_on=due_on,
            status="open" if paid_on is None else "paid",
            paid_on=paid_on,
            voided_on=None,
            failed=failed,
            replaces=None,
            lines=lines,
        )
        recurring_only = all(line.basis is Basis.RECURRING for line in lines)
        if (
            recurring_only
            and not is_last
            and part.role is None
            and rng.random() < 0.006
        ):
            following = f"{prefix}-{count + 2:04}"
            issued = list(_reissued(invoice, following, as_of, rng))
            count += len(issued)
            yield from issued
        else:
            count += 1
            yield invoice


def _reissued(
    invoice: Invoice, following: str, as_of: date, rng: random.Random
) -> Iterator[Invoice]:
    """Void the invoice a few days later and issue it once more by the next number."""
    again_on = plus(invoice.issued_on, rng.randint(1, 3))
    if again_on > as_of:
        yield invoice
        return
    on_account = invoice.due_on is not None
    yield replace(invoice, status="void", paid_on=None, voided_on=again_on)
    paid_on: date | None = again_on
    if on_account:
        paid_on = plus(again_on, 20)
        paid_on = paid_on if paid_on <= as_of else None
    yield replace(
        invoice,
        key=f"{invoice.key}r",
        sequence=invoice.sequence + 1,
        number=following,
        issued_on=again_on,
        reason="manual",
        due_on=plus(again_on, NET_DAYS) if on_account else None,
        status="open" if paid_on is None else "paid",
        paid_on=paid_on,
        replaces=invoice.key,
        lines=tuple(replace(line, key=f"{line.key}:again") for line in invoice.lines),
    )
