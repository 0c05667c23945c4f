"""Stripe: billing, payments and metered usage, read as full lists.

Stripe's objects carry no time of change, so every load lists everything; what is not
listed any more is gone. Amounts are whole minor units.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from ingestion.auth import bearer
from ingestion.budget import Limits
from ingestion.errors import (
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
    naming,
    reaction,
)
from ingestion.paging import follow
from ingestion.rest import Rest, retry_after
from ingestion.streams import (
    Arrival,
    Batch,
    Column,
    Document,
    Stream,
    epoch,
    flag,
    integer,
    number,
    text,
)
from ingestion.windows import Window

API_VERSION = "2026-10-28.endive"
REQUIRED = ("STRIPE_API_KEY",)
DEFAULT_URL = "https://api.stripe.com"

_RATES = "docs.stripe.com/rate-limits"
_CONCURRENCY = "our choice: a limit exists and is not published (docs.stripe.com)"
LIMITS = Limits(
    (
        Window("second", 100, 1.0, _RATES, reserve=0.1),
        Window("second of an endpoint", 25, 1.0, _RATES, for_each=True),
        Window("second of searches", 20, 1.0, _RATES, paths=r"/search$"),
    ),
    concurrency=20,
    source=_CONCURRENCY,
)

# The most objects Stripe puts into one page.
PAGE = 100
_DAY_SECONDS = 86_400


def _stream(name: str, object_name: str, *columns: Column) -> Stream:
    return Stream(name, object_name, columns, deletes="listed")


def _discount(field: str) -> Any:
    """Return how to find a field of a subscription's first discount."""

    def find(document: Document) -> Any:
        discounts = document["discounts"]
        value: Any = discounts[0] if discounts else None
        for name in field.split("."):
            value = None if value is None else value[name]
        return value

    return find


def _discounted(line: Document) -> int:
    return sum(part["amount"] for part in line["discount_amounts"] or ())


STREAMS = (
    _stream(
        "customers",
        "customer",
        text("name", "name"),
        text("email", "email"),
        text("currency", "currency"),
        text("country", "address.country"),
        text("metadata_salesforce_account_id", "metadata.salesforce_account_id?"),
        text("metadata_tax_id", "metadata.tax_id?"),
        text("metadata_duplicate_of", "metadata.duplicate_of?"),
        flag("delinquent", "delinquent"),
        epoch("created", "created"),
    ),
    _stream(
        "products",
        "product",
        text("name", "name"),
        flag("active", "active"),
        text("metadata_sku", "metadata.sku?"),
    ),
    _stream(
        "prices",
        "price",
        text("product", "product"),
        text("currency", "currency"),
        integer("unit_amount", "unit_amount"),
        text("recurring_interval", "recurring.interval"),
        text("recurring_usage_type", "recurring.usage_type"),
        text("recurring_meter", "recurring.meter?"),
        flag("active", "active"),
    ),
    _stream(
        "coupons",
        "coupon",
        number("percent_off", "percent_off"),
        text("duration", "duration"),
        integer("duration_in_months", "duration_in_months"),
    ),
    _stream(
        "subscriptions",
        "subscription",
        text("customer", "customer"),
        text("status", "status"),
        epoch("start_date", "start_date"),
        epoch("ended_at", "ended_at"),
        epoch("canceled_at", "canceled_at"),
        text("discount_id", _discount("id")),
        text("discount_coupon", _discount("source.coupon")),
        epoch("discount_start", _discount("start")),
        epoch("discount_end", _discount("end")),
        text("metadata_salesforce_contract_id", "metadata.salesforce_contract_id?"),
        epoch("created", "created"),
    ),
    _stream(
        "subscription_items",
        "subscription_item",
        text("subscription", "subscription"),
        text("price", "price.id"),
        integer("quantity", "quantity?"),  # absent where the price is metered
    ),
    _stream(
        "invoices",
        "invoice",
        text("customer", "customer"),
        text("number", "number"),
        text("status", "status"),
        text("currency", "currency"),
        integer("subtotal", "subtotal"),
        integer("total", "total"),
        integer("amount_paid", "amount_paid"),
        integer("amount_remaining", "amount_remaining"),
        integer("attempt_count", "attempt_count"),
        text("subscription", "parent.subscription_details?.subscription"),
        epoch("created", "created"),
        epoch("finalized_at", "status_transitions.finalized_at"),
        epoch("paid_at", "status_transitions.paid_at"),
        epoch("voided_at", "status_transitions.voided_at"),
        epoch("due_date", "due_date"),
    ),
    _stream(
        "invoice_lines",
        "line_item",
        text("invoice", "invoice"),
        integer("amount", "amount"),
        integer("discount_amount", _discounted),
        text("currency", "currency"),
        text("description", "description"),
        integer("quantity", "quantity"),
        text("price", "pricing.price_details?.price"),
        text("product", "pricing.price_details?.product"),
        epoch("period_start", "period.start"),
        epoch("period_end", "period.end"),
        text("invoice_item", "parent.invoice_item_details?.invoice_item"),
    ),
    _stream(
        "invoice_items",
        "invoiceitem",
        text("customer", "customer"),
        integer("amount", "amount"),
        text("currency", "currency"),
        text("description", "description"),
        epoch("date", "date"),
        text("invoice", "invoice"),
        text("metadata_concord_key", "metadata.concord_key?"),
    ),
    _stream(
        "payments",
        "payment_intent",
        text("customer", "customer"),
        integer("amount", "amount"),
        integer("amount_received", "amount_received"),
        text("currency", "currency"),
        text("status", "status"),
        text("latest_charge", "latest_charge"),
        text("last_payment_error_code", "last_payment_error.code?"),
        epoch("created", "created"),
    ),
    _stream(
        "invoice_payments",
        "invoice_payment",
        text("invoice", "invoice"),
        text("payment_intent", "payment.payment_intent?"),
        integer("amount_paid", "amount_paid"),
        text("currency", "currency"),
        text("status", "status"),
        epoch("created", "created"),
    ),
    _stream(
        "refunds",
        "refund",
        text("payment_intent", "payment_intent"),
        text("charge", "charge"),
        integer("amount", "amount"),
        text("currency", "currency"),
        text("status", "status"),
        text("reason", "reason"),
        epoch("created", "created"),
    ),
    _stream(
        "meters",
        "billing.meter",
        text("display_name", "display_name"),
        text("event_name", "event_name"),
        text("status", "status"),
    ),
    _stream(
        "meter_summaries",
        "billing.meter_event_summary",
        text("meter", "meter"),
        text("customer", "@customer"),  # the summary itself does not say whose it is
        epoch("start_time", "start_time"),
        epoch("end_time", "end_time"),
        number("aggregated_value", "aggregated_value"),
    ),
)


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return Stripe's API in the version whose shapes the streams describe."""
    return Rest(
        "stripe",
        environ.get("STRIPE_URL") or DEFAULT_URL,
        bearer(environ["STRIPE_API_KEY"]),
        classify,
        headers={"Stripe-Version": API_VERSION},
        limits=LIMITS,
        transport=transport,
    )


def read(rest: Rest, since: Mapping[str, datetime]) -> Iterator[Arrival]:
    """Yield all objects; `since` has no use where nothing tells when it changed."""
    del since
    for name, path in (
        ("customers", "/v1/customers"),
        ("products", "/v1/products"),
        ("prices", "/v1/prices"),
        ("coupons", "/v1/coupons"),
        ("invoice_items", "/v1/invoiceitems"),
        ("payments", "/v1/payment_intents"),
        ("invoice_payments", "/v1/invoice_payments"),
        ("refunds", "/v1/refunds"),
    ):
        for page in listed(rest, path):
            yield Batch(name, page)
    yield from _invoices(rest)
    metered: dict[tuple[str, str], int] = {}
    for batch in _subscriptions(rest):
        yield batch
        if batch.stream == "subscription_items":
            _note_meters(metered, batch)
    for page in listed(rest, "/v1/billing/meters"):
        yield Batch("meters", page)
    yield from _summaries(rest, metered)


def listed(
    rest: Rest, path: str, params: Mapping[str, Any] | None = None
) -> Iterator[list[Any]]:
    """Yield the pages of a list, newest first, from a fixed top downwards."""

    def page(after: str | None) -> tuple[list[Any], str | None]:
        asked = {"limit": PAGE, **(params or {})}
        if after is not None:
            asked["starting_after"] = after
        answer = rest.parsed(rest.get(path, params=asked))
        data = answer["data"]
        return data, data[-1]["id"] if answer["has_more"] and data else None

    with naming(path.removeprefix("/v1/")):
        yield from follow(rest.system, path, page)


def _whole(rest: Rest, part: Mapping[str, Any], path: str, **params: Any) -> list[Any]:
    """Return an embedded list, which stops at ten, up to its end."""
    if not part["has_more"]:
        return list(part["data"])
    return [one for page in listed(rest, path, params) for one in page]


def _invoices(rest: Rest) -> Iterator[Batch]:
    for page in listed(rest, "/v1/invoices"):
        yield Batch("invoices", page)
        for invoice in page:
            path = f"/v1/invoices/{invoice['id']}/lines"
            yield Batch("invoice_lines", _whole(rest, invoice["lines"], path))


def _subscriptions(rest: Rest) -> Iterator[Batch]:
    wanted = {"status": "all", "expand[]": "data.discounts"}
    for page in listed(rest, "/v1/subscriptions", wanted):
        yield Batch("subscriptions", page)
        for subscription in page:
            items = _whole(
                rest,
                subscription["items"],
                "/v1/subscription_items",
                subscription=subscription["id"],
            )
            yield Batch(
                "subscription_items",
                items,
                {
                    "customer": subscription["customer"],
                    "start": subscription["start_date"],
                },
            )


def _note_meters(metered: dict[tuple[str, str], int], items: Batch) -> None:
    """Keep since when which customer has been using which meter."""
    for item in items.documents:
        recurring = item["price"]["recurring"] or {}
        if recurring.get("usage_type") == "metered":
            pair = (items.given["customer"], recurring["meter"])
            start = items.given["start"]
            metered[pair] = min(start, metered.get(pair, start))


def _summaries(rest: Rest, metered: Mapping[tuple[str, str], int]) -> Iterator[Batch]:
    # Both ends must lie on a day's border, and the day that runs is wanted too.
    now = rest.read_at or datetime.now(UTC)
    end = int((now + timedelta(days=1)).timestamp()) // _DAY_SECONDS * _DAY_SECONDS
    for (customer, meter), start in metered.items():
        wanted = {
            "customer": customer,
            "start_time": start // _DAY_SECONDS * _DAY_SECONDS,
            "end_time": end,
            "value_grouping_window": "day",
        }
        path = f"/v1/billing/meters/{meter}/event_summaries"
        for page in listed(rest, path, wanted):
            yield Batch("meter_summaries", page, {"customer": customer})


# By the error's code, or its type where it has no code of ours.
ERRORS: Mapping[str, type[SystemFault]] = {
    "lock_timeout": Transient,
    "rate_limit": Transient,
    "idempotency_key_in_use": Transient,
    # Parameters differ from those first sent with the key: that first one may be done.
    "idempotency_error": Unknown,
    "parameter_unknown": Refused,
    "api_key_expired": Refused,
    "resource_missing": Rejected,
    "card_error": Rejected,
}


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer, `{"error": {type, code, message, param}}`, into a fault."""
    status = response.status_code
    error = _error(response)
    code = error.get("code") or error.get("type")
    message = str(error.get("message") or f"the answer was status {status}").strip()
    kind = ERRORS.get(str(error.get("code"))) or ERRORS.get(str(error.get("type")))
    if kind is None and status == httpx.codes.CONFLICT:
        # Not a changed record, Stripe has no such check: another request holds it.
        kind = Transient
    return (kind or reaction(status, wrote=wrote))(
        "stripe",
        message.rstrip("."),
        "check STRIPE_API_KEY and what it may read and write, then run again"
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
        else "",
        field=error.get("param"),
        code=code,
        status=status,
        retry_after=retry_after(response),
    )


def _error(response: httpx.Response) -> dict[str, Any]:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
