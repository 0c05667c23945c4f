"""Disorder in rating: usage that was counted rightly and billed wrongly."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import NamedTuple

from sandbox.company.facts import Basis, Contract, Invoice, InvoiceLine
from sandbox.disorder.catalogue import (
    COMMON,
    Owned,
    contracts,
    disorder,
    is_plain,
    runs,
)
from sandbox.disorder.rebilling import REBILLED, bill_again
from sandbox.disorder.scene import Planted, Scene
from sandbox.stripe.documents_ids import invoice_id, subscription_id


class Overage(NamedTuple):
    """A month in which more was used than the agreed minimum pays for."""

    invoice: Invoice
    line: InvoiceLine
    minimum_minor: int


def overages(scene: Scene) -> Iterator[Owned[Overage]]:
    """Yield the invoices on which a part of one line is above the commitment."""
    for invoice in scene.books.invoices:
        contract = scene.company.contract_by_key[invoice.contract_key]
        if not contract.commits or not is_plain(scene, invoice) or invoice.failed:
            continue
        (commit, *_) = contract.commits
        lines = [line for line in invoice.lines if line.basis is Basis.USAGE]
        lines = [line for line in lines if line.price.sku == commit.sku]
        used = sum(line.amount_minor for line in lines)
        last = lines[-1] if lines else None
        if last is not None and 0 < used - commit.minimum_minor < last.amount_minor:
            yield (
                invoice.customer.key,
                Overage(invoice, last, used - commit.minimum_minor),
            )


def _no_overage(scene: Scene, over: Overage, _rng: Random) -> Planted:
    invoice, line, more = over
    # Whole units, as no line may have part of one.
    unbilled = max(more // line.unit_minor, 1)
    left = replace(
        line,
        quantity=line.quantity - unbilled,
        amount_minor=line.amount_minor - unbilled * line.unit_minor,
    )
    lines = tuple(left if each is line else each for each in invoice.lines)
    bill_again(scene, replace(invoice, lines=lines))
    return Planted(
        "",
        "stripe",
        "invoice",
        invoice_id(invoice),
        f"lines.data.{invoice.lines.index(line)}.quantity",
        line.quantity,
        left.quantity,
        f"approval: {unbilled} units above the commitment were not billed",
    )


def _tiered(scene: Scene, contract: Contract) -> bool:
    return runs(scene, contract) and _tiered_place(scene, contract) is not None


def _tiered_place(scene: Scene, contract: Contract) -> int | None:
    place = "stripe", "subscription", subscription_id(contract.key)
    for number, item in enumerate(scene.look(*place)["items"]["data"]):
        if item["price"]["tiers_mode"] == "graduated":
            return number
    return None


def _flat_price(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    number = _tiered_place(scene, contract)
    place = "stripe", "subscription", subscription_id(contract.key)
    item = scene.record(*place)["items"]["data"][number]
    agreed = item["price"]
    flat = next(
        price
        for price in scene.prices_of[agreed["product"], agreed["currency"]]
        if price["tiers_mode"] is None
    )
    item["price"] = flat
    field = f"items.data.{number}.price.id"
    note = "approval: rated by the list price, not by the agreed tiers"
    return Planted("", *place, field, agreed["id"], flat["id"], note)


DISORDERS = (
    disorder(
        "usage above the commitment not billed",
        "U06 U02 U04",
        REBILLED,
        overages,
        _no_overage,
        needs="tiers",
        rate=COMMON,
    ),
    disorder(
        "usage rated by another price than agreed",
        "U11",
        "stripe.subscription",
        contracts(_tiered),
        _flat_price,
        needs="tiers",
        rate=COMMON,
    ),
)
