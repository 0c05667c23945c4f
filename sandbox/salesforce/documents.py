"""Salesforce: accounts, people, deals, CPQ quotes and contracts as records of the API.

Field names are those of API v68.0 with the SBQQ package; money, quantities and
percents are decimals in major units; days are `YYYY-MM-DD`.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sandbox.company.catalogue import ALL_BY_SKU, Product
from sandbox.company.company import Company
from sandbox.company.days import plus
from sandbox.company.facts import (
    Contract,
    ContractLine,
    Customer,
    Deal,
    DealLine,
    Kind,
    Person,
)
from sandbox.company.identity_people import written_person
from sandbox.identifiers import salesforce_id
from sandbox.netsuite.documents import item_id
from sandbox.salesforce.documents_extras import (
    account_extras,
    contract_extras,
    opportunity_extras,
    quote_extras,
    quote_line_extras,
)
from sandbox.salesforce.documents_ids import (
    account_id,
    contract_id,
    opportunity_id,
    product_id,
    quote_id,
    stamped,
    subscription_id,
)
from sandbox.salesforce.documents_marketing import marketing_documents
from sandbox.salesforce.documents_orders import order_documents, price_documents
from sandbox.salesforce.documents_sold import option_documents, sold_documents
from sandbox.salesforce.users import seller_id
from sandbox.shapes import Document, major

__all__ = [
    "account",
    "account_id",
    "contact",
    "contract_document",
    "contract_id",
    "opportunity_id",
    "product_id",
    "quote_id",
    "salesforce_documents",
    "subscription",
    "subscription_id",
]

QUOTE_TYPES = {
    Kind.NEW: "Quote",
    Kind.AMENDMENT: "Amendment",
    Kind.RENEWAL: "Renewal",
}


def salesforce_documents(company: Company) -> dict[str, list[Document]]:
    """Return all records by object name."""
    everybody = (*company.customers, *company.prospects)
    contracts = company.contracts
    deals = company.deals
    records: dict[str, list[Document]] = {
        "Account": [account(company, each) for each in everybody],
        "Contact": [contact(each, who) for each in everybody for who in each.people],
        "Product2": [_product(company, each) for each in company.products],
        "Opportunity": [_opportunity(company, each) for each in deals],
        "SBQQ__Quote__c": [quote for each in deals for quote in _quotes(company, each)],
        "SBQQ__QuoteLine__c": [
            line for each in deals for line in _quote_lines(company, each)
        ],
        "Contract": [contract_document(company, each) for each in contracts],
        "SBQQ__Subscription__c": [
            subscription(company, each, line)
            for each in contracts
            for line in each.lines
        ],
    }
    records |= sold_documents(company)
    if "bundles" in company.features:
        records |= price_documents(company) | option_documents(company)
    if "lifecycle" in company.features:
        records |= order_documents(company)
    if "marketing" in company.features:
        records |= marketing_documents(company)
    return records


def account(company: Company, customer: Customer) -> Document:
    """Return the account of a customer or prospect."""
    invoices = company.invoices_of.get(customer.key, ())
    failed = [invoice.issued_on for invoice in invoices if invoice.failed]
    written = company.written(customer, "salesforce")
    seller = seller_id(customer.number)
    return {
        "Id": account_id(customer),
        "Name": written.name,
        "Type": "Customer" if customer.key in company.contracts_of else "Prospect",
        "Website": f"https://www.{written.domain}",
        "BillingCountry": customer.country,
        "CurrencyIsoCode": customer.currency,
        "Tax_Id__c": written.tax_id,
        "Billing_Email__c": written.email,
        "Payment_Status__c": "past_due" if failed else "current",
        "Duplicate_Of__c": None,
        **account_extras(company, customer),
        "OwnerId": seller,
        **stamped(customer.created_on, max([customer.created_on, *failed]), seller),
    }


def contact(customer: Customer, person: Person) -> Document:
    """Return the contact of a person."""
    seller = seller_id(customer.number)
    written = written_person(customer, person, "salesforce")
    return {
        "Id": salesforce_id("Contact", person.key),
        "AccountId": account_id(customer),
        "FirstName": written.first_name,
        "LastName": written.last_name,
        "Email": written.email,
        "Phone": written.phone,
        "OwnerId": seller,
        **stamped(customer.created_on, customer.created_on, seller),
    }


def _product(company: Company, product: Product) -> Document:
    return {
        "Id": product_id(company, product.sku),
        "Name": product.name,
        "ProductCode": product.sku,
        "Family": product.family,
        "IsActive": True,
        "ERP_Item__c": item_id(product.sku),
        **stamped(company.starts_on, company.starts_on),
    }


def _opportunity(company: Company, deal: Deal) -> Document:
    seller = seller_id(deal.customer.number)
    return {
        "Id": opportunity_id(deal.key),
        "AccountId": account_id(deal.customer),
        "Name": deal.name,
        "StageName": deal.stage,
        "Type": str(deal.kind),
        "Amount": major(deal.total_minor, deal.customer.currency),
        "CurrencyIsoCode": deal.customer.currency,
        "CloseDate": deal.closed_on.isoformat(),
        "IsClosed": deal.is_closed,
        "IsWon": deal.is_won,
        **opportunity_extras(company, deal),
        "OwnerId": seller,
        **stamped(deal.created_on, _decided_on(deal), seller),
    }


def _decided_on(deal: Deal) -> date:
    return deal.closed_on if deal.is_closed else deal.created_on


def _quotes(company: Company, deal: Deal) -> Iterator[Document]:
    yield _quote(company, deal, deal.key, deal.lines, is_primary=True)
    if deal.rejected_lines:
        first = f"{deal.key}:first"
        yield _quote(company, deal, first, deal.rejected_lines, is_primary=False)


def _quote(
    company: Company,
    deal: Deal,
    key: str,
    lines: tuple[DealLine, ...],
    *,
    is_primary: bool,
) -> Document:
    amended = deal.contract_key if deal.kind is Kind.AMENDMENT else None
    total = sum(line.total_minor for line in lines)
    seller = seller_id(deal.customer.number)
    return {
        "Id": quote_id(key),
        "Name": f"Q-{deal.number:05}{'' if is_primary else '-1'}",
        "SBQQ__Account__c": account_id(deal.customer),
        "SBQQ__Opportunity2__c": opportunity_id(deal.key),
        "SBQQ__Primary__c": is_primary,
        "SBQQ__Ordered__c": is_primary and deal.is_won,
        "SBQQ__Status__c": deal.quote_status if is_primary else "Rejected",
        "SBQQ__Type__c": QUOTE_TYPES[deal.kind],
        "SBQQ__MasterContract__c": None if amended is None else contract_id(amended),
        "SBQQ__StartDate__c": deal.starts_on.isoformat(),
        "SBQQ__EndDate__c": deal.ends_on.isoformat(),
        "SBQQ__NetAmount__c": major(total, deal.customer.currency),
        "CurrencyIsoCode": deal.customer.currency,
        **(quote_extras(company, deal) if is_primary else {}),
        "OwnerId": seller,
        **stamped(deal.created_on, _decided_on(deal), seller),
    }


def _quote_lines(company: Company, deal: Deal) -> Iterator[Document]:
    for line in deal.lines:
        yield _quote_line(company, deal, deal.key, line)
    for line in deal.rejected_lines:
        yield _quote_line(company, deal, f"{deal.key}:first", line)


def _quote_line(company: Company, deal: Deal, quote: str, line: DealLine) -> Document:
    currency = deal.customer.currency
    return {
        "Id": salesforce_id("SBQQ__QuoteLine__c", line.key),
        "SBQQ__Quote__c": quote_id(quote),
        "SBQQ__Product__c": product_id(company, line.sku),
        "SBQQ__ProductCode__c": line.sku,
        "SBQQ__Quantity__c": Decimal(line.quantity),
        "SBQQ__ListPrice__c": major(line.list_minor, currency),
        "SBQQ__Discount__c": _percent(line.discount_percent),
        "Discount_Months__c": line.discount_months,
        "SBQQ__NetPrice__c": major(line.unit_minor, currency),
        "SBQQ__NetTotal__c": major(line.total_minor, currency),
        "SBQQ__ChargeType__c": str(ALL_BY_SKU[line.sku].charge),
        "CurrencyIsoCode": currency,
        **quote_line_extras(company, line),
        **stamped(deal.created_on, _decided_on(deal), seller_id(deal.customer.number)),
    }


def contract_document(company: Company, contract: Contract) -> Document:
    """Return the contract; its end day is the last one on which it runs."""
    if contract.ends_before > company.as_of:
        status = "Activated"
    else:
        status = "Terminated" if contract.is_terminated else "Expired"
    deal = company.deal_by_key[contract.deal_key]
    over = contract.ends_before <= company.as_of
    changed_on = contract.ends_before if over else deal.closed_on
    seller = seller_id(contract.customer.number)
    return {
        "Id": contract_id(contract.key),
        "AccountId": account_id(contract.customer),
        "ContractNumber": f"{contract.number:08}",
        "Status": status,
        "StartDate": contract.starts_on.isoformat(),
        "EndDate": plus(contract.ends_before, -1).isoformat(),
        "SBQQ__Quote__c": quote_id(deal.key),
        "SBQQ__Opportunity__c": opportunity_id(deal.key),
        "Master_Contract__c": None,
        "CurrencyIsoCode": contract.customer.currency,
        **contract_extras(company, contract),
        "OwnerId": seller,
        **stamped(deal.closed_on, changed_on, seller),
    }


def subscription(company: Company, contract: Contract, line: ContractLine) -> Document:
    """Return the line of a contract; the discount is the one for its first months."""
    deal = company.deal_by_key[line.deal_key]
    discount = contract.discount if line.discount_months else None
    over = contract.ends_before <= company.as_of
    return {
        "Id": subscription_id(line.key),
        "SBQQ__Contract__c": contract_id(contract.key),
        "SBQQ__Account__c": account_id(contract.customer),
        "SBQQ__Product__c": product_id(company, line.sku),
        "SBQQ__QuoteLine__c": salesforce_id("SBQQ__QuoteLine__c", line.key),
        "SBQQ__Quantity__c": Decimal(line.quantity),
        "SBQQ__NetPrice__c": major(line.unit_minor, contract.customer.currency),
        "SBQQ__Discount__c": _percent(discount.percent if discount else None),
        "Discount_Months__c": line.discount_months,
        "SBQQ__SubscriptionStartDate__c": line.starts_on.isoformat(),
        "SBQQ__SubscriptionEndDate__c": plus(
            min(line.ends_before or contract.ends_before, contract.ends_before), -1
        ).isoformat(),
        "SBQQ__ChargeType__c": str(line.charge),
        "CurrencyIsoCode": contract.customer.currency,
        **stamped(deal.closed_on, contract.ends_before if over else deal.closed_on),
    }


def _percent(percent: int | None) -> Decimal | None:
    return None if percent is None else Decimal(percent)
