"""Stripe: one object in one call, as a form; a key of ours in what is created."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from ingestion.errors import Rejected, Transient, Unknown
from ingestion.transport.rest import Rest
from reverse_etl.change import Change
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.destinations.wire import about, at, body_of

_PATHS = {
    "customer": "/v1/customers",
    "subscription": "/v1/subscriptions",
    "invoiceitem": "/v1/invoiceitems",
}
# The metadata of a created object under which it is found again.
_KEY = "concord_key"
_PAGE = 100
# The events that tell of our write are among the last ones: it is read back at once.
_EVENT_PAGES = 50
_EVENTS = {
    "customer": "customer.updated",
    "subscription": "customer.subscription.updated",
}
# An event tells the id of a discount that was taken away, not the coupon it was of.
_UNTOLD = "discounts"


class Stripe:
    """Updates of customers and subscriptions, and new invoice items."""

    system = "stripe"
    # Stripe has no versions: nothing but a look before keeps an edit. A repeat is known
    # by its key for a day, and by the key in the metadata after that.
    caps = Caps(
        read_size=1,
        write_size=1,
        creates={"invoiceitem": "key"},
        key_lifetime=timedelta(hours=24),
    )

    def __init__(self, rest: Rest) -> None:
        """Speak through this client."""
        self._rest = rest
        # What each change of ours replaced, as far as the events were looked through.
        self._replaced: dict[str, Mapping[str, Any]] = {}

    def read(self, changes: Sequence[Change]) -> Mapping[str, Held]:
        """Read the object, or find the one that carries our key."""
        (change,) = changes
        document = (
            self._one(change)
            if change.action == "update"
            else next(self._keyed(change), None)
        )
        if document is None:
            return {}
        fields = {name: _value(document, name) for name in change.values}
        return {change.change_id: Held(document["id"], fields)}

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Post the form, under a key by which Stripe recognises a repeat for a day."""
        (outgoing,) = batch
        change = outgoing.change
        form = dict(_parameter(name, value) for name, value in change.values.items())
        path = _PATHS[change.object]
        if change.action == "update":
            path = _path(change)
        else:
            form[f"metadata[{_KEY}]"] = str(change.external_key)
        with about(change):
            response = self._posted(path, form, outgoing.idempotency_key)
            body = body_of(self._rest, response, dict)
        return [Answer(record_id=body["id"])]

    def replaced(
        self, changes: Sequence[Change]
    ) -> Mapping[str, Mapping[str, str | None]]:
        """Return what our values replaced, as the event of our own request tells.

        An event names the key of the request that caused it, and what was there before.
        """
        (change,) = changes
        before = self._before(change)
        names = [name for name in change.values if name != _UNTOLD]
        told = {
            name: _value(before, name) for name in names if _stands_at(before, name)
        }
        return {change.change_id: told} if told else {}

    def _before(self, change: Change) -> Mapping[str, Any]:
        """Look through the last events, newest first, for the one of our request."""
        params: dict[str, Any] = {"type": _EVENTS[change.object], "limit": _PAGE}
        for _ in range(_EVENT_PAGES):
            if change.change_id in self._replaced:
                break
            page = self._rest.parsed(self._rest.get("/v1/events", params=params))
            for event in page["data"]:
                key = str((event.get("request") or {}).get("idempotency_key"))
                before = event["data"].get("previous_attributes", {})
                self._replaced.setdefault(key.rpartition("-")[0], before)
            if not page["has_more"]:
                break
            params["starting_after"] = page["data"][-1]["id"]
        return self._replaced.get(change.change_id, {})

    def _posted(self, path: str, form: Mapping[str, str], key: str) -> httpx.Response:
        """Post once.

        Raises:
            Unknown: Stripe failed, busy or not. It answers so for ever under that key:
                the record is read, and what is sent again has another one.
        """
        try:
            return self._rest.write(
                "POST", path, form=form, headers={"Idempotency-Key": key}
            )
        except Transient as fault:
            status = fault.status or 0
            if status < httpx.codes.INTERNAL_SERVER_ERROR:
                raise
            raise Unknown(
                fault.system, fault.reason, code=fault.code, status=status
            ) from fault

    def _one(self, change: Change) -> dict[str, Any] | None:
        expand = {"expand[]": "discounts"} if "discounts" in change.values else None
        try:
            response = self._rest.get(_path(change), params=expand)
        except Rejected as fault:
            if fault.status == httpx.codes.NOT_FOUND:
                return None
            raise
        document: dict[str, Any] = self._rest.parsed(response)
        return None if document.get("deleted") else document

    def _keyed(self, change: Change) -> Iterator[dict[str, Any]]:
        """Yield the customer's objects that carry our key.

        A list shows a new object at once; Stripe's search lags behind.
        """
        params = {"customer": change.values["customer"], "limit": _PAGE}
        while True:
            response = self._rest.get(_PATHS[change.object], params=params)
            page = self._rest.parsed(response)
            for document in page["data"]:
                if at(document, f"metadata.{_KEY}") == change.external_key:
                    yield document
            if not page["has_more"]:
                return
            params["starting_after"] = page["data"][-1]["id"]


def _path(change: Change) -> str:
    return f"{_PATHS[change.object]}/{quote(str(change.record_id), safe='')}"


def _parameter(name: str, value: str | None) -> tuple[str, str]:
    """Return a field as Stripe's forms spell it; an empty text clears it."""
    if name == "discounts" and value is not None:
        return "discounts[0][coupon]", value
    if name == "currency":
        return name, str(value).lower()
    head, *rest = name.split(".")
    return head + "".join(f"[{part}]" for part in rest), value or ""


def _stands_at(document: Mapping[str, Any], path: str) -> bool:
    """Say whether a document tells of a field at all, be it empty."""
    value: Any = document
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


def _value(document: Mapping[str, Any], name: str) -> str | None:
    if name == "discounts":
        discounts = document["discounts"]
        return at(discounts[0], "source.coupon") if discounts else None
    value = at(document, name)
    return value.upper() if name == "currency" and value else value
