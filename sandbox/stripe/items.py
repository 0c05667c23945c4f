"""Items: the prices of a subscription, as they are asked for and as they are kept."""

from collections.abc import Sequence
from typing import Any

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.catalogue import PRICE_DATA, new_price
from sandbox.stripe.coupons import DISCOUNTS, redeemed
from sandbox.stripe.parameters import (
    Fields,
    flag,
    group,
    merged,
    metadata,
    text,
    whole,
)
from sandbox.stripe.periods import period_at
from sandbox.stripe.shapes import Params, invalid, missing

MAX_ITEMS = 20  # docs.stripe.com/billing/subscriptions/quantities: at most 20 items
_PAPER = "_item"

FIELDS: Fields = {
    "discounts": DISCOUNTS,
    "metadata": metadata,
    "price": text(),
    "price_data": PRICE_DATA,
    "quantity": whole(0, 999_999_999),
}
NEW = group(FIELDS)
CHANGED = group({**FIELDS, "id": text(), "deleted": flag, "clear_usage": flag})


def price_of(books: Books, wanted: Params, param: str) -> Document:
    """Return the recurring price that an item asks for."""
    data = wanted.get("price_data")
    if data:
        inside = f"{param}[price_data]"
        books.need("product", data["product"], f"{inside}[product]")
        if not data.get("recurring"):
            full = f"{inside}[recurring]"
            sentence = f"Missing required param: {full}."
            raise invalid(sentence, full, "parameter_missing")
        return new_price(books, {**data, "active": False})
    if not wanted.get("price"):
        full = f"{param}[price]"
        raise invalid(f"Missing required param: {full}.", full, "parameter_missing")
    price = books.need("price", wanted["price"], f"{param}[price]")
    if price["type"] != "recurring":
        sentence = (
            "The price specified is set to `type=one_time` but this field only "
            "accepts prices with `type=recurring`."
        )
        raise invalid(sentence, f"{param}[price]")
    if not price["active"]:
        sentence = f"The price specified is inactive: {price['id']}."
        raise invalid(sentence, f"{param}[price]")
    return price


def made(
    books: Books, subscription: Document, wanted: Params, param: str, at: int
) -> Document:
    """Return a new item; its period begins with the subscription's rhythm."""
    price = price_of(books, wanted, param)
    item_id = books.new_id("si_")
    place = {"customer": subscription["customer"], "subscription_item": item_id}
    discounts = redeemed(books, wanted.get("discounts", []), (), at, place)
    start, end = period_at(subscription["billing_cycle_anchor"], price, at)
    item: Document = {
        "id": item_id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": at,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": discounts,
        "metadata": merged(None, wanted.get("metadata", {})),
        "price": price,
        "subscription": subscription["id"],
        "tax_rates": [],
    }
    if not is_metered(item):
        item["quantity"] = 1 if wanted.get("quantity") is None else wanted["quantity"]
    elif wanted.get("quantity") is not None:
        sentence = "Quantity should not be specified where usage_type is `metered`."
        raise invalid(sentence, f"{param}[quantity]")
    books.keep(_PAPER, {"id": item_id, "subscription": subscription["id"]})
    return item


def is_metered(item: Document) -> bool:
    """Say whether an item is charged by use, afterwards."""
    return bool(item["price"]["recurring"].get("usage_type") == "metered")


def check(items: Sequence[Document], currency: str) -> None:
    """Refuse items that cannot stand together."""
    if not items:
        sentence = "A subscription must have at least one active item."
        raise invalid(sentence, "items", "parameter_missing")
    if len(items) > MAX_ITEMS:
        sentence = f"A subscription can have up to {MAX_ITEMS} items."
        raise invalid(sentence, "items")
    prices = [item["price"]["id"] for item in items]
    for place, price in enumerate(prices):
        if price in prices[:place]:
            sentence = (
                f"Cannot add multiple subscription items with the same price: {price}"
            )
            raise invalid(sentence, f"items[{place}][price]")
    for place, item in enumerate(items):
        if item["price"]["currency"] != currency:
            sentence = (
                f"The price specified only supports `{item['price']['currency']}`. "
                f"This doesn't match the expected currency: `{currency}`."
            )
            raise invalid(sentence, f"items[{place}][price]")


def changed(
    books: Books, subscription: Document, wanted: Sequence[Params | None], at: int
) -> list[Document]:
    """Return the items after a change: kept, changed, new, without deleted ones."""
    items = {item["id"]: dict(item) for item in subscription["items"]["data"]}
    for place, each in enumerate(wanted):
        param = f"items[{place}]"
        if each is None:
            raise invalid("Invalid object", param)
        item_id = each.get("id")
        if item_id is None:
            if each.get("deleted"):
                full = f"{param}[id]"
                sentence = f"Missing required param: {full}."
                raise invalid(sentence, full, "parameter_missing")
            item = made(books, subscription, each, param, at)
            items[item["id"]] = item
        elif item_id not in items:
            raise missing("subscription item", item_id, f"{param}[id]")
        elif each.get("deleted"):
            del items[item_id]
        else:
            item, customer = items[item_id], subscription["customer"]
            items[item_id] = _changed(books, customer, item, each, param, at=at)
    return list(items.values())


def _changed(
    books: Books,
    customer: str,
    item: Document,
    wanted: Params,
    param: str,
    *,
    at: int,
) -> Document:
    after = dict(item)
    if wanted.get("price") or wanted.get("price_data"):
        after["price"] = price_of(books, wanted, param)
    if is_metered(after):
        after.pop("quantity", None)
    else:
        after.setdefault("quantity", 1)
        if wanted.get("quantity") is not None:
            after["quantity"] = wanted["quantity"]
    if "metadata" in wanted:
        after["metadata"] = merged(item["metadata"], wanted["metadata"])
    if "discounts" in wanted:
        place = {"customer": customer, "subscription_item": item["id"]}
        after["discounts"] = redeemed(
            books, wanted["discounts"], item["discounts"], at, place
        )
    return after


def found(books: Books, item_id: str) -> tuple[Document, Document]:
    """Return a subscription and its item with this id."""
    paper = books.get(_PAPER, item_id)
    held: list[Document] = []
    if paper is not None:
        subscription = books.get("subscription", paper["subscription"])
        held = [subscription] if subscription else []
    else:
        # The company's own items have no paper; few ask for them one by one.
        within = column("items", "data")
        held = books.table("subscription").find(
            f"instr({within}, ?) > 0", (f'"id":"{item_id}"',), limit=1
        )
    for subscription in held:
        for item in subscription["items"]["data"]:
            if item["id"] == item_id:
                return subscription, dict(item)
    raise missing("subscription_item", item_id)


def holder(items: Sequence[Document], subscription_id: str) -> dict[str, Any]:
    """Return the `items` of a subscription."""
    return {
        "object": "list",
        "data": list(items),
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={subscription_id}",
    }
