"""Chargebee: the customers of the entities that bill by it, and what they pay.

Amounts are whole minor units and times Unix seconds. A field without a value is absent.
"""

from datetime import date

from sandbox.chargebee.documents_catalogue import catalogue
from sandbox.chargebee.documents_ids import (
    customer_id,
    source_id,
)
from sandbox.chargebee.documents_invoices import invoice_objects
from sandbox.chargebee.documents_shapes import stamped
from sandbox.chargebee.documents_subscriptions import (
    subscription,
    trial_subscription,
    usage,
    usage_prices,
)
from sandbox.chargebee.sources import GATEWAY, GATEWAY_ACCOUNT, card_of
from sandbox.company.company import Company
from sandbox.company.days import epoch, plus
from sandbox.company.facts import Customer
from sandbox.company.identity_people import written_person
from sandbox.salesforce.documents import account_id
from sandbox.shapes import Document

CREATED_AT = 6 * 3_600  # seconds after midnight at which master data was made
NET_TERM_DAYS = 30
NAMES = (
    "customer",
    "payment_source",
    "_card",
    "item_family",
    "item",
    "item_price",
    "coupon",
    "subscription",
    "invoice",
    "credit_note",
    "transaction",
    "usage",
)


def chargebee_documents(company: Company) -> dict[str, list[Document]]:
    """Return all records by object; empty lists where no entity bills by Chargebee."""
    objects: dict[str, list[Document]] = {name: [] for name in NAMES}
    if all(each.billing != "chargebee" for each in company.entities):
        return objects
    company = company.using("chargebee")
    began = _beginnings(company)
    for customer in company.customers:
        objects["customer"].append(
            customer_document(company, customer, began[customer.key])
        )
        if not customer.on_account:
            source = _source(customer, began[customer.key])
            objects["payment_source"].append(source)
            card = {"id": customer_id(customer), **card_of(source)}
            objects["_card"].append(card)
    objects |= catalogue(company, epoch(company.starts_on, CREATED_AT))
    objects["subscription"] = [subscription(company, e) for e in company.contracts]
    for trial in company.trials:
        if trial.contract_key is None:
            prospect = company.customer_by_key[trial.customer_key]
            if prospect.key not in company.contracts_of:
                known = customer_document(company, prospect, began[prospect.key])
                objects["customer"].append(known)
            objects["subscription"].append(trial_subscription(company, trial))
    for invoice in company.invoices:
        for name, document in invoice_objects(company, invoice):
            objects[name].append(document)
    prices = usage_prices(company)
    objects["usage"] = [usage(each, prices) for each in company.usage]
    return objects


def customer_document(company: Company, customer: Customer, began: date) -> Document:
    """Return the customer; its meta data points at the account in Salesforce.

    It was made on the day before it `began` to use or try something.
    """
    written = company.written(customer, "chargebee")
    created = epoch(plus(began, -1), CREATED_AT)
    person = written_person(customer, customer.people[0], "chargebee")
    links = {}
    # Whoever left the link out of billing did so in the billing it has.
    if not {"stripe", "chargebee"} & customer.missing_links:
        links["salesforce_account_id"] = account_id(customer)
    address = None
    if written.address is not None:
        address = {
            "line1": written.address.line1,
            "city": written.address.city,
            "state": written.address.region,
            "zip": written.address.postal_code,
            "country": written.address.country,
        }
    shown = address or {"country": customer.country}
    shown = {key: each for key, each in shown.items() if each is not None}
    by_card = not customer.on_account and customer.key in company.contracts_of
    method = {
        "object": "payment_method",
        "type": "card",
        "reference_id": f"tok_{source_id(customer)}",
        "gateway": GATEWAY,
        "gateway_account_id": GATEWAY_ACCOUNT,
        "status": "valid",
    }
    return stamped(
        {
            "id": customer_id(customer),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": written.email,
            "phone": written.phone,
            "company": written.name,
            "vat_number": written.tax_id,
            "auto_collection": "on" if by_card else "off",
            "net_term_days": 0 if by_card else NET_TERM_DAYS,
            "allow_direct_debit": False,
            "created_at": created,
            "taxability": "taxable",
            "pii_cleared": "active",
            "channel": "web",
            "card_status": "valid" if by_card else "no_card",
            "promotional_credits": 0,
            "refundable_credits": 0,
            "excess_payments": 0,
            "unbilled_charges": 0,
            "preferred_currency_code": customer.currency,
            "primary_payment_source_id": source_id(customer) if by_card else None,
            "payment_method": method if by_card else None,
            "billing_address": {
                "validation_status": "not_validated",
                **shown,
                "object": "billing_address",
            },
            "meta_data": links,
            "deleted": False,
            "object": "customer",
        },
        created,
    )


def _beginnings(company: Company) -> dict[str, date]:
    """Return when each customer first used or tried something, by its key."""
    began: dict[str, date] = {}
    facts = [(each.customer.key, each.starts_on) for each in company.contracts]
    facts += [(each.customer_key, each.starts_on) for each in company.trials]
    for key, day in facts:
        began[key] = min(day, began.get(key, day))
    return began


def _source(customer: Customer, began: date) -> Document:
    person = customer.people[0]
    created = epoch(plus(began, -1), CREATED_AT)
    return stamped(
        {
            "id": source_id(customer),
            "customer_id": customer_id(customer),
            "type": "card",
            "status": "valid",
            "reference_id": f"tok_{source_id(customer)}",
            "gateway": GATEWAY,
            "gateway_account_id": GATEWAY_ACCOUNT,
            "created_at": created,
            "card": {
                "first_name": person.first_name,
                "last_name": person.last_name,
                "iin": "411111",
                "last4": "1111",
                "brand": "visa",
                "funding_type": "credit",
                "expiry_month": 12,
                "expiry_year": 2029,
                "masked_number": "************1111",
                "object": "card",
            },
            "deleted": False,
            "object": "payment_source",
        },
        created,
    )
