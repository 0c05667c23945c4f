"""Identity sources: the records that stand for a person or a product."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.business_central.documents_records import company_id
from sandbox.business_central.marks import guid
from sandbox.chargebee.documents_ids import customer_id as chargebee_customer_id
from sandbox.company.company import Company
from sandbox.hubspot.documents import contact_id
from sandbox.hubspot.documents_sales import hubspot_product_id
from sandbox.identifiers import salesforce_id, zendesk_id
from sandbox.netsuite.documents_ids import item_id
from sandbox.salesforce.documents_ids import product_id
from sandbox.stripe.documents_ids import product_id as stripe_product_id
from sandbox.vitally.documents import vitally_id


@dataclass(frozen=True, slots=True)
class Stands:
    """One system's record, and for which person or product it truly stands."""

    system: str
    object: str
    id: str
    key: str


def people(company: Company) -> Iterator[Stands]:
    """Yield every record of somebody at a customer or prospect, or of a lost lead.

    Its key is the person's; of a lead that came to nothing, the lead's.
    """
    for customer in (*company.customers, *company.prospects):
        for person in customer.people:
            key = person.key
            yield Stands("salesforce", "Contact", salesforce_id("Contact", key), key)
            again = salesforce_id("Contact", key, "again")
            yield Stands("salesforce", "Contact", again, key)
            yield Stands("hubspot", "contacts", contact_id(person.email), key)
            yield Stands("zendesk", "user", str(zendesk_id("user", key)), key)
            yield Stands("vitally", "users", vitally_id("user", key), key)
        # Billing has one person for each customer: who ordered.
        payer = chargebee_customer_id(customer)
        yield Stands("chargebee", "customer", payer, customer.people[0].key)
    for lead in company.leads:
        key = lead.person_key or lead.key
        yield Stands("salesforce", "Lead", salesforce_id("Lead", lead.key), key)
        if lead.person_key is None:
            yield Stands("hubspot", "contacts", contact_id(lead.email), key)


def products(company: Company) -> Iterator[Stands]:
    """Yield every record of what is sold; its key is the SKU."""
    for product in company.products:
        sku = product.sku
        yield Stands("salesforce", "Product2", product_id(company, sku), sku)
        yield Stands("hubspot", "products", hubspot_product_id(company, sku), sku)
        yield Stands("stripe", "product", stripe_product_id(company.seed, sku), sku)
        yield Stands("chargebee", "item", sku, sku)
        yield Stands("netsuite", "item", item_id(sku), sku)
        for entity in company.entities:
            owner = company_id(entity)
            yield Stands("business_central", "items", guid("item", owner, sku), sku)
