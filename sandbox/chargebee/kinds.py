"""Kinds: by what each of Chargebee's objects may be filtered and sorted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Sort = Literal["text", "choice", "time", "number", "flag"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One object of the interface.

    Attributes:
        name: of the object, and of its key in an answer.
        plural: its path.
        order: the field by which a list goes, newest first, if nothing else is asked.
        filters: the fields that a list can be filtered by.
        sorts: the fields that `sort_by` takes.
        shown: parameters of the list besides those of every list.
        hidden: a field of the record that no answer has.
    """

    name: str
    plural: str
    order: str
    filters: Mapping[str, Sort]
    sorts: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    hidden: str = ""


def _filters(
    text: str = "", choice: str = "", time: str = "", number: str = "", flag: str = ""
) -> dict[str, Sort]:
    sorts: dict[Sort, str] = {"text": text, "choice": choice, "time": time}
    sorts |= {"number": number, "flag": flag}
    return {name: sort for sort, names in sorts.items() for name in names.split()}


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "customer",
            "customers",
            "created_at",
            _filters(
                text="id first_name last_name email company phone business_entity_id",
                choice="auto_collection taxability offline_payment_method channel",
                time="created_at updated_at",
                flag="auto_close_invoices",
            ),
            ("created_at", "updated_at"),
        ),
        Kind(
            "item_family",
            "item_families",
            "updated_at",
            _filters(text="id name business_entity_id", time="updated_at"),
        ),
        Kind(
            "item",
            "items",
            "updated_at",
            _filters(
                text="id name item_family_id business_entity_id",
                choice="type item_applicability status usage_calculation channel",
                time="updated_at",
                flag="is_giftable enabled_for_checkout enabled_in_portal metered",
            ),
            ("name", "id", "updated_at"),
        ),
        Kind(
            "item_price",
            "item_prices",
            "updated_at",
            _filters(
                text="id name item_id item_family_id currency_code price_variant_id",
                choice="pricing_model item_type status period_unit channel",
                time="updated_at",
                number="period trial_period",
            ),
            ("name", "id", "updated_at"),
        ),
        Kind(
            "coupon",
            "coupons",
            "created_at",
            _filters(
                text="id name currency_code",
                choice="discount_type duration_type status apply_on",
                time="created_at updated_at",
            ),
            ("created_at",),
        ),
        Kind(
            "subscription",
            "subscriptions",
            "created_at",
            _filters(
                text="id customer_id item_price_id cancel_reason_code"
                " business_entity_id",
                choice="status cancel_reason offline_payment_method channel",
                time="created_at activated_at next_billing_at cancelled_at updated_at",
                number="remaining_billing_cycles",
                flag="has_scheduled_changes auto_close_invoices override_relationship",
            ),
            ("created_at", "updated_at"),
        ),
        Kind(
            "invoice",
            "invoices",
            "date",
            _filters(
                text="id subscription_id customer_id payment_owner void_reason_code",
                choice="status price_type dunning_status channel",
                time="date paid_at updated_at voided_at",
                number="total amount_paid amount_adjusted credits_applied amount_due",
                flag="recurring",
            ),
            ("date", "updated_at"),
        ),
        Kind(
            "credit_note",
            "credit_notes",
            "date",
            _filters(
                text="id customer_id subscription_id reference_invoice_id"
                " create_reason_code",
                choice="type reason_code status price_type channel",
                time="date voided_at updated_at",
                number="total amount_allocated amount_refunded amount_available",
            ),
            ("date",),
        ),
        Kind(
            "transaction",
            "transactions",
            "date",
            _filters(
                text="id customer_id subscription_id payment_source_id"
                " gateway_account_id id_at_gateway reference_number",
                choice="payment_method gateway type status",
                time="date updated_at",
                number="amount amount_capturable",
            ),
            ("date", "updated_at"),
        ),
        Kind(
            "payment_source",
            "payment_sources",
            "created_at",
            _filters(
                text="customer_id", choice="type status", time="updated_at created_at"
            ),
            ("created_at", "updated_at"),
        ),
        Kind(
            "unbilled_charge",
            "unbilled_charges",
            "created_at",
            _filters(text="subscription_id customer_id"),
            shown=("is_voided",),
        ),
        Kind(
            "usage",
            "usages",
            "usage_date",
            _filters(
                text="id subscription_id item_price_id invoice_id",
                choice="source",
                time="usage_date updated_at",
            ),
            ("usage_date", "updated_at"),
        ),
        Kind(
            "comment",
            "comments",
            "created_at",
            _filters(time="created_at"),
            ("created_at",),
            ("entity_type", "entity_id"),
        ),
        Kind(
            "event",
            "events",
            "occurred_at",
            _filters(
                text="id", choice="webhook_status event_type source", time="occurred_at"
            ),
            ("occurred_at",),
            ("start_time", "end_time"),
        ),
        Kind(
            "webhook_endpoint",
            "webhook_endpoints",
            "_created_at",
            {},
            hidden="_created_at",
        ),
    )
}

# What a page is looked up by: every order, and whatever points at another record.
INDEXED = {
    "customer": ("created_at", "updated_at", "email"),
    "item_family": ("updated_at",),
    "item": ("updated_at", "name", "item_family_id"),
    "item_price": ("updated_at", "name", "item_id"),
    "coupon": ("created_at", "updated_at"),
    "subscription": ("created_at", "updated_at", "customer_id"),
    "invoice": ("date", "updated_at", "customer_id", "subscription_id"),
    "credit_note": ("date", "updated_at", "customer_id", "reference_invoice_id"),
    "transaction": ("date", "updated_at", "customer_id", "subscription_id"),
    "payment_source": ("created_at", "updated_at", "customer_id"),
    "unbilled_charge": ("created_at", "subscription_id", "customer_id"),
    "usage": ("usage_date", "updated_at", "subscription_id"),
    "comment": ("created_at", "entity_id"),
    "event": ("occurred_at",),
    "webhook_endpoint": ("_created_at",),
}
