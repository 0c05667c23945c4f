"""Disorder in orders: what was quoted, what was ordered, and when it began."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from sandbox.company.facts import Contract, Order, OrderLine
from sandbox.disorder.catalogue import contracts, disorder, orders, runs
from sandbox.disorder.quotes import more
from sandbox.disorder.scene import Planted, Scene
from sandbox.identifiers import salesforce_id
from sandbox.salesforce.documents import quote_id
from sandbox.salesforce.documents_ids import order_item_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import subscription_id as billing_subscription_id


def _order_id(order: Order) -> str:
    return salesforce_id("Order", order.key)


def _latest(scene: Scene, order: Order) -> bool:
    """Return whether the order sold something and no later one stands on it."""
    superseded = scene.superseded_lines
    return order.deal_key is not None and not any(
        line.key in superseded for line in order.lines
    )


def _no_order(scene: Scene, order: Order, _rng: Random) -> Planted:
    for line in order.lines:
        scene.remove("salesforce", "OrderItem", order_item_id(line.key))
    note = "person: the opportunity was won and nothing was ordered"
    return scene.lost("salesforce", "Order", _order_id(order), note)


def _sold(_scene: Scene, order: Order) -> bool:
    return order.deal_key is not None


def _unsigned(scene: Scene, order: Order, _rng: Random) -> Planted:
    return scene.changed(
        "salesforce",
        "SBQQ__Quote__c",
        quote_id(order.deal_key or ""),
        "SBQQ__Status__c",
        "Presented",
        "approval: ordered from a quote that nobody accepted",
    )


def _drift(
    name: str, wrong: Callable[[Document, Random], object]
) -> Callable[[Scene, Order, Random], Planted]:
    def plant(scene: Scene, order: Order, rng: Random) -> Planted:
        line = rng.choice(_quoted_lines(order))
        place = "salesforce", "OrderItem", order_item_id(line.key)
        note = f"approval: the order line has another {name} than its quote line"
        return scene.changed(*place, name, wrong(scene.look(*place), rng), note)

    return plant


def _quoted_lines(order: Order) -> list[OrderLine]:
    return [line for line in order.lines if line.deal_line_key and line.quantity > 0]


def _has_quoted_lines(_scene: Scene, order: Order) -> bool:
    return bool(_quoted_lines(order))


def _shifted(field: str, days: int) -> Callable[[Document, Random], object]:
    def wrong(document: Document, rng: Random) -> object:
        day = date.fromisoformat(document[field])
        return (day + timedelta(days=days + rng.randint(0, 20))).isoformat()

    return wrong


def _order_start(scene: Scene, order: Order, rng: Random) -> Planted:
    place = "salesforce", "Order", _order_id(order)
    wrong = _shifted("EffectiveDate", 14)(scene.look(*place), rng)
    note = "approval: the order starts on another day than the contract"
    return scene.changed(*place, "EffectiveDate", wrong, note)


def _billing_start(scene: Scene, contract: Contract, rng: Random) -> Planted:
    place = "stripe", "subscription", billing_subscription_id(contract.key)
    wrong = scene.look(*place)["start_date"] + rng.randint(5, 28) * 86_400
    note = "approval: billing starts on another day than the contract"
    return scene.changed(*place, "start_date", wrong, note)


def _follows(_scene: Scene, order: Order) -> bool:
    return any(line.supersedes for line in order.lines)


def _no_predecessor(scene: Scene, order: Order, rng: Random) -> Planted:
    line = rng.choice([line for line in order.lines if line.supersedes])
    return scene.changed(
        "salesforce",
        "OrderItem",
        order_item_id(line.key),
        "Supersedes__c",
        None,
        "approval: the line changes an earlier one and does not say which",
    )


def _late(scene: Scene, order: Order, rng: Random) -> Planted:
    place = "salesforce", "Order", _order_id(order)
    wrong = _shifted("ActivatedDate", 45)(scene.look(*place), rng)
    note = "person: weeks went by between the signature and the activation"
    return scene.changed(*place, "ActivatedDate", wrong, note)


_QUOTE, _ORDER, _ITEM = (
    "salesforce.SBQQ__Quote__c",
    "salesforce.Order",
    "salesforce.OrderItem",
)
_lines = orders(_has_quoted_lines)
DISORDERS = (
    disorder(
        "won opportunity without an order",
        "Q01",
        f"{_ORDER} {_ITEM}",
        orders(_latest),
        _no_order,
        needs="lifecycle",
    ),
    disorder(
        "order from a quote that nobody accepted",
        "Q02",
        _QUOTE,
        orders(_sold),
        _unsigned,
        needs="lifecycle",
    ),
    disorder(
        "order line of another quantity than quoted",
        "Q05",
        _ITEM,
        _lines,
        _drift("Quantity", lambda held, rng: held["Quantity"] + rng.randint(1, 9)),
        needs="lifecycle",
    ),
    disorder(
        "order line of another price than quoted",
        "Q05",
        _ITEM,
        _lines,
        _drift("UnitPrice", lambda held, rng: more(held["UnitPrice"], rng)),
        needs="lifecycle",
    ),
    disorder(
        "order line that starts later than quoted",
        "Q05",
        _ITEM,
        _lines,
        _drift("ServiceDate", _shifted("ServiceDate", 10)),
        needs="lifecycle",
    ),
    disorder(
        "order that starts apart from its contract",
        "Q07",
        _ORDER,
        orders(_sold),
        _order_start,
        needs="lifecycle",
    ),
    disorder(
        "billing that starts apart from the contract",
        "Q07",
        "stripe.subscription",
        contracts(runs),
        _billing_start,
    ),
    disorder(
        "order line that forgot what it changes",
        "Q09",
        _ITEM,
        orders(_follows),
        _no_predecessor,
        needs="lifecycle",
    ),
    disorder(
        "order activated weeks after the signature",
        "Q10",
        _ORDER,
        orders(_sold),
        _late,
        needs="lifecycle",
    ),
)
