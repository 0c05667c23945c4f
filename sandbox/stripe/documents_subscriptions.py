"""Stripe subscriptions: one for each contract, with an item for each price."""

from collections.abc import Iterator, Mapping
from datetime import date

from sandbox.company.catalogue import Charge
from sandbox.company.company import Company
from sandbox.company.days import add_months, epoch, months_between, plus
from sandbox.company.facts import Contract, Discount, Invoice, Price
from sandbox.salesforce.documents import contract_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import (
    customer_id,
    discount_id,
    invoice_id,
    item_id,
    schedule_id,
    subscription_id,
)

METHODS = {True: "send_invoice", False: "charge_automatically"}


def coupon_id(percent: int, months: int | None) -> str:
    """Return the id of the coupon; None months is forever."""
    return f"OFF{percent}-{'FOREVER' if months is None else f'{months}M'}"


def billed(contract: Contract, day: date) -> Iterator[tuple[Price, int | None]]:
    """Yield the prices on which a contract is billed on a day, with quantities.

    What is metered has no quantity.
    """
    units: dict[Price, int | None] = {}
    yearly = contract.interval == "year"
    for line in contract.lines:
        if not line.holds_on(day):
            continue
        metered = line.charge is Charge.USAGE
        price = Price(
            line.sku,
            contract.customer.currency,
            "month" if metered else contract.interval,
            line.unit_minor * (12 if yearly and not metered else 1),
            line.tiers,
        )
        held = units.get(price) or 0
        units[price] = None if metered else held + line.quantity
    # A product whose units were all given back is no longer an item.
    yield from ((price, held) for price, held in units.items() if held != 0)


def subscription(
    company: Company, contract: Contract, prices: Mapping[Price, Document]
) -> Document:
    """Return the subscription as it is on the last day."""
    identity = subscription_id(contract.key)
    start = epoch(contract.starts_on)
    ended = contract.ends_before <= company.as_of
    end = epoch(contract.ends_before) if ended else None
    on_account = contract.customer.on_account
    trial, pause = contract.trial, contract.pause_on(company.as_of)
    began = start if trial is None else epoch(trial.starts_on)
    latest = [
        invoice
        for invoice in company.invoices_of[contract.customer.key]
        if invoice.contract_key == contract.key
    ][-1]
    return {
        "id": identity,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": start,
        "billing_cycle_anchor_config": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
        },
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": end,
        "cancellation_details": {
            "comment": None,
            "feedback": contract.cancel_reason if ended else None,
            "reason": "cancellation_requested" if ended else None,
        },
        "collection_method": METHODS[on_account],
        "created": began,
        "currency": contract.customer.currency.lower(),
        "customer": customer_id(contract.customer),
        "days_until_due": 30 if on_account else None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": _discounts(company, contract),
        "ended_at": end,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {
            "object": "list",
            "data": list(_items(company, contract, prices)),
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={identity}",
        },
        "latest_invoice": invoice_id(latest),
        "livemode": False,
        "metadata": {"salesforce_contract_id": contract_id(contract.key)},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None
        if pause is None
        else {"behavior": "void", "resumes_at": epoch(pause.resumes_on)},
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": schedule_id(contract.key) if contract.is_ramped else None,
        "start_date": began,
        "status": _status(company, latest, ended=ended),
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None if trial is None else start,
        "trial_settings": {
            "end_behavior": {"missing_payment_method": "create_invoice"}
        },
        "trial_start": None if trial is None else began,
    }


def _status(company: Company, latest: Invoice, *, ended: bool) -> str:
    """Return the status: past due while a card is declined again and again."""
    if ended:
        return "canceled"
    is_late = latest.failed and "payments" in company.features
    return "past_due" if is_late else "active"


def _discounts(company: Company, contract: Contract) -> list[Document]:
    """Return the discount while it lasts: Stripe drops it when its months are over."""
    discount = contract.discount_on(company.as_of)
    if discount is None or not contract.in_force(company.as_of):
        return []
    return [discount_document(contract, discount, discount.months)]


def discount_document(
    contract: Contract, discount: Discount, months: int | None
) -> Document:
    """Return the discount of a contract's subscription; None months is forever."""
    end = None if months is None else epoch(discount.ends_before)
    return {
        "id": discount_id(contract),
        "object": "discount",
        "checkout_session": None,
        "customer": customer_id(contract.customer),
        "end": end,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": coupon_id(discount.percent, months), "type": "coupon"},
        "start": epoch(contract.starts_on),
        "subscription": subscription_id(contract.key),
        "subscription_item": None,
    }


def _items(
    company: Company, contract: Contract, prices: Mapping[Price, Document]
) -> Iterator[Document]:
    last_day = min(company.as_of, contract.ends_before)
    for price, quantity in billed(contract, last_day):
        start, end = _period(contract, price, company.as_of)
        first = min(line.starts_on for line in contract.lines if line.sku == price.sku)
        document = prices[price]
        item: Document = {
            "id": item_id(contract.key, company.seed, price),
            "object": "subscription_item",
            "billing_thresholds": None,
            "created": epoch(first),
            "current_period_end": epoch(end),
            "current_period_start": epoch(start),
            "discounts": [],
            "metadata": {},
            "price": {**document, "recurring": dict(document["recurring"])},
            "subscription": subscription_id(contract.key),
            "tax_rates": [],
        }
        if quantity is not None:
            item["quantity"] = quantity
        yield item


def _period(contract: Contract, price: Price, as_of: date) -> tuple[date, date]:
    """Return the billing period that is running, or was the last one."""
    if price.interval == "year":
        last_day = min(as_of, plus(contract.ends_before, -1))
        year = months_between(contract.starts_on, last_day) // 12
        start = add_months(contract.starts_on, 12 * year)
        return start, add_months(start, 12)
    begun = months_between(contract.starts_on, as_of)
    last = months_between(contract.starts_on, contract.ends_before) - 1
    start = add_months(contract.starts_on, min(begun, last))
    return start, add_months(start, 1)
