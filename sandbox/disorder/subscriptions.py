"""Disorder in subscriptions: what was sold, and what billing believes was sold."""

from dataclasses import replace
from random import Random
from typing import NamedTuple

from sandbox.company.billing import discounted
from sandbox.company.facts import Basis, Contract, Customer, Invoice
from sandbox.disorder.catalogue import (
    COMMON,
    Owned,
    contracts,
    customers,
    disorder,
    runs,
)
from sandbox.disorder.rebilling import REBILLED, bill_again
from sandbox.disorder.scene import Planted, Scene
from sandbox.identifiers import stripe_id
from sandbox.shapes import Document
from sandbox.stripe.documents import coupon
from sandbox.stripe.documents_ids import subscription_id
from sandbox.stripe.documents_subscriptions import coupon_id, discount_document


def discounted_since(scene: Scene, customer: Customer) -> list[Invoice]:
    """Return the invoices issued since the discount of a running contract ended."""
    company = scene.company
    invoices = company.invoices_of[customer.key]
    if any(each.key in company.refund_by_invoice for each in invoices):
        return []
    since = [
        invoice
        for contract in company.in_force(customer)
        for invoice in invoices
        if invoice.contract_key == contract.key
        and contract.discount is not None
        and contract.discount.ends_before <= invoice.issued_on
    ]
    disturbed = any(
        each.key in company.credit_note_by_invoice
        or each.key in company.dispute_by_invoice
        for each in since
    )
    return [] if disturbed else since


def endless_discount(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    """Enter the coupon without an end and lower each invoice since."""
    company = scene.company
    invoices = discounted_since(scene, customer)
    contract = company.contract_by_key[invoices[0].contract_key]
    discount = contract.discount
    if discount is None:
        raise ValueError(f"{contract.key} has no discount")
    endless = coupon_id(discount.percent, None)
    if not scene.has("stripe", "coupon", endless):
        view = company.using("stripe")
        scene.add("stripe", "coupon", coupon(view, discount.percent, None, 1))
    subscription = subscription_id(contract.key)
    scene.record("stripe", "subscription", subscription)["discounts"] = [
        discount_document(contract, discount, None)
    ]
    for invoice in invoices:
        lines = tuple(
            replace(line, discount_minor=discounted(line.amount_minor, discount))
            if line.basis is Basis.RECURRING
            else line
            for line in invoice.lines
        )
        bill_again(scene, replace(invoice, lines=lines))
    return Planted(
        "",
        "stripe",
        "subscription",
        subscription,
        "discounts",
        None,
        endless,
        f"approval: the contract's {discount.months} months of discount ended on"
        f" {discount.ends_before}; {len(invoices)} invoices since then are too low",
    )


class Item(NamedTuple):
    """An item of a running contract's subscription, by its place."""

    contract: Contract
    place: int


def _of(contract: Contract) -> tuple[str, str, str]:
    return "stripe", "subscription", subscription_id(contract.key)


def _items(scene: Scene, contract: Contract) -> list[Document]:
    items: list[Document] = scene.look(*_of(contract))["items"]["data"]
    return items


def _last_item_of_many(scene: Scene, contract: Contract) -> bool:
    return runs(scene, contract) and len(_items(scene, contract)) > 1


def _unsold(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    document = scene.record(*_of(contract))
    gone = document["items"]["data"].pop()
    field = f"items.data.{len(document['items']['data'])}.id"
    note = "approval: an order line has no item in billing, and is never billed"
    return Planted("", *_of(contract), field, gone["id"], None, note)


def _unordered(scene: Scene, contract: Contract, rng: Random) -> Planted:
    document = scene.record(*_of(contract))
    items = document["items"]["data"]
    own = {item["price"]["product"] for item in items}
    currency = document["currency"]
    prices = [
        price
        for price in scene.documents["stripe"]["price"]
        if price["currency"] == currency
        and price["product"] not in own
        and price["recurring"] is not None
        and price["recurring"]["interval"] == "month"
        and price["recurring"]["usage_type"] == "licensed"
    ]
    price = rng.choice(prices)
    identity = stripe_id("si", contract.key, "unordered")
    items.append(items[0] | {"id": identity, "price": price, "quantity": 1})
    field = f"items.data.{len(items) - 1}.id"
    note = "person: billing has an item that nobody ordered"
    return Planted("", *_of(contract), field, None, identity, note)


def _licensed(scene: Scene) -> list[Owned[Item]]:
    return [
        (contract.customer.key, Item(contract, place))
        for contract in scene.books.contracts
        if runs(scene, contract)
        for place, item in enumerate(_items(scene, contract))
        if item.get("quantity")
    ]


def _quantity(scene: Scene, item: Item, rng: Random) -> Planted:
    field = f"items.data.{item.place}.quantity"
    held = _items(scene, item.contract)[item.place]["quantity"]
    fewer = held > 1 and rng.random() < 0.7
    wrong = held - rng.randint(1, max(held // 3, 1)) if fewer else held + 1
    note = "approval: billing has another quantity than the order"
    return scene.changed(*_of(item.contract), field, wrong, note)


def _other_prices(scene: Scene, item: Item) -> list[Document]:
    now = _items(scene, item.contract)[item.place]["price"]
    interval = now["recurring"]["interval"]
    return [
        price
        for price in scene.prices_of[now["product"], now["currency"]]
        if price["id"] != now["id"] and price["recurring"]["interval"] == interval
    ]


def _negotiated(scene: Scene) -> list[Owned[Item]]:
    return [each for each in _licensed(scene) if _other_prices(scene, each[1])]


def _price(scene: Scene, item: Item, rng: Random) -> Planted:
    other = rng.choice(_other_prices(scene, item))
    document = scene.record(*_of(item.contract))
    held = document["items"]["data"][item.place]
    right, held["price"] = held["price"]["id"], other
    field = f"items.data.{item.place}.price.id"
    note = "approval: billing has another price than the order"
    return Planted("", *_of(item.contract), field, right, other["id"], note)


def _endless(scene: Scene, customer: Customer, rng: Random) -> Planted:
    found = endless_discount(scene, customer, rng)
    return replace(found, field="discounts.0.source.coupon")


def _discount_over(scene: Scene, customer: Customer) -> bool:
    return bool(discounted_since(scene, customer))


_SUBSCRIPTION = "stripe.subscription"
DISORDERS = (
    disorder(
        "discount without an end in billing",
        "S05 S04",
        f"stripe.subscription stripe.coupon {REBILLED}",
        customers(_discount_over),
        _endless,
        rate=COMMON,
    ),
    disorder(
        "order line that billing does not know",
        "S01 S04",
        _SUBSCRIPTION,
        contracts(_last_item_of_many),
        _unsold,
    ),
    disorder(
        "item in billing that nobody ordered",
        "S02 S04",
        _SUBSCRIPTION,
        contracts(runs),
        _unordered,
    ),
    disorder(
        "other quantity in billing than ordered",
        "S03 S04",
        _SUBSCRIPTION,
        _licensed,
        _quantity,
    ),
    disorder(
        "other price in billing than ordered",
        "S03 S04",
        _SUBSCRIPTION,
        _negotiated,
        _price,
    ),
)
