"""Stripe's events: each change becomes one, and is delivered, signed, to who asked."""

import asyncio
import hashlib
import hmac
import ipaddress
import logging
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.clock import Clock, wall_seconds
from sandbox.store import Document, Store, Write
from sandbox.stripe.shapes import API_VERSION, view
from sandbox.wire import dump, made

log = logging.getLogger("sandbox")

_TYPES = {
    "customer": "customer",
    "product": "product",
    "price": "price",
    "coupon": "coupon",
    "subscription": "customer.subscription",
    "invoice": "invoice",
    "invoiceitem": "invoiceitem",
    "payment_intent": "payment_intent",
    "charge": "charge",
    "refund": "refund",
}
# Stripe tries for three days; a caller on the same machine is back within seconds.
RETRY_AFTER_SECONDS = (0.2, 1.0, 5.0)
TIMEOUT_SECONDS = 5.0


def signature_header(secret: str, payload: bytes, at: int) -> str:
    """Return the `Stripe-Signature` of a payload, signed at `at` (Unix seconds)."""
    signed = str(at).encode() + b"." + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def is_loopback(url: str) -> bool:
    """Say whether an address stays on this machine; the sandbox calls no other."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "http" or not parts.port:
            return False
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Events:
    """The log of events and the endpoints that are told of them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Listen to every write to the store."""
        self.store = store
        self.clock = clock
        self.endpoints: dict[str, Document] = {}
        self.secrets: dict[str, str] = {}
        self.idempotency_keys: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None
        store.observers.append(self.observe)

    def observe(self, write: Write) -> None:
        """Turn a write into an event, if Stripe has one for it."""
        if write.system != "stripe" or write.object not in _TYPES:
            return
        if write.before == write.after:
            return
        what = "updated"
        if write.before is None:
            what = "created"
        elif write.after is None:
            what = "deleted"
        document = write.after or write.before or {}
        data: dict[str, Any] = {"object": view(write.object, document, ())}
        if write.before and write.after:
            data["previous_attributes"] = _previous(write.before, write.after)
        event = {
            "id": made("evt_1", self.store.number(), length=23),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(write.at.timestamp()),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {
                "id": write.request_id if write.actor == "api" else None,
                "idempotency_key": self.idempotency_keys.get(write.request_id),
            },
            "type": f"{_TYPES[write.object]}.{what}",
        }
        told = [
            endpoint_id
            for endpoint_id, endpoint in self.endpoints.items()
            if {"*", event["type"]} & set(endpoint["enabled_events"])
        ]
        event["pending_webhooks"] = len(told)
        self.store.keep("stripe", "event", event)
        payload = dump(event)
        for endpoint_id in told:
            task = asyncio.get_running_loop().create_task(
                self._deliver(endpoint_id, payload)
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, endpoint_id: str, payload: bytes) -> None:
        self._client = self._client or httpx.AsyncClient(
            trust_env=False, timeout=TIMEOUT_SECONDS
        )
        for wait in (0.0, *RETRY_AFTER_SECONDS):
            await asyncio.sleep(wait)
            endpoint = self.endpoints.get(endpoint_id)
            if endpoint is None:
                return
            header = signature_header(
                self.secrets[endpoint_id], payload, wall_seconds()
            )
            headers = {"Stripe-Signature": header, "Content-Type": "application/json"}
            try:
                response = await self._client.post(
                    endpoint["url"], content=payload, headers=headers
                )
            except httpx.HTTPError:
                continue
            if response.is_success:
                return
        log.warning("no answer from the webhook endpoint %s", endpoint_id)

    def subscribe(self, url: str, enabled_events: list[str]) -> Document:
        """Add an endpoint; its secret is told this once."""
        number = self.store.number()
        endpoint: Document = {
            "id": made("we_1", number, length=23),
            "object": "webhook_endpoint",
            "api_version": None,
            "application": None,
            "created": self.clock.seconds(),
            "description": None,
            "enabled_events": enabled_events,
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
        }
        endpoint_id = str(endpoint["id"])
        self.endpoints[endpoint_id] = endpoint
        self.secrets[endpoint_id] = made("whsec_", endpoint_id, length=32)
        return endpoint | {"secret": self.secrets[endpoint_id]}

    async def close(self) -> None:
        """Give up what is not delivered yet."""
        for task in self._tasks:
            task.cancel()
        if self._client is not None:
            await self._client.aclose()


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
