"""Stripe's events: each change becomes one, and is delivered, signed, to who asked."""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox.clock import wall_seconds
from sandbox.store import Document, Write
from sandbox.stripe.books import SYSTEM, Books
from sandbox.stripe.expanding import shown
from sandbox.stripe.kinds import discounts, kinds
from sandbox.stripe.shapes import API_VERSION
from sandbox.stripe.thin import notification, type_of
from sandbox.webhooks import Webhooks
from sandbox.wire import dump, made

SECRETS = "_webhook_secret"
DESTINATION = "v2.core.event_destination"


def signature_header(secret: str, payload: bytes, at: int, *more: str) -> str:
    """Return the `Stripe-Signature` of a payload, signed at `at` (Unix seconds).

    While a secret is being rolled `more` are the others that are still good.
    """
    signed = str(at).encode() + b"." + payload
    digests = (
        hmac.new(each.encode(), signed, hashlib.sha256).hexdigest()
        for each in (secret, *more)
    )
    return ",".join((f"t={at}", *(f"v1={digest}" for digest in digests)))


class Events:
    """The log of events; tells the endpoints that asked."""

    def __init__(self, books: Books, hooks: Webhooks) -> None:
        """Listen to every write to the store."""
        self.books = books
        self.hooks = hooks
        self._keys: dict[str, str] = {}
        books.store.observers.append(self.observe)

    @contextmanager
    def asked_with(self, request_id: str, key: str | None) -> Iterator[None]:
        """Name the idempotency key in the events of one request."""
        if key is not None:
            self._keys[request_id] = key
        try:
            yield
        finally:
            self._keys.pop(request_id, None)

    def observe(self, write: Write) -> None:
        """Turn a write into its events, if Stripe has any for it."""
        if write.system != SYSTEM or write.before == write.after:
            return
        for kind in kinds(write):
            self.tell(write, kind, write.after or write.before or {})
        for kind, discount in discounts(write):
            self.tell(write, kind, discount)

    def tell(self, write: Write, kind: str, concerned: Document) -> None:
        """Write one event down and send it to the endpoints that want it."""
        data: dict[str, Any] = {"object": shown(concerned)}
        if write.before and write.after and kind.endswith(".updated"):
            data["previous_attributes"] = _previous(
                shown(write.before), shown(write.after)
            )
        told = list(self._told(kind))
        event = {
            "id": made("evt_1", self.books.store.number(), length=23),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(write.at.timestamp()),
            "data": data,
            "livemode": False,
            "pending_webhooks": sum(not each["is_thin"] for each in told),
            "request": {
                "id": write.request_id if write.actor == "api" else None,
                "idempotency_key": self._keys.get(write.request_id),
            },
            "type": kind,
        }
        self.books.keep("event", event)
        for each in told:
            self.hooks.post(
                SYSTEM,
                each["url"],
                dump(notification(event) if each["is_thin"] else event),
                self._signer(each["id"]),
                None if each["is_thin"] else self._result(event["id"]),
            )

    def _told(self, kind: str) -> Iterator[Document]:
        """Yield who wants an event: its id, its address, whether thin or whole."""
        for endpoint in self.books.table("webhook_endpoint"):
            wanted = {"*", kind} & set(endpoint["enabled_events"])
            if endpoint["status"] == "enabled" and wanted:
                yield {
                    "id": endpoint["id"],
                    "url": endpoint["url"],
                    "is_thin": False,
                }
        for each in self.books.table(DESTINATION):
            is_thin = each["event_payload"] == "thin"
            names = {type_of(kind)} if is_thin else {"*", kind}
            if each["status"] == "enabled" and names & set(each["enabled_events"]):
                yield {"id": each["id"], "url": each["_url"], "is_thin": is_thin}

    def _signer(self, endpoint_id: str) -> Callable[[bytes], Mapping[str, str]]:
        def sign(payload: bytes) -> Mapping[str, str]:
            paper = self.books.get(SECRETS, endpoint_id) or {"secret": "", "old": []}
            good = [
                each["secret"]
                for each in paper["old"]
                if each["until"] > self.books.now
            ]
            header = signature_header(paper["secret"], payload, wall_seconds(), *good)
            return {"Stripe-Signature": header}

        return sign

    def _result(self, event_id: object) -> Callable[[int | None], None]:
        """Return who counts down the deliveries of an event that are still to come."""

        def result(status: int | None) -> None:
            event = self.books.get("event", event_id)
            if event and status is not None and 200 <= status < 300:
                event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
                self.books.keep("event", event)

        return result


def _previous(before: Document, after: Document) -> Document:
    """Return the old values of what changed; null for a key that is new."""
    changed: Document = {}
    for field in before | after:
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            changed[field] = _previous(old, new)
        else:
            changed[field] = old
    return changed
