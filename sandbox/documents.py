"""Documents: the company's facts as each system's own records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sandbox.business_central.documents_records import (
    customer_id as business_central_customer_id,
)
from sandbox.chargebee.documents_ids import customer_id as chargebee_customer_id
from sandbox.company.company import Company
from sandbox.company.facts import Customer
from sandbox.hubspot.documents import company_id as hubspot_company_id
from sandbox.netsuite.documents_ids import customer_id as netsuite_customer_id
from sandbox.salesforce.documents_ids import account_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import customer_id as stripe_customer_id
from sandbox.vendors import VENDORS
from sandbox.vitally.documents import account as vitally_account_id
from sandbox.zendesk.documents import organization_id

Documents = dict[str, dict[str, list[Document]]]


def documents(company: Company) -> Documents:
    """Return {system: {object: [records in the vendor's shape]}}."""
    return {vendor.name: vendor.documents(company) for vendor in VENDORS}


@dataclass(frozen=True, slots=True)
class Source:
    """One system's record of a customer, and which customer it truly is."""

    system: str
    object: str
    id: str
    customer_key: str


# Which record of a system stands for a customer, and how its id is made. A prospect is
# known to the CRM and to marketing only.
_CUSTOMER_RECORDS: Mapping[str, tuple[str, Callable[[Customer], object]]] = {
    "salesforce": ("Account", account_id),
    "hubspot": ("companies", hubspot_company_id),
    "stripe": ("customer", stripe_customer_id),
    "chargebee": ("customer", chargebee_customer_id),
    "zendesk": ("organization", organization_id),
    "netsuite": ("customer", netsuite_customer_id),
    "business_central": ("customers", business_central_customer_id),
    "vitally": ("accounts", vitally_account_id),
}
_WITH_PROSPECTS = ("salesforce", "hubspot")
_FINANCE = ("stripe", "chargebee", "netsuite", "business_central")
_BILLING = ("stripe", "chargebee")


def identity_truth(company: Company) -> Iterator[Source]:
    """Yield every record that stands for a customer or prospect, before any mistake.

    What is told apart wrongly is measured against it, with `Company.hard_negatives`
    for the pairs that are easily taken for one.
    """
    tried = {trial.customer_key for trial in company.trials}
    for system, (name, made_id) in _CUSTOMER_RECORDS.items():
        part = company.using(system) if system in _FINANCE else company
        known = [*part.customers]
        if system in _WITH_PROSPECTS:
            known += part.prospects
        elif system in _BILLING:
            known += [each for each in part.prospects if each.key in tried]
        for each in known:
            yield Source(system, name, str(made_id(each)), each.key)
