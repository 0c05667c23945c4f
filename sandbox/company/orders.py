"""Orders: each won deal as immutable lines, which later lines supersede.

Nothing is drawn here: orders follow from contracts and deals.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sandbox.company.catalogue import ALL_BY_SKU, BUNDLES, Charge
from sandbox.company.days import plus
from sandbox.company.facts import (
    Action,
    Contract,
    Deal,
    DealLine,
    Kind,
    Order,
    OrderLine,
)
from sandbox.company.lifecycle import Story

Holdings = dict[tuple[str, int], "_Held"]  # by product and price


@dataclass(slots=True)
class _Held:
    """What a customer holds of a product, and by which line."""

    line: str
    quantity: int
    unit_minor: int


def orders(story: Story) -> Iterator[Order]:
    """Yield the orders of one customer in the order of their days."""
    contracts = {contract.key: contract for contract in story.contracts}
    held: Holdings = {}
    former: Contract | None = None
    for deal in story.deals:
        if deal.contract_key is None:
            continue
        contract = contracts[deal.contract_key]
        if former is not None and former.key != contract.key:
            if former.is_terminated:
                yield _cancelled(former, held)
            # Whoever comes back later starts anew; a renewal goes on.
            if deal.kind is Kind.NEW:
                held = {}
        yield _order(deal, contract, held)
        former = contract
    if former is not None and former.is_terminated:
        yield _cancelled(former, held)


def _order(deal: Deal, contract: Contract, held: Holdings) -> Order:
    lines: list[OrderLine] = []
    before = dict(held) if deal.kind is Kind.RENEWAL else held
    after: Holdings = {} if deal.kind is Kind.RENEWAL else held
    swapped = deal.kind is Kind.AMENDMENT and {-1, 1} == {
        1 if line.quantity > 0 else -1
        for line in deal.lines
        if line.sku.startswith("PLT-")
    }
    for line in deal.lines:
        place = (line.sku, line.unit_minor)
        known = before.get(place) or _same_product(line, before, deal)
        quantity = line.quantity
        if deal.kind is Kind.AMENDMENT and known is not None:
            quantity += known.quantity
        action = _action(deal, line, known, swapped=swapped)
        made = OrderLine(
            key=f"{line.key}:o",
            action=action,
            sku=line.sku,
            quantity=quantity,
            unit_minor=line.unit_minor,
            before_quantity=0 if known is None else known.quantity,
            before_unit_minor=0 if known is None else known.unit_minor,
            starts_on=line.starts_on or deal.starts_on,
            ends_before=line.ends_before or plus(deal.ends_on, 1),
            supersedes=None if known is None else known.line,
            deal_line_key=line.key,
            bundle_line_key=None if line.bundle_key is None else f"{line.bundle_key}:o",
        )
        lines.append(made)
        if known is not None:
            _drop(before, known)
        charge = ALL_BY_SKU[line.sku].charge
        lasts = charge is not Charge.ONE_TIME and line.sku not in BUNDLES
        if quantity > 0 and lasts:
            after[place] = _Held(made.key, quantity, line.unit_minor)
    if deal.kind is Kind.RENEWAL:
        lines += [
            _ended(sku, each, deal.starts_on) for (sku, _), each in before.items()
        ]
        held.clear()
        held.update(after)
    return Order(
        key=f"{deal.key}:order",
        number=0,
        customer_key=deal.customer.key,
        currency=deal.customer.currency,
        contract_key=contract.key,
        deal_key=deal.key,
        activated_on=deal.closed_on,
        lines=tuple(lines),
    )


def _same_product(line: DealLine, before: Holdings, deal: Deal) -> _Held | None:
    """Return the line that one with another price follows: at a renewal, in a ramp."""
    if deal.kind is not Kind.RENEWAL and line.starts_on in (None, deal.starts_on):
        return None
    for (sku, _), held in before.items():
        if sku == line.sku:
            return held
    return None


def _drop(held: Holdings, gone: _Held) -> None:
    for place, each in held.items():
        if each is gone:
            del held[place]
            return


def _action(
    deal: Deal, line: DealLine, known: _Held | None, *, swapped: bool
) -> Action:
    if swapped and line.sku.startswith("PLT-"):
        return Action.SWAP
    if known is None:
        return Action.ADD if deal.kind is not Kind.NEW else Action.NEW
    if deal.kind is Kind.AMENDMENT:
        return Action.UPSIZE if line.quantity > 0 else Action.DOWNSIZE
    if line.quantity != known.quantity:
        more = line.quantity > known.quantity
        return Action.UPSIZE if more else Action.DOWNSIZE
    if line.unit_minor != known.unit_minor:
        return Action.PRICE_CHANGE
    return Action.RENEW


def _ended(sku: str, held: _Held, day: date) -> OrderLine:
    """Return the line that ends what is not renewed, or was cancelled."""
    return OrderLine(
        key=f"{held.line}:end",
        action=Action.CANCEL,
        sku=sku,
        quantity=0,
        unit_minor=held.unit_minor,
        before_quantity=held.quantity,
        before_unit_minor=held.unit_minor,
        starts_on=day,
        ends_before=day,
        supersedes=held.line,
        deal_line_key=None,
    )


def _cancelled(contract: Contract, held: Holdings) -> Order:
    """Return the order by which a contract ends before its term; nobody sold it."""
    day = contract.ends_before
    lines = tuple(_ended(sku, each, day) for (sku, _), each in held.items())
    held.clear()
    return Order(
        key=f"{contract.key}:cancel",
        number=0,
        customer_key=contract.customer.key,
        currency=contract.customer.currency,
        contract_key=contract.key,
        deal_key=None,
        activated_on=day,
        lines=lines,
    )
