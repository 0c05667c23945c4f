"""Kinds: which of Stripe's event types a write is, seen from before and after."""

from collections.abc import Callable, Iterator, Mapping

from sandbox.store import Document, Write

# {object: the head of its event types}.
_HEADS = {
    "customer": "customer",
    "product": "product",
    "price": "price",
    "coupon": "coupon",
    "promotion_code": "promotion_code",
    "tax_rate": "tax_rate",
    "subscription": "customer.subscription",
    "subscription_schedule": "subscription_schedule",
    "invoice": "invoice",
    "invoiceitem": "invoiceitem",
    "invoice_payment": "invoice_payment",
    "credit_note": "credit_note",
    "payment_intent": "payment_intent",
    "setup_intent": "setup_intent",
    "charge": "charge",
    "refund": "refund",
    "dispute": "charge.dispute",
    "payout": "payout",
    "billing.meter": "billing.meter",
    "test_helpers.test_clock": "test_helpers.test_clock",
}
# Objects whose changes Stripe tells by their status alone.
_QUIET = (
    *("payment_intent", "setup_intent", "payment_method", "invoiceitem"),
    *("invoice_payment", "test_helpers.test_clock"),
)
# Objects of whose beginning Stripe says nothing but their status.
_UNANNOUNCED = ("charge", "invoice_payment")
_BY_STATUS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "invoice": {
        "open": ("invoice.finalized",),
        "paid": ("invoice.paid", "invoice.payment_succeeded"),
        "void": ("invoice.voided",),
        "uncollectible": ("invoice.marked_uncollectible",),
    },
    "payment_intent": {
        "succeeded": ("payment_intent.succeeded",),
        "canceled": ("payment_intent.canceled",),
        "requires_action": ("payment_intent.requires_action",),
        "requires_capture": ("payment_intent.amount_capturable_updated",),
        "processing": ("payment_intent.processing",),
    },
    "invoice_payment": {"paid": ("invoice_payment.paid",)},
    "charge": {"succeeded": ("charge.succeeded",), "failed": ("charge.failed",)},
    "dispute": {"won": ("charge.dispute.closed",), "lost": ("charge.dispute.closed",)},
    "payout": {
        "paid": ("payout.paid",),
        "failed": ("payout.failed",),
        "canceled": ("payout.canceled",),
    },
    "credit_note": {"void": ("credit_note.voided",)},
    "subscription": {
        "paused": ("customer.subscription.paused",),
        "canceled": ("customer.subscription.deleted",),
    },
    "subscription_schedule": {
        "canceled": ("subscription_schedule.canceled",),
        "released": ("subscription_schedule.released",),
        "completed": ("subscription_schedule.completed",),
    },
    "test_helpers.test_clock": {
        "advancing": ("test_helpers.test_clock.advancing",),
        "ready": ("test_helpers.test_clock.ready",),
    },
    "billing.meter": {
        "inactive": ("billing.meter.deactivated",),
        "active": ("billing.meter.reactivated",),
    },
}


def kinds(write: Write) -> Iterator[str]:
    """Yield the types of the events that a write is."""
    name, before, after = write.object, write.before, write.after
    if name == "payment_method":
        yield from _payment_method(before, after)
    head = _HEADS.get(name)
    if head is None:
        return
    if after is None:
        yield f"{head}.deleted"
        return
    if before is None and name not in _UNANNOUNCED:
        yield f"{head}.created"
    moved = before is None or before.get("status") != after.get("status")
    told = _BY_STATUS.get(name, {}).get(str(after.get("status")), ()) if moved else ()
    if before is None and name in ("test_helpers.test_clock", "billing.meter"):
        told = ()
    yield from told
    detail = _DETAILS.get(name)
    if before is not None and detail is not None:
        yield from detail(before, after)
    if before is None and name == "dispute":
        yield "charge.dispute.funds_withdrawn"
    if (
        before is not None
        and name not in _QUIET
        and f"{head}.deleted" not in told
        and _public(before) != _public(after)
    ):
        yield f"{head}.updated"


def _public(document: Document) -> Document:
    return {field: value for field, value in document.items() if field[0] != "_"}


def _invoice(before: Document, after: Document) -> Iterator[str]:
    tried = after.get("attempt_count", 0) > before.get("attempt_count", 0)
    if tried and after.get("status") == "open":
        yield "invoice.payment_failed"
    if after.get("_sent", 0) != before.get("_sent", 0):
        yield "invoice.sent"


def _payment_intent(before: Document, after: Document) -> Iterator[str]:
    failure = after.get("last_payment_error")
    if failure and failure != before.get("last_payment_error"):
        yield "payment_intent.payment_failed"


def _charge(before: Document, after: Document) -> Iterator[str]:
    if after.get("captured") and not before.get("captured"):
        yield "charge.captured"
    if after.get("amount_refunded", 0) > before.get("amount_refunded", 0):
        yield "charge.refunded"


def _subscription(before: Document, after: Document) -> Iterator[str]:
    if before.get("status") == "paused" and after.get("status") == "active":
        yield "customer.subscription.resumed"
    if after.get("_trial_told") and not before.get("_trial_told"):
        yield "customer.subscription.trial_will_end"


def discounts(write: Write) -> Iterator[tuple[str, Document]]:
    """Yield type and discount of the events that a write of a subscription is.

    They are about the discount, not about what it was given to.
    """
    if write.object == "subscription" and write.before and write.after:
        held, holds = _discounts(write.before), _discounts(write.after)
        for name in holds.keys() - held:
            yield "customer.discount.created", holds[name]
        for name in held.keys() - holds:
            yield "customer.discount.deleted", held[name]


def _discounts(subscription: Document) -> dict[str, Document]:
    return {
        str(each["id"]): each
        for each in subscription.get("discounts") or []
        if isinstance(each, dict) and "id" in each
    }


def _dispute(before: Document, after: Document) -> Iterator[str]:
    held, holds = (each.get("balance_transactions", ()) for each in (before, after))
    if len(holds) > len(held):
        yield "charge.dispute.funds_reinstated"


def _payment_method(before: Document | None, after: Document | None) -> Iterator[str]:
    held = (before or {}).get("customer")
    holds = (after or {}).get("customer")
    if held != holds:
        yield f"payment_method.{'attached' if holds else 'detached'}"
    elif before is not None and after is not None:
        yield "payment_method.updated"


_DETAILS: Mapping[str, Callable[[Document, Document], Iterator[str]]] = {
    "invoice": _invoice,
    "payment_intent": _payment_intent,
    "charge": _charge,
    "dispute": _dispute,
    "subscription": _subscription,
}
