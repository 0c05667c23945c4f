"""Subscription items, asked for and changed one by one."""

from starlette.responses import Response

from sandbox.store import Document
from sandbox.stripe import items
from sandbox.stripe.books import Books
from sandbox.stripe.changes import changed
from sandbox.stripe.lists import embedded
from sandbox.stripe.parameters import EXPAND, Fields, checked, flag, instant, text
from sandbox.stripe.shapes import Params, invalid
from sandbox.stripe.subscription_papers import BEHAVIORS, ENDED, PRORATIONS

_HOW: Fields = {
    **EXPAND,
    "off_session": flag,
    "payment_behavior": BEHAVIORS,
    "proration_behavior": PRORATIONS,
    "proration_date": instant(),
}


def listed(books: Books, given: Params) -> Response:
    """List the items of one subscription."""
    wanted = {name: value for name, value in given.items() if name == "subscription"}
    params = checked(wanted, {"subscription!": text()})
    subscription = books.need("subscription", params["subscription"], "subscription")
    paging = {name: value for name, value in given.items() if name != "subscription"}
    rows = subscription["items"]["data"]
    return embedded(books, "/v1/subscription_items", "subscription_item", rows, paging)


def read(books: Books, item_id: str) -> Document:
    """Return one item."""
    return items.found(books, item_id)[1]


def create(books: Books, given: Params) -> Document:
    """Add an item to a subscription."""
    params = checked(given, {**items.FIELDS, **_HOW, "subscription!": text()})
    subscription = books.need("subscription", params["subscription"], "subscription")
    known = {item["id"] for item in subscription["items"]["data"]}
    after = _applied(books, subscription, params)
    return next(
        dict(item) for item in after["items"]["data"] if item["id"] not in known
    )


def update(books: Books, given: Params, item_id: str) -> Document:
    """Change an item."""
    params = checked(given, {**items.FIELDS, **_HOW})
    subscription, _ = items.found(books, item_id)
    after = _applied(books, subscription, {**params, "id": item_id})
    return next(dict(item) for item in after["items"]["data"] if item["id"] == item_id)


def delete(books: Books, given: Params, item_id: str) -> Document:
    """Take an item off its subscription."""
    params = checked(given, {**_HOW, "clear_usage": flag})
    subscription, _ = items.found(books, item_id)
    if len(subscription["items"]["data"]) == 1:
        sentence = (
            "A subscription must have at least one active item. If you would like to "
            "cancel it, delete the subscription instead."
        )
        raise invalid(sentence)
    _applied(books, subscription, {**params, "id": item_id, "deleted": True})
    return {"id": item_id, "object": "subscription_item", "deleted": True}


def _applied(books: Books, subscription: Document, params: Params) -> Document:
    if subscription["status"] in ENDED:
        sentence = "A canceled subscription's items cannot change."
        raise invalid(sentence, "subscription")
    how = {name: params[name] for name in _HOW if name in params}
    what = {
        name: value
        for name, value in params.items()
        if name not in _HOW and name != "subscription"
    }
    return changed(books, subscription, {**how, "items": [what]})
