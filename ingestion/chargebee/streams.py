"""Chargebee's records: which columns the raw tables take from them.

Amounts are whole minor units and times Unix seconds. A field without a value is absent,
so a column insists only on what the vendor sends of every record. `updated_at` is
absent too, of what has not changed since September 2016.
"""

from collections.abc import Callable

from ingestion.readings import Document
from ingestion.streams import Column, Stream, epoch, flag, integer, number, text


def _told_deleted(document: Document) -> bool:
    return document.get("deleted") is True


def _stream(name: str, object_name: str, *columns: Column) -> Stream:
    return Stream(
        name,
        object_name,
        (
            *columns,
            integer("resource_version", "resource_version?"),
            epoch("updated_at", "updated_at?"),
        ),
        cursor="updated_at",
        is_deleted=_told_deleted,
    )


def _part(
    name: str, object_name: str, *columns: Column, identity: tuple[str, ...] = ("id",)
) -> Stream:
    """Return a stream whose rows stand in another's records and change with them."""
    return Stream(name, object_name, columns, identity=identity)


def _optional(make: Callable[[str, str], Column], *names: str) -> tuple[Column, ...]:
    """Return columns of one kind that are named as the fields they may be in."""
    return tuple(make(name, f"{name}?") for name in names)


def _address(*names: str) -> tuple[Column, ...]:
    return tuple(
        text(f"billing_address_{name}", f"billing_address?.{name}?") for name in names
    )


_LINE = (
    *_optional(text, "subscription_id", "customer_id", "entity_type", "entity_id"),
    *_optional(text, "description", "pricing_model", "reference_line_item_id"),
    epoch("date_from", "date_from"),
    epoch("date_to", "date_to"),
    integer("unit_amount", "unit_amount"),
    *_optional(integer, "quantity", "amount", "tax_amount"),
    *_optional(integer, "discount_amount", "item_level_discount_amount"),
    *_optional(
        text, "unit_amount_in_decimal", "quantity_in_decimal", "amount_in_decimal"
    ),
    *_optional(number, "tax_rate"),
    *_optional(flag, "is_taxed", "metered"),
)

STREAMS = (
    _stream(
        "customers",
        "customer",
        *_optional(text, "first_name", "last_name", "email", "phone", "company"),
        *_optional(text, "vat_number", "taxability", "preferred_currency_code"),
        text("auto_collection", "auto_collection"),
        *_optional(integer, "net_term_days", "promotional_credits", "unbilled_charges"),
        *_optional(integer, "refundable_credits", "excess_payments"),
        *_address("line1", "line2", "city", "state", "zip", "country"),
        text("relationship_parent_id", "relationship?.parent_id?"),
        text("meta_data_salesforce_account_id", "meta_data?.salesforce_account_id?"),
        *_optional(text, "business_entity_id"),
        epoch("created_at", "created_at"),
    ),
    _stream(
        "items",
        "item",
        text("name", "name"),
        text("type", "type"),
        *_optional(text, "external_name", "status", "item_family_id"),
        *_optional(text, "usage_calculation"),
        *_optional(flag, "metered", "included_in_mrr"),
        text("metadata_sku", "metadata?.sku?"),
    ),
    _stream(
        "item_prices",
        "item_price",
        text("name", "name"),
        text("pricing_model", "pricing_model"),
        text("currency_code", "currency_code"),
        *_optional(text, "external_name", "status", "item_family_id", "item_id"),
        *_optional(text, "item_type", "period_unit", "price_in_decimal"),
        *_optional(integer, "price", "period", "free_quantity", "billing_cycles"),
        text("accounting_detail_sku", "accounting_detail?.sku?"),
        text("accounting_detail_code", "accounting_detail?.accounting_code?"),
        *_optional(epoch, "created_at"),
    ),
    _stream(
        "coupons",
        "coupon",
        text("name", "name"),
        text("discount_type", "discount_type"),
        text("duration_type", "duration_type"),
        text("apply_on", "apply_on"),
        *_optional(text, "currency_code", "period_unit", "status"),
        *_optional(number, "discount_percentage"),
        *_optional(integer, "discount_amount", "period", "redemptions"),
        epoch("created_at", "created_at"),
    ),
    _stream(
        "subscriptions",
        "subscription",
        text("customer_id", "customer_id"),
        text("status", "status"),
        text("currency_code", "currency_code"),
        *_optional(text, "billing_period_unit", "cancel_reason", "cancel_reason_code"),
        *_optional(text, "po_number", "business_entity_id"),
        *_optional(integer, "billing_period", "remaining_billing_cycles", "mrr"),
        *_optional(integer, "due_invoices_count", "total_dues"),
        *_optional(epoch, "start_date", "trial_start", "trial_end", "started_at"),
        *_optional(epoch, "activated_at", "current_term_start", "current_term_end"),
        *_optional(epoch, "next_billing_at", "pause_date", "resume_date"),
        *_optional(epoch, "cancelled_at", "due_since", "created_at"),
        *_optional(flag, "has_scheduled_changes"),
        epoch("contract_term_start", "contract_term?.contract_start?"),
        epoch("contract_term_end", "contract_term?.contract_end?"),
        text("contract_term_action_at_end", "contract_term?.action_at_term_end?"),
        integer("contract_term_total_value", "contract_term?.total_contract_value?"),
        text("meta_data_salesforce_contract_id", "meta_data?.salesforce_contract_id?"),
    ),
    _part(
        "subscription_items",
        "subscription.subscription_items",
        text("subscription_id", "subscription_id"),
        text("item_price_id", "item_price_id"),
        text("item_type", "item_type"),
        *_optional(integer, "quantity", "unit_price", "amount", "free_quantity"),
        *_optional(text, "quantity_in_decimal", "unit_price_in_decimal"),
        *_optional(text, "amount_in_decimal", "metered_quantity"),
        *_optional(integer, "billing_cycles"),
        *_optional(epoch, "trial_end"),
        identity=("subscription_id", "item_price_id"),
    ),
    _part(
        "subscription_coupons",
        "subscription.coupons",
        text("subscription_id", "subscription_id"),
        text("coupon_id", "coupon_id"),
        *_optional(epoch, "apply_till"),
        *_optional(integer, "applied_count"),
        identity=("subscription_id", "coupon_id"),
    ),
    _stream(
        "invoices",
        "invoice",
        text("customer_id", "customer_id"),
        text("status", "status"),
        text("currency_code", "currency_code"),
        text("price_type", "price_type"),
        flag("recurring", "recurring"),
        integer("sub_total", "sub_total"),
        integer("tax", "tax"),
        *_optional(integer, "total", "amount_paid", "amount_adjusted", "amount_due"),
        *_optional(integer, "credits_applied", "write_off_amount", "round_off_amount"),
        *_optional(integer, "amount_to_collect", "net_term_days"),
        *_optional(text, "subscription_id", "po_number", "dunning_status"),
        *_optional(text, "void_reason_code", "business_entity_id"),
        *_optional(epoch, "date", "due_date", "paid_at", "voided_at", "generated_at"),
        *_optional(flag, "first_invoice", "has_advance_charges"),
    ),
    _part(
        "invoice_lines",
        "invoice.line_items",
        text("invoice_id", "invoice_id"),
        *_LINE,
    ),
    _stream(
        "credit_notes",
        "credit_note",
        text("customer_id", "customer_id"),
        text("type", "type"),
        text("status", "status"),
        text("currency_code", "currency_code"),
        integer("sub_total", "sub_total"),
        *_optional(integer, "total", "amount_allocated", "amount_refunded"),
        *_optional(integer, "amount_available", "round_off_amount"),
        *_optional(text, "subscription_id", "reference_invoice_id", "price_type"),
        *_optional(text, "reason_code", "create_reason_code", "business_entity_id"),
        *_optional(epoch, "date", "refunded_at", "voided_at", "generated_at"),
    ),
    _part(
        "credit_note_lines",
        "credit_note.line_items",
        text("credit_note_id", "credit_note_id"),
        *_LINE,
    ),
    _part(
        "credit_note_allocations",
        "credit_note.allocations",
        text("credit_note_id", "credit_note_id"),
        text("invoice_id", "invoice_id"),
        integer("allocated_amount", "allocated_amount"),
        epoch("allocated_at", "allocated_at"),
        *_optional(epoch, "invoice_date"),
        *_optional(text, "invoice_status"),
        # A note may be used on the same invoice twice, in parts.
        identity=("credit_note_id", "invoice_id", "allocated_at"),
    ),
    _stream(
        "transactions",
        "transaction",
        text("type", "type"),
        text("payment_method", "payment_method"),
        text("currency_code", "currency_code"),
        *_optional(text, "customer_id", "subscription_id", "status", "gateway"),
        *_optional(text, "gateway_account_id", "payment_source_id", "id_at_gateway"),
        *_optional(text, "reference_number", "error_code", "error_text"),
        *_optional(text, "refunded_txn_id", "reference_transaction_id"),
        *_optional(text, "reversal_transaction_id", "business_entity_id"),
        *_optional(integer, "amount", "amount_unused", "amount_capturable"),
        *_optional(epoch, "date", "settled_at", "voided_at"),
    ),
    _part(
        "transaction_invoices",
        "transaction.linked_invoices",
        text("transaction_id", "transaction_id"),
        text("invoice_id", "invoice_id"),
        integer("applied_amount", "applied_amount"),
        epoch("applied_at", "applied_at"),
        *_optional(epoch, "invoice_date"),
        *_optional(integer, "invoice_total"),
        *_optional(text, "invoice_status"),
        identity=("transaction_id", "invoice_id", "applied_at"),
    ),
    _part(
        "transaction_credit_notes",
        "transaction.linked_credit_notes",
        text("transaction_id", "transaction_id"),
        text("cn_id", "cn_id"),
        integer("applied_amount", "applied_amount"),
        epoch("applied_at", "applied_at"),
        *_optional(epoch, "cn_date"),
        *_optional(integer, "cn_total"),
        *_optional(text, "cn_reason_code", "cn_status", "cn_reference_invoice_id"),
        identity=("transaction_id", "cn_id", "applied_at"),
    ),
    _stream(
        "usages",
        "usage",
        text("subscription_id", "subscription_id"),
        text("item_price_id", "item_price_id"),
        text("quantity", "quantity"),
        *_optional(text, "source", "invoice_id", "line_item_id"),
        epoch("usage_date", "usage_date"),
        *_optional(epoch, "created_at"),
    ),
)
