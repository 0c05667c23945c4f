"""Stripe: all objects of the billing and payments API, version 2026-10-28.

Amounts are integer minor units, times are Unix seconds, every object names its type.
Everything is in test mode (`livemode` false), as the sandbox's keys are test keys.
"""

from sandbox.company.catalogue import (
    ALL_BY_SKU,
    BUNDLES,
    PRODUCTS,
    Charge,
    Product,
    list_minor,
)
from sandbox.company.company import Company
from sandbox.company.days import epoch, plus
from sandbox.company.facts import Customer, Price, UsageDay
from sandbox.identifiers import stripe_id
from sandbox.salesforce.documents import account_id
from sandbox.shapes import Document
from sandbox.stripe.documents_balance import balance_objects
from sandbox.stripe.documents_credits import credit_notes
from sandbox.stripe.documents_ids import (
    customer_id,
    meter_id,
    price_id,
    product_id,
)
from sandbox.stripe.documents_invoices import invoice_objects
from sandbox.stripe.documents_schedules import (
    phase_starts,
    schedules,
    trial_customers,
    trial_subscriptions,
)
from sandbox.stripe.documents_shapes import address_document, tier_document
from sandbox.stripe.documents_subscriptions import billed, coupon_id, subscription

CREATED_AT = 6 * 3_600  # seconds after midnight at which catalogue objects were made


def stripe_documents(company: Company) -> dict[str, list[Document]]:
    """Return all objects by type; a meter's summaries carry `_customer` besides.

    Customers whose entity bills by another system are left out.
    """
    company = company.using("stripe")
    prices = {price: _price(company, price) for price in _all_prices(company)}
    objects: dict[str, list[Document]] = {
        "customer": [customer_document(company, each) for each in company.customers],
        "product": [
            _product(company, each)
            for each in company.products
            if each.sku not in BUNDLES
        ],
        "price": list(prices.values()),
        "coupon": _coupons(company),
        "subscription": [
            subscription(company, each, prices) for each in company.contracts
        ],
        "invoice": [],
        "invoiceitem": [],
        "payment_intent": [],
        "invoice_payment": [],
        "charge": [],
        "refund": [],
        "billing.meter": [
            _meter(company, product) for product in PRODUCTS if product.meter_event
        ],
        "billing.meter_event_summary": [
            usage_summary(company, each) for each in company.usage
        ],
    }
    for invoice in company.invoices:
        for name, document in invoice_objects(company, invoice):
            objects[name].append(document)
    if "lifecycle" in company.features:
        objects["customer"] += trial_customers(company)
        objects["subscription"] += trial_subscriptions(company, prices)
        objects["subscription_schedule"] = schedules(company)
    if "credit_notes" in company.features:
        objects["credit_note"] = credit_notes(company)
    if "payments" in company.features:
        objects |= balance_objects(company)
    return objects


def customer_document(company: Company, customer: Customer) -> Document:
    """Return the customer; its metadata points at the account in Salesforce."""
    metadata = {}
    if "stripe" not in customer.missing_links:
        metadata["salesforce_account_id"] = account_id(customer)
    written = company.written(customer, "stripe")
    if written.tax_id is not None:
        metadata["tax_id"] = written.tax_id
    first = company.contracts_of[customer.key][0]
    began = first.starts_on if first.trial is None else first.trial.starts_on
    identity = customer_id(customer)
    return {
        "id": identity,
        "object": "customer",
        "address": address_document(customer.country, written.address),
        "balance": 0,
        "created": epoch(plus(began, -1), CREATED_AT),
        "currency": customer.currency.lower(),
        "default_source": None,
        "delinquent": company.has_failed_payment(customer),
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
        "metadata": metadata,
        "name": written.name,
        "next_invoice_sequence": len(company.invoices_of[customer.key]) + 1,
        "phone": written.phone,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def _product(company: Company, product: Product) -> Document:
    created = epoch(company.starts_on, CREATED_AT)
    return {
        "id": product_id(company.seed, product.sku),
        "object": "product",
        "active": True,
        "created": created,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {"sku": product.sku},
        "name": product.name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "unit_label": None,
        "updated": created,
        "url": None,
    }


def _all_prices(company: Company) -> list[Price]:
    """Return the list prices and whatever else was negotiated, each one once."""
    tried = [company.customer_by_key[each.customer_key] for each in company.trials]
    currencies = sorted({each.currency for each in (*company.customers, *tried)})
    listed = [
        Price(
            product.sku,
            currency,
            None if product.charge is Charge.ONE_TIME else "month",
            list_minor(product.sku, currency),
        )
        for product in PRODUCTS
        for currency in currencies
    ]
    agreed = [
        price
        for contract in company.contracts
        for day in (company.as_of, *phase_starts(contract))
        for price, _ in billed(contract, day)
    ]
    invoiced = [line.price for each in company.invoices for line in each.lines]
    return list(dict.fromkeys([*listed, *agreed, *invoiced]))


def _price(company: Company, price: Price) -> Document:
    recurring = None
    if price.interval is not None:
        metered = ALL_BY_SKU[price.sku].charge is Charge.USAGE
        recurring = {
            "interval": price.interval,
            "interval_count": 1,
            "meter": meter_id(company.seed, price.sku) if metered else None,
            "usage_type": "metered" if metered else "licensed",
        }
    tiered = {
        "billing_scheme": "tiered",
        # Stripe shows the tiers only to whoever expands them.
        "tiers": [tier_document(tier) for tier in price.tiers],
        "tiers_mode": "graduated",
        "unit_amount": None,
        "unit_amount_decimal": None,
    }
    return {
        "id": price_id(company.seed, price),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": epoch(company.starts_on, CREATED_AT),
        "currency": price.currency.lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product_id(company.seed, price.sku),
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time" if recurring is None else "recurring",
        "unit_amount": price.unit_minor,
        "unit_amount_decimal": str(price.unit_minor),
        **(tiered if price.tiers else {}),
    }


def _coupons(company: Company) -> list[Document]:
    redeemed: dict[tuple[int, int | None], int] = {}
    for contract in company.contracts:
        if contract.discount is not None:
            place = (contract.discount.percent, contract.discount.months)
            redeemed[place] = redeemed.get(place, 0) + 1
    return [
        coupon(company, percent, months, times)
        for (percent, months), times in sorted(redeemed.items(), key=str)
    ]


def coupon(company: Company, percent: int, months: int | None, times: int) -> Document:
    """Return a coupon on recurring products, for some months or (None) forever."""
    return {
        "id": coupon_id(percent, months),
        "object": "coupon",
        "amount_off": None,
        "applies_to": {
            "products": [
                product_id(company.seed, product.sku)
                for product in PRODUCTS
                if product.charge is Charge.RECURRING
            ]
        },
        "created": epoch(company.starts_on, CREATED_AT),
        "currency": None,
        "duration": "forever" if months is None else "repeating",
        "duration_in_months": months,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": f"{percent} % off",
        "percent_off": percent,
        "redeem_by": None,
        "times_redeemed": times,
        "valid": True,
    }


def _meter(company: Company, product: Product) -> Document:
    created = epoch(company.starts_on, CREATED_AT)
    return {
        "id": meter_id(company.seed, product.sku),
        "object": "billing.meter",
        "created": created,
        "customer_mapping": {
            "event_payload_key": "stripe_customer_id",
            "type": "by_id",
        },
        "default_aggregation": {"formula": "sum"},
        "display_name": product.name,
        "event_name": product.meter_event,
        "event_time_window": None,
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "updated": created,
        "value_settings": {"event_payload_key": "value"},
    }


def usage_summary(company: Company, day: UsageDay) -> Document:
    """Return a customer's usage of a meter on one day; `_customer` is ours."""
    meter = meter_id(company.seed, day.sku)
    start = epoch(day.on)
    return {
        "id": stripe_id("mtrusg", day.customer.key, day.sku, day.on.isoformat()),
        "object": "billing.meter_event_summary",
        "aggregated_value": day.quantity,
        "end_time": epoch(plus(day.on, 1)),
        "livemode": False,
        "meter": meter,
        "start_time": start,
        "_customer": customer_id(day.customer),
    }
