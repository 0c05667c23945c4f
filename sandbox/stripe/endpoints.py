"""Webhook endpoints: who is told of events, and the secrets that sign them."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.events import SECRETS
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    Read,
    checked,
    flag,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, invalid
from sandbox.webhooks import is_loopback
from sandbox.wire import made

# docs.stripe.com/webhooks: a rolled secret can stay good for up to 24 hours.
MAX_ROLL_SECONDS = 24 * 60 * 60


def _address(value: Any, name: str) -> str:
    if not isinstance(value, str) or not is_loopback(value):
        sentence = "Invalid URL: the sandbox delivers to http://127.0.0.1:PORT/… only."
        raise invalid(sentence, name, "url_invalid")
    return value


def _wanted(read: Read) -> Read:
    def checked_list(value: Any, name: str) -> Any:
        kinds = read(value, name)
        if not kinds or not all(kinds):
            sentence = f"Missing required param: {name}."
            raise invalid(sentence, name, "parameter_missing")
        return kinds

    return checked_list


_FIELDS: Fields = {
    **EXPAND,
    "url": _address,
    "enabled_events": _wanted(several(text())),
    "description": text(),
    "metadata": metadata,
}


def create(books: Books, given: Params) -> Document:
    """Add an endpoint on this machine; its secret is told this once."""
    wanted = {name: read for name, read in _FIELDS.items() if name not in _REQUIRED} | {
        f"{name}!": _FIELDS[name] for name in _REQUIRED
    }
    params = checked(given, wanted | {"api_version": text(), "connect": flag})
    endpoint: Document = {
        "id": books.new_id("we_"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": None,
        "created": books.now,
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": merged(None, params.get("metadata", {})),
        "status": "enabled",
        "url": params["url"],
    }
    books.create(endpoint)
    secret = made("whsec_", endpoint["id"], length=32)
    books.keep(SECRETS, {"id": endpoint["id"], "secret": secret, "old": []})
    return endpoint | {"secret": secret}


_REQUIRED = ("url", "enabled_events")


def update(books: Books, given: Params, endpoint_id: str) -> Document:
    """Change an endpoint, or silence it."""
    params = checked(given, {**_FIELDS, "disabled": flag})
    endpoint = books.need("webhook_endpoint", endpoint_id)
    fields = {
        name: params[name]
        for name in ("url", "enabled_events", "description")
        if name in params
    }
    if "metadata" in params:
        fields["metadata"] = merged(endpoint["metadata"], params["metadata"])
    if "disabled" in params:
        fields["status"] = "disabled" if params["disabled"] else "enabled"
    return books.update(endpoint, **fields)


def delete(books: Books, given: Params, endpoint_id: str) -> Document:
    """Stop telling an endpoint."""
    checked(given, {})
    endpoint = books.need("webhook_endpoint", endpoint_id)
    books.store.drop("stripe", SECRETS, endpoint_id)
    return books.delete(endpoint)


def roll(books: Books, given: Params, endpoint_id: str) -> Document:
    """Give an endpoint a new secret; the old one signs too for a while.

    Stripe has this at its screen only; the sandbox offers it below its own name.
    """
    params = checked(given, {"expires_in": whole(0, MAX_ROLL_SECONDS)})
    endpoint = books.need("webhook_endpoint", endpoint_id)
    paper = books.need(SECRETS, endpoint_id)
    until = books.now + (params.get("expires_in") or 0)
    paper["old"] = [*paper["old"], {"secret": paper["secret"], "until": until}]
    paper["secret"] = made("whsec_", endpoint_id, books.store.number(), length=32)
    books.keep(SECRETS, paper)
    return endpoint | {"secret": paper["secret"]}
