"""Chargebee's events: what every write becomes, and who is told.

There is no signature: a receiver protects its address with a name and a password.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sandbox.chargebee.desk import SYSTEM, Answer, Desk
from sandbox.chargebee.endpoints import ENDPOINTS, SECRETS
from sandbox.chargebee.forms import Form
from sandbox.chargebee.kinds import KINDS
from sandbox.journal import Document, Write
from sandbox.store import Store
from sandbox.wire import dump, made

SOURCES = {"api": "api", "human": "admin_console"}
SWEEPER = "fresh_start"  # takes everything away, and says nothing of it
_SILENT = ("usage", "comment", "event", "webhook_endpoint")
_STATUS_EVENTS = {
    "cancelled": "subscription_cancelled",
    "paused": "subscription_paused",
    "non_renewing": "subscription_cancellation_scheduled",
}
_LEFT_EVENTS = {
    "future": "subscription_started",
    "in_trial": "subscription_activated",
    "paused": "subscription_resumed",
    "cancelled": "subscription_reactivated",
    "non_renewing": "subscription_scheduled_cancellation_removed",
}


class Hooks(Protocol):
    """What delivers a webhook; `sandbox.webhooks.Webhooks` does."""

    def post(
        self,
        system: str,
        url: str,
        body: bytes,
        sign: Callable[[bytes], Mapping[str, str]],
        result: Callable[[int | None], None] | None = None,
    ) -> None:
        """Send a message."""


class Events:
    """Turns the writes of the store into events and webhooks."""

    def __init__(self, store: Store, hooks: Hooks | None) -> None:
        """Watch the store."""
        self.store = store
        self.hooks = hooks
        store.observers.append(self.wrote)

    def wrote(self, write: Write) -> None:
        """Make the event of a write, if it is one of ours."""
        told = write.system == SYSTEM and write.object in KINDS
        if not told or write.object in _SILENT or write.actor == SWEEPER:
            return
        kind = event_type(write)
        record = write.after or write.before
        if kind is None or record is None:
            return
        held = [
            each
            for each in self.store.collection(SYSTEM, ENDPOINTS)
            if not each["disabled"]
            and (not each["enabled_events"] or kind in each["enabled_events"])
        ]
        status = "scheduled" if held else "not_configured"
        event = {
            "id": made("ev_", SYSTEM, "event", write.number, length=16),
            "occurred_at": int(write.at.timestamp()),
            "source": SOURCES.get(write.actor, "scheduled_job"),
            "object": "event",
            "api_version": "v2",
            "content": self._content(write.object, record),
            "event_type": kind,
            "webhook_status": status,
            "webhooks": [
                {"id": each["id"], "webhook_status": status, "object": "webhook"}
                for each in held
            ],
        }
        self.store.keep(SYSTEM, "event", event)
        for each in held:
            self._send(each, event)

    def _content(self, name: str, record: Document) -> Document:
        """Return the record with those that Chargebee sends along."""
        content = {name: record}
        if name in {"subscription", "transaction", "payment_source"}:
            customer = self._held("customer", record.get("customer_id"))
            if customer is not None:
                content["customer"] = customer
        if name == "transaction" and record.get("linked_invoices"):
            invoice_id = record["linked_invoices"][0]["invoice_id"]
            invoice = self._held("invoice", invoice_id)
            if invoice is not None:
                content["invoice"] = invoice
        return content

    def _held(self, name: str, record_id: str | None) -> Document | None:
        return self.store.collection(SYSTEM, name).get(record_id)

    def _send(self, endpoint: Document, event: Document) -> None:
        secret = self.store.collection(SYSTEM, SECRETS).get(endpoint["id"]) or {}
        user, password = secret.get("user"), secret.get("password")

        def sign(_body: bytes) -> Mapping[str, str]:
            if user is None:
                return {}
            pair = f"{user}:{password or ''}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

        def result(status: int | None) -> None:
            fine = status is not None and 200 <= status < 300
            self._mark(event["id"], endpoint["id"], "succeeded" if fine else "failed")

        if self.hooks is not None:
            self.hooks.post(SYSTEM, endpoint["url"], dump(event), sign, result)

    def _mark(self, event_id: str, endpoint_id: str, status: str) -> None:
        event = self._held("event", event_id)
        if event is None:
            return
        for each in event["webhooks"]:
            if each["id"] == endpoint_id:
                each["webhook_status"] = status
        event["webhook_status"] = status
        self.store.keep(SYSTEM, "event", event)


def event_type(write: Write) -> str | None:
    """Return what Chargebee calls a write; None if it says nothing of it."""
    before, after = write.before, write.after
    if after is None:
        # What is taken away is an unbilled charge that went on an invoice.
        return _named(write.object, "invoiced")
    if after.get("deleted") and not (before or {}).get("deleted"):
        return _named(write.object, "deleted")
    if write.object == "subscription":
        return _subscription_event(before, after)
    if before is not None:
        changed = "changed" if write.object == "customer" else "updated"
        return _named(write.object, changed)
    return _created(write.object, after)


def _created(name: str, after: Document) -> str | None:
    if name == "transaction":
        fine = "succeeded" if after["status"] == "success" else "failed"
        return f"payment_{'refunded' if after['type'] == 'refund' else fine}"
    verbs = {"invoice": "generated", "payment_source": "added"}
    return _named(name, verbs.get(name, "created"))


def _named(name: str, verb: str) -> str | None:
    if name == "unbilled_charge":
        return None if verb == "updated" else f"unbilled_charges_{verb}"
    return f"{name}_{verb}"


def _subscription_event(before: Document | None, after: Document) -> str:
    if before is None:
        return "subscription_created"
    was, is_now = before["status"], after["status"]
    if was != is_now:
        left = _LEFT_EVENTS.get(was, "subscription_changed")
        return _STATUS_EVENTS.get(is_now, left)
    if before.get("current_term_end") == after.get("current_term_start"):
        return "subscription_renewed"
    for field, kind in (
        ("changes_scheduled_at", "subscription_changes_scheduled"),
        ("pause_date", "subscription_pause_scheduled"),
    ):
        if field in after and field not in before:
            return kind
    return "subscription_changed"


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one event."""
    form.only()
    shown: Mapping[str, Any] = {"event": desk.get("event", ids["id"])}
    return shown
