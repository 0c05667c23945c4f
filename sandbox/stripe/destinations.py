"""Event destinations: who is sent events, thin or whole; Stripe's second API."""

from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from sandbox.instants import to_milliseconds
from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.events import DESTINATION, SECRETS
from sandbox.stripe.parameters import (
    Fields,
    Read,
    checked,
    choice,
    group,
    merged,
    metadata,
    several,
    text,
)
from sandbox.stripe.shapes import API_VERSION, Params, invalid
from sandbox.stripe.thin import PAGED, missing, paged
from sandbox.webhooks import is_loopback
from sandbox.wire import answer, made

_URL, _SECRET = "webhook_endpoint.url", "webhook_endpoint.signing_secret"
_LIST = "/v2/core/event_destinations"


def _address(value: Any, name: str) -> str:
    if not isinstance(value, str) or not is_loopback(value):
        sentence = "Invalid URL: the sandbox delivers to http://127.0.0.1:PORT/… only."
        raise invalid(sentence, name, "url_invalid")
    return value


def _some(value: Any, name: str) -> list[str]:
    kinds: list[str] = several(text())(value, name)
    if not kinds or not all(kinds):
        raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    return kinds


_INCLUDE: Read = several(choice(_URL, _SECRET))
_ENDPOINT: Read = group({"url!": _address})
_FIELDS: Fields = {
    "description": text(),
    "include": _INCLUDE,
    "metadata": metadata,
}


def create(books: Books, given: Params) -> Response:
    """Add a webhook on this machine; its secret is told now, to who asks, or never."""
    own: Fields = {
        "enabled_events!": _some,
        "event_payload!": choice("snapshot", "thin"),
        "events_from": several(text()),
        "name!": text(longest=150),
        "snapshot_api_version": text(),
        "type!": choice("amazon_eventbridge", "azure_event_grid", "webhook_endpoint"),
        "webhook_endpoint": _ENDPOINT,
    }
    params = checked(given, {**_FIELDS, **own})
    if params["type"] != "webhook_endpoint" or not params.get("webhook_endpoint"):
        sentence = "The sandbox delivers to a webhook_endpoint on this machine only."
        raise invalid(sentence, "webhook_endpoint")
    is_thin = params["event_payload"] == "thin"
    _check_kinds(params["enabled_events"], is_thin=is_thin)
    if is_thin and params.get("snapshot_api_version"):
        sentence = "Thin events have no snapshot_api_version."
        raise invalid(sentence, "snapshot_api_version")
    version = params.get("snapshot_api_version") or API_VERSION
    at = books.now
    destination: Document = {
        "id": made("ed_test_61", books.store.number(), length=40),
        "object": DESTINATION,
        "amazon_eventbridge": None,
        "azure_event_grid": None,
        "created": at,
        "description": params.get("description") or "",
        "enabled_events": params["enabled_events"],
        "event_payload": params["event_payload"],
        "events_from": params.get("events_from") or ["@self"],
        "livemode": False,
        "metadata": merged(None, params.get("metadata", {})),
        "name": params["name"],
        "snapshot_api_version": None if is_thin else version,
        "status": "enabled",
        "status_details": None,
        "type": "webhook_endpoint",
        "updated": at,
        "_url": params["webhook_endpoint"]["url"],
    }
    books.create(destination)
    secret = made("whsec_", destination["id"], length=32)
    books.keep(SECRETS, {"id": destination["id"], "secret": secret, "old": []})
    return answer(_shown(destination, params.get("include", ()), secret))


def _check_kinds(kinds: list[str], *, is_thin: bool) -> None:
    for kind in kinds:
        is_newer = kind.startswith(("v1.", "v2."))
        if is_newer is not is_thin:
            sentence = (
                f"{kind} is no type of {'thin' if is_thin else 'snapshot'} event."
            )
            raise invalid(sentence, "enabled_events")


def _shown(
    destination: Document, include: Any = (), secret: str | None = None
) -> Document:
    """Return a destination as it goes out: its instants as texts, what is asked for."""
    view = {name: value for name, value in destination.items() if name[0] != "_"}
    for name in ("created", "updated"):
        view[name] = to_milliseconds(datetime.fromtimestamp(view[name], UTC))
    view["webhook_endpoint"] = {
        "signing_secret": secret if _SECRET in include else None,
        "url": destination["_url"] if _URL in include else None,
    }
    return view


def _held(books: Books, destination_id: str) -> Document:
    found = books.get(DESTINATION, destination_id)
    if found is None:
        raise missing("event destination", destination_id)
    return found


def listed(books: Books, given: Params) -> Response:
    """List the destinations, newest first."""
    include = checked(given, {**PAGED, "include": _INCLUDE}).get("include", ())

    def shown(destination: Document) -> Document:
        return _shown(destination, include)

    return paged(books, DESTINATION, _LIST, (), given, shown=shown)


def read(books: Books, given: Params, destination_id: str) -> Response:
    """Return a destination."""
    include = checked(given, {"include": _INCLUDE}).get("include", ())
    return answer(_shown(_held(books, destination_id), include))


def update(books: Books, given: Params, destination_id: str) -> Response:
    """Change what a destination is called, sent, or where it is."""
    own: Fields = {
        "enabled_events": _some,
        "name": text(longest=150),
        "webhook_endpoint": _ENDPOINT,
    }
    params = checked(given, {**_FIELDS, **own})
    held = _held(books, destination_id)
    fields: Document = {
        name: params[name] for name in ("enabled_events", "name") if params.get(name)
    }
    if "enabled_events" in fields:
        is_thin = held["event_payload"] == "thin"
        _check_kinds(fields["enabled_events"], is_thin=is_thin)
    if "description" in params:
        fields["description"] = params["description"] or ""
    if "metadata" in params:
        fields["metadata"] = merged(held["metadata"], params["metadata"])
    if params.get("webhook_endpoint"):
        fields["_url"] = params["webhook_endpoint"]["url"]
    after = books.update(held, **fields, updated=books.now)
    return answer(_shown(after, params.get("include", ())))


def enable(books: Books, given: Params, destination_id: str) -> Response:
    """Send events again."""
    return _switched(books, given, destination_id, None)


def disable(books: Books, given: Params, destination_id: str) -> Response:
    """Send no more events."""
    return _switched(books, given, destination_id, {"disabled": {"reason": "user"}})


def _switched(
    books: Books, given: Params, destination_id: str, details: Document | None
) -> Response:
    include = checked(given, {"include": _INCLUDE}).get("include", ())
    after = books.update(
        _held(books, destination_id),
        status="disabled" if details else "enabled",
        status_details=details,
        updated=books.now,
    )
    return answer(_shown(after, include))


def delete(books: Books, given: Params, destination_id: str) -> Response:
    """Take a destination away."""
    checked(given, {})
    held = _held(books, destination_id)
    books.store.drop("stripe", SECRETS, destination_id)
    books.delete(held)
    return answer({"id": destination_id, "object": DESTINATION})
