"""Stripe schedules: contracts that step up by the year; trials that led to none."""

from collections.abc import Iterator, Mapping
from datetime import date

from sandbox.company.catalogue import list_minor
from sandbox.company.company import Company
from sandbox.company.days import add_months, epoch, months_between, plus
from sandbox.company.facts import Contract, Customer, Price, Trial
from sandbox.identifiers import stripe_id
from sandbox.salesforce.documents_ids import account_id, contract_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import (
    customer_id,
    price_id,
    schedule_id,
    subscription_id,
)
from sandbox.stripe.documents_shapes import address_document
from sandbox.stripe.documents_subscriptions import METHODS, billed

CREATED_AT = 6 * 3_600


def phase_starts(contract: Contract) -> tuple[date, ...]:
    """Return the days on which a ramped contract's phases start; else none."""
    if not contract.is_ramped:
        return ()
    months = months_between(contract.starts_on, contract.term_ends_before)
    return tuple(
        add_months(contract.starts_on, month) for month in range(0, months, 12)
    )


def schedules(company: Company) -> list[Document]:
    """Return the schedule of each contract that steps up."""
    return [_schedule(company, each) for each in company.contracts if each.is_ramped]


def _schedule(company: Company, contract: Contract) -> Document:
    starts = phase_starts(contract)
    ends = (*starts[1:], contract.term_ends_before)
    running = [
        {"end_date": epoch(end), "start_date": epoch(start)}
        for start, end in zip(starts, ends, strict=True)
        if start <= company.as_of < end
    ]
    is_over = contract.term_ends_before <= company.as_of
    created = epoch(plus(contract.starts_on, -1), CREATED_AT)
    subscription = subscription_id(contract.key)
    return {
        "id": schedule_id(contract.key),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
        },
        "canceled_at": None,
        "completed_at": epoch(contract.term_ends_before) if is_over else None,
        "created": created,
        "current_phase": running[0] if running else None,
        "customer": customer_id(contract.customer),
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": {
                "disabled_reason": None,
                "enabled": False,
                "liability": None,
            },
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": METHODS[contract.customer.on_account],
            "default_payment_method": None,
            "description": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "days_until_due": 30 if contract.customer.on_account else None,
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": "cancel",
        "livemode": False,
        "metadata": {"salesforce_contract_id": contract_id(contract.key)},
        "phases": [
            _phase(company, contract, start, end)
            for start, end in zip(starts, ends, strict=True)
        ],
        "released_at": None,
        "released_subscription": None,
        "status": "completed" if is_over else "active",
        "subscription": subscription,
        "test_clock": None,
    }


def _phase(company: Company, contract: Contract, start: date, end: date) -> Document:
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": contract.customer.currency.lower(),
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": epoch(end),
        "invoice_settings": None,
        "items": list(_phase_items(company, contract, start)),
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": epoch(start),
        "transfer_data": None,
        "trial_end": None,
    }


def _phase_items(
    company: Company, contract: Contract, start: date
) -> Iterator[Document]:
    for price, quantity in billed(contract, start):
        item: Document = {
            "billing_thresholds": None,
            "discounts": [],
            "metadata": {},
            "price": price_id(company.seed, price),
            "tax_rates": [],
        }
        if quantity is not None:
            item["quantity"] = quantity
        yield item


def _lost(company: Company) -> Iterator[tuple[Trial, Customer]]:
    for trial in company.trials:
        if trial.contract_key is None:
            yield trial, company.customer_by_key[trial.customer_key]


def trial_customers(company: Company) -> list[Document]:
    """Return the customers who tried and did not stay."""
    return [_trial_customer(company, *each) for each in _lost(company)]


def _trial_customer(company: Company, trial: Trial, customer: Customer) -> Document:
    written = company.written(customer, "stripe")
    identity = customer_id(customer)
    return {
        "id": identity,
        "object": "customer",
        "address": address_document(customer.country, written.address),
        "balance": 0,
        "created": epoch(trial.starts_on, CREATED_AT),
        "currency": customer.currency.lower(),
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": written.email,
        "invoice_prefix": identity[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {"salesforce_account_id": account_id(customer)},
        "name": written.name,
        "next_invoice_sequence": 1,
        "phone": written.phone,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def trial_subscriptions(
    company: Company, prices: Mapping[Price, Document]
) -> list[Document]:
    """Return the subscriptions that never left their trial."""
    return [_trial_subscription(company, prices, *each) for each in _lost(company)]


def _trial_subscription(
    company: Company, prices: Mapping[Price, Document], trial: Trial, customer: Customer
) -> Document:
    identity = subscription_id(trial.key)
    start, end = epoch(trial.starts_on, CREATED_AT), epoch(trial.ends_before)
    ended = trial.ends_before <= company.as_of
    price = Price(
        trial.sku, customer.currency, "month", list_minor(trial.sku, customer.currency)
    )
    document = prices[price]
    return {
        "id": identity,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": end,
        "billing_cycle_anchor_config": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
        },
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": end if ended else None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": start,
        "currency": customer.currency.lower(),
        "customer": customer_id(customer),
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": end if ended else None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {
            "object": "list",
            "data": [
                {
                    "id": stripe_id("si", trial.key),
                    "object": "subscription_item",
                    "billing_thresholds": None,
                    "created": start,
                    "current_period_end": end,
                    "current_period_start": start,
                    "discounts": [],
                    "metadata": {},
                    "price": {**document, "recurring": dict(document["recurring"])},
                    "quantity": trial.quantity,
                    "subscription": identity,
                    "tax_rates": [],
                }
            ],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={identity}",
        },
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
        "start_date": start,
        "status": "canceled" if ended else "trialing",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": end,
        "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
        "trial_start": start,
    }
