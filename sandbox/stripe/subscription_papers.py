"""Subscription papers: what one takes, and the fields that follow from it."""

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.coupons import DISCOUNTS, redeemed
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    choice,
    either,
    flag,
    group,
    instant,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.shapes import Params, invalid

PRORATIONS = choice("always_invoice", "create_prorations", "none")
BEHAVIORS = choice(
    "allow_incomplete",
    "default_incomplete",
    "error_if_incomplete",
    "pending_if_incomplete",
)
_FEEDBACK = (
    *("customer_service", "low_quality", "missing_features", "other"),
    *("switched_service", "too_complex", "too_expensive", "unused"),
)
CANCELLATION = group({"comment": text(), "feedback": choice(*_FEEDBACK)})
ENDED = ("canceled", "incomplete_expired")

COMMON: Fields = {
    **EXPAND,
    "cancel_at": either(("min_period_end", "max_period_end"), instant()),
    "cancel_at_period_end": flag,
    "collection_method": choice("charge_automatically", "send_invoice"),
    "days_until_due": whole(0, 3650),
    "default_payment_method": text(),
    "description": text(longest=500),
    "discounts": DISCOUNTS,
    "metadata": metadata,
    "off_session": flag,
    "payment_behavior": BEHAVIORS,
    "payment_settings": group(
        {
            "payment_method_types": several(text()),
            "save_default_payment_method": choice("off", "on_subscription"),
        }
    ),
    "proration_behavior": PRORATIONS,
    "trial_end": either(("now",), instant()),
    "trial_from_plan": flag,
    "trial_settings": group(
        {
            "end_behavior!": group(
                {"missing_payment_method!": choice("cancel", "create_invoice", "pause")}
            )
        }
    ),
}


def blank(
    books: Books, customer: Document, at: int, anchor: int, params: Params
) -> Document:
    """Return a subscription that nothing is known of yet."""
    mode = params.get("billing_mode") or {"type": "flexible"}
    flexible = {"proration_discounts": "included", **(mode.get("flexible") or {})}
    return {
        "id": books.new_id("sub_"),
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": anchor,
        "billing_cycle_anchor_config": None,
        "billing_mode": {
            "flexible": flexible if mode["type"] == "flexible" else None,
            "type": mode["type"],
        },
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": params.get("collection_method") or "charge_automatically",
        "created": at,
        "currency": "usd",
        "customer": customer["id"],
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "latest_invoice": None,
        "livemode": False,
        "metadata": {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": at,
        "status": "incomplete",
        "test_clock": customer.get("test_clock"),
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {
            "end_behavior": {"missing_payment_method": "create_invoice"}
        },
        "trial_start": None,
    }


def settings(books: Books, subscription: Document, params: Params, at: int) -> Document:
    """Return the fields that creating and updating set alike."""
    fields = _collection(subscription, params)
    if "default_payment_method" in params:
        method_id = params["default_payment_method"]
        if method_id:
            _own_method(books, subscription, method_id)
        fields["default_payment_method"] = method_id
    if "description" in params:
        fields["description"] = params["description"]
    if "metadata" in params:
        fields["metadata"] = merged(subscription.get("metadata"), params["metadata"])
    if "discounts" in params:
        place = {
            "customer": subscription["customer"],
            "subscription": subscription["id"],
        }
        fields["discounts"] = redeemed(
            books, params["discounts"], subscription.get("discounts") or [], at, place
        )
    if params.get("trial_settings"):
        fields["trial_settings"] = params["trial_settings"]
    if params.get("payment_settings"):
        wanted = dict(params["payment_settings"])
        wanted["payment_method_types"] = wanted.get("payment_method_types") or None
        fields["payment_settings"] = {
            **(subscription.get("payment_settings") or {}),
            **wanted,
        }
    return fields | _ending(subscription, params, at)


def _collection(subscription: Document, params: Params) -> Document:
    """Return how a subscription's invoices are collected."""
    fields: Document = {}
    held = subscription.get("collection_method") or "charge_automatically"
    method = params.get("collection_method") or held
    fields["collection_method"] = method
    days = params.get("days_until_due")
    if method == "send_invoice":
        if days is None and subscription.get("days_until_due") is None:
            sentence = (
                "If `collection_method` is set to `send_invoice`, `days_until_due` "
                "must be set."
            )
            raise invalid(sentence, "days_until_due", "parameter_missing")
        if days is not None:
            fields["days_until_due"] = days
    elif days is not None:
        sentence = (
            "`days_until_due` can only be set if `collection_method` is `send_invoice`."
        )
        raise invalid(sentence, "days_until_due")
    return fields


def _own_method(books: Books, subscription: Document, method_id: str) -> None:
    name = "default_payment_method"
    method = books.need("payment_method", method_id, name)
    if method["customer"] != subscription["customer"]:
        sentence = (
            "The customer does not have a payment method with the ID "
            f"{method_id}. The payment method must be attached to the customer."
        )
        raise invalid(sentence, name, "resource_missing")


def _ending(subscription: Document, params: Params, at: int) -> Document:
    """Return when a subscription is to end, if that is said."""
    if "cancel_at" in params and params.get("cancel_at_period_end"):
        sentence = "You may only specify one of these: cancel_at, cancel_at_period_end."
        raise invalid(sentence, "cancel_at")
    held = subscription.get("items", {}).get("data", [])
    ends = [item["current_period_end"] for item in held if "current_period_end" in item]
    reason = {**(subscription.get("cancellation_details") or {})}
    if "cancel_at_period_end" in params:
        wanted = params["cancel_at_period_end"]
        reason["reason"] = "cancellation_requested" if wanted else None
        return {
            "cancel_at": max(ends) if wanted and ends else None,
            "cancel_at_period_end": wanted,
            "canceled_at": at if wanted else None,
            "cancellation_details": reason,
        }
    if "cancel_at" not in params:
        return {}
    end = params["cancel_at"]
    if end in ("min_period_end", "max_period_end") and ends:
        end = min(ends) if end == "min_period_end" else max(ends)
    if end is not None and end <= at:
        sentence = "Invalid timestamp: must be an integer Unix timestamp in the future."
        raise invalid(sentence, "cancel_at")
    reason["reason"] = "cancellation_requested" if end else None
    return {
        "cancel_at": end,
        "cancel_at_period_end": False,
        "canceled_at": at if end else None,
        "cancellation_details": reason,
    }
