"""Stripe's writes: customers, subscriptions, invoice items, webhook endpoints.

A parameter that Stripe has and the sandbox does not carry out is refused as unknown:
taking it in silence would let a caller believe that it had an effect.
"""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import Clock
from sandbox.store import REMOVED, Document, Store
from sandbox.stripe.events import Events, is_loopback
from sandbox.stripe.lists import rendered
from sandbox.stripe.shapes import (
    Params,
    check_known,
    expansions,
    invalid,
    missing,
    required,
    view,
    whole,
)
from sandbox.wire import answer, made

_TEXTS = ("name", "email", "description", "phone")
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
MAX_METADATA = 50
MAX_METADATA_KEY = 40
MAX_METADATA_VALUE = 500
MAX_TEXT = 5000
MAX_AMOUNT = 99_999_999_999


class Writes:
    """The writes to one account; each becomes an event."""

    def __init__(self, store: Store, clock: Clock, events: Events) -> None:
        """Write to the store; `events` holds the webhook endpoints."""
        self.store = store
        self.clock = clock
        self.events = events

    def create_customer(self, request: Request, params: Params) -> Response:
        """Add a customer."""
        check_known(params, (*_TEXTS, "address", "metadata", "expand"))
        expand = expansions(params, "customer", listed=False)
        customer: Document = {
            "id": made("cus_", self.store.number(), length=14),
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": self.clock.seconds(),
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "description": None,
            "email": None,
            "invoice_prefix": made("", "prefix", self.store.number(), length=8).upper(),
            "invoice_settings": {"default_payment_method": None},
            "livemode": False,
            "metadata": {},
            "name": None,
            "phone": None,
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        }
        for field, value in self._customer_fields(params, customer).items():
            head, _, key = field.partition(".")
            if not key:
                customer[head] = value
            elif value is not REMOVED:
                customer[head] = (customer[head] or {}) | {key: value}
        return self._created(request, "customer", customer, expand)

    def update_customer(self, request: Request, params: Params) -> Response:
        """Change fields of a customer."""
        customer = self._held("customer", request.path_params["id"])
        check_known(params, (*_TEXTS, "address", "metadata", "expand"))
        expand = expansions(params, "customer", listed=False)
        fields = self._customer_fields(params, customer)
        return self._updated(request, "customer", fields, expand)

    def _customer_fields(self, params: Params, customer: Document) -> Document:
        fields: Document = {}
        for name in _TEXTS:
            if name in params:
                fields[name] = _text(params, name)
        email = fields.get("email")
        if email is not None and ("@" not in email or " " in email):
            raise invalid(f"Invalid email address: {email}", "email", "email_invalid")
        address = params.get("address")
        if address == "":
            fields["address"] = None
        elif address is not None:
            if not isinstance(address, dict):
                raise invalid("Invalid object", "address")
            check_known(
                {f"address[{key}]": 1 for key in address},
                [f"address[{key}]" for key in _ADDRESS],
            )
            for key in address:
                fields[f"address.{key}"] = _text(address, key)
        return fields | _metadata(params, customer)

    def update_subscription(self, request: Request, params: Params) -> Response:
        """Change a subscription's metadata or discounts."""
        subscription = self._held("subscription", request.path_params["id"])
        check_known(params, ("metadata", "discounts", "expand"))
        expand = expansions(params, "subscription", listed=False)
        fields = _metadata(params, subscription)
        if "discounts" in params:
            if subscription["status"] == "canceled":
                sentence = (
                    "A canceled subscription can only update its cancellation_details "
                    "and metadata."
                )
                raise invalid(sentence, "discounts")
            fields["discounts"] = self._discounts(params["discounts"], subscription)
        return self._updated(request, "subscription", fields, expand)

    def _discounts(self, wanted: Any, subscription: Document) -> list[Document]:
        if wanted == "":
            return []
        if not isinstance(wanted, list):
            raise invalid("Invalid array", "discounts")
        kept = {each["id"]: each for each in subscription.get("discounts") or []}
        discounts = []
        for place, each in enumerate(wanted):
            param = f"discounts[{place}]"
            if not isinstance(each, dict) or len(each) != 1:
                raise invalid("Give either a coupon or a discount.", param)
            if "discount" in each:
                if each["discount"] not in kept:
                    raise missing("discount", each["discount"], f"{param}[discount]")
                discounts.append(kept[each["discount"]])
            elif "coupon" in each:
                discounts.append(self._discount(each["coupon"], param, subscription))
            else:
                check_known({f"{param}[{next(iter(each))}]": 1}, ())
        return discounts

    def _discount(self, coupon_id: str, param: str, subscription: Document) -> Document:
        coupon = self.store.collection("stripe", "coupon").get(coupon_id)
        if coupon is None:
            raise missing("coupon", coupon_id, f"{param}[coupon]")
        now = self.clock.now()
        end = None
        if coupon["duration"] == "repeating":
            months = now.year * 12 + now.month - 1 + coupon["duration_in_months"]
            # Stripe counts calendar months; the 29th to 31st end with a short month.
            later = now.replace(
                year=months // 12, month=months % 12 + 1, day=min(now.day, 28)
            )
            end = int(later.timestamp())
        return {
            "id": made("di_1", self.store.number(), length=23),
            "object": "discount",
            "checkout_session": None,
            "customer": subscription["customer"],
            "end": end,
            "invoice": None,
            "invoice_item": None,
            "promotion_code": None,
            "source": {"coupon": coupon_id, "type": "coupon"},
            "start": int(now.timestamp()),
            "subscription": subscription["id"],
            "subscription_item": None,
        }

    def create_invoice_item(self, request: Request, params: Params) -> Response:
        """Add an item that the customer's next invoice will take in."""
        check_known(
            params,
            (
                "customer",
                "amount",
                "currency",
                "description",
                "metadata",
                "period",
                "subscription",
                "discountable",
                "expand",
            ),
        )
        expand = expansions(params, "invoiceitem", listed=False)
        customer = self._held("customer", required(params, "customer"), "customer")
        amount = whole(params, "amount")
        if amount is None or abs(amount) > MAX_AMOUNT:
            raise invalid("Missing or too large: amount.", "amount")
        currency = required(params, "currency").lower()
        if customer.get("currency") not in (None, currency):
            sentence = (
                "You cannot combine currencies on a single customer. This customer has "
                f"had a subscription, coupon, or invoice item with currency "
                f"{customer['currency']}"
            )
            raise invalid(sentence, "currency")
        now = self.clock.seconds()
        period = {"start": now, "end": now}
        if "period" in params:
            given = params["period"]
            if not isinstance(given, dict) or set(given) != {"start", "end"}:
                raise invalid("Give both start and end.", "period")
            period = {name: whole(given, name) or 0 for name in ("start", "end")}
        parent = None
        if "subscription" in params:
            subscription = params["subscription"]
            self._held("subscription", subscription, "subscription")
            details = {"subscription": subscription}
            parent = {"subscription_details": details, "type": "subscription_details"}
        item: Document = {
            "id": made("ii_1", self.store.number(), length=23),
            "object": "invoiceitem",
            "amount": amount,
            "currency": currency,
            "customer": customer["id"],
            "date": now,
            "description": _text(params, "description"),
            "discountable": params.get("discountable", "true") == "true",
            "discounts": [],
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "net_amount": amount,
            "parent": parent,
            "period": period,
            "pricing": None,
            "proration": False,
            "quantity": 1,
            "quantity_decimal": "1",
            "tax_rates": [],
            "test_clock": None,
        }
        for field, value in _metadata(params, item).items():
            if value is not REMOVED and field != "metadata":
                item["metadata"][field.removeprefix("metadata.")] = value
        return self._created(request, "invoiceitem", item, expand)

    def delete_invoice_item(self, request: Request, params: Params) -> Response:
        """Take an item away that no invoice has taken in yet."""
        check_known(params, ())
        item = self._held("invoiceitem", request.path_params["id"])
        if item.get("invoice"):
            sentence = (
                "This invoice item is part of an invoice that is no longer a draft."
            )
            raise invalid(sentence, "id", "invoice_not_editable")
        self.store.delete(
            "stripe",
            "invoiceitem",
            item["id"],
            actor="api",
            request_id=request.state.request_id,
        )
        return answer({"id": item["id"], "object": "invoiceitem", "deleted": True})

    def create_endpoint(self, _request: Request, params: Params) -> Response:
        """Add a webhook endpoint on this machine."""
        check_known(params, ("url", "enabled_events", "expand"))
        url = required(params, "url")
        if not is_loopback(url):
            sentence = (
                "Invalid URL: the sandbox delivers to http://127.0.0.1:PORT/… only."
            )
            raise invalid(sentence, "url", "url_invalid")
        wanted = params.get("enabled_events")
        if not isinstance(wanted, list) or not _texts(wanted):
            sentence = "Missing required param: enabled_events."
            raise invalid(sentence, "enabled_events", "parameter_missing")
        return answer(self.events.subscribe(url, wanted))

    def list_endpoints(self, _request: Request, params: Params) -> Response:
        """List the endpoints, newest first."""
        check_known(params, ("limit", "expand"))
        data = list(self.events.endpoints.values())[::-1]
        return answer(
            {
                "object": "list",
                "data": data,
                "has_more": False,
                "url": "/v1/webhook_endpoints",
            }
        )

    def read_endpoint(self, request: Request, _params: Params) -> Response:
        """Return one endpoint, without its secret."""
        return answer(self._endpoint(request))

    def delete_endpoint(self, request: Request, _params: Params) -> Response:
        """Stop telling an endpoint."""
        endpoint = self._endpoint(request)
        del self.events.endpoints[endpoint["id"]]
        return answer(
            {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
        )

    def _endpoint(self, request: Request) -> Document:
        endpoint_id = request.path_params["id"]
        endpoint = self.events.endpoints.get(endpoint_id)
        if endpoint is None:
            raise missing("webhook endpoint", endpoint_id)
        return endpoint

    def _held(self, name: str, record_id: Any, param: str = "id") -> Document:
        document = self.store.collection("stripe", name).get(str(record_id))
        if document is None:
            raise missing(name, str(record_id), param)
        return document

    def _created(
        self, request: Request, name: str, document: Document, expand: tuple[str, ...]
    ) -> Response:
        self.store.create(
            "stripe", name, document, actor="api", request_id=request.state.request_id
        )
        return answer(view(name, document, expand))

    def _updated(
        self, request: Request, name: str, fields: Document, expand: tuple[str, ...]
    ) -> Response:
        record_id = request.path_params["id"]
        self.store.update(
            "stripe",
            name,
            record_id,
            fields,
            actor="api",
            request_id=request.state.request_id,
        )
        body = rendered(self.store, name, record_id, expand)
        return Response(body, media_type="application/json")


def _text(params: Params, name: str) -> str | None:
    value = params.get(name, "")
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise invalid(f"Invalid string: {value}", name)
    return value or None


def _texts(values: Iterable[Any]) -> bool:
    return all(isinstance(each, str) for each in values)


def _metadata(params: Params, document: Document) -> Document:
    """Return the changes to metadata; an empty value takes its key away."""
    if "metadata" not in params:
        return {}
    wanted = params["metadata"]
    if wanted == "":
        return {"metadata": {}}
    if not isinstance(wanted, dict) or not _texts(wanted.values()):
        raise invalid("Invalid object", "metadata")
    for key, value in wanted.items():
        if len(key) > MAX_METADATA_KEY or len(value) > MAX_METADATA_VALUE:
            sentence = (
                f"Metadata keys have up to {MAX_METADATA_KEY} characters, values up to "
                f"{MAX_METADATA_VALUE}."
            )
            raise invalid(sentence, f"metadata[{key}]")
    after = {**(document.get("metadata") or {}), **wanted}
    if sum(1 for value in after.values() if value != "") > MAX_METADATA:
        sentence = f"Metadata can have up to {MAX_METADATA} keys."
        raise invalid(sentence, "metadata")
    return {
        f"metadata.{key}": REMOVED if value == "" else value
        for key, value in wanted.items()
    }
