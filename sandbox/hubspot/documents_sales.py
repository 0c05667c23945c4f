"""Documents of sales: what HubSpot is shown of Salesforce's opportunities and leads.

The integration with Salesforce makes a deal of every opportunity and carries its id
along. Products and line items it leaves alone: an automation of the account copies the
catalogue, and the lines of the primary quote. A lead is what marketing handed over to
sales. HubSpot associates a line item with its deal, but never with its product: that
is the property `hs_product_id` (developers.hubspot.com, products).
"""

from collections.abc import Iterator
from datetime import date

from sandbox.company.catalogue import ALL_BY_SKU, Charge, Product, list_minor
from sandbox.company.company import Company
from sandbox.company.days import months_between, plus
from sandbox.company.facts import Deal, DealLine, Kind, Lead
from sandbox.hubspot.computed import computed
from sandbox.hubspot.documents_shapes import (
    both,
    company_id,
    contact_id,
    owner_id,
    owner_of,
    record,
    stamp,
)
from sandbox.hubspot.kinds import BY_NAME
from sandbox.hubspot.pipelines import PIPELINES
from sandbox.identifiers import hubspot_id, salesforce_id
from sandbox.salesforce.documents_ids import opportunity_id, product_id, quote_line_id
from sandbox.shapes import Document, major

Sales = tuple[dict[str, list[Document]], list[Document]]

# How the integration maps the opportunity's stages; the pipeline is HubSpot's own.
DEAL_STAGES = {
    "Prospecting": "appointmentscheduled",
    "Qualification": "qualifiedtobuy",
    "Proposal/Price Quote": "presentationscheduled",
    "Negotiation/Review": "decisionmakerboughtin",
    "Closed Won": "closedwon",
    "Closed Lost": "closedlost",
}
LEAD_STAGES = {
    "Open": "new-stage-id",
    "Working": "attempting-stage-id",
    "Converted": "qualified-stage-id",
    "Unqualified": "unqualified-stage-id",
}


def sales_documents(company: Company) -> Sales:
    """Return deals, line items, products and leads by object, and their links."""
    records = {
        "deals": [_deal(company, each) for each in company.deals],
        "line_items": [
            _line_item(company, deal, line)
            for deal in company.deals
            for line in deal.lines
        ],
        "products": [_product(company, each) for each in company.products],
        "leads": [_lead(company, each) for each in company.leads],
    }
    links = [link for deal in company.deals for link in _deal_links(deal)]
    links += [link for lead in company.leads for link in _lead_links(lead)]
    return records, links


def deal_id(deal: Deal) -> str:
    """Return the id of the deal's mirror."""
    return hubspot_id("deal", deal.key)


def line_item_id(line: DealLine) -> str:
    """Return the id of the mirror of a quote's line."""
    return hubspot_id("line_item", line.key)


def lead_id(lead: Lead) -> str:
    """Return the id of the lead's record, which is not its contact's."""
    return hubspot_id("lead", lead.key)


def hubspot_product_id(company: Company, sku: str) -> str:
    """Return the id of the product in HubSpot's library."""
    return hubspot_id("product", company.seed, sku)


def _amount(minor: int, currency: str) -> str:
    return format(major(minor, currency), "f")


def _decided_on(company: Company, deal: Deal) -> date:
    return min(deal.closed_on, company.as_of) if deal.is_closed else deal.created_on


def _deal(company: Company, deal: Deal) -> Document:
    currency = deal.customer.currency
    values: dict[str, str | None] = {
        "dealname": deal.name,
        "pipeline": PIPELINES["deals"][0].id,
        "dealstage": DEAL_STAGES[deal.stage],
        "dealtype": "newbusiness" if deal.kind is Kind.NEW else "existingbusiness",
        "amount": _amount(deal.total_minor, currency),
        "deal_currency_code": currency,
        "closedate": stamp(deal.closed_on, 0),
        "hubspot_owner_id": owner_of(deal.customer),
        "hs_salesforceopportunityid": opportunity_id(deal.key),
    }
    values |= _following("deals", values)
    created = stamp(deal.created_on, 9)
    changed = stamp(_decided_on(company, deal), 17)
    return record("deals", deal_id(deal), created, changed, values)


def _following(kind: str, values: dict[str, str | None]) -> dict[str, str]:
    """Return the values that HubSpot computes of the others."""
    held = {name: text for name, text in values.items() if text}
    return computed(BY_NAME[kind], held)


def _line_item(company: Company, deal: Deal, line: DealLine) -> Document:
    """Return a line; its amount is of one month, as its price is.

    The discount of a quote's first months has no place in HubSpot. That a line takes
    units away by a negative quantity, as in CPQ, is believed, unverified.
    """
    product, currency = ALL_BY_SKU[line.sku], deal.customer.currency
    is_recurring = product.charge is Charge.RECURRING
    months = months_between(
        line.starts_on or deal.starts_on, line.ends_before or plus(deal.ends_on, 1)
    )
    values: dict[str, str | None] = {
        "name": product.name,
        "hs_sku": line.sku,
        "hs_product_id": hubspot_product_id(company, line.sku),
        "quantity": str(line.quantity),
        "price": _amount(line.unit_minor, currency),
        "hs_line_item_currency_code": currency,
        "recurringbillingfrequency": "monthly" if is_recurring else None,
        "hs_recurring_billing_period": f"P{months}M" if is_recurring else None,
        "salesforce_quote_line_id": quote_line_id(line.key),
    }
    values |= _following("line_items", values)
    created = stamp(deal.created_on, 9)
    changed = stamp(_decided_on(company, deal), 17)
    return record("line_items", line_item_id(line), created, changed, values)


def _product(company: Company, product: Product) -> Document:
    # HubSpot's price is in the account's own currency.
    cents = list_minor(product.sku, "USD") if product.list_cents else 0
    is_recurring = product.charge is Charge.RECURRING
    values: dict[str, str | None] = {
        "name": product.name,
        "hs_sku": product.sku,
        "price": _amount(cents, "USD"),
        "hs_product_type": "service",
        "recurringbillingfrequency": "monthly" if is_recurring else None,
        "salesforce_product_id": product_id(company, product.sku),
    }
    created = stamp(company.starts_on, 8)
    identity = hubspot_product_id(company, product.sku)
    return record("products", identity, created, created, values)


def _lead(company: Company, lead: Lead) -> Document:
    customer = company.customer_by_key.get(lead.customer_key or "")
    values: dict[str, str | None] = {
        "hs_lead_name": f"{lead.first_name} {lead.last_name} - {lead.company_name}",
        "hs_lead_type": "NEW_BUSINESS",
        "hs_pipeline": PIPELINES["leads"][0].id,
        "hs_pipeline_stage": LEAD_STAGES[lead.status],
        "hubspot_owner_id": owner_of(customer) if customer else owner_id(0),
        "salesforceleadid": salesforce_id("Lead", lead.key),
    }
    created = stamp(lead.created_on, 9)
    changed = stamp(lead.converted_on or lead.created_on, 15)
    return record("leads", lead_id(lead), created, changed, values)


def _deal_links(deal: Deal) -> Iterator[Document]:
    here = ("deals", deal_id(deal))
    yield from both(here, ("companies", company_id(deal.customer)), (341, 5), (342, 6))
    # Who signs is the first of the customer's people.
    signer = contact_id(deal.customer.people[0].email)
    yield from both(here, ("contacts", signer), (3,), (4,))
    for line in deal.lines:
        yield from both(here, ("line_items", line_item_id(line)), (19,), (20,))


def _lead_links(lead: Lead) -> list[Document]:
    contact = ("contacts", contact_id(lead.email))
    return both(("leads", lead_id(lead)), contact, (608, 578), (609, 579))
