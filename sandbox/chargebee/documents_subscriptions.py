"""Chargebee's subscriptions and usages: one subscription for each contract."""

from collections.abc import Mapping
from datetime import date

from sandbox.chargebee.documents_ids import (
    chargebee_id,
    customer_id,
    price_id,
    price_of,
    subscription_id,
)
from sandbox.chargebee.documents_shapes import (
    ISSUED_AT,
    due_minor,
    stamped,
    status_of,
    type_of,
)
from sandbox.company.catalogue import Charge, list_minor
from sandbox.company.company import Company
from sandbox.company.days import add_months, epoch, months_between, plus
from sandbox.company.facts import Contract, Price, Trial, UsageDay
from sandbox.salesforce.documents import contract_id
from sandbox.shapes import Document
from sandbox.stripe.documents_subscriptions import billed, coupon_id

USED_AT = 12 * 3_600


def subscription(company: Company, contract: Contract) -> Document:
    """Return the subscription as it is on the last day."""
    as_of = company.as_of
    ended = contract.ends_before <= as_of
    pause = None if ended else contract.pause_on(as_of)
    start, end = _term(contract, as_of)
    status = "cancelled" if ended else "active" if pause is None else "paused"
    trial = contract.trial
    began = contract.starts_on if trial is None else trial.starts_on
    customer = contract.customer
    yearly = contract.interval == "year"
    last_day = min(as_of, plus(contract.ends_before, -1))
    items = [_item(price, held) for price, held in billed(contract, last_day)]
    items.sort(key=lambda each: ("plan", "addon", "charge").index(each["item_type"]))
    recurring = sum(each.get("amount", 0) for each in items)
    due = [
        each
        for each in company.invoices_of.get(customer.key, ())
        if each.contract_key == contract.key
        and status_of(company, each) == "payment_due"
    ]
    discount = contract.discount_on(last_day)
    coupons = []
    if discount is not None:
        applied = max(1, months_between(contract.starts_on, last_day) + 1)
        coupons.append(
            {
                "coupon_id": coupon_id(discount.percent, discount.months),
                "apply_till": epoch(discount.ends_before),
                "applied_count": applied,
                "object": "coupon",
            }
        )
    changed = max(
        line.starts_on for line in contract.lines if line.starts_on <= last_day
    )
    at = max(epoch(began), epoch(start, ISSUED_AT), epoch(changed))
    if ended:
        at = epoch(contract.ends_before)
    return stamped(
        {
            "id": subscription_id(contract.key),
            "customer_id": customer_id(customer),
            "status": status,
            "billing_period": 1,
            "billing_period_unit": contract.interval,
            "currency_code": customer.currency,
            "base_currency_code": "USD",
            "trial_start": None if trial is None else epoch(trial.starts_on),
            "trial_end": None if trial is None else epoch(trial.ends_before),
            "created_at": epoch(began),
            "started_at": epoch(began),
            "activated_at": epoch(contract.starts_on),
            "current_term_start": epoch(start),
            "current_term_end": epoch(end),
            "next_billing_at": epoch(end) if status == "active" else None,
            "pause_date": None if pause is None else epoch(pause.starts_on),
            "resume_date": None if pause is None else epoch(pause.resumes_on),
            "cancelled_at": epoch(contract.ends_before) if ended else None,
            "cancel_reason_code": contract.cancel_reason if ended else None,
            "subscription_items": items,
            "coupons": coupons,
            "mrr": recurring // (12 if yearly else 1) if status == "active" else 0,
            "due_invoices_count": len(due),
            "due_since": epoch(due[0].issued_on, ISSUED_AT) if due else None,
            "total_dues": sum(due_minor(company, each) for each in due) or None,
            "has_scheduled_changes": False,
            "has_scheduled_advance_invoices": False,
            "create_pending_invoices": False,
            "auto_close_invoices": True,
            "channel": "web",
            "contract_term": {
                "id": chargebee_id("", "term", contract.key),
                "status": "completed" if ended else "active",
                "contract_start": epoch(contract.starts_on),
                "contract_end": epoch(contract.term_ends_before),
                "action_at_term_end": "cancel",
                "created_at": epoch(contract.starts_on),
                "subscription_id": subscription_id(contract.key),
                "object": "contract_term",
            },
            "meta_data": {"salesforce_contract_id": contract_id(contract.key)},
            "deleted": False,
            "object": "subscription",
        },
        at,
    )


def _item(price: Price, quantity: int | None) -> Document:
    item = {
        "item_price_id": price_id(price),
        "item_type": type_of(price),
        "quantity": quantity,
        "metered_quantity": "0" if quantity is None else None,
        "unit_price": None if price.tiers else price.unit_minor,
        "amount": None if quantity is None else price.unit_minor * quantity,
        "free_quantity": 0,
        "object": "subscription_item",
    }
    return {key: each for key, each in item.items() if each is not None}


def _term(contract: Contract, as_of: date) -> tuple[date, date]:
    """Return the term that is running, or was the last one."""
    months = 12 if contract.interval == "year" else 1
    last_day = min(as_of, plus(contract.ends_before, -1))
    begun = max(0, months_between(contract.starts_on, last_day)) // months * months
    start = add_months(contract.starts_on, begun)
    return start, add_months(start, months)


def trial_subscription(company: Company, trial: Trial) -> Document:
    """Return the subscription of somebody who tried and did not stay."""
    customer = company.customer_by_key[trial.customer_key]
    start, end = epoch(trial.starts_on, USED_AT), epoch(trial.ends_before)
    ended = trial.ends_before <= company.as_of
    price = Price(
        trial.sku, customer.currency, "month", list_minor(trial.sku, customer.currency)
    )
    return stamped(
        {
            "id": subscription_id(trial.key),
            "customer_id": customer_id(customer),
            "status": "cancelled" if ended else "in_trial",
            "billing_period": 1,
            "billing_period_unit": "month",
            "currency_code": customer.currency,
            "base_currency_code": "USD",
            "trial_start": start,
            "trial_end": end,
            "created_at": start,
            "started_at": start,
            "current_term_start": start,
            "current_term_end": end,
            "next_billing_at": None if ended else end,
            "cancelled_at": end if ended else None,
            "subscription_items": [_item(price, trial.quantity)],
            "coupons": [],
            "mrr": 0,
            "due_invoices_count": 0,
            "has_scheduled_changes": False,
            "has_scheduled_advance_invoices": False,
            "create_pending_invoices": False,
            "auto_close_invoices": True,
            "channel": "web",
            "meta_data": {},
            "deleted": False,
            "object": "subscription",
        },
        end if ended else start,
    )


def usage_prices(company: Company) -> dict[tuple[str, str], str]:
    """Return the item price of each contract's metered product."""
    return {
        (contract.key, line.sku): price_id(price_of(contract, line))
        for contract in company.contracts
        for line in reversed(contract.lines)
        if line.charge is Charge.USAGE
    }


def usage(day: UsageDay, prices: Mapping[tuple[str, str], str]) -> Document:
    """Return a customer's usage of a metered item on one day."""
    at = epoch(day.on, USED_AT)
    return stamped(
        {
            "id": chargebee_id("", "usage", day.contract_key, day.sku, day.on),
            "usage_date": at,
            "subscription_id": subscription_id(day.contract_key),
            "item_price_id": prices[day.contract_key, day.sku],
            "quantity": str(day.quantity),
            "source": "api",
            "created_at": at,
            "object": "usage",
        },
        at,
    )
