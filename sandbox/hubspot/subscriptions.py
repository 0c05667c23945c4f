"""Subscriptions: an app's webhooks: what it listens to, and the signed deliveries."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping

from starlette.responses import Response

from sandbox.clock import wall_seconds
from sandbox.credentials import Credentials
from sandbox.hubspot.events import Event, events_of, survivor_in
from sandbox.hubspot.gate import Call, Path
from sandbox.hubspot.kinds import KINDS, SYSTEM
from sandbox.hubspot.shapes import (
    Document,
    Problem,
    batch,
    inputs_of,
    object_body,
)
from sandbox.hubspot.tokens import APP, PORTAL
from sandbox.instants import to_milliseconds
from sandbox.journal import Write
from sandbox.store import Store
from sandbox.webhooks import Webhooks, is_loopback
from sandbox.wire import answer, dump

MOST_EVENTS = 100  # of one delivery (developers.hubspot.com, webhooks)
MOST_SUBSCRIPTIONS = 1000
ACTIONS = (
    "creation",
    "deletion",
    "privacyDeletion",
    "propertyChange",
    "merge",
    "restore",
    "associationChange",
)
TYPES = frozenset(
    f"{name}.{action}"
    for name in ("object", *(kind.singular for kind in KINDS))
    for action in ACTIONS
)


class Subscriptions:
    """The webhooks of the account's app."""

    def __init__(self, store: Store, keys: Credentials, hooks: Webhooks) -> None:
        """Listen to the store."""
        self.store = store
        self.keys = keys
        self.hooks = hooks
        self.held = store.collection(SYSTEM, "_subscription")
        self.settings = store.collection(SYSTEM, "_webhook_settings")
        self.survivor = survivor_in(store)
        self._waiting: list[Document] = []
        store.observers.append(self.wrote)

    def paths(self) -> list[Path]:
        """Return the paths; whoever develops the app comes in by a key of his own."""
        return [
            Path(f"/webhooks/v3/{{app}}{path}", handlers, opened_by="developer")
            for path, handlers in (
                (
                    "/settings",
                    {
                        "GET": self.read_settings,
                        "PUT": self.set_settings,
                        "DELETE": self.clear_settings,
                    },
                ),
                ("/subscriptions/batch/update", {"POST": self.batch_update}),
                ("/subscriptions", {"GET": self.listed, "POST": self.create}),
                (
                    "/subscriptions/{id}",
                    {"GET": self.read, "PATCH": self.update, "DELETE": self.drop},
                ),
            )
        ]

    def _check(self, call: Call) -> None:
        if call.part("app") != str(APP):
            raise Problem(404, f"App {call.part('app')} does not exist")

    async def read_settings(self, call: Call) -> Response:
        """Return where deliveries go."""
        self._check(call)
        found = self.settings.get(APP)
        if found is None:
            raise Problem(404, "No webhook settings exist for this app")
        return answer({name: value for name, value in found.items() if name != "id"})

    async def set_settings(self, call: Call) -> Response:
        """Say where deliveries go: here only to this machine."""
        self._check(call)
        body = await object_body(call.request)
        url, throttling = body.get("targetUrl"), body.get("throttling")
        limits = throttling if isinstance(throttling, dict) else {}
        most = limits.get("maxConcurrentRequests")
        if not isinstance(url, str) or not is_loopback(url):
            raise Problem(400, "targetUrl must be an http address of this machine")
        if isinstance(most, bool) or not isinstance(most, int) or not 0 < most <= 1000:
            raise Problem(400, "throttling.maxConcurrentRequests must be 1 to 1000")
        now = to_milliseconds(self.store.clock.now())
        before = self.settings.get(APP)
        paper = {
            "id": APP,
            "targetUrl": url,
            "throttling": {"maxConcurrentRequests": most},
            "createdAt": before["createdAt"] if before else now,
            "updatedAt": now,
        }
        self.store.keep(SYSTEM, "_webhook_settings", paper)
        return answer({name: value for name, value in paper.items() if name != "id"})

    async def clear_settings(self, call: Call) -> Response:
        """Stop all deliveries."""
        self._check(call)
        self.store.drop(SYSTEM, "_webhook_settings", APP)
        return Response(status_code=204)

    async def listed(self, call: Call) -> Response:
        """Return all subscriptions."""
        self._check(call)
        return answer({"results": list(self.held)})

    async def create(self, call: Call) -> Response:
        """Subscribe to a type of events."""
        self._check(call)
        body = await object_body(call.request)
        kind, name = body.get("eventType"), body.get("propertyName")
        if not isinstance(kind, str) or kind not in TYPES:
            raise Problem(400, "eventType is missing or unknown")
        if kind.endswith(".propertyChange") != isinstance(name, str):
            raise Problem(
                400, "propertyName goes with propertyChange, and only with it"
            )
        number = body.get("objectTypeId")
        if kind.startswith("object.") and number not in {k.type_id for k in KINDS}:
            raise Problem(400, "objectTypeId is needed for object.* events")
        if len(self.held) >= MOST_SUBSCRIPTIONS:
            raise Problem(400, f"An app has up to {MOST_SUBSCRIPTIONS} subscriptions")
        if any(
            (each["eventType"], each["propertyName"], each["objectTypeId"])
            == (kind, name, number)
            for each in self.held
        ):
            raise Problem(409, "This subscription exists already")
        now = to_milliseconds(self.store.clock.now())
        paper = {
            "id": str(self.store.number()),
            "eventType": kind,
            "propertyName": name,
            "objectTypeId": number,
            "active": body.get("active") is True,
            "createdAt": now,
            "updatedAt": now,
        }
        self.store.keep(SYSTEM, "_subscription", paper)
        return answer(paper, 201)

    def _found(self, number: object) -> Document:
        found = self.held.get(number)
        if found is None:
            raise Problem(404, f"Subscription {number} does not exist")
        return found

    def _set_active(self, number: object, active: object) -> Document:
        found = self._found(number)
        if not isinstance(active, bool):
            raise Problem(400, "active must be true or false")
        now = to_milliseconds(self.store.clock.now())
        self.store.keep(
            SYSTEM, "_subscription", found | {"active": active, "updatedAt": now}
        )
        return self._found(number)

    async def read(self, call: Call) -> Response:
        """Return one subscription."""
        self._check(call)
        return answer(self._found(call.part("id")))

    async def update(self, call: Call) -> Response:
        """Pause or resume a subscription."""
        self._check(call)
        body = await object_body(call.request)
        return answer(self._set_active(call.part("id"), body.get("active")))

    async def drop(self, call: Call) -> Response:
        """End a subscription."""
        self._check(call)
        self._found(call.part("id"))
        self.store.drop(SYSTEM, "_subscription", call.part("id"))
        return Response(status_code=204)

    async def batch_update(self, call: Call) -> Response:
        """Pause or resume many subscriptions."""
        self._check(call)
        _, inputs = await inputs_of(call.request, MOST_EVENTS)
        results, errors = [], []
        for each in inputs:
            try:
                results.append(self._set_active(each.get("id"), each.get("active")))
            except Problem as problem:
                errors.append(problem.row())
        return batch(results, self.store.clock.now(), errors)

    def wrote(self, write: Write) -> None:
        """Queue the events of a write for whoever subscribed to them."""
        if write.system != SYSTEM or not len(self.settings):
            return
        active = [each for each in self.held if each["active"]]
        for event in events_of(write, self.survivor) if active else ():
            for subscription in active:
                if _meant(event, subscription):
                    self._waiting.append(_delivery(event, subscription))
        if not self._waiting:
            return
        try:
            # At the end of the request that wrote: a batch's events travel together.
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:
            self.flush()

    def flush(self) -> None:
        """Send what is queued, up to a hundred events in each request."""
        waiting, self._waiting = self._waiting, []
        settings = self.settings.get(APP)
        if settings is None:
            return
        url = settings["targetUrl"]
        for start in range(0, len(waiting), MOST_EVENTS):
            body = dump(waiting[start : start + MOST_EVENTS])
            self.hooks.post(SYSTEM, url, body, self.signer(url))

    def signer(self, url: str) -> Callable[[bytes], Mapping[str, str]]:
        """Return what signs a delivery to an address, by the app's secret."""
        secret = self.keys.hubspot_client_secret.encode()

        def sign(body: bytes) -> Mapping[str, str]:
            timestamp = str(wall_seconds() * 1000)
            signed = b"POST" + url.encode() + body + timestamp.encode()
            digest = hmac.new(secret, signed, hashlib.sha256).digest()
            return {
                "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
                "X-HubSpot-Request-Timestamp": timestamp,
                "X-HubSpot-Signature": hashlib.sha256(secret + body).hexdigest(),
                "X-HubSpot-Signature-Version": "v1",
            }

        return sign


def _meant(event: Event, subscription: Document) -> bool:
    """Say whether a subscription asked for an event."""
    name, _, action = subscription["eventType"].partition(".")
    if action != event.what:
        return False
    if name == "object" and subscription["objectTypeId"] != event.kind.type_id:
        return False
    if name not in ("object", event.kind.singular):
        return False
    wanted = subscription["propertyName"]
    return wanted is None or wanted == event.property_name


def _delivery(event: Event, subscription: Document) -> Document:
    return {
        "eventId": event.number,
        "subscriptionId": int(subscription["id"]),
        "portalId": PORTAL,
        "appId": APP,
        "occurredAt": event.at_ms,
        "subscriptionType": subscription["eventType"],
        "objectTypeId": event.kind.type_id,
        "attemptNumber": 0,
        "objectId": int(event.record_id),
        "changeSource": event.source,
        "sourceId": event.source_id,
        **event.more,
    }
