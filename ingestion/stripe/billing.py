"""Billing's streams: customers, catalogue, subscriptions, invoices, credit, usage.

Amounts are whole minor units.
"""

from typing import Any

from ingestion.readings import Document
from ingestion.streams import Stream, epoch, flag, integer, number, text


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


def _of_parent(field: str) -> Any:
    """Return how to find what a line's parent says, whichever kind of parent it is."""

    def find(line: Document) -> Any:
        parent = line["parent"] or {}
        for kind in ("subscription_item_details", "invoice_item_details"):
            details = parent.get(kind)
            if details is not None:
                return details.get(field)
        return None

    return find


def _taxed(*behaviors: str) -> Any:
    """Return how to sum a line's taxes that are added to its amount, or are in it."""

    def find(line: Document) -> int:
        taxes = line["taxes"] or ()
        return sum(
            each["amount"] for each in taxes if each["tax_behavior"] in behaviors
        )

    return find


_TAXES = (
    integer("tax_amount", _taxed("exclusive", "inclusive")),
    integer("tax_included_amount", _taxed("inclusive")),
)


def _first_refund(note: Document) -> str | None:
    """Return the refund that a credit note came with; the record has all of them."""
    for each in note["refunds"] or ():
        if each["refund"] is not None:
            return str(each["refund"])
    return None


BILLING = (
    Stream(
        "customers",
        "customer",
        (
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
    ),
    Stream(
        "products",
        "product",
        (
            text("name", "name"),
            flag("active", "active"),
            text("metadata_sku", "metadata.sku?"),
        ),
    ),
    Stream(
        "prices",
        "price",
        (
            text("product", "product"),
            text("currency", "currency"),
            integer("unit_amount", "unit_amount"),
            text("unit_amount_decimal", "unit_amount_decimal"),
            text("billing_scheme", "billing_scheme"),
            text("tiers_mode", "tiers_mode"),
            integer("transform_quantity_divide_by", "transform_quantity.divide_by"),
            text("transform_quantity_round", "transform_quantity.round"),
            text("recurring_interval", "recurring.interval"),
            integer("recurring_interval_count", "recurring.interval_count"),
            text("recurring_usage_type", "recurring.usage_type"),
            text("recurring_meter", "recurring.meter?"),
            flag("active", "active"),
            epoch("created", "created"),
        ),
    ),
    Stream(
        "coupons",
        "coupon",
        (
            number("percent_off", "percent_off"),
            text("duration", "duration"),
            integer("duration_in_months", "duration_in_months"),
        ),
    ),
    Stream(
        "subscriptions",
        "subscription",
        (
            text("customer", "customer"),
            text("status", "status"),
            epoch("start_date", "start_date"),
            epoch("ended_at", "ended_at"),
            epoch("canceled_at", "canceled_at"),
            text("currency", "currency"),
            epoch("billing_cycle_anchor", "billing_cycle_anchor"),
            epoch("cancel_at", "cancel_at"),
            flag("cancel_at_period_end", "cancel_at_period_end"),
            text("cancellation_details_reason", "cancellation_details.reason"),
            epoch("trial_start", "trial_start"),
            epoch("trial_end", "trial_end"),
            text("pause_collection_behavior", "pause_collection.behavior"),
            epoch("pause_collection_resumes_at", "pause_collection.resumes_at"),
            text("discount_id", _discount("id")),
            text("discount_coupon", _discount("source.coupon")),
            epoch("discount_start", _discount("start")),
            epoch("discount_end", _discount("end")),
            text("metadata_salesforce_contract_id", "metadata.salesforce_contract_id?"),
            epoch("created", "created"),
        ),
    ),
    Stream(
        "subscription_items",
        "subscription_item",
        (
            text("subscription", "subscription"),
            text("price", "price.id"),
            integer("quantity", "quantity?"),  # absent where the price is metered
            epoch("created", "created"),
            epoch("current_period_start", "current_period_start"),
            epoch("current_period_end", "current_period_end"),
        ),
    ),
    Stream(
        "subscription_schedules",
        "subscription_schedule",
        (
            text("customer", "customer"),
            text("subscription", "subscription"),
            text("released_subscription", "released_subscription"),
            text("status", "status"),
            text("end_behavior", "end_behavior"),
            epoch("current_phase_start", "current_phase.start_date"),
            epoch("current_phase_end", "current_phase.end_date"),
            text("metadata_salesforce_contract_id", "metadata.salesforce_contract_id?"),
            epoch("created", "created"),
            epoch("canceled_at", "canceled_at"),
            epoch("completed_at", "completed_at"),
            epoch("released_at", "released_at"),
        ),
    ),
    Stream(
        "invoices",
        "invoice",
        (
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
    ),
    Stream(
        "invoice_lines",
        "line_item",
        (
            text("invoice", "invoice"),
            integer("amount", "amount"),
            integer("discount_amount", _discounted),
            *_TAXES,
            text("currency", "currency"),
            text("description", "description"),
            integer("quantity", "quantity"),
            text("price", "pricing.price_details?.price"),
            text("product", "pricing.price_details?.product"),
            epoch("period_start", "period.start"),
            epoch("period_end", "period.end"),
            text("invoice_item", "parent.invoice_item_details?.invoice_item"),
            text("subscription", _of_parent("subscription")),
            text("subscription_item", _of_parent("subscription_item")),
            flag("proration", _of_parent("proration")),
        ),
    ),
    Stream(
        "invoice_items",
        "invoiceitem",
        (
            text("customer", "customer"),
            integer("amount", "amount"),
            text("currency", "currency"),
            text("description", "description"),
            epoch("date", "date"),
            text("invoice", "invoice"),
            text("metadata_concord_key", "metadata.concord_key?"),
        ),
    ),
    Stream(
        "credit_notes",
        "credit_note",
        (
            text("invoice", "invoice"),
            text("customer", "customer"),
            text("number", "number"),
            text("status", "status"),
            text("type", "type"),
            text("reason", "reason"),
            text("currency", "currency"),
            integer("subtotal", "subtotal"),
            integer("total", "total"),
            integer("discount_amount", "discount_amount"),
            integer("pre_payment_amount", "pre_payment_amount"),
            integer("post_payment_amount", "post_payment_amount"),
            integer("out_of_band_amount", "out_of_band_amount"),
            text("refund", _first_refund),
            text("customer_balance_transaction", "customer_balance_transaction"),
            epoch("created", "created"),
            epoch("effective_at", "effective_at"),
            epoch("voided_at", "voided_at"),
        ),
    ),
    Stream(
        "credit_note_lines",
        "credit_note_line_item",
        (
            text("credit_note", "@credit_note"),
            text("type", "type"),
            text("invoice_line_item", "invoice_line_item?"),
            text("description", "description"),
            integer("amount", "amount"),
            integer("discount_amount", "discount_amount"),
            *_TAXES,
            integer("quantity", "quantity"),
        ),
    ),
    Stream(
        "meters",
        "billing.meter",
        (
            text("display_name", "display_name"),
            text("event_name", "event_name"),
            text("default_aggregation_formula", "default_aggregation.formula"),
            text("status", "status"),
        ),
    ),
    Stream(
        "meter_summaries",
        "billing.meter_event_summary",
        (
            text("meter", "meter"),
            text(
                "customer", "@customer"
            ),  # the summary itself does not say whose it is
            epoch("start_time", "start_time"),
            epoch("end_time", "end_time"),
            number("aggregated_value", "aggregated_value"),
        ),
    ),
)
